-- JSON of a script's own.
local host, api = ...
local setmetatable, type = setmetatable, type
local refuse, options, array_rows = host.refuse, host.options, host.array_rows

local json = {}

json.null = setmetatable({}, {
  __name = "json.null",
  __metatable = false,
  __tostring = function() return "null" end,
  __newindex = function() refuse("json.null cannot be changed") end,
})
host.set_json_null(json.null)

function json.encode(value, given)
  given = options(given, { indent = "integer", sort = "boolean" }, "json.encode")
  if given.indent and (given.indent < 0 or given.indent > 16) then refuse("json.encode: indent is from 0 to 16") end
  return host.json_encode(value, given.indent ~= 0 and given.indent or nil, given.sort or false)
end

function json.decode(text)
  if type(text) ~= "string" then refuse("json.decode takes a string, not a %s", type(text)) end
  return host.json_decode(text)
end

function json.array(items)
  if items ~= nil and type(items) ~= "table" then refuse("json.array takes a table of items, not a %s", type(items)) end
  local list, n = host.json_list(), 0
  for item in array_rows(items or {}, "json.array") do
    n = n + 1
    list[n] = item
  end
  return list
end

api.json = host.library("json", json)
