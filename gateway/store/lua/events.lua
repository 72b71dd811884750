-- What ledgers say became of cases, and whom they are asked about.
-- In: `verb`; what was told, decisions, how ledgers are asked. Out: which of it is new, and the cases of which nobody has decided yet what
-- their senders hear, or about which a ledger is to be asked now.
--
--   {lapor}:event:<id>         hash: the table events
--   {lapor}:events_of:<case>   list: its ids, in the order in which they were heard
--   {lapor}:undecided          zset: cases with events for which `letter` is NULL, by the first of these
--   {lapor}:polls              zset: cases about which their ledger is asked, by due
-- with: numbers, life, notes, talk, letters

local verbs = {}
local PAGE = 100
-- cases enrolled at once
local ROLL = 1000
-- seconds after which it is looked again at a case whose ledger is not asked; the settings may change
local ELSEWHERE_S = 86400

-- What was told of it can be decided. One that waits for an attempt is left to it, and one that waits for a person to the person, unless
-- nobody knows whether the ledger has it.
local function decidable(of)
  return of.tracking_id or (of.step == 'parked' and of.unsure == '1')
end

local function known(id, told)
  for _, event in ipairs(told_of(id)) do
    local of = event[2]
    if of.ledger == told.ledger and tonumber(of.at) == tonumber(told.at) and of.status == told.status then
      return true
    end
  end
  return false
end

local function heard(told)
  local id = find('reference', told.reference)[1]
  local of = id and seen(id)
  if not of or (of.ledger or DEFAULT) ~= told.ledger or (of.tracking_id or told.tracking_id) ~= told.tracking_id then
    return 'unknown'
  elseif known(id, told) then
    return 'known'
  end
  of = case(id)
  local event = next_id('event')
  told.reference = nil
  told.case_id = id
  write(P .. 'event:' .. event, told)
  call('RPUSH', P .. 'events_of:' .. id, event)
  if of.archived then
    want(of)
  else
    call('ZADD', P .. 'undecided', 'NX', event, id)
  end
  return 'kept'
end

function verbs.tell()
  local words = {}
  for place, told in ipairs(DO.told) do
    words[place] = heard(told)
  end
  return words
end

-- Those heard of first first.
function verbs.undecided()
  local found, start, ids = {}, 0, nil
  repeat
    ids = call('ZRANGE', P .. 'undecided', start, start + PAGE - 1)
    for _, id in ipairs(ids) do
      local fields = call('HMGET', P .. 'case:' .. id, 'tracking_id', 'step', 'unsure')
      if #found < DO.limit and decidable({ tracking_id = fields[1], step = fields[2], unsure = fields[3] }) then
        found[#found + 1] = life(case(id))
      end
    end
    start = start + PAGE
  until #ids == 0 or #found == DO.limit
  return found
end

-- After some events of a case were decided: the first of those that were not.
local function look_again(id)
  for _, event in ipairs(call('LRANGE', P .. 'events_of:' .. id, 0, -1)) do
    if not call('HGET', P .. 'event:' .. event, 'letter') then
      call('ZADD', P .. 'undecided', event, id)
      return
    end
  end
  call('ZREM', P .. 'undecided', id)
end

-- In the place of a letter with its key that nobody has tried yet, and that keeps its hour; false when there is none.
local function replaced(letter)
  local id = find('key', letter.key)[1]
  local before = id and letter_of(id)
  if not before or before.step ~= 'send' or tonumber(before.attempts or 0) > 0 then
    return false
  end
  call('SET', P .. 'body:' .. id, ARGV[letter.body])
  return true
end

-- The ledger has it, of which we were not sure.
local function proven(of, proof)
  move(of, 'done', nil, numbered(of, proof, { unsure = false, code = false, words = false }))
  if DO.record then
    call('SET', P .. 'record:' .. of.id, ARGV[DO.record])
  end
end

-- Write down what was made of events. 0, and nothing changed, when somebody else did, or what it rests on is not so any more.
function verbs.decide()
  local of, proof = case(DO.case), DO.proof
  for _, event in ipairs(DO.events) do
    if call('EXISTS', P .. 'event:' .. event) == 0 or call('HGET', P .. 'event:' .. event, 'letter') then
      return 0
    end
  end
  if proof and (of.tracking_id or not decidable(of)) then
    return 0
  end
  if DO.instead and not replaced(DO.instead) then
    return 0
  end
  local letters, number = DO.letters, DO.number
  if proof and holder(proof[1], of.ledger or DEFAULT, of.id) then
    -- another case has this number: one of the two is wrong, and a person must look, as before
    letters, number = {}, '0'
  elseif proof then
    proven(of, proof)
  end
  queue_all(letters, DO.most)
  for _, event in ipairs(DO.events) do
    call('HSET', P .. 'event:' .. event, 'letter', number)
  end
  look_again(of.id)
  return 1
end

-- Take in new cases, in the order of their ids, whatever becomes of them.
local function enrol()
  local cursor = tonumber(call('HGET', P .. 'cursors', DO.enrolled) or 0)
  local last = math.min(tonumber(call('HGET', P .. 'ids', 'case') or 0), cursor + ROLL)
  for id = cursor + 1, last do
    local at = tonumber(fields_of(id, 'received_at')[1] or 0)
    if at > T - DO.for_s then
      call('ZADD', P .. 'polls', 'NX', at + DO.soonest_s, id)
    end
  end
  if last > cursor then
    call('HSET', P .. 'cursors', DO.enrolled, last)
  end
end

-- The state of what happened to it last.
local function newest_state(id)
  local newest, state = -math.huge, nil
  for _, event in ipairs(told_of(id)) do
    if tonumber(event[2].at) >= newest then
      newest, state = tonumber(event[2].at), event[2].state
    end
  end
  return state
end

local function over(of)
  local state = newest_state(of.id)
  local began = tonumber(of.registered_at or of.received_at)
  return state == 'closed' or state == 'rejected' or of.step == 'declined' or began < T - DO.for_s
end

-- Registered cases that are to be asked about now; when next is written down with it. Those that are over leave the roll.
function verbs.to_ask()
  enrol()
  local ask = {}
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'polls', '-inf', NOW, 'LIMIT', 0, DO.limit)) do
    local of = seen(id)
    if not of or over(of) then
      call('ZREM', P .. 'polls', id)
      if read[id] then
        -- to be folded anew, without the notes
        case(id)
      end
    else
      local every_s = DO.every_s[of.ledger or DEFAULT]
      call('ZADD', P .. 'polls', instant(T + (every_s or ELSEWHERE_S)), id)
      if of.tracking_id and every_s then
        ask[#ask + 1] = life(of)
      end
    end
  end
  return ask
end

-- They could not be asked about: sooner than planned.
function verbs.put_off()
  for _, id in ipairs(DO.cases) do
    call('ZADD', P .. 'polls', 'XX', DO.till, id)
  end
end

return verbs[DO.verb]()
