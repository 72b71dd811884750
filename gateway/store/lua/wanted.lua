-- Stubs to which something has happened, the first ones. In: limit. Out: {case, place, since when} of each.

local found = {}
for _, id in ipairs(call('ZRANGE', P .. 'wanted', 0, DO.limit - 1)) do
  local place = call('HGET', P .. 'case:' .. id, 'archived')
  if place then
    found[#found + 1] = { id, place, call('ZSCORE', P .. 'wanted', id) }
  else
    call('ZREM', P .. 'wanted', id)
  end
end
return found
