-- What else is forgotten of a case that its author took back: its likeness, its events' words, its files on their way, whose hand it is in.

-- Somebody copies it right now.
local function in_hand(of)
  local ends = of.step == 'worklist' and call('HGET', P .. 'hand:' .. of.id, 'until')
  return ends and tonumber(ends) > T
end

local function forget_rest(of)
  call('DEL', P .. 'hand:' .. of.id)
end
