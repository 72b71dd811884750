-- Letters to the senders of cases, which have heard of them from then on. In: cases, letters, most. Out: nothing.
-- with: notes, letters

for _, id in ipairs(DO.cases) do
  local of = case(id)
  if of then
    move(of, of.step, of.due, { told = '1' })
  end
end
queue_all(DO.letters, DO.most)
return nil
