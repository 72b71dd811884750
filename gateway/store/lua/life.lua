-- All that the store has of one case, for the scripts that answer with it; `redis_look` reads it. In: cases. Out: local functions.

local function rows_of(what, ids)
  local found = {}
  for place, id in ipairs(ids) do
    found[place] = call('HGETALL', P .. what .. ':' .. id)
  end
  return found
end

local function by_number(one, other)
  return tonumber(one) < tonumber(other)
end

local function letters_of(id)
  local ids, found = call('SMEMBERS', P .. 'letters_of:' .. id), {}
  table.sort(ids, by_number)
  for place, letter in ipairs(ids) do
    found[place] = { call('HGETALL', P .. 'letter:' .. letter), call('GET', P .. 'body:' .. letter) }
  end
  return found
end

local function enclosed_of(id)
  local numbers, found = call('SMEMBERS', P .. 'enclosed_of:' .. id), {}
  table.sort(numbers, by_number)
  for place, number in ipairs(numbers) do
    found[place] = { number, call('HGETALL', P .. 'enclosed:' .. id .. ':' .. number) }
  end
  return found
end

local function events_of(id)
  local found = {}
  for place, event in ipairs(call('LRANGE', P .. 'events_of:' .. id, 0, -1)) do
    found[place] = { event, call('HGETALL', P .. 'event:' .. event) }
  end
  return found
end

local function life(of)
  return {
    whole(of),
    call('GET', P .. 'record:' .. of.id),
    letters_of(of.id),
    enclosed_of(of.id),
    call('LRANGE', P .. 'acts:' .. of.id, 0, -1),
    events_of(of.id),
  }
end
