-- The prelude: what is easier said in Lua than in Swift. It runs once per universe, before any script, and takes
-- nothing from globals later: a script that sets `print` or `pairs` changes nothing here.
--
-- `host` has the primitives of Primitives.swift. `api` becomes the read-only table `moongate` behind the globals.
local host, api = ...
local error, getmetatable, ipairs, math, next, os, pairs, pcall, rawget, rawset, select, setmetatable, string, table, tostring,
  tonumber, type = error, getmetatable, ipairs, math, next, os, pairs, pcall, rawget, rawset, select, setmetatable, string,
  table, tostring, tonumber, type

-- Errors ------------------------------------------------------------------------------------------------------------

host.set_error_metatable {
  __name = "error",
  __metatable = false,
  __tostring = function(e)
    local where, status = rawget(e, "where"), rawget(e, "http_status")
    local message = tostring(rawget(e, "message") or rawget(e, "code"))
    if status then
      local details = { "HTTP " .. status }
      local id, attempts = rawget(e, "request_id"), rawget(e, "attempts")
      if id then details[#details + 1] = "request id " .. id end
      if attempts and attempts > 1 then details[#details + 1] = attempts .. " attempts" end
      local operation = rawget(e, "operation")
      message = string.format("%s%s: %s (%s)", operation and operation .. ": " or "", tostring(rawget(e, "code")), message,
        table.concat(details, ", "))
    end
    return where and where .. ": " .. message or message
  end,
}

-- Raises a ParamValidation error at the script's line.
local function refuse(...) host.refuse(string.format(...)) end

-- Durations and timestamps ------------------------------------------------------------------------------------------

local units = { s = 1, m = 60, h = 3600, d = 86400, w = 604800 }

-- Seconds of "7d12h", or of a number.
local function seconds(value, what)
  if type(value) == "number" then return value end
  if type(value) == "string" then
    local total, rest = 0, value
    while #rest > 0 do
      local number, unit, tail = string.match(rest, "^(%d+%.?%d*)([smhdw])(.*)$")
      if not number then break end
      total, rest = total + tonumber(number) * units[unit], tail
    end
    if #rest == 0 and #value > 0 then return total end
  end
  refuse("%s: %s is not a duration; write seconds or a text like \"90s\", \"7d12h\", \"2w\"", what,
    type(value) == "string" and '"' .. value .. '"' or type(value))
end

-- "11d 4h": the two largest units.
local function duration_text(value)
  local left, parts = math.floor(value), {}
  for _, unit in ipairs { "w", "d", "h", "m", "s" } do
    local size = units[unit]
    if unit ~= "w" and (left >= size or (unit == "s" and #parts == 0)) and #parts < 2 then
      parts[#parts + 1] = left // size .. unit
      left = left % size
    elseif #parts == 1 then
      break
    end
  end
  return table.concat(parts, " ")
end

local micros, instant = host.micros, host.instant
local is_timestamp = function(value) return type(value) == "userdata" and micros(value) ~= nil end

-- Whole seconds as an integer, others as a float.
local function to_seconds(us) return us % 1000000 == 0 and us // 1000000 or us / 1000000 end
local function shifted(ts, delta, sign, what)
  return instant(micros(ts) + sign * math.floor(seconds(delta, what) * 1000000 + 0.5))
end

-- Epoch seconds of one side of a comparison.
local function comparable(value)
  if is_timestamp(value) then return to_seconds(micros(value)) end
  if type(value) == "number" then return value end
  refuse("a timestamp cannot be compared with a %s; compare it with another timestamp, as in ts < ago(\"7d\")", type(value))
end

local timestamp_methods = {
  format = function(ts, format) return os.date("!" .. format, math.floor(comparable(ts))) end,
  ago = function(ts) return duration_text(to_seconds(host.now_micros() - micros(ts))) end,
}

host.set_timestamp_metatable {
  __name = "timestamp",
  __metatable = false,
  __tostring = host.timestamp_text,
  __lt = function(a, b) return comparable(a) < comparable(b) end,
  __le = function(a, b) return comparable(a) <= comparable(b) end,
  __sub = function(a, b)
    if is_timestamp(a) and is_timestamp(b) then return to_seconds(micros(a) - micros(b)) end
    if not is_timestamp(a) then refuse("a timestamp cannot be taken from a %s", type(a)) end
    return shifted(a, b, -1, "timestamp - duration")
  end,
  __add = function(a, b)
    if not is_timestamp(a) then a, b = b, a end
    if is_timestamp(b) then refuse("two timestamps cannot be added; the difference is a - b") end
    return shifted(a, b, 1, "timestamp + duration")
  end,
  __index = function(ts, name)
    if name == "epoch" then return to_seconds(micros(ts)) end
    return timestamp_methods[name] or refuse("a timestamp has no %s; it has epoch, format and ago", tostring(name))
  end,
}

function api.now() return instant(host.now_micros()) end
function api.ago(d) return shifted(api.now(), d, -1, "ago") end
function api.timestamp(text) return host.parse_timestamp(text) end
api.duration = setmetatable({ text = function(d) return duration_text(seconds(d, "duration.text")) end }, {
  __call = function(_, text) return seconds(text, "duration") end,
  __metatable = false,
})
function api.older_than(ts, d)
  if ts == nil then return true end
  if not is_timestamp(ts) then refuse("older_than: the first argument is a timestamp or nil, this is a %s", type(ts)) end
  return ts < api.ago(d)
end
function api.sleep(d) host.sleep(seconds(d, "sleep")) end

-- Listings ----------------------------------------------------------------------------------------------------------
-- A listing is a query, not a cursor: every loop and every method runs it again from its start. What it holds stands
-- in `queries`, out of a script's reach: { operation, parameters, items = member, stages = {…} } or { array, stages }.

local queries = setmetatable({}, { __mode = "k" })
local methods = {}

local function copy(t, changes)
  local new = {}
  for k, v in next, t do new[k] = v end
  for k, v in next, changes or {} do new[k] = v end
  return new
end

-- A function that gives the query's pages, whole responses, one at a time. `fetch_ahead()` asks for the next one.
local function pager(query)
  local token, seen, finished, pending = query.parameters.NextToken, {}, false, nil
  local function start()
    pending = host.start(query.operation, copy(query.parameters, { NextToken = token }))
  end
  local function next_page()
    if finished then return nil end
    if not pending then start() end
    local page = host.await(pending)
    pending, token = nil, page.NextToken
    finished = token == nil
    if token then
      if seen[token] then host.repeated_token(query.operation) end
      seen[token] = true
    end
    return page
  end
  local function fetch_ahead() if not finished and not pending then start() end end
  return next_page, fetch_ahead
end

-- A function that gives the source's items one at a time, nil at the end. Asking ahead begins when the second item of
-- a page is taken: a script that looks at the first item only pays for one page.
local function source(query, ahead)
  if query.array then
    local array, i = query.array, 0
    return function() i = i + 1 return array[i] end
  end
  local next_page, fetch_ahead = pager(query)
  local items, position = {}, 0
  return function()
    while true do
      position = position + 1
      local item = items[position]
      if item ~= nil then
        if position == 2 and ahead then fetch_ahead() end
        return item
      end
      local page = next_page()
      if not page then items, position = {}, 0 return nil end
      items, position = page[query.items] or {}, 0
    end
  end
end

local stages = {
  filter = function(pull, f)
    return function()
      local item
      repeat item = pull() until item == nil or f(item)
      return item
    end
  end,
  map = function(pull, f)
    return function()
      local item, mapped
      repeat
        item = pull()
        if item == nil then return nil end
        mapped = f(item)
      until mapped ~= nil
      return mapped
    end
  end,
  take = function(pull, n)
    local taken = 0
    return function()
      if taken >= n then return nil end
      taken = taken + 1
      return pull()
    end
  end,
}

local function run(query, ahead)
  local pull = source(query, ahead and not query.bounded)
  for _, stage in ipairs(query.stages) do pull = stages[stage.kind](pull, stage.argument) end
  return pull
end

-- Which run a `for` is in is told by the item it had last: Lua calls listing(nil, item).
local listing_metatable
local function new_listing(query)
  local self = setmetatable({}, listing_metatable)
  query.stages = query.stages or {}
  query.runs = setmetatable({}, { __mode = "k" })
  queries[self] = query
  return self
end

local function query_of(self, method)
  return queries[self] or refuse("call %s with a colon: listing:%s(…)", method, method)
end

listing_metatable = {
  __name = "listing",
  __metatable = false,
  __call = function(self, _, last)
    local runs = queries[self].runs
    local current
    if last == nil then
      current = { pull = run(queries[self], true) }
    else
      current = runs[last]
      if not current then refuse("this loop over a listing was not begun by `for`") end
      runs[last] = current.below
    end
    local item = current.pull()
    if item ~= nil then current.below, runs[item] = runs[item], current end
    return item
  end,
  __index = function(_, name)
    if methods[name] then return methods[name] end
    if type(name) == "number" then
      refuse("a listing has no item [%s]; write :first(), or :collect()[%s]", name, name)
    end
    refuse("a listing has no %s; use `for item in listing do`, or :%s", tostring(name), table.concat(host.sorted_names(methods), ", :"))
  end,
  __newindex = function() refuse("a listing cannot be changed; :collect() gives an array that can") end,
  __len = function() refuse("a listing has no #; write :count()") end,
  __pairs = function() refuse("write `for item in listing do`, without pairs; :collect() gives an array") end,
  __tostring = function(self)
    local query = queries[self]
    return query.array and "items of an array" or "listing of " .. query.items
  end,
}

local function staged(self, kind, argument, bound)
  local query = query_of(self, kind)
  local new = copy(query, { stages = table.move(query.stages, 1, #query.stages, 1, {}) })
  if bound and not query.array then
    new.bounded = true
    -- Only an unfiltered listing knows how many items it needs.
    if #query.stages == 0 then
      local size = query.parameters.MaxResults
      new.parameters = copy(query.parameters, { MaxResults = size and math.min(size, bound) or bound })
    end
  end
  new.stages[#new.stages + 1] = { kind = kind, argument = argument }
  return new_listing(new)
end

local function is_function(f, method)
  if type(f) ~= "function" then refuse(":%s takes a function, not a %s", method, type(f)) end
  return f
end

-- A member name, or a function, as a function.
local function selector(by, method)
  if type(by) == "string" then return function(item) return item[by] end end
  return is_function(by, method)
end

function methods:filter(f) return staged(self, "filter", is_function(f, "filter")) end
function methods:map(f) return staged(self, "map", is_function(f, "map")) end
function methods:take(n)
  if math.type(n) ~= "integer" or n < 1 then refuse(":take takes a whole number of at least 1") end
  return staged(self, "take", n, n)
end
function methods:collect()
  local array, n = {}, 0
  for item in run(query_of(self, "collect"), true) do n = n + 1 array[n] = item end
  return array
end
function methods:count()
  local n = 0
  for _ in run(query_of(self, "count"), true) do n = n + 1 end
  return n
end
function methods:first() return run(query_of(self, "first"), false)() end
function methods:find(members)
  if type(members) ~= "table" or next(members) == nil then refuse(":find takes a table, as in :find{ Name = \"db-01\" }") end
  local found, n = nil, 0
  for item in run(query_of(self, "find"), true) do
    local same = true
    for name, value in next, members do same = same and item[name] == value end
    if same then found, n = found or item, n + 1 end
  end
  if n == 1 then return found end
  local wanted = {}
  for _, name in ipairs(host.sorted_names(members)) do wanted[#wanted + 1] = name .. " = " .. tostring(members[name]) end
  refuse(":find{ %s } found %s items, and wants exactly one", table.concat(wanted, ", "), n == 0 and "no" or n)
end
function methods:sort(by)
  local key = selector(by, "sort")
  local array = methods.collect(self)
  local keys, order = {}, {}
  for i, item in ipairs(array) do keys[i], order[i] = key(item), i end
  -- Absent first; equal ones keep their order.
  table.sort(order, function(a, b)
    local x, y = keys[a], keys[b]
    if x == y then return a < b end
    if x == nil or y == nil then return x == nil end
    return x < y
  end)
  local sorted = {}
  for i, place in ipairs(order) do sorted[i] = array[place] end
  return sorted
end
function methods:group(by)
  local key, groups, known = selector(by, "group"), {}, {}
  local absent = {}
  for item in run(query_of(self, "group"), true) do
    local k = key(item)
    local slot = k == nil and absent or k
    if not known[slot] then
      known[slot] = { key = k, items = {} }
      groups[#groups + 1] = known[slot]
    end
    table.insert(known[slot].items, item)
  end
  return groups
end
function methods:index(by)
  local key, index = selector(by, "index"), {}
  for item in run(query_of(self, "index"), true) do
    local k = key(item)
    if k ~= nil then index[k] = item end
  end
  return index
end
function methods:pages()
  local query = query_of(self, "pages")
  if query.array or #query.stages > 0 then refuse(":pages comes first: list_…{…}:pages()") end
  return (pager(query))
end

function api.items(array)
  if type(array) ~= "table" then refuse("items takes an array, not a %s", type(array)) end
  return queries[array] and array or new_listing { array = array }
end

-- Operations --------------------------------------------------------------------------------------------------------

-- One operation as a script calls it: a call that waits, or a listing.
local function bound(operation)
  if not operation.items then return operation.call end
  return function(...)
    local parameters = host.parameters(operation.name, ...)
    return new_listing { operation = operation.name, items = operation.items, parameters = parameters }
  end
end
for _, operation in ipairs(host.operations) do api[operation.lua_name] = bound(operation) end

function api.missing_ok(f, ...)
  local results = table.pack(pcall(f, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  local e = results[2]
  if type(e) == "table" and e.code == "ResourceNotFoundException" then return nil end
  error(e, 0)
end

-- Output ------------------------------------------------------------------------------------------------------------

-- What the shell shows of a value: of a listing one page, never asking ahead.
function host.displayable(value)
  local query = queries[value]
  if not query then return value, false end
  local rows, pull = {}, run(query, false)
  for i = 1, 100 do
    rows[i] = pull()
    if rows[i] == nil then return rows, false end
  end
  return rows, true
end

function api.show(value)
  host.show(queries[value] and methods.collect(value) or value)
end

-- Read-only tables --------------------------------------------------------------------------------------------------

local function read_only(t, name)
  return setmetatable({}, {
    __name = name,
    __metatable = false,
    __index = t,
    __newindex = function(_, key) refuse("%s.%s cannot be set: %s is read-only", name, tostring(key), name) end,
    __pairs = function() return next, t, nil end,
  })
end

api.session = setmetatable({}, {
  __name = "session",
  __metatable = false,
  __index = function(_, name)
    if name == "explain" then return host.session_explain end
    return host.session(name)
  end,
  __newindex = function() refuse("the session cannot be changed") end,
})
api.moongate = read_only(api, "moongate")
api.exit = host.exit

local name_of = {}
for name, value in next, api do name_of[value] = name end
function api.help(subject)
  if subject ~= nil and not name_of[subject] and type(subject) ~= "string" then
    refuse("help takes a function of moongate or its name, as in help(get_gateway)")
  end
  host.help(name_of[subject] or subject)
end
name_of[api.help] = "help"
