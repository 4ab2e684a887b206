-- Arrays: how long they are, and their items one at a time.
local host = ...
local math, rawget = math, rawget

-- Results of `parallel` and of table.pack may have holes: their `n` is how many places there are. Nil for other tables.
function host.length(array)
  local n = rawget(array, "n")
  return math.type(n) == "integer" and n >= 0 and n or nil
end

-- A function that gives the items of an array of so many places, each with its place, without the holes.
function host.walk(array, places)
  local i = 0
  return function()
    while i < places do
      i = i + 1
      local item = array[i]
      if item ~= nil then return item, i end
    end
  end
end
