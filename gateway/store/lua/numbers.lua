-- The ledgers' numbers: which case has which. In: cases. Out: whose number it is. See `tracking` for the same in SQL.

-- The other case that has a number from the same ledger; nil when none has.
local function holder(number, ledger, id)
  for _, other in ipairs(find('tracking', number)) do
    if other ~= id then
      local of = fields_of(other, 'ledger', 'reference')
      local from = of[1] or ''
      if (from == '' and DEFAULT or from) == ledger then
        return of[2]
      end
    end
  end
  return nil
end

-- A case has this number from now on, or none: {number, at, url}, or nil. The fields that change with it.
local function numbered(of, done, fields)
  local number = done and done[1] or nil
  if of.tracking_id ~= number then
    if of.tracking_id then
      unlink('tracking', of.tracking_id, of.id)
    end
    if number then
      link('tracking', number, of.id)
    end
  end
  fields.tracking_id, fields.registered_at = number or false, done and done[2] or false
  fields.url = done and done[3] ~= '' and done[3] or false
  return fields
end

-- The first case that has a number from a ledger, whose name may be empty for any one. Where two ledgers gave the same, nobody is told of
-- a case that may be another's.
local function named(number, ledger)
  local found, from
  for _, id in ipairs(find('tracking', number)) do
    local its = fields_of(id, 'ledger')[1] or DEFAULT
    if ledger == '' or ledger == its then
      if from and from ~= its then
        return nil
      end
      found, from = (found and tonumber(found) < tonumber(id)) and found or id, its
    end
  end
  return found
end
