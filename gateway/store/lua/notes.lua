-- The notes of channels: cursors, what was spent, who wants no news. In: names and values of a channel's own. Out: the same.

local function set_note(channel, name, value)
  if value then
    call('HSET', P .. 'notes:' .. channel, name, value)
    call('ZADD', P .. 'names:' .. channel, 0, name)
  else
    call('HDEL', P .. 'notes:' .. channel, name)
    call('ZREM', P .. 'names:' .. channel, name)
  end
end

local function has_stopped(channel, address)
  return call('HEXISTS', P .. 'notes:' .. channel, 'stopped:' .. address) == 1
end
