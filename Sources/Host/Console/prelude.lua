-- The prelude: what is easier said in Lua than in Swift. Its chunks, which Console.swift lists, run once per universe,
-- before any script, and take nothing from globals later: a script that sets `print` or `pairs` changes nothing here.
--
-- `host` has the primitives of Primitives.swift. `api` becomes the read-only table `moongate` behind the globals.
local host, api = ...
local error, next, pcall, rawequal, rawget, setmetatable, tostring, type = error, next, pcall, rawequal, rawget, setmetatable, tostring, type
local string, table = host.string, host.table
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

-- What the shell shows of a value, and whether there is more: of a listing one page, never asking ahead; of an array what
-- can be looked at.
function host.displayable(value)
  local query = listings.query_of(value)
  if not query and type(value) == "table" and rawget(value, 1001) ~= nil then return { table.unpack(value, 1, 1000) }, true end
  if not query then return host.changes_rows(value) or host.facts_of(value) or value, false end
  local rows, pull = {}, listings.run(query, false)
  for i = 1, 100 do
    rows[i] = pull()
    if rows[i] == nil then return rows, false end
  end
  return rows, true
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

-- A function of a session, a method, or an object is explained too. The prompt gives the name that was typed as well: what
-- has no value is looked for by it.
function api.help(subject, typed)
  local name = type(subject) == "string" and subject or host.help_names[subject]
  for known, value in next, api do
    if subject ~= nil and rawequal(value, subject) then name = known end
  end
  host.help(name, subject, typed)
end
