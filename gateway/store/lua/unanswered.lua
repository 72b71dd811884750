-- Cases that wait for the ledger and whose senders have not heard of them; where something is still being gathered, it is not known yet
-- whether the sender may be answered. In: before, limit. Out: cases (see `whole`), the oldest first.

-- so many are looked at in vain: those behind them came after `before` too, as a rule, and are found when these have gone on
local MOST = 1000

local found, looked = {}, 0
while #found < DO.limit and looked < DO.limit + MOST do
  local ids = call('ZRANGE', of_step('submit'), looked, looked + 99)
  for _, id in ipairs(ids) do
    local of = call('HMGET', P .. 'case:' .. id, 'code', 'received_at')
    if #found < DO.limit and of[1] ~= 'gathering' and tonumber(of[2]) < tonumber(DO.before) then
      found[#found + 1] = whole(case(id))
    end
  end
  looked = looked + #ids
  if #ids < 100 then
    break
  end
end
return found
