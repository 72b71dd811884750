-- Letters that did not arrive, and what officers do with them. See `lost` for the same in SQL.
-- In: `verb`, and what goes with it. Out: pages; 1, or 0 where the letter is not where it must be.
-- with: notes, talk, letters

local verbs = {}

-- Those that a version before this one left outside the list, the newest first, so many at a time. Out: 1 while there may be more.
function verbs.sort()
  local from = tonumber(call('GET', P .. 'lost_from') or call('HGET', P .. 'ids', 'letter') or 0)
  if from == 0 and call('EXISTS', P .. 'lost_from') == 1 then
    return 0
  end
  for id = from, math.max(from - DO.look + 1, 1), -1 do
    local step = call('HGET', P .. 'letter:' .. id, 'step')
    if step == 'parked' or step == 'failed' then
      listed_if_lost(tostring(id), step)
    end
  end
  call('SET', P .. 'lost_from', math.max(from - DO.look, 0))
  return from > DO.look and 1 or 0
end

function verbs.page()
  local ids = call('ZRANGEBYSCORE', P .. 'lost', DO.after == '' and '-inf' or '(' .. DO.after, '+inf', 'LIMIT', 0, DO.look)
  local found, last = {}, nil
  for _, id in ipairs(ids) do
    last = id
    local channel, of = unpack(call('HMGET', P .. 'letter:' .. id, 'channel', 'case_id'))
    if DO.channel == '' or DO.channel == channel then
      local reference, step = unpack(call('HMGET', P .. 'case:' .. of, 'reference', 'step'))
      found[#found + 1] = { id, call('HGETALL', P .. 'letter:' .. id), call('GET', P .. 'body:' .. id) or '', reference, step }
      if #found == DO.limit then
        break
      end
    end
  end
  return { found, (#ids == DO.look or last ~= ids[#ids]) and last or '' }
end

-- The number of the case to which a letter belongs.
function verbs.of()
  local letter = letter_of(DO.letter)
  return letter and call('HGET', P .. 'case:' .. letter.case_id, 'reference') or ''
end

-- Into a step with other fields, and into the acts of its case, with what its key says of the letter.
local function goes(letter, step, due, fields)
  local which = string.match(letter.key, ':(.*)$')
  letter_goes(letter, step, due, fields)
  act({ id = letter.case_id }, NOW, DO.by, DO.act, DO.words == '' and which or which .. ': ' .. DO.words)
  return 1
end

local function is_lost(letter)
  return letter and (letter.step == 'parked' or letter.step == 'failed')
end

-- It may be tried for as long as a new one, and its old receipts say nothing of the next try: what the provider's old ids lead to is no
-- letter.
function verbs.resend()
  local letter = letter_of(DO.letter)
  if not is_lost(letter) and not (letter and letter.step == 'muted' and letter.code == DO.code) then
    return 0
  end
  for _, provider_id in ipairs(letter.ids and cmsgpack.unpack(letter.ids) or {}) do
    local name = letter.channel .. '\0' .. provider_id
    if call('HGET', bucket('provider', name), name) == letter.id then
      call('HSET', bucket('provider', name), name, '0')
    end
  end
  return goes(letter, 'send', NOW, { created_at = NOW, attempts = false, code = false, words = false, receipt = false, ids = false })
end

-- Where it stood and why goes into its words, for `recover`.
function verbs.discard()
  local letter = letter_of(DO.letter)
  if not is_lost(letter) then
    return 0
  end
  local words = letter.step .. '\n' .. (letter.code or '') .. '\n' .. (letter.words or '')
  return goes(letter, 'muted', nil, { code = DO.code, words = words })
end

-- As it was.
function verbs.recover()
  local letter = letter_of(DO.letter)
  if not letter or letter.step ~= 'muted' or letter.code ~= DO.code then
    return 0
  end
  local step, code, words = string.match(letter.words, '^([^\n]*)\n([^\n]*)\n(.*)$')
  return goes(letter, step == 'failed' and 'failed' or 'parked', nil, { code = code ~= '' and code, words = words ~= '' and words })
end

return verbs[DO.verb]()
