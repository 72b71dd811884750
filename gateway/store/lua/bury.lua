-- The leases of processes that died are ended. In: owners. Out: nothing.
-- with: notes, talk, letters, leases, tenure

for _, owner in ipairs(DO) do
  for _, what in ipairs(call('HKEYS', P .. 'held:' .. owner)) do
    local kind, id = string.match(what, '^(%a+):(.+)$')
    if kind == 'case' then
      local of = case(id)
      if of and of.owner == owner then
        free_case(of, tick(), {})
      end
    elseif kind == 'letter' then
      local letter = letter_of(id)
      if letter and letter.owner == owner then
        letter_goes(letter, letter.step, tick(), { owner = false })
      end
    else
      local file = row(P .. 'enclosed:' .. id)
      if file and file.owner == owner then
        local due = tick()
        write(P .. 'enclosed:' .. id, { due = due, owner = false })
        call('ZADD', P .. 'enclosed_due:' .. (call('HGET', P .. 'case:' .. file.case_id, 'ledger') or ''), due, id)
      end
    end
  end
  call('DEL', P .. 'held:' .. owner)
  end_leases(owner)
end
return nil
