-- Changes in bulk: writes are collected first, shown and asked about once, then sent together.
local host, api = ...
local error, ipairs, next, pcall, setmetatable, tostring, type = error, ipairs, next, pcall, setmetatable, tostring, type
local math, string, table = math, string, table
local refuse = host.refuse

-- The operations by their name in Lua: true for those that write.
local writes = {}
for name, operation in next, host.operations_by_name do writes[name] = operation.writes end

-- What stands behind a list: its title, its handle, and the rows of what is still to be done.
local lists = host.change_lists
local most_at_once = 100

-- A row as scripts see it.
local function shown(row)
  return { operation = row.operation, resource = row.resource, parameters = row.parameters }
end

local function list_of(self, method)
  return lists[self] or refuse("call %s with a colon: todo:%s(…)", method, method)
end

-- Begins up to `limit` of the rows, waits for the oldest, begins the next, until all have ended; ended(row, ok, result).
local function send(list, rows, limit, ended)
  local under_way, next_row, oldest = {}, 1, 1
  while oldest <= #rows do
    while next_row <= #rows and next_row - oldest < limit do
      under_way[next_row] = { pcall(host.changes_start, list.handle, rows[next_row].index) }
      next_row = next_row + 1
    end
    local ok, result = under_way[oldest][1], under_way[oldest][2]
    if ok then ok, result = pcall(host.await, result) end
    ended(rows[oldest], ok, result)
    under_way[oldest] = nil
    oldest = oldest + 1
  end
end

local function run(self, options)
  local list = list_of(self, "run")
  options = options or {}
  if type(options) ~= "table" then refuse("todo:run takes a table, as in todo:run{ limit = 8 }, not a %s", type(options)) end
  for name in next, options do
    if name ~= "limit" then refuse("todo:run has no option %s; it has limit, as in todo:run{ limit = 8 }", tostring(name)) end
  end
  local limit = options.limit == nil and 8 or options.limit
  limit = type(limit) == "number" and math.tointeger(limit) or 0
  if limit < 1 or limit > most_at_once then refuse("todo:run: limit is how many are sent at once, from 1 to %s", most_at_once) end
  local rows, indices, done, failed, withheld, left = list.rows, {}, {}, {}, {}, {}
  if #rows == 0 then return done, failed, withheld end
  for i, row in ipairs(rows) do indices[i] = row.index end
  host.changes_ask(list.handle, indices)
  -- What is being sent is not to be sent again by a second run while this one waits.
  list.rows = {}
  send(list, rows, limit, function(row, ok, result)
    local entry = shown(row)
    if ok and host.is_dry_run() then
      withheld[#withheld + 1], left[#left + 1] = entry, row
    elseif ok then
      entry.result = result
      done[#done + 1] = entry
    else
      entry.error = result
      failed[#failed + 1], left[#left + 1] = entry, row
    end
  end)
  -- What failed or was withheld is still to be done: a second run tries it again. What was added meanwhile comes after it.
  list.rows = table.move(list.rows, 1, #list.rows, #left + 1, left)
  return done, failed, withheld
end

local metatable = {
  __name = "changes",
  __metatable = false,
  __index = function(self, name)
    if name == "run" then return run end
    if writes[name] then
      return function(...)
        if lists[(...)] then refuse("%s records a change: call it with a point, todo.%s(…)", name, name) end
        local list = list_of(self, name)
        list.rows[#list.rows + 1] = host.changes_add(list.handle, host.target_handle((...)), name, ...)
      end
    end
    if writes[name] == false then
      refuse("%s only reads: call it by itself; a list of changes holds what writes", name)
    end
    local names = { "run" }
    for known in next, writes do names[#names + 1] = writes[known] and known or nil end
    local near = type(name) == "string" and host.nearest(name, names)
    refuse("a list of changes has no %s; %s", tostring(name),
      near and "did you mean " .. near .. "?" or "it has every operation that writes, and run")
  end,
  __newindex = function() refuse("a list of changes cannot be set; todo.tag_resource(vm, { … }) records a change") end,
  __len = function(self) return #list_of(self, "run").rows end,
  __tostring = function(self)
    local list = list_of(self, "run")
    return string.format("changes %q: %d to do", list.title, #list.rows)
  end,
}

function api.changes(title)
  local handle = host.changes_begin(title)
  local self = setmetatable({}, metatable)
  lists[self] = { title = title, handle = handle, rows = {} }
  return self
end

-- For `show`: what is still to be done, or nil for any other value.
function host.changes_rows(value)
  local list = type(value) == "table" and lists[value]
  if not list then return nil end
  local rows = {}
  for i, row in ipairs(list.rows) do rows[i] = shown(row) end
  return rows
end
