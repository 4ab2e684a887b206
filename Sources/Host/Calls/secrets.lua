-- Secrets: values that show nothing. Loaded with the first of them.
local host, api = ...
local tostring = tostring
local refuse = host.refuse

host.set_secret_metatable {
  __name = "secret",
  __metatable = false,
  __tostring = function() return "•••" end,
  __index = function(_, key) refuse("a secret cannot be looked into, not even for %s; hand it to a parameter as Password", tostring(key)) end,
  __newindex = function() refuse("a secret cannot be changed") end,
}
api.secret = host.secret
