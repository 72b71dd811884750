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

-- As if it had never been compared.
local function forget_kin(case_id)
  local of = row(P .. 'likeness:' .. case_id)
  if of then
    unlink_kin(of.id, of.keys or '')
    call('DEL', P .. 'likeness:' .. case_id)
  end
end
