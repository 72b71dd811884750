-- When the newest arrival of a channel came. In: channel. Out: the instant, or nil.

return call('HGET', P .. 'cursors', 'latest of ' .. DO.channel)
