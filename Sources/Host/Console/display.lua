-- Display: what the shell shows of a value.
local host, api = ...
local getmetatable, next, pcall, rawequal, rawget, rawlen, tostring, type =
  getmetatable, next, pcall, rawequal, rawget, rawlen, tostring, type
local math = math

local globals = _G
local base = {
  "assert", "collectgarbage", "error", "getmetatable", "ipairs", "load", "next", "pairs", "pcall", "print", "rawequal",
  "rawget", "rawlen", "rawset", "require", "select", "setmetatable", "tonumber", "tostring", "type", "warn", "xpcall",
}

-- Rows that are too many for one table.
local many = 1000

-- What the shell shows of a value, and as what: "pages" is a function that gives an array and whether there may be more,
-- "record" a table that is one, "text" what it says of itself; without that, a value as it is. A form of data wants rows
-- of all that has any, and whether they are only one.
function host.displayed(value, form)
  if type(value) ~= "table" then return value end
  if host.pictures[value] then return tostring(value), "text" end
  local query = host.query_of(value)
  if query then return host.listings.screens(query), "pages", false end
  for name, functions in next, host.libraries do
    if rawequal(value, api[name]) or rawequal(value, rawget(globals, name)) then return functions end
  end
  local changes = host.change_lists[value] and host.changes_rows(value)
  local facts = host.session_handles[value] and host.facts_of(value)
  if form ~= "table" then
    local pull, single = host.rows(changes or value, "show")
    return host.listings.arrays(pull), "pages", single
  end
  if facts then return facts, "record" end
  if changes then return next(changes) and changes or tostring(value), next(changes) and "value" or "text" end
  local metatable = getmetatable(value)
  if type(metatable) == "table" and rawget(metatable, "__tostring") then
    local ok, text = pcall(tostring, value)
    if ok then return text, "text" end
  end
  if rawget(value, many + 1) == nil then return value end
  for key in next, value do
    if math.type(key) ~= "integer" then return value end
  end
  return host.listings.arrays(host.walk(value, rawlen(value))), "pages", false
end

-- Calls f with each function that has a name, and the name.
function host.each_function(f)
  host.load_all()
  for i = 1, #base do
    local value = rawget(globals, base[i])
    if type(value) == "function" then f(value, base[i]) end
  end
  for name, value in next, api do
    if type(value) == "function" then f(value, name) end
  end
  for name, library in next, host.libraries do
    for key, value in next, library do
      if type(value) == "function" then f(value, name .. "." .. key) end
    end
  end
end
