-- Cases as a whole. In: after, an id; limit; bytes, at most so many but for one case that has more. Out: of each case what `gathered` says.
-- with: arrivals, notes, talk, letters, enclosed, hands, likenesses, life, bundles

local function size(of)
  local sum = call('STRLEN', P .. 'raw:' .. of.id)
  for number = 1, tonumber(of.files or 0) do
    sum = sum + tonumber(call('HGET', P .. 'files:' .. of.id, number .. ':size') or 0)
  end
  return sum
end

local found, bytes = {}, 0
for id = DO.after + 1, tonumber(call('HGET', P .. 'ids', 'case') or 0) do
  local of = seen(string.format('%d', id))
  if of then
    bytes = bytes + size(of)
    if #found > 0 and bytes > DO.bytes then
      break
    end
    found[#found + 1] = gathered(of)
  end
  if #found == DO.limit then
    break
  end
end
return found
