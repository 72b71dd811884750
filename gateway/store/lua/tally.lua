-- Counts that hold at one instant. In: steps, of which the oldest are wanted. Out: the counts; for each step when its
-- oldest cases came (of those told and not told); the last waits for a number; for each channel when the oldest that waits came; for each
-- ledger with a worklist, when the oldest came that nobody has in hand, and since when somebody has one.

local function came(id)
  return id and call('HGET', P .. 'case:' .. id, 'received_at')
end

local oldest = {}
for i, step in ipairs(DO.steps) do
  oldest[i] = {}
  for _, told in ipairs({ '0', '1' }) do
    table.insert(oldest[i], came(call('ZRANGE', of_step(step, told), 0, 0)[1]))
  end
end

local counts, waiting = call('HGETALL', P .. 'counts'), {}
for i = 1, #counts, 2 do
  local channel = string.match(counts[i], '^(.*)|received$')
  local first = channel and call('ZRANGE', P .. 'waiting:' .. channel, 0, 0, 'WITHSCORES') or {}
  if first[2] then
    waiting[#waiting + 1] = { channel, first[2] }
  end
end

-- they are few: as many as there are officers
local taken, since = {}, {}
for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'hands', '(' .. NOW, '+inf')) do
  local step, ledger = unpack(call('HMGET', P .. 'case:' .. id, 'step', 'ledger'))
  if step == 'worklist' then
    ledger = ledger or ''
    local at = call('HGET', P .. 'hand:' .. id, 'since')
    taken[id] = true
    taken[#taken + 1] = id
    if not since[ledger] or tonumber(at) < tonumber(since[ledger]) then
      since[ledger] = at
    end
  end
end

local piles, ledgers = {}, call('SMEMBERS', P .. 'ledgers')
ledgers[#ledgers + 1] = DEFAULT
-- of the time when there was one ledger
ledgers[#ledgers + 1] = ''
for _, ledger in ipairs(ledgers) do
  local ids, free = call('ZRANGE', P .. 'worklist:' .. ledger, 0, #taken), nil
  for _, id in ipairs(ids) do
    free = free or (not taken[id] and id)
  end
  if #ids > 0 then
    piles[#piles + 1] = { ledger, came(free) or false, since[ledger] or false }
  end
end
return { counts, oldest, call('LRANGE', P .. 'copied', 0, -1), waiting, piles }
