-- Letters to citizens, and the operators' receipts for them. In: letters as `redis_packing.letter` packs them. Out: queues. See `letters`
-- for the same in SQL.

local WINDOW_S = 3600
-- letters to an address that are remembered, at least
local KEPT = 100

local function person(whom)
  return P .. 'person:' .. redis.sha1hex(whom)
end

-- A letter whose key is here is left alone. Who has had his letters of the hour gets no more, and who wants no news gets none: the letter
-- is kept as muted, so that it can be seen.
local function queue(letter, most)
  if #find('key', letter.key) > 0 then
    return
  end
  local id, at = next_id('letter'), tick()
  local unwanted = letter.news == 1 and has_stopped(letter.channel, letter.to)
  local had = person(letter.person)
  local n = call('ZCARD', had)
  if n >= most then
    n = n - call('ZREMRANGEBYSCORE', had, '-inf', T - WINDOW_S)
  end
  local muted = unwanted or n >= most
  local later = letter.later and tonumber(letter.later) > T
  local fields = {
    key = letter.key, case_id = letter.case, channel = letter.channel, recipient = letter.to, person = letter.person, created_at = at,
    step = muted and 'muted' or 'send', code = unwanted and 'stopped' or nil, news = letter.later and letter.news == 1 and '1' or nil,
  }
  if not muted then
    fields.due = later and letter.later or at
    call('ZADD', P .. 'letters:' .. letter.channel, fields.due, id)
    call('ZADD', had, at, id)
    call('EXPIRE', had, WINDOW_S)
  end
  write(P .. 'letter:' .. id, fields)
  call('SET', P .. 'body:' .. id, ARGV[letter.body])
  link_first('key', letter.key, id)
  call('SADD', P .. 'letters_of:' .. letter.case, id)
  local to = P .. 'recipient:' .. redis.sha1hex(letter.channel .. '\0' .. letter.to)
  call('ZADD', to, at, id)
  if call('ZCARD', to) > 2 * KEPT then
    call('ZREMRANGEBYRANK', to, 0, -KEPT - 1)
  end
  count(letter.channel, 'letter ' .. fields.step, 1)
end

local function queue_all(letters, most)
  for _, letter in ipairs(letters) do
    queue(letter, most)
  end
end

-- It stands in the list of those that did not arrive, or does not.
local function listed_if_lost(id, step)
  if step == 'parked' or step == 'failed' then
    call('ZADD', P .. 'lost', id, id)
  else
    call('ZREM', P .. 'lost', id)
  end
end

-- A letter goes to a step; the table of its fields has `id`.
local function letter_goes(letter, step, due, fields)
  if due then
    call('ZADD', P .. 'letters:' .. letter.channel, due, letter.id)
  elseif letter.due then
    call('ZREM', P .. 'letters:' .. letter.channel, letter.id)
  end
  if letter.owner and fields.owner == false then
    lease(letter.owner, 'letter:' .. letter.id, false)
  end
  if letter.step ~= step then
    count(letter.channel, 'letter ' .. letter.step, -1)
    count(letter.channel, 'letter ' .. step, 1)
    listed_if_lost(letter.id, step)
  end
  fields.step, fields.due = step, due or false
  for name, value in pairs(fields) do
    if value == false and not letter[name] then
      fields[name] = nil
    end
  end
  write(P .. 'letter:' .. letter.id, fields)
end

local function letter_of(id)
  local letter = row(P .. 'letter:' .. id)
  if letter then
    letter.id = id
  end
  return letter
end

-- What a receipt says of a letter. A final word stands: an intermediate receipt may come after it. A letter that did not arrive is
-- `failed`, whoever said yes to it.
local function mark(id, channel, state, words)
  count(channel, 'receipt ' .. state, 1)
  local letter = letter_of(id)
  if not letter or letter.receipt == 'delivered' or letter.receipt == 'failed' then
    return
  end
  call('HSET', P .. 'letter:' .. id, 'receipt', state)
  if state == 'failed' and letter.step == 'sent' then
    letter_goes(letter, 'failed', nil, { code = 'undelivered', words = words })
    unheard(letter.case_id)
  end
end

local function early(channel, provider_id)
  return P .. 'early:' .. redis.sha1hex(channel .. '\0' .. provider_id)
end

-- The receipt that came before the id of its letter was known.
local function meet(letter, provider_id)
  local receipt = row(early(letter.channel, provider_id))
  if receipt then
    mark(letter.id, letter.channel, receipt.state, receipt.words)
    -- it was kept under each spelling of its id: all go
    for _, spelling in ipairs(cmsgpack.unpack(receipt.spellings)) do
      if call('HGET', early(letter.channel, spelling), 'first') == receipt.first then
        call('DEL', early(letter.channel, spelling))
      end
    end
  end
end
