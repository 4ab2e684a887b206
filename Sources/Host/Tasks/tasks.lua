-- Tasks: several things at once. Who runs when is Scheduler.swift's.
local host, api = ...
local error, getmetatable, next, pcall, setmetatable, tostring, type =
  error, getmetatable, next, pcall, setmetatable, tostring, type
local math, string, table = math, string, table
local refuse = host.refuse

-- A function's options, each with the type it must have; "duration" becomes seconds.
local function options(given, known, what)
  if given == nil then return {} end
  if type(given) ~= "table" then refuse("%s: the options are a table, not a %s", what, type(given)) end
  local read = {}
  for name, value in next, given do
    local wanted = known[name]
    if not wanted then
      refuse("%s has no option %s; it has %s", what, tostring(name), table.concat(host.sorted_names(known), ", "))
    end
    if wanted == "duration" then
      value = api.duration(value)
      if value ~= value or value < 0 then refuse("%s: %s is a duration, and not negative", what, name) end
    elseif wanted ~= "any" and type(value) ~= wanted then
      refuse("%s: %s is a %s, not a %s", what, name, wanted, type(value))
    end
    read[name] = value
  end
  return read
end

local function check_function(f, what)
  if type(f) ~= "function" then refuse("%s takes a function, not a %s", what, type(f)) end
end

host.task_options, host.check_function = options, check_function

-- Tasks -------------------------------------------------------------------------------------------------------------

local handles = setmetatable({}, { __mode = "k" })
local methods = {}
host.methods.task = methods
local metatable = {
  __name = "task",
  __metatable = false,
  __index = function(_, name)
    return methods[name] or refuse("a task has no %s; task:wait() gives what its function returned", tostring(name))
  end,
  __newindex = function() refuse("a task cannot be changed") end,
  __tostring = function() return "task" end,
}

function api.spawn(f, ...)
  check_function(f, "spawn")
  local task = setmetatable({}, metatable)
  handles[task] = host.spawn(f, ...)
  return task
end

local function outcome(ok, ...)
  if ok then return ... end
  error((...), 0)
end
function methods:wait()
  return outcome(host.task_wait(handles[self] or refuse("call wait with a colon: task:wait()")))
end

-- parallel ----------------------------------------------------------------------------------------------------------

-- A function that gives the items one at a time, each with its place in the results; the number of places, if it is known,
-- and of items; and whether to take one runs no code of a script.
local function source(items)
  local query = host.query_of(items)
  -- The plain items of an array keep their places.
  if query and query.array and #query.stages == 0 then items, query = query.array, nil end
  local pull
  if query then
    pull = host.listings.run(query, true)
  elseif type(items) == "function" then
    pull = items
  elseif type(items) ~= "table" then
    refuse("parallel takes an array, a listing or an iterator, not a %s", type(items))
  end
  local i = 0
  if pull then
    return function()
      i = i + 1
      return pull(), i
    end
  end
  -- Results of another `parallel` may have holes, and know their number.
  local n = host.length(items)
  local places, count = n or #items, 0
  if places == 0 and next(items) ~= nil and not n then
    refuse("parallel takes an array, a listing or an iterator; this table has no item [1]")
  end
  for key in next, items do
    if math.type(key) == "integer" and key >= 1 and key <= places then count = count + 1 end
  end
  return host.walk(items, places), places, count, not getmetatable(items)
end

-- The caller takes item after item and hands each to a worker, a task that lives as long as there are items. Gates are
-- how the two wait for each other: `gate_pass` waits until somebody has opened it, or nobody will any more: an iterator
-- may yield out of all this and never be resumed. From a plain array a worker takes its next item itself, which saves two
-- waits an item.
local function parallel(items, f, given)
  check_function(f, "parallel")
  given = options(given, { limit = "number", on_error = "string", label = "string" }, "parallel")
  local limit, collects = math.tointeger(given.limit or 32), given.on_error == "collect"
  if not limit or limit < 1 then refuse("parallel: limit is a whole number of at least 1") end
  if given.on_error and not collects and given.on_error ~= "raise" then
    refuse("parallel: on_error is \"raise\" or \"collect\", not \"%s\"", given.on_error)
  end
  local pull, places, count, is_plain = source(items)
  local results, errors, failure = { n = places or 0 }, {}, nil
  host.parallel_results[results] = true  -- an array though it may have holes
  local workers, idle, running, freed = {}, {}, 0, host.gate()
  local bar = given.label and host.progress_begin(given.label, count)

  -- The next item and its place; nil when there is none, or none is to begin any more.
  local function take()
    if failure then return nil end
    local ok, item, index = pcall(pull)
    if not ok then failure = { item } end
    if item == nil or failure then return nil end
    if index > results.n then results.n = index end
    return item, index
  end

  local function work(worker)
    while worker.index do
      local ok, value = pcall(f, worker.item)
      if ok then
        results[worker.index] = value
      elseif collects then
        errors[worker.index] = value
      elseif not failure then
        failure = { value }
      end
      if bar then host.progress_advance(bar, 1) end
      worker.item, worker.index = nil, nil
      if is_plain then worker.item, worker.index = take() end
      if not worker.index then
        running = running - 1
        idle[#idle + 1] = worker
        host.gate_open(freed)
        host.gate_pass(worker.gate)
      end
    end
  end

  -- However this ends, none of its tasks outlives it. One whose request was sent is waited for.
  local all_end <close> = setmetatable({}, {
    __close = function(_, e)
      if bar then host.progress_end(bar) end
      for _, worker in next, workers do host.task_cancel(worker.task) end
      for _, worker in next, workers do pcall(host.task_join, worker.task) end
    end,
  })

  local function await_worker()
    if not host.gate_pass(freed) then refuse("parallel: this wait would never end: no task of it can go on") end
  end
  while not failure do
    if running >= limit then
      await_worker()
    else
      local item, index = take()
      if not index then break end
      running = running + 1
      local worker = table.remove(idle)
      if worker then
        worker.item, worker.index = item, index
        host.gate_open(worker.gate)
      else
        worker = { item = item, index = index, gate = host.gate() }
        workers[#workers + 1] = worker
        worker.task = host.spawn(work, worker)
      end
    end
  end
  while running > 0 and not failure do await_worker() end
  if failure then error(failure[1], 0) end
  if collects then return results, errors end
  return results
end
api.parallel = parallel
host.parallel = parallel
