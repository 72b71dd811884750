-- Brings the layout from version 1 to 2: cases that wait are listed by channel, so that the oldest of each is known.
-- In: step, told, after (an id), look. Out: the id behind which the next call goes on; nothing when there is none.

local ids = call('ZRANGEBYSCORE', of_step(DO.step, DO.told), '(' .. DO.after, '+inf', 'LIMIT', 0, DO.look)
for _, id in ipairs(ids) do
  local channel, at = unpack(call('HMGET', P .. 'case:' .. id, 'channel', 'received_at'))
  call('ZADD', P .. 'waiting:' .. channel, at, id)
end
return ids[DO.look]
