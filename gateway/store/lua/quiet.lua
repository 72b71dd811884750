-- Cases that are over and about which nothing has happened for long, as a whole, for the archive.
-- In: before, an instant; limit; bytes, at most so many but for one case that has more; look, at how many cases. Out: of each what
-- `gathered` says, and a print of it.
--
--   cursor archive        up to which id cases were looked at a first time
--   {lapor}:lingering     zset: those that were looked at and are still here, by when they are looked at next
-- with: arrivals, notes, talk, letters, enclosed, hands, likenesses, life, bundles, stubs

-- seconds until a case is looked at again: one that is not over, and one that is to be kept now; sooner where cases are to leave sooner
local SOON_S = math.max(1, T - tonumber(DO.before))
local LATER_S, AGAIN_S = math.min(86400, SOON_S), math.min(600, SOON_S)

local found, bytes = {}, 0

-- A stub that was unfolded, and to which nothing has happened after all.
local function fold_again(id, of)
  if of and call('ZSCORE', P .. 'wanted', id) then
    call('ZADD', P .. 'lingering', instant(T + REST_S), id)
    return
  elseif of then
    of.id = id
    fold(of)
  end
  call('ZREM', P .. 'lingering', id)
end

local function looked(id)
  local of = row(P .. 'case:' .. id)
  if not of or of.archived then
    fold_again(id, of)
    return
  end
  of.id = id
  local over = is_over(of, tonumber(DO.before))
  call('ZADD', P .. 'lingering', instant(T + (over and AGAIN_S or LATER_S)), id)
  if over then
    local rows = gathered(of)
    bytes = bytes + #rows[3] + tonumber(of.files and call('MEMORY', 'USAGE', P .. 'files:' .. id) or 0)
    found[#found + 1] = { rows, print_of(rows) }
  end
end

local cursor = tonumber(call('HGET', P .. 'cursors', 'archive') or 0)
local last = tonumber(call('HGET', P .. 'ids', 'case') or 0)
local looks = 0
while cursor < last and looks < DO.look and #found < DO.limit and bytes < DO.bytes do
  local id = string.format('%d', cursor + 1)
  local at = fields_of(id, 'received_at')[1]
  if at and tonumber(at) > tonumber(DO.before) then
    break
  end
  looked(id)
  cursor, looks = cursor + 1, looks + 1
end
call('HSET', P .. 'cursors', 'archive', string.format('%d', cursor))
for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'lingering', '-inf', NOW, 'LIMIT', 0, DO.look - looks)) do
  if #found < DO.limit and bytes < DO.bytes then
    looked(id)
  end
end
return found
