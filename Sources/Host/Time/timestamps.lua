-- Timestamps: what they do as values. Loaded with the first of them.
local host = ...
local string, math, type, tostring = string, math, type, tostring
local refuse, micros, instant = host.refuse, host.micros, host.instant

local function is_timestamp(value) return type(value) == "userdata" and micros(value) ~= nil end
host.is_timestamp = is_timestamp

-- Whole seconds as an integer, others as a float.
local function to_seconds(us) return us % 1000000 == 0 and us // 1000000 or us / 1000000 end
local function shifted(ts, delta, sign, what)
  -- A float: the microseconds of a huge integer would come round to something small.
  return instant(micros(ts) + sign * math.floor(host.seconds(delta, what) * 1e6 + 0.5))
end

-- Epoch seconds of one side of a comparison.
local function comparable(value)
  if is_timestamp(value) then return to_seconds(micros(value)) end
  if type(value) == "number" then return value end
  if value == nil then
    refuse("a timestamp cannot be compared with nil: there is no date; older_than(vm.LastBackupDate, \"7d\") takes nil for old")
  end
  refuse("a timestamp cannot be compared with %s; compare it with another timestamp, as in ts < ago(\"7d\") or ts < timestamp(\"2022-09-22T00:00:00Z\")",
    type(value) == "string" and string.format("the text %q", value) or "a " .. type(value))
end

host.to_seconds, host.shifted, host.comparable = to_seconds, shifted, comparable

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
    return host.timestamp_methods[name] or refuse("a timestamp has no %s; it has .epoch, :format, :date and :ago", tostring(name))
  end,
  __newindex = function() refuse("a timestamp cannot be changed; ts + \"1h\" gives another") end,
}
