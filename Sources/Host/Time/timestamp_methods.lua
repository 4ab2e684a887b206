-- The methods of timestamps: as a text, as a table, and how long ago they were.
local host = ...
local next, pcall = next, pcall
local math, os, string = math, os, string
local type = type
local refuse, micros, is_timestamp, comparable = host.refuse, host.micros, host.is_timestamp, host.comparable

-- What clocks in a zone show: epoch seconds moved by their offset, the offset, their name, whether it is summer time.
local function clock(ts, zone)
  local at = math.floor(comparable(ts))
  if zone == nil then return at, 0, "UTC", false end
  local offset, name, is_daylight = host.local_time(zone, at)
  return at + offset, offset, name, is_daylight
end

host.clock = clock

local function offset_text(offset)
  local minutes = math.abs(offset) // 60
  return string.format("%s%02d%02d", offset < 0 and "-" or "+", minutes // 60, minutes % 60)
end

local timestamp_methods = {}
host.timestamp_methods, host.methods.timestamp = timestamp_methods, timestamp_methods
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
function timestamp_methods.ago(ts) return host.duration_text(host.to_seconds(host.now_micros() - micros(ts))) end

for name, method in next, timestamp_methods do
  timestamp_methods[name] = function(ts, ...)
    if not is_timestamp(ts) then refuse("call %s with a colon: ts:%s(…)", name, name) end
    return method(ts, ...)
  end
end

host.name_functions("timestamp:", timestamp_methods)
