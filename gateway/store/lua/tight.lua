-- Values and rows in as few octets as say the same, and back. In: what a row holds: text by the names of its fields. Out: numbers, tables
-- and text, as `folding` has them in one value; local functions.

-- Digits and letters a to f, two in an octet; what is left of an odd number stands behind a zero.
local function halved(text)
  local odd = #text % 2
  return (string.gsub(string.rep('0', odd) .. text, '..', function(two) return string.char(tonumber(two, 16)) end)), odd
end

local function doubled(octets, odd)
  return string.sub(string.format(string.rep('%02x', #octets), string.byte(octets, 1, -1)), 1 + odd)
end

-- A value in as few octets as say the same: a number; a table for a whole second, for hexadecimal digits, and for a place in an archive.
local function tight(text)
  local n = text and (text == '0' or string.find(text, '^%-?[1-9]')) and tonumber(text)
  if n and string.format('%.16g', n) == text then
    return n
  elseif text and string.find(text, '^[1-9]%d*%.0$') and #text < 15 then
    return { tonumber(text) }
  elseif text and #text > 10 and #text < 200 and string.find(text, '^[%da-f]+$') then
    return { halved(text) }
  end
  local day, time, chance, at = string.match(text or '', '^(%d%d%d%d%d%d%d%d)T(%d%d%d%d%d%d)%-([%da-f]+)%.lapor:(%d+)$')
  at = at and #chance == 8 and tight(at)
  return type(at) == 'number' and { halved(day .. time .. chance), 0, at } or text
end

local function loose(value)
  if type(value) == 'number' then
    return string.format('%.16g', value)
  elseif type(value) ~= 'table' then
    return value
  elseif type(value[1]) == 'number' then
    return string.format('%.1f', value[1])
  end
  local text = doubled(value[1], value[2])
  if value[3] then
    local day, time, chance = string.match(text, '^(%d%d%d%d%d%d%d%d)(%d%d%d%d%d%d)(%x+)$')
    return day .. 'T' .. time .. '-' .. chance .. '.lapor:' .. loose(value[3])
  end
  return text
end

-- Values by the names in front, then whatever else there is: name, value, …; nothing stands for what is absent at the end.
local function listed(fields, names)
  local values, last, known = {}, 0, { id = true }
  for place, name in ipairs(names) do
    values[place], known[name] = tight(fields[name]) or false, true
    last = fields[name] and place or last
  end
  for name, value in pairs(fields) do
    if not known[name] then
      last = math.max(last, #names) + 2
      values[last - 1], values[last] = name, tight(value)
    end
  end
  for place = #values, last + 1, -1 do
    values[place] = nil
  end
  return values
end

local function by_name(values, names)
  local fields = {}
  for place, name in ipairs(names) do
    fields[name] = values[place] and loose(values[place]) or nil
  end
  for place = #names + 1, #values, 2 do
    fields[values[place]] = loose(values[place + 1])
  end
  return fields
end

-- One of them, without the others.
local function one_of(values, names, name)
  for place, other in ipairs(names) do
    if other == name then
      return values[place] and loose(values[place]) or false
    end
  end
  for place = #names + 1, #values, 2 do
    if values[place] == name then
      return loose(values[place + 1])
    end
  end
  return false
end
