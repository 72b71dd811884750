-- Stubs, folded: all that is left here of a case in the archive, in one value. In: ids; cases. Out: their rows, as if they stood here.
--
-- As rows a stub takes five times as much: keys, names of fields, numbers written out. Whoever looks reads it as it is; whoever changes
-- anything has it unfolded first, by `case`, and `quiet` folds it again. What leads to it (reference, identity, number), its turn in the
-- polls and its place among the declined stay as they are. Who at the ledger said something, and his note, are in the archive alone, and
-- come back with the rest; but while its ledger is asked they stay, because what it answers is held against its last words.
--
--   {lapor}:folded:<n>          list: the stubs of the cases from 64 n on, each in its place; empty for one that is not folded

local PAGE = 64
-- the fields of a case that a stub has as a rule, those that it seldom has last: what is absent at the end takes nothing
local OF_CASE = {
  'step', 'channel', 'source_id', 'received_at', 'reference', 'identity', 'archived', 'token', 'attempts', 'tracking_id', 'registered_at',
  'url', 'ledger', 'come', 'expected', 'code', 'told', 'asked', 'admitted',
}
local OF_EVENT = { 'at', 'heard_at', 'status', 'state', 'letter' }
local OF_PART = { 'received_at', 'fingerprint' }

local function mapped(flat, change_)
  local values = {}
  for place, value in ipairs(flat) do
    values[place] = change_(value)
  end
  return values
end

