-- Arrivals. In: jobs, a list of `new` (see arrivals). Out: an answer for each.
-- with: arrivals

local answers = {}
for i, new in ipairs(DO.jobs) do
  answers[i] = put(new)
end
return answers
