-- Cases that lie in an archive now: a stub stays. In: machine, whose archive; cases: each {id, print, place}. Out: for each 1, or 0 when
-- something has happened to it meanwhile, and it stays as it is.
-- with: arrivals, notes, talk, letters, enclosed, hands, likenesses, life, bundles, stubs

local answers = {}
for i, kept in ipairs(DO.cases) do
  local of = seen(kept[1])
  answers[i] = of and not of.archived and print_of(gathered(of)) == kept[2] and 1 or 0
  if answers[i] == 1 then
    make_stub(of, kept[3])
  end
end
call('SADD', P .. 'archives', DO.machine)
return answers
