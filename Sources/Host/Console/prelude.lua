-- The prelude: what is easier said in Lua than in Swift. Its chunks, which Console.swift lists, run once per universe,
-- before any script, and take nothing from globals later: a script that sets `print` or `pairs` changes nothing here.
--
-- `host` has the primitives of Primitives.swift. `api` becomes the read-only table `moongate` behind the globals.
local host, api = ...
local error, getmetatable, next, pcall, rawequal, rawget, rawlen, setmetatable, tostring, type =
  error, getmetatable, next, pcall, rawequal, rawget, rawlen, setmetatable, tostring, type
local math, string, table = host.math, host.string, host.table
local refuse = host.refuse
local listings = host.listings

-- Errors ------------------------------------------------------------------------------------------------------------

host.set_error_metatable {
  __name = "error",
  __metatable = false,
  __tostring = function(e)
    local where, status = rawget(e, "where"), rawget(e, "http_status")
    local message = tostring(rawget(e, "message") or rawget(e, "code"))
    if rawget(e, "code") ~= "ParamValidation" then
      local operation, code = rawget(e, "operation"), rawget(e, "code")
      -- Our own words for a network that failed name the host, and their code says no more than they do.
      local is_ours = code == "Network" or code == "Configuration"
      local details = { not is_ours and status and rawget(e, "host") or nil }
      local function add(value, form) if value then details[#details + 1] = string.format(form, value) end end
      add(status, "HTTP %s")
      add(rawget(e, "request_id"), "request id %s")
      local attempts = rawget(e, "attempts")
      add(attempts and attempts > 1 and attempts, "%s attempts")
      message = string.format("%s%s%s", operation and operation .. ": " or "", is_ours and "" or tostring(code) .. ": ", message)
      if #details > 0 then message = message .. " (" .. table.concat(details, ", ") .. ")" end
    end
    -- One line, whatever words a service sends.
    message = string.gsub(message, "%s*[\n\r]+%s*", " ")
    return where and where .. ": " .. message or message
  end,
}

function api.missing_ok(f, ...)
  if type(f) ~= "function" then
    refuse("missing_ok takes a function and its arguments, as in missing_ok(get_gateway, arn), not a %s", type(f))
  end
  local results = table.pack(pcall(f, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  local e = results[2]
  if type(e) == "table" and e.code == "ResourceNotFoundException" then return nil end
  error(e, 0)
end

-- Output ------------------------------------------------------------------------------------------------------------

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
  if host.rows.pictures[value] then return tostring(value), "text" end
  local query = listings.query_of(value)
  if query then return listings.screens(query), "pages", false end
  for name, functions in next, host.libraries do
    if rawequal(value, api[name]) or rawequal(value, rawget(globals, name)) then return functions end
  end
  local changes, facts = host.changes_rows(value), host.facts_of(value)
  if form ~= "table" then
    local pull, single = host.rows.source(changes or value, "show")
    return listings.arrays(pull), "pages", single
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
  return listings.arrays(listings.walk(value, rawlen(value))), "pages", false
end

-- Calls f with each function that has a name, and the name.
function host.each_function(f)
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

-- The table behind the globals --------------------------------------------------------------------------------------

api.moongate = setmetatable({}, {
  __name = "moongate",
  __metatable = false,
  __index = api,
  __newindex = function(_, key) refuse("moongate.%s cannot be set: moongate is read-only", tostring(key)) end,
  __pairs = function()
    local key, value
    return function() key, value = next(api, key) return key, value end
  end,
})
api.exit = host.exit
-- The results of the prompt are behind all names, so that a script's own `_` hides them.
setmetatable(api, { __index = host.results })

-- A function of a session, a method, or an object is explained too. The prompt gives the name that was typed as well: what
-- has no value is looked for by it.
function api.help(subject, typed)
  local name = type(subject) == "string" and subject or host.help_names[subject]
  for known, value in next, api do
    if subject ~= nil and rawequal(value, subject) then name = known end
  end
  host.help(name, subject, typed)
end
