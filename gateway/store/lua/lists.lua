-- Pages of what waits for a person, and what takes an act back.
-- In: `verb`, and what goes with it; `after` is the id of a case, or empty. Out: pages; 1, or 0 where the case is not where it must be.
-- with: hands

local verbs = {}
local BROUGHT = { submit = 'retry', declined = 'drop' }

-- The next ids of a step, as `look.listing` orders them, at most `look`.
local function next_ids()
  local ids, newest = {}, DO.step == 'declined'
  local from = DO.after == '' and (newest and '+inf' or '-inf') or '(' .. DO.after
  for _, told in ipairs({ '0', '1' }) do
    local found = newest and call('ZREVRANGEBYSCORE', of_step(DO.step, told), from, '-inf', 'LIMIT', 0, DO.look)
      or call('ZRANGEBYSCORE', of_step(DO.step, told), from, '+inf', 'LIMIT', 0, DO.look)
    for _, id in ipairs(found) do
      ids[#ids + 1] = tonumber(id)
    end
  end
  table.sort(ids, newest and function(one, other) return one > other end or nil)
  local few = {}
  for place = 1, math.min(#ids, DO.look) do
    few[place] = string.format('%d', ids[place])
  end
  return few
end

function verbs.page()
  local ids, found, last = next_ids(), {}, nil
  for _, id in ipairs(ids) do
    last = id
    local code, channel = unpack(fields_of(id, 'code', 'channel'))
    if (DO.code == '' or DO.code == (code or '')) and (DO.channel == '' or DO.channel == channel) then
      found[#found + 1] = whole(seen(id))
      if #found == DO.limit then
        break
      end
    end
  end
  return { found, (#ids == DO.look or last ~= ids[#ids]) and last or '' }
end

function verbs.reasons()
  local ids, counts, flat = next_ids(), {}, {}
  for _, id in ipairs(ids) do
    local code, channel = unpack(fields_of(id, 'code', 'channel'))
    local name = channel .. '|' .. (code or '')
    counts[name] = (counts[name] or 0) + 1
  end
  for name, n in pairs(counts) do
    flat[#flat + 1] = name
    flat[#flat + 1] = n
  end
  return { flat, #ids == DO.look and ids[#ids] or '' }
end

-- Back to the list. What was unknown before it was sent on is so again.
function verbs.reopen()
  local of = case(DO.case)
  if not of or not BROUGHT[of.step] or of.owner or tonumber(of.attempts or 0) > 0 then
    return 0
  end
  if of.archived then
    want(of)
    return 0
  end
  local acts = acts_of(of.id)
  if #acts == 0 or acts[#acts].word ~= BROUGHT[of.step] then
    return 0
  end
  local unsure = (of.unsure or of.code == 'unknown') and '1' or false
  move(of, DO.step, nil, { unsure = unsure, admitted = DO.step ~= 'triage' and of.admitted or false })
  act(of, NOW, DO.by, 'undo', '')
  return 1
end

return verbs[DO.verb]()
