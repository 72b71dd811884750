-- The cases of a period, as they are counted. It changes nothing.
-- In: since, until, and the same with slack as from, to (strings); after, an id; limit, of entries; look, at how
-- many cases. Out: the id behind which the next look begins, false when there is none; entries, each its id, fields, record, letters as
-- step and receipt, events as id and fields, acts.

local FIELDS = { 'reference', 'channel', 'received_at', 'step', 'code', 'ledger', 'tracking_id', 'registered_at', 'archived' }
local OF_EVENT = { 'ledger', 'tracking_id', 'at', 'heard_at', 'status', 'state' }
local newest = tonumber(call('HGET', P .. 'ids', 'case') or 0)

-- When a case came, or the next one that there is.
local function came(id)
  while id <= newest do
    local at = fields_of(id, 'received_at')[1]
    if at then
      return tonumber(at)
    end
    id = id + 1
  end
end

-- The lowest id from which on cases came then or later.
local function first_since(at)
  local low, high = 1, newest + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    local found = came(middle)
    if not found or found >= at then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

-- Of a row by name; what is absent is left out.
local function some(of, names)
  local flat = {}
  for _, name in ipairs(names) do
    if of[name] then
      flat[#flat + 1] = name
      flat[#flat + 1] = of[name]
    end
  end
  return flat
end

local function entry(of)
  local id, letters, events, acts = of.id, {}, {}, {}
  for place, letter in ipairs(call('SMEMBERS', P .. 'letters_of:' .. id)) do
    local step, receipt = unpack(call('HMGET', P .. 'letter:' .. letter, 'step', 'receipt'))
    letters[place] = { step, receipt or '' }
  end
  for place, event in ipairs(told_of(id)) do
    events[place] = { event[1], some(event[2], OF_EVENT) }
  end
  local flat = acts_flat(id)
  for place = 3, #flat, 4 do
    acts[#acts + 1] = flat[place]
  end
  return { tostring(id), some(of, FIELDS), call('GET', P .. 'record:' .. id), letters, events, acts }
end

local since, till = tonumber(DO.since), tonumber(DO['until'])
local first, last = math.max(DO.after + 1, first_since(tonumber(DO.from))), first_since(tonumber(DO.to))
local stop, found, id = math.min(first + DO.look, last), {}, first
while id < stop and #found < DO.limit do
  local of = seen(id)
  local at = of and tonumber(of.received_at)
  if at and at >= since and at < till then
    found[#found + 1] = entry(of)
  end
  id = id + 1
end
return { id < last and tostring(id - 1) or false, found }
