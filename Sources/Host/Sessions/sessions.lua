-- Sessions: whom operations talk to.
--
-- A script holds a session as an empty table; what it stands for is in `handles`, out of a script's reach. Its operations
-- are made when they are first asked for.
local host, api = ...
local next, rawequal, setmetatable = next, rawequal, setmetatable
local refuse = host.refuse
local operations = host.operations_by_name
local handles = host.session_handles
local operations_of = setmetatable({}, { __mode = "k" })

local facts = { "profile", "region", "account", "endpoint", "name" }

local function operation_of(session, operation)
  local handle = handles[session]
  local function check(first)
    if rawequal(first, session) then
      refuse("write session.%s(…) with a dot: a session is no parameter", operation.lua_name)
    end
  end
  local inner = host.bound(operation, function(...) return host.operate(handle, operation.name, ...) end, function() return handle end)
  local function call(...)
    check(...)
    return inner(...)
  end
  host.help_names[call] = operation.lua_name
  return call
end

local session_metatable = {
  __name = "session",
  __metatable = false,
  __index = function(session, name)
    local handle = handles[session]
    local own = operations_of[session]
    if own[name] then return own[name] end
    local operation = operations[name]
    if not operation then return host.session_field(handle, name) end
    own[name] = operation_of(session, operation)
    return own[name]
  end,
  __newindex = function() refuse("a session cannot be changed; connect{…} opens another one") end,
  __tostring = function(session) return "session " .. host.session_field(handles[session], "name") end,
  __pairs = function(session)
    local i = 0
    return function()
      while i < #facts do
        i = i + 1
        local value = host.session_field(handles[session], facts[i])
        if value ~= nil then return facts[i], value end
      end
    end
  end,
}

function host.session_of(handle)
  local session = setmetatable({}, session_metatable)
  local own = {
    explain = function() host.session_explain(handle) end,
    whoami = function() return host.whoami(handle) end,
  }
  host.name_functions("session.", own)
  handles[session], operations_of[session] = handle, own
  return session
end

api.session = host.session_of(host.current_session())

-- What to show of a session; nil for anything else.
function host.facts_of(value)
  if not handles[value] then return nil end
  local shown = {}
  for name, fact in session_metatable.__pairs(value) do shown[name] = fact end
  return shown
end
