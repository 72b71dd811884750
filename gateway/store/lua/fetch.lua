-- A case whose other rows lie in an archive is to come back. In: case. Out: since when it is wanted; nothing when it is here.

local of = case(DO.case)
if not of or not of.archived then
  return nil
end
want(of)
return call('ZSCORE', P .. 'wanted', of.id)
