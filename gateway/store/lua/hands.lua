-- Who has which case of the worklist in hand, for all who touch such a case. In: cases, ids. Out: local functions. See `hands` for the
-- same in SQL.
--
--   {lapor}:hand:<case>     hash: officer, since, until, seen; may be older than the case's step
--   {lapor}:hands           zset: the same cases by until

-- Somebody copies it right now.
local function in_hand(of)
  local ends = of.step == 'worklist' and call('ZSCORE', P .. 'hands', of.id)
  return ends and tonumber(ends) > T
end

local function let_go(id)
  call('DEL', P .. 'hand:' .. id)
  call('ZREM', P .. 'hands', id)
end

-- What was done to a case, and by whom, the oldest first.
local function acts_of(id)
  local flat, acts = call('LRANGE', P .. 'acts:' .. id, 0, -1), {}
  for i = 1, #flat, 4 do
    acts[#acts + 1] = { by = flat[i + 1], word = flat[i + 2] }
  end
  return acts
end
