-- All that the store has of one case, for the scripts that answer with it. In: cases, ids. Out: local functions.

local function by_number(one, other)
  return tonumber(one) < tonumber(other)
end

local function sorted(ids)
  table.sort(ids, by_number)
  return ids
end

-- Each letter as id, row, body.
local function letters_of(id)
  local found = {}
  for place, letter in ipairs(sorted(call('SMEMBERS', P .. 'letters_of:' .. id))) do
    found[place] = { letter, call('HGETALL', P .. 'letter:' .. letter), call('GET', P .. 'body:' .. letter) or '' }
  end
  return found
end

-- Each file on its way to the ledger, as number and row.
local function enclosed_of(id)
  local found = {}
  for place, number in ipairs(sorted(call('SMEMBERS', P .. 'enclosed_of:' .. id))) do
    found[place] = { number, call('HGETALL', P .. 'enclosed:' .. id .. ':' .. number) }
  end
  return found
end

-- Each event as id and row.
local function events_of(id)
  local found = {}
  for place, event in ipairs(told_of(id)) do
    found[place] = { event[1], flattened(event[2]) }
  end
  return found
end

-- `redis_life.life` reads it.
local function life(of)
  return {
    whole(of),
    call('GET', P .. 'record:' .. of.id),
    letters_of(of.id),
    enclosed_of(of.id),
    acts_flat(of.id),
    events_of(of.id),
    call('LRANGE', P .. 'tries:' .. of.id, 0, -1),
  }
end
