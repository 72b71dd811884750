-- A case comes back from the archive, with what has happened to its stub. In: a bundle as `redis_planting` packs it. Out: nothing.
-- with: arrivals, notes, talk, letters, enclosed, hands, likenesses, life, bundles, stubs

-- Something was said of it since, which has not been read.
local function has_more(of)
  local more = false
  local known = {}
  for _, part in ipairs(DO.parts) do
    known[part.number .. ':raw'] = true
  end
  for _, name in ipairs(call('HKEYS', P .. 'parts:' .. of.id)) do
    more = more or (string.sub(name, -4) == ':raw' and not known[name])
  end
  for _, by_case in ipairs(call('HKEYS', P .. 'additions:' .. of.id)) do
    more = more or not DO.additions[by_case]
  end
  return more
end

local of = case(DO.id)
call('ZREM', P .. 'wanted', DO.id)
if of and of.archived then
  local more = has_more(of)
  local fields = { archived = false }
  for name, value in pairs(DO.fields) do
    fields[name] = of[name] or value
  end
  plant_contents(of, DO)
  for _, event in ipairs(DO.events) do
    local key = P .. 'event:' .. event.id
    -- these two were let go of
    if call('HGET', key, 'note') == '' and call('HGET', key, 'by') == '' then
      write(key, { by = event.fields.by, note = event.fields.note })
    end
  end
  local added = call('HLEN', P .. 'additions:' .. of.id)
  fields.added = added > 0 and added or false
  change(of, fields)
  for _, event in ipairs(call('LRANGE', P .. 'events_of:' .. of.id, 0, -1)) do
    if call('HEXISTS', P .. 'event:' .. event, 'letter') == 0 then
      call('ZADD', P .. 'undecided', 'NX', event, of.id)
    end
  end
  call('ZADD', P .. 'lingering', instant(T + 86400), of.id)
  if more and (of.step == 'done' or ADDED[of.code or '']) then
    round_again(of, { facts = false })
  end
end
return nil
