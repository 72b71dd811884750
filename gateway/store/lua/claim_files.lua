-- Files that are due at these ledgers, those due first first. In: owner, ledgers, limit, lease_s. Out: for each its case (see `whole`), the
-- record, number, token, attempts. See `enclosed.claim` for the same in SQL.

local found = {}
for _, ledger in ipairs(DO.ledgers) do
  local due = call('ZRANGEBYSCORE', P .. 'enclosed_due:' .. ledger, '-inf', NOW, 'WITHSCORES', 'LIMIT', 0, DO.limit)
  for i = 1, #due, 2 do
    found[#found + 1] = { place = due[i], at = tonumber(due[i + 1]), ledger = ledger }
  end
end
table.sort(found, function(one, other)
  return one.at < other.at
end)
local taken, till = {}, instant(T + DO.lease_s)
for _, each in ipairs(found) do
  local file = row(P .. 'enclosed:' .. each.place)
  local of = case(file.case_id)
  local goes = of.ledger or ''
  if goes ~= each.ledger then
    -- its ledger was chosen after the file had been queued
    call('ZREM', P .. 'enclosed_due:' .. each.ledger, each.place)
    if file.due then
      call('ZADD', P .. 'enclosed_due:' .. goes, file.due, each.place)
    end
  elseif #taken < DO.limit then
    local token, attempts = tonumber(file.token or 0) + 1, tonumber(file.attempts or 0) + 1
    if file.owner then
      lease(file.owner, 'file:' .. each.place, false)
    end
    write(P .. 'enclosed:' .. each.place, { token = token, attempts = attempts, due = till, owner = DO.owner })
    call('ZADD', P .. 'enclosed_due:' .. goes, till, each.place)
    lease(DO.owner, 'file:' .. each.place, '0')
    taken[#taken + 1] = { whole(of), call('GET', P .. 'record:' .. of.id), file.number, token, attempts }
  end
end
return taken
