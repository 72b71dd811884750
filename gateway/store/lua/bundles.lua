-- All rows of a case at once, for the scripts that move cases between stores and into the archive and back. In: cases, bundles as
-- `redis_bundles` packs them. Out: rows as they stand here, or rows that stand here now. The counts of cases stay as they are.

-- All that stands here of a case, in the order of its tables.
local function gathered(of)
  return {
    of.id,
    read[of.id] and flattened(of) or call('HGETALL', P .. 'case:' .. of.id),
    call('GET', P .. 'raw:' .. of.id) or '',
    parts_flat(of.id),
    call('HGETALL', P .. 'files:' .. of.id),
    call('GET', P .. 'record:' .. of.id),
    letters_of(of.id),
    acts_flat(of.id),
    call('HGETALL', P .. 'likeness:' .. of.id),
    call('HGETALL', P .. 'hand:' .. of.id),
    events_of(of.id),
    call('ZSCORE', P .. 'polls', of.id) or false,
    call('HGETALL', P .. 'question:' .. of.id),
    call('HGETALL', P .. 'additions:' .. of.id),
    enclosed_of(of.id),
    call('LRANGE', P .. 'tries:' .. of.id, 0, -1),
  }
end

local function by_recipient(channel, recipient)
  return P .. 'recipient:' .. redis.sha1hex(channel .. '\0' .. recipient)
end

local function without_letters(of)
  for _, id in ipairs(call('SMEMBERS', P .. 'letters_of:' .. of.id)) do
    local letter = letter_of(id)
    unlink('key', letter.key, id)
    for _, provider_id in ipairs(letter.ids and cmsgpack.unpack(letter.ids) or {}) do
      local name = letter.channel .. '\0' .. provider_id
      if call('HGET', bucket('provider', name), name) == id then
        call('HDEL', bucket('provider', name), name)
      end
    end
    call('ZREM', P .. 'letters:' .. letter.channel, id)
    call('ZREM', person(letter.person), id)
    call('ZREM', P .. 'lost', id)
    call('ZREM', by_recipient(letter.channel, letter.recipient), id)
    if letter.owner then
      call('HDEL', P .. 'held:' .. letter.owner, 'letter:' .. id)
    end
    call('DEL', P .. 'letter:' .. id, P .. 'body:' .. id)
  end
  call('DEL', P .. 'letters_of:' .. of.id)
end

-- What it says, its files, its letters, with whatever leads to them; all but its parts.
local function without_contents(of)
  without_letters(of)
  forget_kin(of.id)
  let_go(of.id)
  answered(of.id)
  forget_enclosed(of)
  for _, by_case in ipairs(call('HKEYS', P .. 'additions:' .. of.id)) do
    call('SREM', P .. 'adds:' .. by_case, of.id)
  end
  for _, what in ipairs({ 'raw:', 'files:', 'record:', 'additions:', 'tries:' }) do
    call('DEL', P .. what .. of.id)
  end
end

-- Nothing is left of it.
local function uproot(of)
  without_contents(of)
  for _, id in ipairs(call('LRANGE', P .. 'events_of:' .. of.id, 0, -1)) do
    call('DEL', P .. 'event:' .. id)
  end
  call('ZREM', P .. 'undecided', of.id)
  call('ZREM', P .. 'polls', of.id)
  unlink('reference', of.reference, of.id)
  unlink('identity', of.identity, of.id)
  if of.tracking_id then
    unlink('tracking', of.tracking_id, of.id)
  end
  call('ZREM', of_step(of.step, of.told), of.id)
  call('ZREM', P .. 'due:' .. (of.ledger or ''), of.id)
  call('ZREM', P .. 'worklist:' .. (of.ledger or ''), of.id)
  listed_if_waiting(of, of.step, '')
  if of.owner then
    call('HDEL', P .. 'held:' .. of.owner, 'case:' .. of.id)
  end
  call('DEL', P .. 'case:' .. of.id, P .. 'events_of:' .. of.id, P .. 'acts:' .. of.id, P .. 'parts:' .. of.id)
end

-- No id is given out again that something has.
local function passed(what, id)
  if tonumber(id) > tonumber(call('HGET', P .. 'ids', what) or 0) then
    call('HSET', P .. 'ids', what, id)
  end
end

