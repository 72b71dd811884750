-- Those who look: one case's life, lists, files, counts. It changes nothing.
-- In: `verb`; codes, ids, steps. Out: cases as they stand.
-- with: numbers, life

local verbs = {}

-- By a ledger's number, or else by reference.
function verbs.life()
  local id = DO.quoted and named(DO.quoted[2], DO.quoted[1]) or find('reference', DO.reference)[1]
  local of = id and seen(id)
  return of and life(of) or {}
end

-- Cases of an open step, the oldest first; of the declined, the newest.
function verbs.listing()
  local ids, listed, newest = {}, {}, DO.step == 'declined'
  for _, told in ipairs({ '0', '1' }) do
    for _, id in ipairs(call(newest and 'ZREVRANGE' or 'ZRANGE', of_step(DO.step, told), 0, DO.limit - 1)) do
      ids[#ids + 1] = tonumber(id)
    end
  end
  table.sort(ids, newest and function(one, other) return one > other end or nil)
  for place = 1, math.min(#ids, DO.limit) do
    listed[place] = whole(seen(tostring(ids[place])))
  end
  return listed
end

function verbs.files()
  return call('HGETALL', P .. 'files:' .. DO.case)
end

-- The references of the cases of which an address has had its last letters.
function verbs.addressed()
  local found, once = {}, {}
  for _, letter in ipairs(call('ZREVRANGE', P .. 'recipient:' .. redis.sha1hex(DO.channel .. '\0' .. DO.to), 0, DO.limit - 1)) do
    local id = call('HGET', P .. 'letter:' .. letter, 'case_id')
    local reference = id and call('HGET', P .. 'case:' .. id, 'reference')
    if reference and not once[reference] then
      found[#found + 1] = reference
      once[reference] = true
    end
  end
  return found
end

-- What the cases say of themselves, to be held against the running counts: channel|word and n, …; and what their queues and indexes say
-- otherwise, a sentence each. Reads every case at once: for tests, and for a store that nobody uses.
function verbs.recount()
  local counted, wrong, standing, waiting, channels = {}, {}, {}, {}, {}
  local function add(name)
    counted[name] = (counted[name] or 0) + 1
  end
  for id = 1, tonumber(call('HGET', P .. 'ids', 'case') or 0) do
    local of = seen(tostring(id))
    if of then
      add(of.channel .. '|' .. of.step)
      add(of.channel .. '|received')
      if INDEXED[of.step] then
        standing[of_step(of.step, of.told)] = (standing[of_step(of.step, of.told)] or 0) + 1
        if not call('ZSCORE', of_step(of.step, of.told), id) then
          wrong[#wrong + 1] = 'case ' .. id .. ': not among those of its step'
        end
      end
      if WAITING[of.step] then
        waiting[of.channel] = (waiting[of.channel] or 0) + 1
        if tonumber(call('ZSCORE', P .. 'waiting:' .. of.channel, id) or 0) ~= tonumber(of.received_at) then
          wrong[#wrong + 1] = 'case ' .. id .. ': not among those of its channel that wait'
        end
      end
      channels[of.channel] = true
      if tonumber(of.due or 0) ~= tonumber(call('ZSCORE', P .. 'due:' .. (of.ledger or ''), id) or 0) then
        wrong[#wrong + 1] = 'case ' .. id .. ': due otherwise than its queue says'
      end
    end
  end
  for step in pairs(INDEXED) do
    for _, told in ipairs({ '0', '1' }) do
      if call('ZCARD', of_step(step, told)) ~= (standing[of_step(step, told)] or 0) then
        wrong[#wrong + 1] = 'step ' .. step .. ': cases are listed there that stand elsewhere'
      end
    end
  end
  for channel in pairs(channels) do
    if call('ZCARD', P .. 'waiting:' .. channel) ~= (waiting[channel] or 0) then
      wrong[#wrong + 1] = 'channel ' .. channel .. ': cases are listed there that do not wait'
    end
  end
  local flat = {}
  for name, n in pairs(counted) do
    flat[#flat + 1] = name
    flat[#flat + 1] = n
  end
  return { flat, call('HGETALL', P .. 'counts'), wrong }
end

return verbs[DO.verb]()
