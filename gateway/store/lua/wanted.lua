-- Stubs to which something has happened, some of them. In: first, last: their ranks, by when that was; from the end where negative. Out:
-- {case, place, since when} of each.

local found = {}
for _, id in ipairs(call('ZRANGE', P .. 'wanted', DO.first, DO.last)) do
  local place = call('HGET', P .. 'case:' .. id, 'archived')
  if place then
    found[#found + 1] = { id, place, call('ZSCORE', P .. 'wanted', id) }
  else
    call('ZREM', P .. 'wanted', id)
  end
end
return found
