-- Those who copy complaints into a ledger by hand.
-- In: `verb`; an officer, a case, what he says of it. Out: what he has in hand, and what came of what he did. Every act of an officer
-- stands among the acts of its case; the letters that come with a number are queued with it.
-- with: hands, numbers, life, notes, talk, letters

local verbs = {}
local DEEDS = { done = true, correct = true, confirm = true }
local PAGE = 100

-- by which a record is known again
local function seen(id)
  return redis.sha1hex(call('GET', P .. 'record:' .. id) or '')
end

-- The case of these ledgers' worklist that an officer had in hand last, but for those `besides`.
local function mine(by, ledgers)
  local wanted = {}
  for _, ledger in ipairs(ledgers) do
    wanted[ledger] = true
  end
  for _, id in ipairs(call('ZREVRANGE', P .. 'hands', 0, -1)) do
    local step, ledger = unpack(call('HMGET', P .. 'case:' .. id, 'step', 'ledger'))
    if step == 'worklist' and wanted[ledger or ''] and not DO.besides[id] and call('HGET', P .. 'hand:' .. id, 'officer') == by then
      return id
    end
  end
end

-- The oldest case of a ledger's worklist that nobody has, but for those `besides`.
local function free(ledger)
  local start, ids = 0, nil
  repeat
    ids = call('ZRANGE', P .. 'worklist:' .. ledger, start, start + PAGE - 1)
    for _, id in ipairs(ids) do
      if not DO.besides[id] and not in_hand({ id = id, step = 'worklist' }) then
        return id
      end
    end
    start = start + PAGE
  until #ids == 0
end

-- What he has in hand, else the oldest that nobody has. What he sees of it is noted: more may come before he is done.
function verbs.take()
  local id = mine(DO.by, DO.ledgers)
  if not id then
    for _, ledger in ipairs(DO.ledgers) do
      local found = free(ledger)
      if found and (not id or tonumber(found) < tonumber(id)) then
        id = found
      end
    end
    if not id then
      return {}
    end
    write(P .. 'hand:' .. id, { officer = DO.by, since = NOW })
    act(case(id), NOW, DO.by, 'next', '')
  end
  local till = instant(T + DO.lease_s)
  write(P .. 'hand:' .. id, { ['until'] = till, seen = seen(id) })
  call('ZADD', P .. 'hands', till, id)
  return life(case(id))
end

-- The oldest of these ledgers' worklist, each with whoever has it.
function verbs.hands()
  local ids, listed = {}, {}
  for _, ledger in ipairs(DO.ledgers) do
    for _, id in ipairs(call('ZRANGE', P .. 'worklist:' .. ledger, 0, DO.limit - 1)) do
      ids[#ids + 1] = tonumber(id)
    end
  end
  table.sort(ids)
  for place = 1, math.min(#ids, DO.limit) do
    local of = case(tostring(ids[place]))
    listed[place] = { whole(of), in_hand(of) and call('HGETALL', P .. 'hand:' .. of.id) or {} }
  end
  return listed
end

function verbs.put_back()
  local of = case(DO.case)
  if not of or of.step ~= 'worklist' or not call('ZSCORE', P .. 'hands', of.id) then
    return 0
  end
  let_go(of.id)
  act(of, NOW, DO.by, 'put back', '')
  return 1
end

-- To those who look at what is parked.
function verbs.set_aside()
  local of = case(DO.case)
  if not of or of.step ~= 'worklist' then
    return 0
  end
  let_go(of.id)
  move(of, 'parked', nil, { code = DO.code, words = DO.words })
  act(of, NOW, DO.by, 'set aside', DO.words)
  return 1
end

local function said(had, number)
  if not had then
    return 'done', '#' .. number
  elseif had == number then
    return 'confirm', ''
  end
  return 'correct', '#' .. had .. ' -> #' .. number
end

local function giver(id)
  local by
  for _, each in ipairs(acts_of(id)) do
    if each.word == 'done' or each.word == 'correct' then
      by = each.by
    end
  end
  return by
end

-- Write down that it stands in the ledger, and under which number. What came since the officer saw it keeps it in the worklist.
local function registered()
  local of = case(DO.case)
  if of.archived then
    want(of)
    return 'elsewhere'
  end
  local had = of.tracking_id
  local number = DO.done and DO.done[1] or had
  if not number then
    return 'numberless'
  elseif of.step == 'done' and number == had then
    return 'again'
  end
  local gave = giver(of.id)
  if of.step ~= 'worklist' and (of.step ~= 'done' or not gave) then
    return 'elsewhere'
  elseif number ~= had and holder(number, of.ledger or DEFAULT, of.id) then
    return 'taken'
  elseif had and number ~= had and DO.by ~= gave then
    return 'theirs'
  end
  local saw = call('HGET', P .. 'hand:' .. of.id, 'seen')
  local more = of.step == 'worklist' and saw and saw ~= seen(of.id)
  if more and number == had then
    return 'more'
  end
  if number ~= had then
    change(of, numbered(of, DO.done, {}))
  end
  act(of, NOW, DO.by, said(had, number))
  let_go(of.id)
  if more then
    return 'more'
  end
  move(of, 'done')
  return 'done'
end

function verbs.register()
  local word = registered()
  if word == 'done' or word == 'more' then
    queue_all(DO.letters, DO.most)
  end
  return word
end

-- Take back what was last done: that a supplement was copied, else the number. 0 when nobody did anything by hand.
function verbs.undo()
  local of, last, given = case(DO.case), nil, false
  for _, each in ipairs(acts_of(of.id)) do
    if DEEDS[each.word] then
      last, given = each.word, given or each.word ~= 'confirm'
    end
  end
  local had = of.tracking_id
  if of.archived then
    want(of)
    return 0
  end
  if (of.step ~= 'worklist' and of.step ~= 'done') or not had or not last then
    return 0
  end
  if of.step == 'done' and last == 'confirm' then
    act(of, NOW, DO.by, 'undo', '')
  elseif not given then
    -- its number is not from here
    return 0
  else
    change(of, numbered(of, nil, {}))
    act(of, NOW, DO.by, 'undo', '#' .. had)
  end
  let_go(of.id)
  move(of, 'worklist')
  return 1
end

return verbs[DO.verb]()
