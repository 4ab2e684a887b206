-- Listings: queries over pages.
--
-- A listing is a query, not a cursor: every loop and every method runs it again from its start. What it holds stands
-- in `host.queries`, out of a script's reach: { operation, parameters, session, items = member, stages = {…} }, or
-- { array, stages }. With `open` it has a source of its own: open(query, ahead) gives a function that gives the items.
local host, api = ...
local ipairs, next, rawget, setmetatable, tostring, type = ipairs, next, rawget, setmetatable, tostring, type
local math, string, table = math, string, table
local refuse = host.refuse

local queries = host.queries
local length, walk = host.length, host.walk
local methods = {}
host.methods.listing = methods
host.listing_items = setmetatable({}, { __mode = "k" })

local function copy(t, changes)
  local new = {}
  for k, v in next, t do new[k] = v end
  for k, v in next, changes or {} do new[k] = v end
  return new
end

-- A function that gives the query's pages, whole responses, one at a time. `fetch_ahead()` asks for the next one, and
-- `has_more()` is true until the last one has come.
local function pager(query)
  local token, seen, finished, pending = query.parameters.NextToken, {}, false, nil
  local await = query.await or host.await
  local function start()
    pending = host.start(query.session, query.operation, copy(query.parameters, { NextToken = token }))
  end
  local function next_page()
    if finished then return nil end
    if not pending then start() end
    -- Forgotten before it is waited for: after a failure the same page is asked for again.
    local handle = pending
    pending = nil
    local page = await(handle)
    if not page then finished = true return nil end
    token = page.NextToken
    if token ~= nil and type(token) ~= "string" then host.bad_page(query.operation, "NextToken is no text") end
    -- An object in the place of the list has no first item, and would be taken for an empty list: all is well.
    local items = page[query.items]
    if items ~= nil and (type(items) ~= "table" or items[1] == nil and next(items) ~= nil) then
      host.bad_page(query.operation, query.items .. " is no list")
    end
    finished = token == nil
    if token then
      if seen[token] then host.repeated_token(query.operation) end
      seen[token] = true
    end
    return page
  end
  local function fetch_ahead()
    if finished or pending then return end
    start()
    host.send_now()
  end
  return next_page, fetch_ahead, function() return not finished end
end

-- A function that gives the source's items one at a time, nil at the end. Asking ahead begins when the second item of
-- a page is taken: a script that looks at the first item only pays for one page. The second result asks for the first
-- page before an item is wanted. With `pause`, a function, the items end before each further page for which it gives true;
-- to ask for another item goes on.
local function source(query, ahead, pause)
  if query.open then return query.open(query, ahead) end
  if query.array then
    local array, i = query.array, 0
    local places = length(array)
    if places then return walk(array, places) end
    return function() i = i + 1 return array[i] end
  end
  local next_page, fetch_ahead, has_more = pager(query)
  local function more()
    if pause and has_more() and pause() then return nil end
    local page = next_page()
    return page and (page[query.items] or {})
  end
  return host.flatten(more, ahead and fetch_ahead or nil), fetch_ahead
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
      local item = pull()
      if item ~= nil then taken = taken + 1 end
      return item
    end
  end,
}

-- What has an order, and what it is called. Userdata are timestamps.
local orderable = { number = "numbers", string = "texts", userdata = "timestamps" }

-- Sorts all of it at the first pull. Absent first; equal ones keep their order.
function stages.sort(pull, key)
  local array, keys, order, next_place = {}, {}, nil, 0
  local function sort()
    order = {}
    local kind
    for item in pull do
      local i, k = #array + 1, key(item)
      if k ~= k then k = nil end  -- not a number has no place in an order
      if k ~= nil then
        kind = kind or orderable[type(k)] or refuse(":sort: a %s has no order; sort by a number, a text or a timestamp", type(k))
        if kind ~= orderable[type(k)] then refuse(":sort: %s and %s have no common order", kind, orderable[type(k)] or "a " .. type(k)) end
      end
      array[i], keys[i], order[i] = item, k, i
    end
    table.sort(order, function(a, b)
      local x, y = keys[a], keys[b]
      if x == y then return a < b end
      if x == nil or y == nil then return x == nil end
      return x < y
    end)
  end
  return function()
    if not order then sort() end
    next_place = next_place + 1
    return array[order[next_place]]
  end
