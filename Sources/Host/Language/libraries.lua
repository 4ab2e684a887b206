-- Libraries: read-only tables of functions, as `tags`.
local host = ...
local next, setmetatable, tostring, type = next, setmetatable, tostring, type
local table = table
local refuse = host.refuse

-- By name; Lua's own are among them.
host.libraries = { string = string, table = table, math = math, os = os }

-- A name that it does not have is an error that names the nearest.
function host.library(name, functions)
  host.libraries[name] = functions
  local names = host.sorted_names(functions)
  host.methods[name] = functions
  host.name_functions(name .. ".", functions)
  return setmetatable({}, {
    __name = name,
    __metatable = false,
    __index = function(_, key)
      local value = functions[key]
      if value ~= nil then return value end
      local near = type(key) == "string" and host.nearest(key, names)
      refuse("%s has no %s; %s", name, tostring(key), near and "did you mean " .. near .. "?" or "it has " .. table.concat(names, ", "))
    end,
    __newindex = function(_, key) refuse("%s.%s cannot be set: %s is read-only", name, tostring(key), name) end,
    __pairs = function()
      local key, value
      return function() key, value = next(functions, key) return key, value end
    end,
  })
end
