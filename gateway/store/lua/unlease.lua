-- A lease is given back, and is free at once. In: fence. Out: nothing. One that is another's stays.
-- with: tenure

if not is_lost(DO.fence) then
  write(P .. 'lease:' .. DO.fence[1], { ['until'] = false, holder = false })
end
return nil
