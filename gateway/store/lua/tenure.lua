-- What one holder at a time may do: the table leases, `{lapor}:lease:<name>`. In: names, owners, fences as {name, token}. Out: functions.
-- They end by the server's clock. Where that is set back (another primary, whose clock goes behind) no lease is believed that would end
-- more than a second later than it can.

local function lease_of(name)
  local lease = row(P .. 'lease:' .. name) or {}
  lease.left = tonumber(lease['until'] or 0) - T
  lease.lasts = lease.left > 0 and lease.left <= tonumber(lease.for_s) + 1
  return lease
end

-- Whoever shows this has lost his lease. One that ended and that nobody took since is not lost; nor is none.
local function is_lost(fence)
  return fence and call('HGET', P .. 'lease:' .. fence[1], 'token') ~= fence[2]
end

-- Those of a process that died.
local function end_leases(owner)
  for _, name in ipairs(call('SMEMBERS', P .. 'leases')) do
    if lease_of(name).owner == owner then
      write(P .. 'lease:' .. name, { ['until'] = false })
    end
  end
end
