-- What only the tests of scripts have: `clock`, `run`, and an assert whose failure says what it compared. Run where
-- Console.Options.testing says so, and nowhere else.
local host, api = ...
local error, next, rawset, select, setmetatable, tostring, type = error, next, rawset, select, setmetatable, tostring, type
local assert, math, string, table = assert, math, string, table
local refuse = host.refuse

local function library(name, functions)
  host.name_functions(name .. ".", functions)
  return setmetatable({}, {
    __name = name,
    __metatable = false,
    __index = function(_, key)
      return functions[key] or refuse("%s has no %s; it has %s", name, tostring(key),
        table.concat(host.sorted_names(functions), ", "))
    end,
    __newindex = function(_, key) refuse("%s.%s cannot be set: %s is read-only", name, tostring(key), name) end,
    __pairs = function() return next, functions end,
  })
end

local clock = {}
function clock.set(at)
  host.set_clock(api.timestamp(at))
  return api.now()
end
function clock.advance(d)
  host.set_clock(api.now() + d)
  return api.now()
end
api.clock = library("clock", clock)

-- A word of a command line.
local function word(value, what)
  if type(value) == "string" then return value end
  if type(value) == "number" or host.micros(value) then return tostring(value) end
  refuse("run: %s is a text or a number, not a %s", what, type(value))
end

local function words(value, what)
  if value == nil then return {} end
  if type(value) ~= "table" then return { word(value, what) } end
  local list = {}
  for i = 1, #value do list[i] = word(value[i], what) end
  return list
end

local known = { allow = true, dry_run = true, grant = true, output = true, own = true, secrets = true }

function api.run(given)
  if type(given) ~= "table" then
    refuse("run takes a table, as in run{ \"report.lua\", \"--age\", \"7d\" }, not a %s", type(given))
  end
  for name in next, given do
    if math.type(name) ~= "integer" and not known[name] then
      refuse("run has no option %s; it has %s", tostring(name), table.concat(host.sorted_names(known), ", "))
    end
  end
  local command = words({ table.unpack(given) }, "a word of the command")
  if #command == 0 then refuse("run needs a script, as in run{ \"report.lua\" }") end
  local names, secrets = {}, {}
  for name, text in next, given.secrets or {} do
    names[#names + 1], secrets[#secrets + 1] = word(name, "the name of a secret"), word(text, "a secret")
  end
  local code, stdout, stderr, files = host.run_script(command, words(given.allow, "allow"), words(given.grant, "grant"),
    names, secrets, given.output and word(given.output, "output") or "", given.dry_run and true or false,
    given.own and true or false)
  return { code = code, stdout = stdout, stderr = stderr, files = files }
end

rawset(_G, "assert", function(...)
  if (...) or select("#", ...) == 0 then return assert(...) end
  -- While the variables that it compared are there to be seen.
  host.note_assertion()
  local message = select(2, ...)
  if select("#", ...) == 1 then message = "assertion failed!" end
  error(message, 0)
end)
