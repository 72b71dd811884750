-- Cases, as every transition changes them; put before each script, behind the prelude and `folding`, which reads them.
--
-- In: ids; a case is the table of its fields and `id`, nil when there is none. Out: cases; and everything that depends on their step, their
-- due time, their ledger and whoever has them in hand follows.

-- Change fields of a case, and what we know of it; false takes one away.
local function change(of, fields)
  local differs = {}
  for name, value in pairs(fields) do
    value = value and tostring(value)
    if value ~= (of[name] or false) then
      differs[name] = value
      of[name] = value or nil
    end
  end
  write(P .. 'case:' .. of.id, differs)
end

local function of_step(step, told)
  return P .. 'step:' .. step .. ':' .. (told or '0')
end

-- It waits for its ledger, or does so no more.
local function listed_if_waiting(of, was, step)
  if WAITING[was] and not WAITING[step] then
    call('ZREM', P .. 'waiting:' .. of.channel, of.id)
  elseif WAITING[step] and not WAITING[was] then
    call('ZADD', P .. 'waiting:' .. of.channel, of.received_at, of.id)
  end
end

-- Into a step, with a due time as string, or nil when it waits for nobody or for a person; `fields` change with it, also ledger and told.
-- Everything that depends on them follows: counts, queues, indexes. A case in somebody's hands is let go by `owner = false`.
local function move(of, step, due, fields)
  fields = fields or {}
  local was, ledger, told = of.step, of.ledger or '', of.told
  local owner, was_due = of.owner, of.due
  fields.step, fields.due = step, due or false
  change(of, fields)
  local goes = of.ledger or ''
  if was ~= step then
    count(of.channel, was, -1)
    count(of.channel, step, 1)
    listed_if_waiting(of, was, step)
  end
  if was ~= step or told ~= of.told then
    if INDEXED[was] then
      call('ZREM', of_step(was, told), of.id)
    end
    if INDEXED[step] then
      call('ZADD', of_step(step, of.told), of.id, of.id)
    end
  end
  if was ~= step or ledger ~= goes then
    if was == 'worklist' then
      call('ZREM', P .. 'worklist:' .. ledger, of.id)
    end
    if step == 'worklist' then
      call('ZADD', P .. 'worklist:' .. goes, of.id, of.id)
    end
  end
  if was_due and (not due or ledger ~= goes) then
    call('ZREM', P .. 'due:' .. ledger, of.id)
  end
  if due then
    call('ZADD', P .. 'due:' .. goes, due, of.id)
  end
  if ledger ~= goes and goes ~= '' and goes ~= DEFAULT then
    call('SADD', P .. 'ledgers', goes)
  end
  if owner and owner ~= of.owner then
    lease(owner, 'case:' .. of.id, false)
  end
end

-- A case that is done, waits for an answer or for a copyist goes to its ledger again.
local function round_again(of, fields)
  fields = fields or {}
  -- what was only asked about may be with the ledger or not, as before
  fields.unsure = of.unsure == '1' and of.step == 'asked' and '1' or false
  fields.attempts = false
  move(of, 'submit', tick(), fields)
end

-- A new case: its id and all its fields, of which step and due (as string) are two. Nobody has it in hand.
local function born(of)
  local fields = {}
  for name, value in pairs(of) do
    fields[name] = name ~= 'id' and value or nil
  end
  write(P .. 'case:' .. of.id, fields)
  link_first('reference', of.reference, of.id)
  link('identity', of.identity, of.id)
  call('ZADD', of_step(of.step), of.id, of.id)
  call('ZADD', P .. 'due:', of.due, of.id)
  listed_if_waiting(of, '', of.step)
  count(of.channel, 'received', 1)
  count(of.channel, of.step, 1)
end

-- Something has happened to a case whose other rows lie in an archive: they are to come back.
local function want(of)
  call('ZADD', P .. 'wanted', 'NX', NOW, of.id)
end

-- What an act on a case was; `at` as string.
local function act(of, at, by, word, words)
  call('RPUSH', P .. 'acts:' .. of.id, at, by, word, words)
  if word == 'done' then
    call('LPUSH', P .. 'copied', instant(tonumber(at) - tonumber(of.received_at)))
    call('LTRIM', P .. 'copied', 0, 99)
  end
end

-- A try at the ledger, or of a letter, packed as `trying` says; of each case the last ones.
local TRIES = 20

local function keep_try(id, try)
  call('RPUSH', P .. 'tries:' .. id, try)
  call('LTRIM', P .. 'tries:' .. id, -TRIES, -1)
end

-- All that a case is made of, as the answer of a script; `redis_rows.case` reads it.
local function whole(of)
  local files = {}
  for number = 1, tonumber(of.files or 0) do
    local n = number .. ':'
    files[number] = call('HMGET', P .. 'files:' .. of.id, n .. 'name', n .. 'media_type', n .. 'size')
  end
  return {
    flattened(of),
    call('GET', P .. 'raw:' .. of.id) or '',
    of.come and parts_flat(of.id) or {},
    files,
    of.added and call('HGETALL', P .. 'additions:' .. of.id) or {},
  }
end
