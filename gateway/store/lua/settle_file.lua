-- What became of a file. In: case, number, token, step, due, code, words, try. Out: 1, or 0 when the claim is no longer ours. See
-- `enclosed.settle` for the same in SQL.

local place = DO.case .. ':' .. DO.number
local file = row(P .. 'enclosed:' .. place)
if not file or tonumber(file.token or 0) ~= DO.token then
  return 0
end
if file.owner then
  lease(file.owner, 'file:' .. place, false)
end
write(P .. 'enclosed:' .. place, {
  step = DO.step, due = DO.due or false, owner = false, code = DO.code ~= '' and DO.code, words = DO.words ~= '' and DO.words,
})
local queue = P .. 'enclosed_due:' .. (call('HGET', P .. 'case:' .. DO.case, 'ledger') or '')
if DO.due then
  call('ZADD', queue, DO.due, place)
else
  call('ZREM', queue, place)
end
if DO.try then
  keep_try(DO.case, ARGV[DO.try])
end
return 1
