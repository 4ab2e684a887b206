-- Waiting for what takes the service its time.
local host, api = ...
local error, pcall, tostring, type = error, pcall, tostring, type
local math, string, table = math, string, table
local refuse, options, check_function = host.refuse, host.task_options, host.check_function

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
      local time = timeout < 1 and string.format("%gs", timeout) or api.duration.text(timeout)
      fail("WaitTimeout", late(time) .. last, ok and result or nil)
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
