-- Where likenesses are found, for the scripts that compare cases or take one back. In: ids, keys. Out: local functions.
--
--   {lapor}:likeness:<case>     hash: id, at, likeness; keys, under which it is found; met, the cases that it met. It goes away by itself
--                                 after the longest window
--   {lapor}:kin:<key>           string: id:case of those that have the key, the newest first, no more of them than are looked at. It goes
--                                 away by itself when nothing of its kind that stands there is looked for any more

-- octets of a key: the kind, and 64 bits
local KEY = 9

local function each_key(keys)
  local at = 1 - KEY
  return function()
    at = at + KEY
    if at < #keys then
      return P .. 'kin:' .. string.sub(keys, at, at + KEY - 1), tonumber(string.sub(keys, at, at))
    end
  end
end

local function under(key)
  local found = {}
  for id, case_id in string.gmatch(call('GET', key) or '', '(%d+):(%d+)') do
    found[#found + 1] = { id = tonumber(id), case_id = case_id }
  end
  return found
end

local function written(found, most)
  local pairs_ = {}
  for place = 1, math.min(#found, most) do
    pairs_[place] = found[place].id .. ':' .. found[place].case_id
  end
  return table.concat(pairs_, ' ')
end

-- As if it had never been found under these.
local function unlink_kin(id, keys)
  for key in each_key(keys) do
    local left = {}
    for _, each in ipairs(under(key)) do
      if each.id ~= tonumber(id) then
        left[#left + 1] = each
      end
    end
    if #left > 0 then
      call('SET', key, written(left, #left), 'KEEPTTL')
    else
      call('DEL', key)
    end
  end
end

local function newest_first(one, other)
  return one.id > other.id
end

-- Under each of its keys; returns, by kind, those that stand there and were written down before.
local function linked(mark, windows, most)
  local met = { {}, {}, {} }
  for key, kind in each_key(mark.keys) do
    local found, here = under(key), false
    for _, other in ipairs(found) do
      here = here or other.id == mark.id
      if other.id < mark.id then
        table.insert(met[kind + 1], other)
      end
    end
    if not here then
      found[#found + 1] = mark
      table.sort(found, newest_first)
      call('SET', key, written(found, most), 'EX', windows[kind + 1])
    end
  end
  return met
end

-- The cases of these: of each kind the newest, newest first, each once.
local function newest(met, most)
  local cases, once = {}, {}
  for _, found in ipairs(met) do
    table.sort(found, newest_first)
    local seen, n = {}, 0
    for _, each in ipairs(found) do
      n = n + (seen[each.id] and 0 or 1)
      if n <= most and not once[each.case_id] then
        cases[#cases + 1] = each.case_id
        once[each.case_id] = true
      end
      seen[each.id] = true
    end
  end
  return cases
end

-- `fields`: id, at, likeness, keys. `how`: windows and longest, for how long each kind of key and all of it is kept, in seconds; newest,
-- how many are looked at under one. Returns the cases that it meets.
local function write_likeness(case_id, fields, how)
  local mark = { id = tonumber(fields.id), case_id = case_id, keys = fields.keys }
  local cases = newest(linked(mark, how.windows, how.newest), how.newest)
  fields.met = #cases > 0 and table.concat(cases, ' ')
  write(P .. 'likeness:' .. case_id, fields)
  call('EXPIRE', P .. 'likeness:' .. case_id, how.longest)
  return cases
end

-- As if it had never been compared.
local function forget_kin(case_id)
  local of = row(P .. 'likeness:' .. case_id)
  if of then
    unlink_kin(of.id, of.keys)
    call('DEL', P .. 'likeness:' .. case_id)
  end
end
