-- What cases have in common: writes likenesses down, and finds those that share a key and were written down before.
-- In: searches; for how long each kind of key is looked for, and how many are looked at under one. Out: for each search the cases that it
-- meets, those that it names, and the one about which its sender was asked. It decides nothing, and does not know what a likeness says.
--
-- Whom a case met stays with its likeness: an attempt that is repeated meets the same, however many came since.
-- with: likenesses, numbers, talk

-- Writes a likeness down, unless it is; returns the cases that it met when it was.
local function met(search)
  local likeness, keys = ARGV[search.likeness], ARGV[search.keys]
  local before = row(P .. 'likeness:' .. search.case)
  if before and before.likeness == likeness then
    local cases = {}
    for id in string.gmatch(before.met or '', '%d+') do
      cases[#cases + 1] = id
    end
    return cases
  elseif before then
    -- a late part, or what a person read in it
    unlink_kin(before.id, before.keys)
  end
  local id = before and before.id or next_id('likeness')
  return write_likeness(search.case, { id = id, at = search.at, likeness = likeness, keys = keys }, DO)
end

-- Those that are still here.
local function kin(cases)
  local found = {}
  for _, id in ipairs(cases) do
    local at, likeness = unpack(call('HMGET', P .. 'likeness:' .. id, 'at', 'likeness'))
    local reference = fields_of(id, 'reference')[1]
    if at and reference then
      found[#found + 1] = { reference, at, likeness }
    end
  end
  return found
end

-- What a message answers or quotes, and the case of each.
local function references(search)
  local found = {}
  local function add(name, id)
    local reference = id and fields_of(id, 'reference')[1]
    if reference then
      found[#found + 1] = name
      found[#found + 1] = reference
    end
  end
  for _, answered in ipairs(search.answers) do
    local letter = find('provider', search.channel .. '\0' .. answered)[1]
    add(answered, letter and call('HGET', P .. 'letter:' .. letter, 'case_id'))
  end
  for _, quoted in ipairs(search.quotes) do
    add(quoted.said, named(quoted.number, quoted.ledger))
  end
  return found
end

-- all are written down before any is answered
local all, answers = {}, {}
for place, search in ipairs(DO.searches) do
  all[place] = met(search)
end
for place, search in ipairs(DO.searches) do
  local about = search.sender ~= '' and asked_about(search.channel, search.sender)
  answers[place] = { kin(all[place]), references(search), about and about.reference or false }
end
return answers
