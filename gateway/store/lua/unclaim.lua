-- Claims whose answer was lost on its way are given back, as if they had not been made. In: owner, numbers (of claims). Out: nothing.
-- with: notes, talk, letters, leases

local lost = {}
for _, number in ipairs(DO.numbers) do
  lost[tostring(number)] = true
end
local held = call('HGETALL', P .. 'held:' .. DO.owner)
for i = 1, #held, 2 do
  local kind, id = string.match(held[i], '^(%a+):(.+)$')
  local number, unsure = string.match(held[i + 1], '^(%d+) ?(%d?)$')
  if lost[number] and kind == 'case' then
    local of = case(id)
    if of and of.owner == DO.owner then
      give_back_case(of, unsure == '1')
    end
  elseif lost[number] and kind == 'letter' then
    local letter = letter_of(id)
    if letter and letter.owner == DO.owner then
      give_back_letter(letter)
    end
  end
end
return nil
