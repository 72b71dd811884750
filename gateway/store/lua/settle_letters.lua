-- What became of letters. In: jobs: see `redis_packing.sent`. Out: for each 1, or 0 when the claim is no longer ours.
-- with: notes, talk, letters

local answers = {}
for i, settled in ipairs(DO.jobs) do
  local letter = letter_of(settled.letter)
  if letter and letter.owner and letter.token == settled.token then
    letter_goes(letter, settled.step, settled.due, {
      owner = false, code = settled.code ~= '' and settled.code, words = settled.words ~= '' and settled.words, settled = settled.digest,
      said = settled.said and settled.said ~= '' and settled.said or false, answered_at = settled.at or false,
      ids = #settled.ids > 0 and cmsgpack.pack(settled.ids) or nil,
    })
    for _, provider_id in ipairs(settled.ids) do
      local name = letter.channel .. '\0' .. provider_id
      call('HSET', bucket('provider', name), name, letter.id)
    end
    for _, provider_id in ipairs(settled.ids) do
      meet(letter, provider_id)
    end
    if settled.try then
      keep_try(letter.case_id, ARGV[settled.try])
    end
    if settled.ask == 1 and settled.step ~= 'sent' and settled.step ~= 'send' then
      unheard(letter.case_id)
    end
    answers[i] = 1
  else
    -- whoever was not told that it was written asks again
    answers[i] = settled.again and letter and letter.settled == settled.digest and 1 or 0
  end
end
return answers
