-- Counts that hold at one instant. In: steps. Out: the counts, for each step when its oldest cases came (of those told and not told), and
-- the last waits for a number.

local oldest = {}
for i, step in ipairs(DO.steps) do
  oldest[i] = {}
  for _, told in ipairs({ '0', '1' }) do
    local id = call('ZRANGE', of_step(step, told), 0, 0)[1]
    if id then
      table.insert(oldest[i], call('HGET', P .. 'case:' .. id, 'received_at'))
    end
  end
end
return { call('HGETALL', P .. 'counts'), oldest, call('LRANGE', P .. 'copied', 0, -1) }
