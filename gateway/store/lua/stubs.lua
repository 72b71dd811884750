-- What is left here of a case in the archive, and what brings it back. In: cases. Out: local functions.
--
-- A stub is the case's own row without what it says, with `archived`, the place where the rest lies; what leads to it by reference,
-- identity and number; the prints of its parts; its acts and events; its turn in the polls. So a message that comes again is known, its
-- state is told, and the counts hold. It is folded (see `folding`) as long as nothing happens to it. What happens to it is kept with it,
-- and it is wanted: the machine that has the rest brings it back, and only then it goes on.
--
--   {lapor}:archives           set: the machines that have an archive
--   {lapor}:erase:<machine>    set: cases of which nothing may be left in that archive

local WORDS = { 'words', 'edited', 'facts', 'files', 'added', 'settled' }

-- By which it is seen that nothing of a case has changed.
local function print_of(rows)
  return redis.sha1hex(cmsgpack.pack(rows))
end

-- It is finished, nothing of it waits, and nothing has happened to it since.
local function is_over(of, since)
  if (of.step ~= 'done' and of.step ~= 'declined') or of.owner or of.due or of.archived then
    return false
  end
  if call('ZSCORE', P .. 'undecided', of.id) or call('EXISTS', P .. 'hand:' .. of.id, P .. 'question:' .. of.id) > 0 then
    return false
  end
  local last = math.max(tonumber(of.received_at), tonumber(of.registered_at or 0))
  for _, id in ipairs(call('SMEMBERS', P .. 'letters_of:' .. of.id)) do
    local due, at = unpack(call('HMGET', P .. 'letter:' .. id, 'due', 'created_at'))
    last = math.max(last, due and math.huge or tonumber(at))
  end
  for _, number in ipairs(call('SMEMBERS', P .. 'enclosed_of:' .. of.id)) do
    last = math.max(last, call('HEXISTS', P .. 'enclosed:' .. of.id .. ':' .. number, 'due') == 1 and math.huge or 0)
  end
  for _, id in ipairs(call('LRANGE', P .. 'events_of:' .. of.id, 0, -1)) do
    last = math.max(last, tonumber(call('HGET', P .. 'event:' .. id, 'heard_at')))
  end
  return math.max(last, tonumber(call('LINDEX', P .. 'acts:' .. of.id, -4) or 0)) <= since
end

local function make_stub(of, place)
  without_contents(of)
  for _, name in ipairs(call('HKEYS', P .. 'parts:' .. of.id)) do
    if string.sub(name, -4) == ':raw' then
      call('HSET', P .. 'parts:' .. of.id, name, '')
    end
  end
  local fields = { archived = place }
  for _, name in ipairs(WORDS) do
    fields[name] = false
  end
  change(of, fields)
  fold(of)
  call('ZREM', P .. 'lingering', of.id)
end
