-- What became of attempts, with the letters that go with it. A part or an addition that came meanwhile sends its case round again; a number
-- that another case has from the same ledger is not written.
-- In: jobs: see `redis_packing.settled`; most: letters for a person and hour. Out: for each 1; 0 when the claim is no longer ours; or the
-- reference of the case that has the number. See `cases.settle` and `talk.said` for the same in SQL.
-- with: arrivals, notes, talk, letters, numbers, enclosed

local BUSY_S = 1

-- Ask or add. Where that cannot be, the case goes round again instead, with nothing else of the settlement.
local function said(of, settled)
  local done = true
  if settled.asks then
    done = ask(of, settled.asks, settled.due or NOW)
  elseif settled.adds then
    done = add(settled.adds[1], of.id, settled.adds)
  end
  if done then
    return settled
  end
  local was = settled.was
  return {
    step = 'submit', due = instant(T + (was.added == 1 and BUSY_S or 0)), unsure = was.unsure, code = was.code, words = was.words,
    come = settled.come, ledger = settled.ledger, done = settled.done, letters = {}, files = {}, digest = settled.digest,
  }
end

local function settle(of, settled)
  local come = tonumber(of.come or 0) + tonumber(of.added or 0)
  local late = come > settled.come and (settled.step == 'done' or settled.step == 'worklist' or settled.step == 'asked')
  local step, due = settled.step, settled.due
  if late then
    step, due = 'submit', '0'
  end
  local fields = numbered(of, settled.done, {
    unsure = settled.unsure == 1 and '1' or false, owner = false, settled = settled.digest,
    code = settled.code ~= '' and settled.code, words = settled.words ~= '' and settled.words,
  })
  -- what lies with people has been told to the only ledger that there was
  local kept = settled.ledger ~= '' and settled.ledger or (step == 'worklist' and DEFAULT or '')
  local ledger = settled.goes or kept
  fields.ledger = ledger ~= '' and ledger
  if settled.goes then
    local attempts = tonumber(of.attempts or 0) - 1
    fields.attempts = attempts > 0 and attempts or false
  end
  if settled.record then
    call('SET', P .. 'record:' .. of.id, ARGV[settled.record])
  end
  -- what came meanwhile may name more: then all of it is fetched
  if settled.facts and come == settled.come then
    fields.facts = settled.facts
    if #settled.found > 0 then
      call('DEL', P .. 'files:' .. of.id)
      fields.files = keep_files(of.id, 0, settled.found)
    end
  end
  -- the letters first, which are known by their keys: should we fail half way, the claim is still ours and all of it is settled again
  queue_all(settled.letters, DO.most)
  move(of, step, due, fields)
  for _, number in ipairs(settled.files) do
    enclose(of, number)
  end
  if settled.try then
    keep_try(of.id, ARGV[settled.try])
  end
  if settled.asks then
    unheard(of.id)
  end
end

local answers = {}
for i, settled in ipairs(DO.jobs) do
  local of = case(settled.case)
  if of and of.owner and of.token == settled.token then
    local what = said(of, settled)
    local own = settled.ledger ~= '' and settled.ledger or DEFAULT
    local taken = what.new and holder(what.done[1], own, of.id)
    if taken then
      answers[i] = taken
    else
      settle(of, what)
      answers[i] = 1
    end
  else
    -- whoever was not told that it was written asks again
    answers[i] = settled.again and of and of.settled == settled.digest and 1 or 0
  end
end
return answers