local function plant_letter(of, letter)
  local fields = letter.fields
  write(P .. 'letter:' .. letter.id, fields)
  call('SET', P .. 'body:' .. letter.id, ARGV[letter.body])
  link('key', fields.key, letter.id)
  call('SADD', P .. 'letters_of:' .. of.id, letter.id)
  listed_if_lost(letter.id, fields.step)
  if fields.due then
    call('ZADD', P .. 'letters:' .. fields.channel, fields.due, letter.id)
  end
  if #letter.ids > 0 then
    call('HSET', P .. 'letter:' .. letter.id, 'ids', cmsgpack.pack(letter.ids))
  end
  for _, provider_id in ipairs(letter.ids) do
    local name = fields.channel .. '\0' .. provider_id
    call('HSET', bucket('provider', name), name, letter.id)
  end
  if fields.step ~= 'muted' and tonumber(fields.created_at) > T - WINDOW_S then
    call('ZADD', person(fields.person), fields.created_at, letter.id)
    call('EXPIRE', person(fields.person), WINDOW_S)
  end
  local to = by_recipient(fields.channel, fields.recipient)
  call('ZADD', to, fields.created_at, letter.id)
  call('ZREMRANGEBYRANK', to, 0, -101)
  passed('letter', letter.id)
end

-- Found again under its keys; whom it met are those that stand there and were written down before it.
local function plant_likeness(of, likeness)
  local fields = { id = likeness.id, at = likeness.at, likeness = ARGV[likeness.likeness], keys = ARGV[likeness.keys] }
  write_likeness(of.id, fields, likeness)
  passed('likeness', likeness.id)
end

-- What it says, its files, its letters.
local function plant_contents(of, bundle)
  if bundle.raw then
    call('SET', P .. 'raw:' .. of.id, ARGV[bundle.raw])
  end
  for _, part in ipairs(bundle.parts) do
    local n = part.number .. ':'
    local place = P .. 'parts:' .. of.id
    call('HSET', place, n .. 'raw', ARGV[part.raw], n .. 'fingerprint', part.fingerprint, n .. 'received_at', part.at)
  end
  keep_files(of.id, 0, bundle.files)
  if bundle.record then
    call('SET', P .. 'record:' .. of.id, ARGV[bundle.record])
  end
  for _, letter in ipairs(bundle.letters) do
    plant_letter(of, letter)
  end
  if bundle.likeness then
    plant_likeness(of, bundle.likeness)
  end
  for by_case, addition in pairs(bundle.additions) do
    call('HSET', P .. 'additions:' .. of.id, by_case, ARGV[addition])
    call('SADD', P .. 'adds:' .. by_case, of.id)
  end
  for _, try in ipairs(bundle.tries) do
    keep_try(of.id, ARGV[try])
  end
  for number, fields in pairs(bundle.enclosed) do
    local place = of.id .. ':' .. number
    write(P .. 'enclosed:' .. place, fields)
    call('SADD', P .. 'enclosed_of:' .. of.id, number)
    if fields.due then
      call('ZADD', P .. 'enclosed_due:' .. (of.ledger or ''), fields.due, place)
    end
  end
end

-- Where nobody has anything in hand.
local function plant_waiting(of, bundle)
  if bundle.hand then
    write(P .. 'hand:' .. of.id, bundle.hand)
    call('ZADD', P .. 'hands', bundle.hand['until'], of.id)
  end
  local question = bundle.question
  if question then
    write(P .. 'question:' .. of.id, question)
    call('SET', by_sender(question.channel, question.sender), of.id)
  end
  for _, event in ipairs(bundle.events) do
    write(P .. 'event:' .. event.id, event.fields)
    call('RPUSH', P .. 'events_of:' .. of.id, event.id)
    if not event.fields.letter then
      call('ZADD', P .. 'undecided', 'NX', event.id, of.id)
    end
    passed('event', event.id)
  end
  if bundle.poll then
    call('ZADD', P .. 'polls', bundle.poll, of.id)
  end
  if #bundle.acts > 0 then
    call('RPUSH', P .. 'acts:' .. of.id, unpack(bundle.acts))
  end
end

local function plant(bundle)
  local of = bundle.fields
  of.id = nil
  write(P .. 'case:' .. bundle.id, of)
  of.id = bundle.id
  link('reference', of.reference, of.id)
  link('identity', of.identity, of.id)
  if of.tracking_id then
    link('tracking', of.tracking_id, of.id)
  end
  if INDEXED[of.step] then
    call('ZADD', of_step(of.step, of.told), of.id, of.id)
  end
  listed_if_waiting(of, '', of.step)
  if of.step == 'worklist' then
    call('ZADD', P .. 'worklist:' .. (of.ledger or ''), of.id, of.id)
  end
  if of.due then
    call('ZADD', P .. 'due:' .. (of.ledger or ''), of.due, of.id)
    if of.ledger and of.ledger ~= DEFAULT then
      call('SADD', P .. 'ledgers', of.ledger)
    end
  end
  plant_contents(of, bundle)
  plant_waiting(of, bundle)
  passed('case', of.id)
end
