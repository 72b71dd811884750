-- Questions to citizens, and what they say later. In: cases. Out: what could be done. See `talk` for the same in SQL.

local function by_sender(channel, sender)
  return P .. 'asked:' .. redis.sha1hex(channel .. '\0' .. sender)
end

-- Nobody waits for its answer any more; false when nobody did.
local function answered(id)
  local question = row(P .. 'question:' .. id)
  if not question then
    return false
  end
  call('DEL', P .. 'question:' .. id)
  local place = by_sender(question.channel, question.sender)
  if call('GET', place) == id then
    call('DEL', place)
  end
  return true
end

-- The case about which he may still answer; nil when there is none.
local function asked_about(channel, sender)
  local id = call('GET', by_sender(channel, sender))
  local question = id and row(P .. 'question:' .. id)
  local of = question and tonumber(question['until']) > T and case(id)
  return of and of.step ~= 'declined' and of or nil
end

-- Either way it is not tried again.
local function ask(of, sender, ends)
  local before = of.asked
  change(of, { asked = '1' })
  if before == '1' or asked_about(of.channel, sender) then
    return false
  end
  call('HSET', P .. 'question:' .. of.id, 'channel', of.channel, 'sender', sender, 'until', ends)
  call('SET', by_sender(of.channel, sender), of.id)
  return true
end

-- What waits for its answer, or has been registered, is read again; what is in somebody's hands goes round by itself.
local function goes_on(of)
  if not of.owner and (of.step == 'asked' or of.step == 'done' or of.step == 'worklist') then
    round_again(of)
  end
end

-- `adds`: the other case, kind, reference, number of the argument. False when the other case has come to its end meanwhile, or when what
-- was an answer to its question would be a second one; and while somebody reads it who would not see that an addition has changed.
local function add(id, by_case, adds)
  local of = case(id)
  local before = call('HEXISTS', P .. 'additions:' .. id, by_case) == 1
  if not of or of.step == 'declined' or (before and of.owner) then
    return false
  end
  local was_asked = answered(id)
  if adds[2] == 'answer' and not before and not was_asked then
    return false
  end
  call('HSET', P .. 'additions:' .. id, by_case, ARGV[adds[4]])
  call('SADD', P .. 'adds:' .. by_case, id)
  if not before then
    change(of, { added = tonumber(of.added or 0) + 1 })
  end
  act(of, tick(), 'sender', adds[2], adds[3])
  if of.archived then
    want(of)
  else
    goes_on(of)
  end
  return true
end

-- A case goes on whose question nobody will hear: its letter is not sent, or did not arrive.
local function unheard(id)
  local of = case(id)
  local letter = of and of.step == 'asked' and find('key', id .. ':ask')[1]
  local step = letter and call('HGET', P .. 'letter:' .. letter, 'step')
  if step and step ~= 'send' and step ~= 'sent' then
    answered(id)
    goes_on(of)
  end
end

-- What was said in a case, and what was said of it; those to which it was added are read again without it.
local function forget_talk(of)
  for _, other in ipairs(call('SMEMBERS', P .. 'adds:' .. of.id)) do
    call('HDEL', P .. 'additions:' .. other, of.id)
    local added = case(other)
    local n = tonumber(added.added) - 1
    change(added, { added = n > 0 and n or false })
    goes_on(added)
  end
  for _, by_case in ipairs(call('HKEYS', P .. 'additions:' .. of.id)) do
    call('SREM', P .. 'adds:' .. by_case, of.id)
  end
  call('DEL', P .. 'adds:' .. of.id, P .. 'additions:' .. of.id)
  answered(of.id)
  change(of, { added = false })
end