end

local function run(query, ahead, pause)
  local pull = source(query, ahead and not query.bounded, pause)
  for _, stage in ipairs(query.stages) do pull = stages[stage.kind](pull, stage.argument) end
  return pull
end

-- Items that are looked at together where there are no pages.
local chunk = 1000

-- A function that gives the items that `pull` gives, an array at a time, and whether there may be more. `is_paused()` tells
-- whether their source waits between two pages.
local function arrays(pull, begin, is_paused)
  local waiting
  return function()
    local rows, n = {}, 0
    if begin then begin() end
    while n < chunk do
      local item = waiting
      if item ~= nil then waiting = nil else item = pull() end
      if item == nil then return rows, is_paused ~= nil and is_paused() end
      n = n + 1
      rows[n] = item
    end
    waiting = pull()
    return rows, waiting ~= nil or is_paused ~= nil and is_paused()
  end
end

-- The same of a query, for looking at it: what one page of the service's brought, never asking ahead. A page that brings
-- nothing, as with a filter, is no reason to stop, and an order is known at the end only.
local function screens(query)
  local has_any, paused = false, false
  local function pause()
    paused = has_any
    return paused
  end
  for _, stage in ipairs(query.stages) do
    if stage.kind == "sort" then return arrays(run(query, false)) end
  end
  local pull = run(query, false, pause)
  return arrays(function()
    local item = pull()
    if item ~= nil then has_any = true end
    return item
  end, function() has_any, paused = false, false end, function() return paused end)
end

-- Which run a `for` is in is told by the item it had last: Lua calls listing(nil, item). Where items need not be unique,
-- because they are a script's own, the place of the loop tells too.
local function runs_of(query)
  if query.unique then return query.runs end
  local place = host.loop_place()
  local runs = query.runs[place] or setmetatable({}, { __mode = "k" })
  query.runs[place] = runs
  return runs
end

-- The run that went on last stands here, by its listing, where rows.c finds it: { pull, its last item }. The others, and
-- all where items need not be unique, stand in their query's runs by that item.
local current = setmetatable({}, { __mode = "k" })

-- The run of the loop that had `last`, or one that begins.
local function turn(self, last)
  local runs = runs_of(queries[self])
  if last == nil then return { run(queries[self], true), runs = runs } end
  local found = runs[last] or refuse("this loop over a listing was not begun by `for`")
  runs[last] = found.below
  return found
end

-- Keeps a run for its next turn; one without an item is at its end.
local function keep(self, found)
  local query, item = queries[self], found[2]
  if query.unique then
    local before = current[self]
    if before and before ~= found then query.runs[before[2]] = before end
    current[self] = item ~= nil and found or nil
  elseif item ~= nil then
    found.below, found.runs[item] = found.runs[item], found
  end
end

local listing_metatable
local function new_listing(query)
  local self = setmetatable({}, listing_metatable)
  query.stages = query.stages or {}
  query.unique = not query.array
  for _, stage in ipairs(query.stages) do query.unique = query.unique and stage.kind ~= "map" end
  query.runs = query.unique and setmetatable({}, { __mode = "k" }) or {}
  queries[self] = query
  -- Completion knows by that what the items are.
  if query.unique then host.listing_items[self] = query.items end
  return self
end

local function query_of(self, method)
  return queries[self] or refuse("call %s with a colon: listing:%s(…)", method, method)
end

