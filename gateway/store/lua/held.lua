-- The leases that somebody has now. In: nothing. Out: name, holder, token, seconds left, of each.
-- with: tenure

local found = {}
for _, name in ipairs(call('SMEMBERS', P .. 'leases')) do
  local lease = lease_of(name)
  if lease.lasts then
    found[#found + 1] = { name, lease.holder, lease.token, instant(lease.left) }
  end
end
return found
