-- Files on their way to a ledger, each after its case. In: cases. Out: a queue for each ledger. See `enclosed` for the same in SQL.

-- A file of a registered case; one that is here stays as it is.
local function enclose(of, number)
  local place = of.id .. ':' .. number
  if call('EXISTS', P .. 'enclosed:' .. place) == 0 then
    local due = tick()
    call('HSET', P .. 'enclosed:' .. place, 'case_id', of.id, 'number', number, 'step', 'send', 'due', due)
    call('ZADD', P .. 'enclosed_due:' .. (of.ledger or ''), due, place)
    call('SADD', P .. 'enclosed_of:' .. of.id, number)
  end
end

-- Its files are taken back.
local function forget_enclosed(of)
  for _, number in ipairs(call('SMEMBERS', P .. 'enclosed_of:' .. of.id)) do
    local place = of.id .. ':' .. number
    local owner = call('HGET', P .. 'enclosed:' .. place, 'owner')
    if owner then
      lease(owner, 'file:' .. place, false)
    end
    call('ZREM', P .. 'enclosed_due:' .. (of.ledger or ''), place)
    call('DEL', P .. 'enclosed:' .. place)
  end
  call('DEL', P .. 'enclosed_of:' .. of.id)
end
