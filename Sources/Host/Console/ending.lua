-- How a script ends itself, and the low door to the service.
local host, api = ...
local type = type
local refuse = host.refuse

api.exit, api.call = host.exit, host.call

-- Arguments that a script finds wrong itself end it as those do that its header does not allow.
function api.usage(text)
  if type(text) ~= "string" then refuse("usage takes a text that says what is wanted, not a %s", type(text)) end
  refuse("%s", text)
end
