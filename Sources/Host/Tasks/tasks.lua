-- Tasks: several things at once, and waiting for what takes its time. Who runs when is Scheduler.swift's.
local host, api = ...
local error, next, pcall, setmetatable, tostring, type = error, next, pcall, setmetatable, tostring, type
local math, string, table = host.math, host.string, host.table
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

-- What `parallel` has returned: these are arrays though they may have holes.
host.parallel_results = setmetatable({}, { __mode = "k" })

-- A function that gives the items one at a time, each with its place in the results; and the number of places, if it is
-- known, and of items.
local function source(items)
  local query = host.listings.query_of(items)
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
  local n = host.listings.length(items)
  local places, count = n or #items, 0
  if places == 0 and next(items) ~= nil and not n then
    refuse("parallel takes an array, a listing or an iterator; this table has no item [1]")
  end
  for key in next, items do
    if math.type(key) == "integer" and key >= 1 and key <= places then count = count + 1 end
  end
  return host.listings.walk(items, places), places, count
end

-- The caller takes item after item and hands each to a worker, a task that lives as long as there are items. Gates are
-- how the two wait for each other: `gate_pass` waits until somebody has opened it, or nobody will any more: an iterator
-- may yield out of all this and never be resumed.
local function parallel(items, f, given)
  check_function(f, "parallel")
  given = options(given, { limit = "number", on_error = "string", label = "string" }, "parallel")
  local limit, collects = given.limit or 32, given.on_error == "collect"
  if math.type(limit) ~= "integer" or limit < 1 then refuse("parallel: limit is a whole number of at least 1") end
  if given.on_error and not collects and given.on_error ~= "raise" then
    refuse("parallel: on_error is \"raise\" or \"collect\", not \"%s\"", given.on_error)
  end
  local pull, places, count = source(items)
  local results, errors, failure = { n = places or 0 }, {}, nil
  host.parallel_results[results] = true
  local workers, idle, running, freed = {}, {}, 0, host.gate()
  local bar = given.label and host.progress_begin(given.label, count)

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
      worker.item, worker.index, running = nil, nil, running - 1
      idle[#idle + 1] = worker
      host.gate_open(freed)
      host.gate_pass(worker.gate)
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
      local ok, item, index = pcall(pull)
      if not ok then failure = { item } end
      if item == nil or failure then break end
      if index > results.n then results.n = index end
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

-- wait --------------------------------------------------------------------------------------------------------------

local function fail(code, message, last)
  local _, e = pcall(host.fail, code, message)
  e.last = last
  error(e, 0)
end

local function text(value) return type(value) == "string" and string.format("%q", value) or tostring(value) end

-- `is` and `never`: a value, a list of them, or a function; as a test, and in words.
local function condition(wanted, what)
  if wanted == nil then return nil end
  if type(wanted) == "function" then return wanted, "as asked" end
  if type(wanted) ~= "table" then return function(value) return value == wanted end, text(wanted) end
  local words = {}
  for i = 1, #wanted do words[i] = text(wanted[i]) end
  if #words == 0 then refuse("wait: %s is a value, a list of values or a function", what) end
  return function(value)
    for i = 1, #wanted do if wanted[i] == value then return true end end
    return false
  end, table.concat(words, " or ")
end

-- "MaintenanceStartTime.HourOfDay" of a result.
local function member(result, path)
  for name in string.gmatch(path, "[^.]+") do
    if type(result) ~= "table" then return nil end
    result = result[name]
  end
  return result
end

-- Reads again and again until `judge(result)` says that it is so. A failure that may pass is waited out.
local function poll(read, judge, given, late)
  local every, timeout, settle = given.every or 10, given.timeout or 600, given.settle or 0
  if settle >= timeout then refuse("wait: settle must be shorter than timeout") end
  local began, problem = host.monotonic(), nil
  if settle > 0 then host.sleep(settle) end
  while true do
    local ok, result = pcall(read)
    if ok then
      problem = nil
      if judge(result, host.monotonic() - began) then return result end
    elseif type(result) == "table" and result.retryable then
      problem = result
    else
      error(result, 0)
    end
    local left = began + timeout - host.monotonic()
    if left <= 0 then
      local last = problem and string.format("; the last attempt failed: %s", tostring(problem)) or ""
      fail("WaitTimeout", late(api.duration.text(timeout)) .. last, ok and result or nil)
    end
    host.sleep(math.min(every, left))
  end
end

-- After a write that was only rehearsed nothing will become what it would have become.
local function is_rehearsal(words)
  if not host.has_withheld() then return false end
  host.note("dry run: would wait " .. words)
  return true
end

function api.wait(f, arg, given)
  check_function(f, "wait")
  if given == nil then refuse("wait takes what to wait for, as in wait(get_gateway, arn, { field = \"HypervisorId\", is = id })") end
  given = options(given, {
    field = "string", is = "any", never = "any", every = "duration", timeout = "duration", settle = "duration",
    ready = "function",
  }, "wait")
  local is, wanted = condition(given.is, "is")
  local never, unwanted = condition(given.never, "never")
  if not is and not given.ready then refuse("wait needs is (with field), or ready = function(result) … end") end
  if is and given.ready then refuse("wait takes is or ready, not both") end
  if given.field == nil and (is or never) then refuse("wait: is and never are of a member; say which in field") end

  local subject = (given.field or "the result") .. (type(arg) == "string" and " of " .. arg or "")
  local goal = is and "to be " .. wanted or "to be ready"
  local state, since, before, seen
  local function read() if arg == nil then return f() end return f(arg) end
  if is_rehearsal(string.format("for %s %s", subject, goal)) then
    local ok, result = pcall(read)
    return ok and result or nil
  end
  local function judge(result, elapsed)
    local value
    if given.field then value = member(result, given.field) end
    if not seen or value ~= state then state, since, before, seen = value, host.monotonic(), seen and state, true end
    if never and never(value, result) then
      local was = before and string.format("; it was %s before", text(before)) or ""
      fail("WaitFailed", string.format("waited for %s %s, and after %s it is %s%s", subject, goal,
        api.duration.text(elapsed), text(value), was), result)
    end
    if is then return is(value, result) end
    return given.ready(result)
  end
  return poll(read, judge, given, function(time)
    if not given.field or not seen then return string.format("waited %s for %s %s", time, subject, goal) end
    return string.format("waited %s for %s %s; it is %s, since %s", time, subject, goal, text(state),
      api.duration.text(host.monotonic() - since))
  end)
end

function api.wait_until(f, given)
  check_function(f, "wait_until")
  given = options(given, { every = "duration", timeout = "duration", settle = "duration", label = "string" }, "wait_until")
  local goal = given.label or "the condition to hold"
  if is_rehearsal("for " .. goal) then return nil end
  return poll(f, function(result) return result end, given, function(time) return string.format("waited %s for %s", time, goal) end)
end
