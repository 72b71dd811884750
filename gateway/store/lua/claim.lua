-- Cases for those who wait for them, those due first first. A case that waited for parts or for an answer in vain goes on as it is.
-- In: owner, number (of the claim), wants: each {ledgers, limit, lease_s, sorting}. Out: for each want its cases (see `whole`), and in how
-- many seconds there may be more.

local answers = {}
for w, want in ipairs(DO.wants) do
  local ledgers, limit = want[1], want[2]
  local found = {}
  for _, ledger in ipairs(ledgers) do
    local due = call('ZRANGEBYSCORE', P .. 'due:' .. ledger, '-inf', NOW, 'WITHSCORES', 'LIMIT', 0, limit)
    for i = 1, #due, 2 do
      found[#found + 1] = { due[i], tonumber(due[i + 1]), ledger }
    end
  end
  if #ledgers > 1 then
    table.sort(found, function(a, b)
      return a[2] < b[2]
    end)
  end
  local taken = {}
  for i = 1, math.min(#found, limit) do
    local of = case(found[i][1])
    local unsure = of.unsure
    local told = unsure == '1' or want[4] == 0
    move(of, 'submit', instant(T + want[3]), {
      token = tonumber(of.token or 0) + 1,
      attempts = tonumber(of.attempts or 0) + 1,
      unsure = told and '1' or false,
      owner = DO.owner,
    })
    lease(DO.owner, 'case:' .. of.id, DO.number .. ' ' .. (unsure or '0'))
    -- whoever takes it is told what was so before: that it is being tried now, he knows
    of.unsure = unsure
    taken[i] = whole(of)
  end
  local wait = '0'
  if #taken < limit then
    wait = '3600'
    for _, ledger in ipairs(ledgers) do
      local first = call('ZRANGE', P .. 'due:' .. ledger, 0, 0, 'WITHSCORES')
      if first[2] and tonumber(first[2]) - T < tonumber(wait) then
        wait = instant(tonumber(first[2]) - T)
      end
    end
  end
  answers[w] = { taken, wait }
end
return answers
