-- Fleets: many sessions that are asked as one.
local host, api = ...
local ipairs, rawequal, select, setmetatable, tostring = ipairs, rawequal, select, setmetatable, tostring
local string, table = string, table
local refuse = host.refuse
local listings, operations = host.listings, host.operations_by_name
local handles, session_of = host.session_handles, host.session_of

-- How many targets are asked at once.
local WINDOW = 16

local of_fleets = setmetatable({}, { __mode = "k" })  -- the sessions that are targets of a fleet
host.of_fleets = of_fleets
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
