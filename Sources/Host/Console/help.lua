-- help: explains what has a name, and what is a value.
local host, api = ...
local next, rawequal, type = next, rawequal, type

-- A function of a session, a method, or an object is explained too. The prompt gives the name that was typed as well: what
-- has no value is looked for by it.
function api.help(subject, typed)
  local name = type(subject) == "string" and subject or host.help_names[subject]
  for known, value in next, api do
    if subject ~= nil and rawequal(value, subject) then name = known end
  end
  host.help(name, subject, typed)
end
