-- The lab: the table `gateway_lab`, where there is one. See Lab.swift.
local host, api = ...
local next, setmetatable, tostring = next, setmetatable, tostring
local refuse, table = host.refuse, table

local functions, names = host.lab, {}
for name in next, functions do names[#names + 1] = name end
host.name_functions("gateway_lab.", functions)
table.sort(names)

api.gateway_lab = setmetatable({}, {
  __name = "gateway_lab",
  __metatable = false,
  __index = function(_, name)
    return functions[name] or refuse("gateway_lab has no %s; it has %s", tostring(name), table.concat(names, ", "))
  end,
  __newindex = function(_, name) refuse("gateway_lab.%s cannot be set: gateway_lab is read-only", tostring(name)) end,
  __pairs = function()
    local i = 0
    return function()
      i = i + 1
      return names[i], functions[names[i]]
    end
  end,
})
