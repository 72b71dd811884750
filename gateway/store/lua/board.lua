-- Notes on a board. In: verb; board; for a pin the name, the value's place among the arguments, lasts_s (none: it stays); for an unpin the
-- name. Out: for pinned, names and texts of what counts now, one after the other. What has ended goes with the next pin.

local key = P .. 'board:' .. DO.board

local function ended(text)
  local until_ = string.match(text, '^%S+ (%S+) ')
  return until_ ~= '-' and tonumber(until_) <= T
end

if DO.verb == 'unpin' then
  call('HDEL', key, DO.name)
  return nil
end
local flat, counts = call('HGETALL', key), {}
for i = 1, #flat, 2 do
  if not ended(flat[i + 1]) then
    counts[#counts + 1] = flat[i]
    counts[#counts + 1] = flat[i + 1]
  elseif DO.verb == 'pin' then
    call('HDEL', key, flat[i])
  end
end
if DO.verb == 'pinned' then
  return counts
end
local ends = DO.lasts_s and instant(T + DO.lasts_s) or '-'
call('HSET', key, DO.name, instant(T) .. ' ' .. ends .. ' ' .. ARGV[DO.value])
return nil
