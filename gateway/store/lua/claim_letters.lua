-- Letters for those who wait for them, those due first first. Of those that waited for their hour, the ones whose addressee wants no more
-- news by now are muted. In: owner, number (of the claim), wants: each {{channel}, limit, lease_s}. Out: for each want its letters as id,
-- body, token, attempts, created_at; and in how many seconds there may be more. The fence is the fifth of a want; who has lost his lease
-- gets 0 in the place of letters.
-- with: notes, talk, letters, tenure

local answers = {}
for w, want in ipairs(DO.wants) do
  local place, limit, lost = P .. 'letters:' .. want[1][1], want[2], is_lost(want[5])
  local found, taken = lost and {} or call('ZRANGEBYSCORE', place, '-inf', NOW, 'LIMIT', 0, limit), lost and 0 or {}
  for _, id in ipairs(found) do
    local letter = letter_of(id)
    local token, attempts = tonumber(letter.token or 0) + 1, tonumber(letter.attempts or 0) + 1
    if letter.owner then
      lease(letter.owner, 'letter:' .. id, false)
    end
    if letter.news == '1' and has_stopped(letter.channel, letter.recipient) then
      letter_goes(letter, 'muted', nil, { code = 'stopped', owner = false, token = token, attempts = attempts })
      call('ZREM', person(letter.person), id)
    else
      letter_goes(letter, letter.step, instant(T + want[3]), { owner = DO.owner, token = token, attempts = attempts })
      lease(DO.owner, 'letter:' .. id, DO.number)
      taken[#taken + 1] = { id, call('GET', P .. 'body:' .. id), token, attempts, letter.created_at }
    end
  end
  local wait = '0'
  if #found < limit then
    local first = call('ZRANGE', place, 0, 0, 'WITHSCORES')
    wait = first[2] and instant(tonumber(first[2]) - T) or '3600'
  end
  answers[w] = { taken, wait }
end
return answers
