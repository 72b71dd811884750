-- Of every case that waits, nobody knows whether its ledger has it. In: after, an id; limit. Out: the last id that was looked at, nothing
-- behind the last one; and how many wait.

local last = math.min(tonumber(call('HGET', P .. 'ids', 'case') or 0), DO.after + DO.limit)
local waiting = 0
for n = DO.after + 1, last do
  local id = string.format('%d', n)
  local step = call('HGET', P .. 'case:' .. id, 'step')
  if step and step ~= 'done' and step ~= 'declined' then
    call('HSET', P .. 'case:' .. id, 'unsure', '1')
    waiting = waiting + 1
  end
end
return { last > DO.after and last or false, waiting }
