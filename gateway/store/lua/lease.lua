-- Take what one holder at a time may have, or have it for longer. In: name, holder, owner (his process), for_s. Out: the token; nothing
-- when another has it. A new holder's token is at least the time in milliseconds: it is greater than the last one's also where a primary
-- has died before that one reached its successor.
-- with: tenure

local lease = lease_of(DO.name)
if lease.lasts and lease.holder ~= DO.holder then
  return false
end
local token = tonumber(lease.token or 0)
if lease.holder ~= DO.holder then
  token = math.max(token + 1, math.floor(T * 1000))
end
write(P .. 'lease:' .. DO.name, {
  holder = DO.holder, owner = DO.owner, token = string.format('%.0f', token), ['until'] = instant(T + DO.for_s), for_s = DO.for_s,
})
call('SADD', P .. 'leases', DO.name)
return string.format('%.0f', token)
