-- Sessions: whom operations talk to, and fleets of them.
--
-- A script holds a session as an empty table; what it stands for is in `handles`, out of a script's reach. Its operations
-- are made when they are first asked for.
local host, api = ...
local ipairs, next, rawequal, select, setmetatable, tostring, type = ipairs, next, rawequal, select, setmetatable, tostring, type
local string, table = host.string, host.table
local refuse = host.refuse
local listings = host.listings

local handles = setmetatable({}, { __mode = "k" })
local operations_of = setmetatable({}, { __mode = "k" })

-- Completion finds the session of a table here.
host.session_handles = handles

local operations = {}
for _, operation in ipairs(host.operations) do operations[operation.lua_name] = operation end

-- Operations --------------------------------------------------------------------------------------------------------

-- An operation as a script calls it: a call that waits, or a listing. `session` gives the one it acts on.
local function bound(operation, call, session)
  if not operation.items then return call end
  return function(...)
    -- So does Lua call what `for gw in list_gateways do` names.
    if select("#", ...) == 2 and (...) == nil and select(2, ...) == nil then
      refuse("%s: a listing is called first: for item in %s() do", operation.lua_name, operation.lua_name)
    end
    local parameters = host.parameters(operation.name, ...)
    return listings.new { operation = operation.name, items = operation.items, parameters = parameters, session = session() }
  end
end

-- The globals act on whatever session is current when they are called; a listing keeps the one it was made in.
for name, operation in next, operations do api[name] = bound(operation, operation.call, host.current_session) end

-- Sessions ----------------------------------------------------------------------------------------------------------

local facts = { "profile", "region", "account", "endpoint", "name" }

local function operation_of(session, operation)
  local handle = handles[session]
  local function check(first)
    if rawequal(first, session) then
      refuse("write session.%s(…) with a dot: a session is no parameter", operation.lua_name)
    end
  end
  local inner = bound(operation, function(...) return host.operate(handle, operation.name, ...) end, function() return handle end)
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

local function session_of(handle)
  local session = setmetatable({}, session_metatable)
  local own = {
    explain = function() host.session_explain(handle) end,
    whoami = function() return host.whoami(handle) end,
  }
  host.name_functions("session.", own)
  handles[session], operations_of[session] = handle, own
  return session
end

api.session = session_of(host.current_session())

-- Shared code has the session that its operator gave it, and the targets of fleet().
if host.connect then
  function api.use(session)
    local handle = handles[session]
    if not handle then refuse("use takes a session, as connect{…} gives one, not a %s", type(session)) end
    host.use(handle)
    api.session = session
  end

  function api.connect(...)
    if select("#", ...) ~= 1 then refuse("connect takes one table, as in connect{ region = \"eu-central-1\" }") end
    return session_of(host.connect((...)))
  end

  -- What the shell's .replay does.
  function host.act(handle) api.use(session_of(handle)) end

  -- What the shell's .profile and .region do; `source` is who says so.
  function host.switch(wish, source) api.use(session_of(host.connect(wish, source))) end
end

-- Fleets ------------------------------------------------------------------------------------------------------------

-- How many targets are asked at once.
local WINDOW = 16

local of_fleets = setmetatable({}, { __mode = "k" })  -- the sessions that are targets of a fleet
local fleets = setmetatable({}, { __mode = "k" })  -- { targets = { { name, session } … }, errors = {…}, told = {…} }