listing_metatable = {
  __name = "listing",
  __metatable = false,
  __call = host.loop(current, turn, keep),
  __index = function(_, name)
    if methods[name] then return methods[name] end
    if type(name) == "number" then
      refuse("a listing has no item [%s]; write :first(), or :collect()[%s]", name, name)
    end
    local names = host.sorted_names(methods)
    local near = type(name) == "string" and host.nearest(name, names)
    if near then refuse("a listing has no %s; did you mean :%s(…)?", name, near) end
    refuse("a listing has no %s; its items have: `for item in listing do`, :first(), or one of :%s", tostring(name), table.concat(names, ", :"))
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
      new.parameters = copy(query.parameters, { MaxResults = math.min(size or 1000, bound) })
    end
  end
  new.stages[#new.stages + 1] = { kind = kind, argument = argument }
  return new_listing(new)
end

local function is_function(f, method)
  if type(f) ~= "function" then refuse(":%s takes a function, not a %s", method, type(f)) end
  return f
end

-- A member, as in "Name" or "MaintenanceStartTime.HourOfDay", or a function, as a function.
local function selector(by, method)
  if type(by) == "string" then return host.member_path(by, ":" .. method) end
  if type(by) ~= "function" then refuse(":%s takes a member, as in :%s(\"Name\"), or a function, not a %s", method, method, type(by)) end
  return by
end

function methods:filter(f) return staged(self, "filter", is_function(f, "filter")) end
function methods:map(f) return staged(self, "map", is_function(f, "map")) end
function methods:take(n)
  n = type(n) == "number" and math.tointeger(n)
  if not n or n < 1 then refuse(":take takes a whole number of at least 1") end
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
  query_of(self, "find")
  if type(members) ~= "table" or next(members) == nil then refuse(":find takes a table, as in :find{ Name = \"db-01\" }") end
  local read, found, n = {}, nil, 0
  for name in next, members do
    if type(name) ~= "string" then refuse(":find takes members by name, as in :find{ Name = \"db-01\" }, not [%s]", tostring(name)) end
    read[name] = host.member_path(name, ":find")
  end
  for item in run(query_of(self, "find"), true) do
    local same = true
    for name, value in next, members do same = same and read[name](item) == value end
    if same then found, n = found or item, n + 1 end
  end
  if n == 1 then return found end
  local wanted = {}
  for _, name in ipairs(host.sorted_names(members)) do wanted[#wanted + 1] = string.format(type(members[name]) == "string" and "%s = %q" or "%s = %s", name, tostring(members[name])) end
  refuse(":find{ %s } found %s items, and wants exactly one", table.concat(wanted, ", "), n == 0 and "no" or n)
end
function methods:sort(by) return staged(self, "sort", selector(by, "sort")) end
function methods:group(by)
  local key, groups, known = selector(by, "group"), {}, {}
  local absent = {}
  for item in run(query_of(self, "group"), true) do
    local k = key(item)
    if k ~= k then k = nil end  -- not a number is no key
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
    if k ~= nil and k == k then index[k] = item end
  end
  return index
end
function methods:pages()
  local query = query_of(self, "pages")
  if query.array or #query.stages > 0 then refuse(":pages comes first: list_…{…}:pages()") end
  if query.open then refuse("a listing of a fleet has no pages of its own; item.target.list_…():pages() has") end
  return (pager(query))
end

function methods:parallel(f, opts)
  query_of(self, "parallel")
  return host.parallel(self, f, opts)
end

host.name_functions("listing:", methods)

function api.items(array)
  if type(array) ~= "table" then
    refuse("items takes an array, not a %s%s", type(array), type(array) == "function" and "; call it first, as in list_gateways()" or "")
  end
  return queries[array] and array or new_listing { array = array }
end

-- For the rest of the prelude: a query's items, and a listing over an operation.
host.listings = {
  run = run,
  arrays = arrays,
  screens = screens,
  source = source,
  new = new_listing,
}
