-- Brings the layout from version 2 to 3: stubs are folded. In: after, an id; look, at how many cases. Out: the id behind which the next
-- call goes on; nothing when there is none.

local last = tonumber(call('HGET', P .. 'ids', 'case') or 0)
for n = DO.after + 1, math.min(DO.after + DO.look, last) do
  local id = string.format('%d', n)
  local of = row(P .. 'case:' .. id)
  if of and of.archived and not call('ZSCORE', P .. 'wanted', id) then
    of.id = id
    fold(of)
  end
end
return DO.after + DO.look < last and DO.after + DO.look or nil
