-- Rows: a record, an array, a listing or an iterator, one at a time.
local host, api = ...
local getmetatable, next, rawget, tostring, type = getmetatable, next, rawget, tostring, type
local math = math
local refuse = host.refuse

local function array_rows(array, what)
  local n = host.length(array)
  local places, count = n or 0, 0
  if not n then
    while rawget(array, places + 1) ~= nil do places = places + 1 end
  end
  for key in next, array do
    if math.type(key) == "integer" and key >= 1 and key <= places then
      count = count + 1
    elseif not n or key ~= "n" then
      refuse("%s: rows are an array; this one also has [%s]", what, tostring(key))
    end
  end
  return host.walk(array, places), count
end

-- True for the results of a `parallel`, also where the first or all are missing, and for a table that looks the same.
local function are_results(value)
  if host.parallel_results[value] then return true end
  local n, has_item = host.length(value), false
  if not n then return false end
  for key in next, value do
    if math.type(key) == "integer" and key >= 1 and key <= n then
      has_item = true
    elseif key ~= "n" then
      return false
    end
  end
  return has_item
end

local function once(value)
  local taken = false
  return function()
    if taken then return nil end
    taken = true
    return value
  end
end

-- A function that gives the rows, one at a time; whether there is only one, which is no list; how many, where that is
-- known. Rows are a record, an array, a listing or an iterator.
local function source(rows, what)
  local query = host.query_of(rows)
  if query then
    if query.array and #query.stages == 0 and host.length(query.array) then
      local pull, count = array_rows(query.array, what)
      return pull, false, count
    end
    local count = query.array and #query.stages == 0 and #query.array or nil
    return host.listings.run(query, true), false, count
  end
  if type(rows) == "function" then
    -- One of ours is no iterator: a call of it was meant.
    for name, value in next, api do
      if value == rows then refuse("%s: %s is a function; call it first: %s()", what, name, name) end
    end
    return rows, false
  end
  if type(rows) ~= "table" then return once(rows), true end
  rows = host.change_lists[rows] and host.changes_rows(rows) or host.session_handles[rows] and host.facts_of(rows) or rows
  if rawget(rows, 1) ~= nil or host.is_list(rows) or next(rows) == nil and getmetatable(rows) == nil or are_results(rows) then
    local pull, count = array_rows(rows, what)
    return pull, false, count
  end
  return once(rows), true
end

host.array_rows, host.rows = array_rows, source