local function flattened(fields)
  local flat = {}
  for name, value in pairs(fields) do
    flat[#flat + 1] = name
    flat[#flat + 1] = value
  end
  return flat
end

-- Parts as they stand flat, each its number and values; and back, by the names of their rows. What it said is in the archive.
local function parts_packed(flat)
  local by_number, found = {}, {}
  for i = 1, #flat, 2 do
    local n, name = string.match(flat[i], '^(%d+):(.*)$')
    by_number[n] = by_number[n] or {}
    by_number[n][name] = (name ~= 'raw' or flat[i + 1] ~= '') and flat[i + 1] or nil
  end
  for n, part in pairs(by_number) do
    found[#found + 1] = { tight(n), listed(part, OF_PART) }
  end
  return found
end

local function parts_unpacked(packed)
  local rows = {}
  for _, part in ipairs(packed) do
    local of = by_name(part[2], OF_PART)
    of.raw = of.raw or ''
    for name, value in pairs(of) do
      rows[loose(part[1]) .. ':' .. name] = value
    end
  end
  return rows
end

local function place_of(id)
  local n = tonumber(id)
  return P .. 'folded:' .. string.format('%d', math.floor(n / PAGE)), n % PAGE
end

local function packed(id)
  local value = call('LINDEX', place_of(id))
  return value and value ~= '' and cmsgpack.unpack(value) or nil
end

-- Its rows: fields and parts by name, acts as they stand flat, and events, each id and fields; nil when it is not folded.
local function folded(id)
  local stub = packed(id)
  if not stub then
    return nil
  end
  local values, acts, parts, events = unpack(stub)
  stub = { fields = by_name(values, OF_CASE), acts = mapped(acts or {}, loose), parts = parts_unpacked(parts or {}), events = {} }
  for place, event in ipairs(events or {}) do
    local of = by_name(event[2], OF_EVENT)
    of.case_id, of.ledger = string.format('%d', id), of.ledger or stub.fields.ledger or DEFAULT
    of.tracking_id = of.tracking_id or stub.fields.tracking_id
    of.by, of.note = of.by or '', of.note or ''
    stub.events[place] = { loose(event[1]), of }
  end
  return stub
end

-- The case of a stub, whose rows stand here, is folded: of them nothing is left.
local function fold(of)
  local acts, parts = call('LRANGE', P .. 'acts:' .. of.id, 0, -1), call('HGETALL', P .. 'parts:' .. of.id)
  local ids, events, asked = call('LRANGE', P .. 'events_of:' .. of.id, 0, -1), {}, call('ZSCORE', P .. 'polls', of.id)
  for place, id in ipairs(ids) do
    local event = row(P .. 'event:' .. id)
    event.case_id, event.by, event.note = nil, asked and event.by, asked and event.note
    event.ledger = event.ledger ~= (of.ledger or DEFAULT) and event.ledger or nil
    event.tracking_id = event.tracking_id ~= of.tracking_id and event.tracking_id or nil
    events[place] = { tight(id), listed(event, OF_EVENT) }
  end
  local value = { listed(of, OF_CASE) }
  if #acts + #parts + #events > 0 then
    value[2], value[3], value[4] = #acts > 0 and mapped(acts, tight), #parts > 0 and parts_packed(parts), #events > 0 and events
  end
  local page, slot = place_of(of.id)
  if call('EXISTS', page) == 0 then
    local empty = {}
    for n = 1, PAGE do
      empty[n] = ''
    end
    call('RPUSH', page, unpack(empty))
  end
  call('LSET', page, slot, cmsgpack.pack(value))
  for _, id in ipairs(ids) do
    call('DEL', P .. 'event:' .. id)
  end
  call('DEL', P .. 'case:' .. of.id, P .. 'acts:' .. of.id, P .. 'parts:' .. of.id, P .. 'events_of:' .. of.id)
end

-- Its rows stand here again, until `quiet` folds it.
local REST_S = 600

local function push(key, values)
  for i = 1, #values, MOST do
    call('RPUSH', key, unpack(values, i, math.min(i + MOST - 1, #values)))
  end
end

local function unfold(id, stub)
  write(P .. 'case:' .. id, stub.fields)
  write(P .. 'parts:' .. id, stub.parts)
  push(P .. 'acts:' .. id, stub.acts)
  for _, event in ipairs(stub.events) do
    write(P .. 'event:' .. event[1], event[2])
    call('RPUSH', P .. 'events_of:' .. id, event[1])
  end
  local page, slot = place_of(id)
  call('LSET', page, slot, '')
  call('ZADD', P .. 'lingering', instant(T + REST_S), id)
end

-- FOR THOSE WHO LOOK. The stubs that were read folded in this transition; of the others the rows stand here.
local read = {}

-- A case as it stands, to be looked at and not to be changed; nil when there is none.
local function seen(id)
  local found = row(P .. 'case:' .. id)
  if not found then
    read[id] = folded(id)
    found = read[id] and read[id].fields
  end
  if found then
    found.id = id
  end
  return found
end

-- Fields of a case by name; false for each that it has not.
local function fields_of(id, ...)
  local values = call('HMGET', P .. 'case:' .. id, ...)
  for _, value in ipairs(values) do
    if value then
      return values
    end
  end
  local stub = packed(id)
  for place, name in ipairs(stub and { ... } or {}) do
    values[place] = one_of(stub[1], OF_CASE, name)
  end
  return values
end

local function acts_flat(id)
  return read[id] and read[id].acts or call('LRANGE', P .. 'acts:' .. id, 0, -1)
end

local function parts_flat(id)
  return read[id] and flattened(read[id].parts) or call('HGETALL', P .. 'parts:' .. id)
end

local function part_of(id, name)
  local found = call('HGET', P .. 'parts:' .. id, name)
  local stub = not found and folded(id)
  return stub and stub.parts[name] or found
end

-- Each event as id and fields, in the order in which they were heard.
local function told_of(id)
  local found = {}
  for place, event in ipairs(read[id] and {} or call('LRANGE', P .. 'events_of:' .. id, 0, -1)) do
    found[place] = { event, row(P .. 'event:' .. event) }
  end
  return read[id] and read[id].events or found
end

-- A case, to be changed; nil when there is none.
local function case(id)
  local found = row(P .. 'case:' .. id)
  local stub = not found and folded(id)
  if stub then
    unfold(id, stub)
    read[id], found = nil, stub.fields
  end
  if found then
    found.id = id
  end
  return found
end
