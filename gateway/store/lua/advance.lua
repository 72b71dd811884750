-- A step of a channel that polls: arrivals, parts and the notes that cover them, all or nothing.
-- In: channel, set (name and value, name and value, …), gone (names), news, parts, fence. Out: an answer for each arrival, then for each
-- part; or the place, from 1, of the first whose reference another case has, or 0 for one who has lost his lease, and nothing is changed.
-- with: arrivals, notes, tenure

if is_lost(DO.fence) then
  return 0
end

local begun, taken = {}, {}
for place, new in ipairs(DO.all) do
  local who = new.identity .. ' ' .. new.source_id
  if not begun[who] and #kindred(new) == 0 then
    if taken[new.reference] or is_taken(new.reference) then
      return place
    end
    begun[who], taken[new.reference] = true, true
  end
end
local answers = {}
for place, new in ipairs(DO.all) do
  answers[place] = new.number and hold(new) or put(new)
end
for i = 1, #DO.set, 2 do
  set_note(DO.channel, DO.set[i], DO.set[i + 1])
end
for _, name in ipairs(DO.gone) do
  set_note(DO.channel, name, nil)
end
return answers
