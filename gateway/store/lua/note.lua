-- Receipts of operators. In: jobs: each channel, ids (every spelling), state, words, at. Out: for each 1 when it met its letter; else it is
-- kept for a day.
-- with: notes, talk, letters

local answers = {}
for i, receipt in ipairs(DO.jobs) do
  answers[i] = 0
  for _, provider_id in ipairs(receipt.ids) do
    local letter = call('HGET', bucket('provider', receipt.channel .. '\0' .. provider_id), receipt.channel .. '\0' .. provider_id)
    if letter then
      mark(letter, receipt.channel, receipt.state, receipt.words)
      answers[i] = 1
      break
    end
  end
  if answers[i] == 0 then
    for _, provider_id in ipairs(receipt.ids) do
      local place = early(receipt.channel, provider_id)
      write(place, {
        channel = receipt.channel, first = receipt.ids[1], state = receipt.state, words = receipt.words, at = receipt.at,
        spellings = cmsgpack.pack(receipt.ids),
      })
      call('EXPIRE', place, 86400)
    end
    count(receipt.channel, 'receipt unmatched', 1)
  end
end
return answers
