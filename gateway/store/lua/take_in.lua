-- A case as a whole takes the place of what is here of it. In: a bundle as `redis_bundles` packs it. Out: nothing.
-- with: arrivals, notes, talk, letters, enclosed, hands, likenesses, life, bundles

local before = case(DO.id)
if before then
  uproot(before)
end
plant(DO)
return nil
