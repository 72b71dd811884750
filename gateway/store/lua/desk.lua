-- The acts of operators and of senders on one case, and what waits for a ledger that is gone.
-- In: `verb`, and what goes with it. Out: what came of it; 0, and nothing changed, where the case is not where it must be.
-- with: hands

local verbs = {}

local function goes(from, step, due)
  local of = case(DO.case)
  if not of or not from[of.step] or (DO.seen ~= '' and DO.seen ~= of.step) then
    return 0
  end
  if of.archived then
    want(of)
    return 0
  end
  -- where the ledger cannot be asked, a person has looked: what was unknown is so no longer
  local unsure = of.unsure and of.code ~= 'unknown' and of.unsure
  move(of, step, due, { attempts = false, unsure = unsure or false, admitted = '1' })
  act(of, NOW, DO.by, DO.verb, DO.words)
  return 1
end

-- To the ledger, again or after all. What an attempt left unsure stays unsure: the ledger is asked first.
function verbs.retry()
  return goes({ parked = true, triage = true, declined = true }, 'submit', DO.after_s > 0 and instant(T + DO.after_s) or NOW)
end

function verbs.drop()
  return goes({ parked = true, triage = true }, 'declined')
end

-- A readable text beside the bytes that came.
function verbs.edit()
  local of = case(DO.case)
  if not of or (of.step ~= 'parked' and of.step ~= 'triage') then
    return 0
  end
  change(of, { edited = DO.text or false })
  act(of, NOW, DO.by, 'edit', '')
  return 1
end

-- Declined by its sender. One that is unsure may be with the ledger, which cannot be told to forget it.
function verbs.withdraw()
  local of, said = case(DO.case), false
  if (of.owner or in_hand(of)) and not of.tracking_id then
    return 'busy'
  end
  for _, each in ipairs(acts_of(of.id)) do
    said = said or each.word == 'withdraw'
  end
  if not said then
    act(of, NOW, 'sender', 'withdraw', '')
  end
  if of.tracking_id or of.unsure then
    return 'too_late'
  end
  if of.step ~= 'declined' then
    let_go(of.id)
    move(of, 'declined', nil, { code = DO.code, words = false })
  end
  return 'withdrawn'
end

-- Park what nobody would ever claim, at most so many for each ledger that is not in the settings. What somebody has in hand stays.
function verbs.stray()
  local parked = {}
  for _, ledger in ipairs(call('SMEMBERS', P .. 'ledgers')) do
    local start, n, ids = 0, 0, {}
    repeat
      ids = DO.known[ledger] and {} or call('ZRANGE', P .. 'due:' .. ledger, start, start + 99)
      for _, id in ipairs(ids) do
        local of = case(id)
        if of.owner or n == DO.limit then
          start = start + 1
        else
          n = n + 1
          move(of, 'parked', nil, { code = DO.code, words = string.format(DO.words, ledger) })
        end
      end
    until #ids == 0 or n == DO.limit
    if n > 0 then
      parked[#parked + 1] = ledger
      parked[#parked + 1] = n
    end
  end
  return parked
end

return verbs[DO.verb]()
