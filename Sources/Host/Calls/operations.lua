-- Operations that list, as scripts call them. What gives one answer is a host function as it is (Calls.swift).
local host, api = ...
local ipairs, next, select = ipairs, next, select
local refuse = host.refuse

-- By their names in Lua.
local operations = {}
for _, operation in ipairs(host.operations()) do operations[operation.lua_name] = operation end
host.operations_by_name = operations

-- An operation as a script calls it: a call that waits, or a listing. `session` gives the one it acts on.
function host.bound(operation, call, session)
  if not operation.items then return call end
  return function(...)
    -- So does Lua call what `for gw in list_gateways do` names.
    if select("#", ...) == 2 and (...) == nil and select(2, ...) == nil then
      refuse("%s: a listing is called first: for item in %s() do", operation.lua_name, operation.lua_name)
    end
    local parameters = host.parameters(operation.name, ...)
    return host.listings.new { operation = operation.name, items = operation.items, parameters = parameters, session = session() }
  end
end

-- The globals act on whatever session is current when they are called; a listing keeps the one it was made in.
for name, operation in next, operations do
  if operation.items then api[name] = host.bound(operation, nil, host.current_session) end
end
