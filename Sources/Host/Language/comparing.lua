-- Comparing: what two values have in common, and where they differ.
local host, api = ...
local ipairs, next, rawequal, rawget, tostring, type = ipairs, next, rawequal, rawget, tostring, type
local string, table = string, table
local refuse = host.refuse

-- Two values without parts.
local function is_equal(a, b) return rawequal(a, b) or (type(a) == "number" and a == b) or (a ~= a and b ~= b) end

local function check_comparable(value, what)
  if host.query_of(value) then refuse("%s: a listing is a query; :collect() gives its items to compare", what) end
  return value
end

-- A key as a path has it: `.Name`, `[2]`, `["two words"]`.
local function step(path, key)
  if type(key) == "string" and string.find(key, "^[%a_][%w_]*$") then return path == "" and key or path .. "." .. key end
  return string.format(type(key) == "string" and "%s[%q]" or "%s[%s]", path, tostring(key))
end

-- Numbers first and in their order, then texts, then the rest: so that a difference is told the same way every time.
local function sorted_keys(a, b)
  local keys, seen = {}, {}
  for _, t in ipairs { a, b } do
    for key in next, t do
      if not seen[key] then seen[key], keys[#keys + 1] = true, key end
    end
  end
  local rank = { number = 1, string = 2 }
  table.sort(keys, function(x, y)
    local of_x, of_y = rank[type(x)] or 3, rank[type(y)] or 3
    if of_x ~= of_y then return of_x < of_y end
    if of_x == 3 then return tostring(x) < tostring(y) end
    return x < y
  end)
  return keys
end

-- Calls found(path, a, b) for every place in which two values differ, until it gives true. `open` holds the pairs that
-- are being compared: a table that contains itself is the same as one that does so in the same way.
local function compare(a, b, path, open, found)
  if type(a) ~= "table" or type(b) ~= "table" then return not is_equal(a, b) and found(path, a, b) end
  if rawequal(a, b) or (open[a] and open[a][b]) then return false end
  open[a] = open[a] or {}
  open[a][b] = true
  for _, key in ipairs(sorted_keys(a, b)) do
    -- Raw: reading a name that a record lacks would be an error.
    local x, y = rawget(a, key), rawget(b, key)
    if compare(x, y, step(path, key), open, found) then return true end
  end
  open[a][b] = nil
  return false
end

function api.same(...)
  local given = table.pack(...)
  if given.n ~= 2 then refuse("same compares two values, not %s; write same(a, b)", given.n) end
  local a, b = check_comparable(given[1], "same"), check_comparable(given[2], "same")
  return not compare(a, b, "", {}, function() return true end)
end

function api.diff(...)
  local given = table.pack(...)
  if given.n ~= 2 then refuse("diff compares two values, not %s; write diff(before, after)", given.n) end
  local a, b = check_comparable(given[1], "diff"), check_comparable(given[2], "diff")
  local rows = {}
  compare(a, b, "", {}, function(path, from, to) rows[#rows + 1] = { at = path == "" and "." or path, from = from, to = to } end)
  return rows
end
