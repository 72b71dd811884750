-- Claims that nobody took any more. In: cases: each {id, token, unsure before}; letters: each {id, token}. Out: nothing.
-- with: notes, talk, letters, leases

for _, claim in ipairs(DO.cases) do
  local of = case(claim[1])
  if of and of.owner and of.token == claim[2] then
    give_back_case(of, claim[3] == 1)
  end
end
for _, claim in ipairs(DO.letters) do
  local letter = letter_of(claim[1])
  if letter and letter.owner and letter.token == claim[2] then
    give_back_letter(letter)
  end
end
return nil
