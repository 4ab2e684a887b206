-- The table `moongate`: all names of ours, whatever a script has put in front of them.
local host, api = ...
local next, setmetatable, tostring = next, setmetatable, tostring
local refuse = host.refuse

api.moongate = setmetatable({}, {
  __name = "moongate",
  __metatable = false,
  __index = api,
  __newindex = function(_, key) refuse("moongate.%s cannot be set: moongate is read-only", tostring(key)) end,
  __pairs = function()
    host.load_all()
    local key, value
    return function() key, value = next(api, key) return key, value end
  end,
})
