-- Cases of which nothing may be left in the archive of a machine. In: machine; gone: those of which nothing is. Out: the others.

for _, id in ipairs(DO.gone) do
  call('SREM', P .. 'erase:' .. DO.machine, id)
end
return call('SMEMBERS', P .. 'erase:' .. DO.machine)
