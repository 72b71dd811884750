-- Leases that end before their time. In: ids of cases and letters. Out: what waits is due again. See `cases.release` and `letters.release`.

local function free_case(of, due, fields)
  fields.owner = false
  move(of, of.step, due, fields)
end

-- As if the claim had not been made.
local function give_back_case(of, unsure)
  local n = tonumber(of.attempts) - 1
  local due = tonumber(of.received_at) < T and of.received_at or NOW
  free_case(of, due, { unsure = unsure and '1' or false, attempts = n > 0 and n or false })
end

local function give_back_letter(letter)
  local n = tonumber(letter.attempts) - 1
  letter_goes(letter, letter.step, letter.created_at, { owner = false, attempts = n > 0 and n or false })
end