local function leave_out(fleet, target, e)
  if fleet.told[target] then return end
  fleet.told[target] = true
  local row = { name = target.name, code = e.code, message = e.message }
  -- What is no text of its own stands beside the row, so that a table of rows is one of texts.
  fleet.errors[#fleet.errors + 1] = setmetatable(row, { __index = { target = target.session, error = e } })
  host.left_out(string.format("%s is left out: %s", target.name, tostring(e)))
end

-- A function that gives the items of all targets, in the order of the targets: reports of two runs can be compared. The
-- first pages of the next targets are on their way meanwhile, when asking ahead is wanted.
local function open(query, ahead)
  local fleet, pulls, begun, current = query.fleet, {}, 0, 1
  local targets = fleet.targets
  local function begin(target)
    local own = { operation = query.operation, items = query.items, parameters = query.parameters, session = handles[target.session] }
    function own.await(handle)
      local page, e = host.await_open(handle)
      if e then leave_out(fleet, target, e) end
      return page
    end
    return listings.source(own, ahead)
  end
  return function()
    while current <= #targets do
      local last = ahead and current + WINDOW - 1 or current
      while begun < last and begun < #targets do
        begun = begun + 1
        local pull, fetch = begin(targets[begun])
        pulls[begun] = pull
        if ahead then fetch() end
      end
      local item = pulls[current]()
      if item ~= nil then
        host.set_target(item, targets[current].session)
        return item
      end
      pulls[current] = nil
      current = current + 1
    end
  end
end

local fleet_methods = {
  targets = function(fleet)
    local sessions = {}
    for i, target in ipairs(fleet.targets) do sessions[i] = target.session end
    return sessions
  end,
  errors = function(fleet) return table.move(fleet.errors, 1, #fleet.errors, 1, {}) end,
}

host.methods.fleet = fleet_methods

-- A fleet's functions are called with a dot, as a session's, or with a colon.
local function without(self, ...)
  if rawequal(self, (...)) then return select(2, ...) end
  return ...
end

local fleet_metatable = {
  __name = "fleet",
  __metatable = false,
  __index = function(self, name)
    local fleet = fleets[self]
    local method, operation = fleet_methods[name], operations[name]
    if method then return function() return method(fleet) end end
    if not operation then
      refuse("a fleet has no %s; it has list_gateways, list_hypervisors, list_virtual_machines, targets() and errors()", tostring(name))
    end
    if not operation.items then
      refuse("a fleet only lists; call %s of one target, as in item.target.%s(item)", name, name)
    end
    return function(...)
      local parameters = host.parameters(operation.name, without(self, ...))
      if parameters.NextToken ~= nil then refuse("%s: a NextToken is of one target, not of a fleet", name) end
      return listings.new { operation = operation.name, items = operation.items, parameters = parameters, open = open, fleet = fleet }
    end
  end,
  __newindex = function() refuse("a fleet cannot be changed; fleet{…} gives another one") end,
  __len = function() refuse("a fleet has no #; write #fleet:targets()") end,
  __pairs = function() refuse("a fleet cannot be gone through; fleet:targets() is an array of its sessions") end,
  -- As the title of a report has it: where it was looked.
  __tostring = function(self)
    local targets = fleets[self].targets
    return #targets == 1 and targets[1].session.name or string.format("fleet of %d targets", #targets)
  end,
}

function api.fleet(...)
  if select("#", ...) > 1 then refuse("fleet takes one table, as in fleet{ regions = \"all\" }") end
  local fleet = { targets = {}, errors = {}, told = setmetatable({}, { __mode = "k" }) }
  for _, target in ipairs(host.fleet((...))) do
    if target.session then
      local session = session_of(target.session)
      of_fleets[session] = true
      fleet.targets[#fleet.targets + 1] = { name = target.name, session = session }
    else
      leave_out(fleet, target, target.error)
    end
  end
  local self = setmetatable({}, fleet_metatable)
  fleets[self] = fleet
  return self
end

-- For the rest of the prelude: the session that a record came from, and what to show of a session; nil for anything else.
function host.target_of(record)
  local session = record.target
  return handles[session] and session
end

-- What comes of a fleet is of this run's part of an array job already: a target, or what one listed.
function host.is_of_fleet(value)
  local query = listings.query_of(value)
  if query then return query.fleet ~= nil end
  return type(value) == "table" and of_fleets[handles[value] and value or host.target_of(value)] == true
end

-- The same by its handle, of any value.
function host.target_handle(value)
  local session = type(value) == "table" and not listings.query_of(value) and host.target_of(value)
  return session and handles[session] or nil
end

function host.facts_of(value)
  if not handles[value] then return nil end
  local shown = {}
  for name, fact in session_metatable.__pairs(value) do shown[name] = fact end
  return shown
end
