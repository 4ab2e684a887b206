-- Time: what scripts ask of it.
local host, api = ...
local select, string, type = select, string, type
local refuse, instant, is_timestamp, shifted = host.refuse, host.instant, host.is_timestamp, host.shifted

function api.now() return instant(host.now_micros()) end
function api.ago(d) return shifted(api.now(), d, -1, "ago") end
-- With a zone, the text is what its clocks show. What they skip in spring is as long after the hour before.
function api.timestamp(value, zone)
  if zone == nil then return is_timestamp(value) and value or host.parse_timestamp(value) end
  if type(value) ~= "string" or string.find(value, "T.*[Z+-]") then
    refuse("timestamp: beside a zone stands what its clocks show, as in timestamp(\"2026-03-01T06:00:00\", \"Europe/Berlin\")")
  end
  local shown = host.parse_timestamp(value .. "Z")
  local function offset(ts) return (select(2, host.clock(ts, zone))) end
  return shown - offset(shown - offset(shown))
end
function api.older_than(ts, d)
  if ts ~= nil and not is_timestamp(ts) then
    refuse("older_than: the first argument is a timestamp or nil, this is a %s", type(ts))
  end
  -- Read in any case: a duration that is none would pass for right as long as no date is there.
  local limit = shifted(api.now(), d, -1, "older_than")
  return ts == nil or ts < limit
end
function api.sleep(d) host.sleep(host.seconds(d, "sleep")) end

