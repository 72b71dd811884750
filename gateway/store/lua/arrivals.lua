-- What comes in: arrivals, and the parts of long messages.
-- In: `new`: channel, identity, source_id, reference, at, since (of an arrival: or nothing), raw (the number of its argument); an arrival's
-- files, each {name, media_type, size, number of its argument}; of a part number, count, fingerprint, wait_until. Out: {case, reference,
-- whether it was here}, or {} when another case has its reference. See `arrivals` and `parts` for the same in SQL.

local ADDED = { answer = true, follow_up = true }

-- The cases with its identity that began since, the newest first.
local function kindred(new)
  local ids, found = find('identity', new.identity), {}
  for i = #ids, 1, -1 do
    local of = fields_of(ids[i], 'source_id', 'received_at', 'reference')
    if of[1] == new.source_id then
      if new.since and tonumber(of[2]) < tonumber(new.since) then
        break
      end
      found[#found + 1] = { ids[i], of[3] }
      if not new.number then
        break
      end
    end
  end
  return found
end

local function is_taken(reference)
  return #find('reference', reference) > 0
end

-- Files of a case, behind those that it has; gives how many it has then.
local function keep_files(id, have, files)
  for i, file in ipairs(files) do
    local n = (have + i) .. ':'
    call('HSET', P .. 'files:' .. id, n .. 'name', file[1], n .. 'media_type', file[2], n .. 'size', file[3], n .. 'content', ARGV[file[4]])
  end
  return have + #files
end

local function begin(new, id, step, due, fields)
  fields.id, fields.channel, fields.identity, fields.source_id = id, new.channel, new.identity, new.source_id
  fields.reference, fields.received_at, fields.step, fields.due = new.reference, new.at, step, due
  came(new.channel, new.at)
  born(fields)
end

local function put(new)
  local known = kindred(new)[1]
  if known then
    return { known[1], known[2], 1 }
  end
  if is_taken(new.reference) then
    return {}
  end
  -- a door whose clock is ahead must not make its messages wait
  local due = tonumber(new.at) < T and new.at or tick()
  -- what it says comes first: should we fail half way, it is not known by its identity yet, and is kept whole when it comes again
  local id = next_id('case')
  call('SET', P .. 'raw:' .. id, ARGV[new.raw])
  keep_files(id, 0, new.files)
  begin(new, id, 'submit', due, { files = #new.files > 0 and #new.files or nil })
  return { id, new.reference, 0 }
end

local function keep_part(of, new)
  local n, come = new.number .. ':', tonumber(of.come or 0) + 1
  call('HSET', P .. 'parts:' .. of.id, n .. 'raw', ARGV[new.raw], n .. 'fingerprint', new.fingerprint, n .. 'received_at', new.at)
  -- what it names has not been fetched yet; the files that the case has stay until there are others
  change(of, { come = come, facts = false })
end

local function hold(new)
  local groups, lacks = kindred(new), nil
  for _, group in ipairs(groups) do
    local has = part_of(group[1], new.number .. ':fingerprint')
    if has == new.fingerprint then
      return { group[1], group[2], 1 }
    end
    -- the newest message that lacks this part has it; a sender whose phone repeats its reference begins another
    lacks = lacks or (not has and group)
  end
  if lacks then
    local of = case(lacks[1])
    keep_part(of, new)
    if of.archived then
      -- it is kept with what is here, and goes round when the rest has come back
      want(of)
    elseif of.step == 'held' and of.come == of.expected then
      move(of, 'held', tick())
    elseif of.step == 'done' or of.step == 'worklist' or of.step == 'asked' or (of.step == 'declined' and ADDED[of.code or '']) then
      -- one that went on without this part is amended; what was joined to another case is joined anew
      round_again(of)
    end
    return { lacks[1], lacks[2], 0 }
  end
  if is_taken(new.reference) then
    return {}
  end
  local id = next_id('case')
  begin(new, id, 'held', new.wait_until, { expected = new.count })
  keep_part({ id = id }, new)
  return { id, new.reference, 0 }
end
