-- Time: timestamps, durations, and what scripts ask of them.
local host, api = ...
local error, ipairs, next, pcall, select, setmetatable, tostring, tonumber, type = error, ipairs, next, pcall, select, setmetatable, tostring, tonumber, type

-- Libraries of the prelude's own, so that a script that sets string.match changes nothing here.
for name, library in next, { math = math, os = os, string = string, table = table } do
  local own = {}
  for key, value in next, library do own[key] = value end
  host[name] = own
end
local scripts_os = os
-- For what is loaded later: shared code has another by then.
host.setmetatable = setmetatable

-- What help calls the functions that are no globals.
host.help_names = setmetatable({}, { __mode = "k" })
function host.name_functions(prefix, functions)
  for name, f in next, functions do
    if type(f) == "function" then host.help_names[f] = prefix .. name end
  end
end
local math, os, string, table = host.math, host.os, host.string, host.table

-- Raises a ParamValidation error at the script's line; takes what string.format takes.
local refuse_text = host.refuse
function host.refuse(...) refuse_text(string.format(...)) end
local refuse = host.refuse

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
    if #rest == 0 and #value > 0 then return math.tointeger(total) or total end
  end
  refuse("%s: %s is not a duration; write seconds or a text like \"90s\", \"7d12h\", \"2w\"", what,
    type(value) == "string" and '"' .. value .. '"' or type(value))
end

host.seconds = seconds

-- "11d 4h": the two largest units; "-5m" for what lies ahead.
local function duration_text(value)
  if value ~= value or value == math.huge or value == -math.huge then refuse("a duration is a finite number of seconds") end
  if value < 0 then return "-" .. duration_text(-(value + 0.0)) end  -- the least integer has no opposite
  local left, parts = math.floor(value), {}
  for _, unit in ipairs { "w", "d", "h", "m", "s" } do
    local size = units[unit]
    if unit ~= "w" and (left >= size or (unit == "s" and #parts == 0)) and #parts < 2 then
      parts[#parts + 1] = string.format("%.0f%s", left // size, unit)
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
  -- A float: the microseconds of a huge integer would come round to something small.
  return instant(micros(ts) + sign * math.floor(seconds(delta, what) * 1e6 + 0.5))
end

-- Epoch seconds of one side of a comparison.
local function comparable(value)
  if is_timestamp(value) then return to_seconds(micros(value)) end
  if type(value) == "number" then return value end
  refuse("a timestamp cannot be compared with %s; compare it with another timestamp, as in ts < ago(\"7d\") or ts < timestamp(\"2022-09-22T00:00:00Z\")",
    value == nil and "nil: there is no date" or type(value) == "string" and string.format("the text %q", value) or "a " .. type(value))
end

-- What clocks in a zone show: epoch seconds moved by their offset, the offset, their name, whether it is summer time.
local function clock(ts, zone)
  local at = math.floor(comparable(ts))
  if zone == nil then return at, 0, "UTC", false end
  local offset, name, is_daylight = host.local_time(zone, at)
  return at + offset, offset, name, is_daylight
end

local function offset_text(offset)
  local minutes = math.abs(offset) // 60
  return string.format("%s%02d%02d", offset < 0 and "-" or "+", minutes // 60, minutes % 60)
end

local timestamp_methods = {}
host.methods = { timestamp = timestamp_methods }
function timestamp_methods.format(ts, format, zone)
  if type(format) ~= "string" then refuse(":format takes a text as os.date does, as in ts:format(\"%%Y-%%m-%%d\")") end
  if format == "*t" then refuse(":format gives a text; write ts:date(zone) for a table") end
  local at, offset, name = clock(ts, zone)
  -- The C library knows its own zone only.
  local own = { z = offset_text(offset), Z = string.gsub(name, "%%", "%%%%") }
  local ok, text = pcall(os.date, "!" .. string.gsub(format, "%%(.)", own), at)
  if not ok then refuse(":format: %s in %q", string.match(text, "%((.*)%)") or text, format) end
  return text
end
function timestamp_methods.date(ts, zone)
  local at, _, _, is_daylight = clock(ts, zone)
  local fields = os.date("!*t", at)
  fields.isdst = is_daylight
  return fields
end
function timestamp_methods.ago(ts) return duration_text(to_seconds(host.now_micros() - micros(ts))) end

for name, method in next, timestamp_methods do
  timestamp_methods[name] = function(ts, ...)
    if not is_timestamp(ts) then refuse("call %s with a colon: ts:%s(…)", name, name) end
    return method(ts, ...)
  end
end

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
    return timestamp_methods[name] or refuse("a timestamp has no %s; it has .epoch, :format, :date and :ago", tostring(name))
  end,
  __newindex = function() refuse("a timestamp cannot be changed; ts + \"1h\" gives another") end,
}

-- Lua's own takes epoch seconds, and would not say what it was given.
function scripts_os.date(format, at)
  if is_timestamp(at) then
    refuse("os.date takes epoch seconds, not a timestamp; write ts:format(\"%%F\", zone), or os.date(format, ts.epoch // 1)")
  end
  -- Without a moment, the one that now() gives.
  if at == nil then at = host.now_micros() // 1000000 end
  local ok, result = pcall(os.date, format, at)
  if not ok then error((string.gsub(result, "'%?'", "'date'")), 2) end
  return result
end

function scripts_os.time(fields)
  if fields == nil then return host.now_micros() // 1000000 end
  local ok, result = pcall(os.time, fields)
  if not ok then error((string.gsub(result, "'%?'", "'time'")), 2) end
  return result
end

host.name_functions("timestamp:", timestamp_methods)

function api.now() return instant(host.now_micros()) end
function api.ago(d) return shifted(api.now(), d, -1, "ago") end
-- With a zone, the text is what its clocks show. What they skip in spring is as long after the hour before.
function api.timestamp(value, zone)
  if zone == nil then return is_timestamp(value) and value or host.parse_timestamp(value) end
  if type(value) ~= "string" or string.find(value, "T.*[Z+-]") then
    refuse("timestamp: beside a zone stands what its clocks show, as in timestamp(\"2026-03-01T06:00:00\", \"Europe/Berlin\")")
  end
  local shown = host.parse_timestamp(value .. "Z")
  local function offset(ts) return (select(2, clock(ts, zone))) end
  return shown - offset(shown - offset(shown))
end
local duration_functions = { text = function(d) return duration_text(seconds(d, "duration.text")) end }
host.name_functions("duration.", duration_functions)
api.duration = setmetatable(duration_functions, {
  __call = function(_, text) return seconds(text, "duration") end,
  __metatable = false,
})
function api.older_than(ts, d)
  if ts == nil then return true end
  if not is_timestamp(ts) then refuse("older_than: the first argument is a timestamp or nil, this is a %s", type(ts)) end
  return ts < shifted(api.now(), d, -1, "older_than")
end
function api.sleep(d) host.sleep(seconds(d, "sleep")) end

