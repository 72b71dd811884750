-- Notes of a channel whose names begin so. In: channel, name (one alone) or prefix and limit. Out: names and values, in order of names.

if DO.name then
  return call('HGET', P .. 'notes:' .. DO.channel, DO.name)
end
local found = {}
local names = call('ZRANGEBYLEX', P .. 'names:' .. DO.channel, '[' .. DO.prefix, '(' .. DO.prefix .. '\255', 'LIMIT', 0, DO.limit)
for i, name in ipairs(names) do
  found[2 * i - 1] = name
  found[2 * i] = call('HGET', P .. 'notes:' .. DO.channel, name)
end
return found
