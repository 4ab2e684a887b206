--- Bandwidth schedules as a file: shown, checked, compared with what the gateways have, and set with --apply.
--
-- The file is JSON: the name or id of a gateway, or * for all others, and its
-- intervals in AWS's own words. An empty list is no limit at any time. Hours
-- are UTC's; --zone shows what clocks there show today. --export writes such a
-- file from what is set now.
--   { "zurich-backup-01": [ {
--     "DaysOfWeek": [1,2,3,4,5], "StartHourOfDay": 6, "StartMinuteOfHour": 0,
--     "EndHourOfDay": 18, "EndMinuteOfHour": 59,
--     "AverageUploadRateLimitInBitsPerSec": 50000000 } ], "*": [] }
-- --apply replaces the schedules that differ: it asks first, or takes --allow
-- PutBandwidthRateLimitSchedule. A file with an error changes nothing.
--
-- Exit code: 0 as the file says, 2 something differs (after --apply: still
-- does), 3 a gateway could not be looked at or set, 252 the file has errors.
-- Whether the limits suit the line, and whether backups still end in their
-- window, it cannot tell.
-- @name bandwidth-schedule
-- @version 1.0.0
-- @arg file json?                The schedules that should be
-- @arg apply boolean             Set what differs
-- @arg zone string?              A zone to show the hours in as well, as Europe/Zurich
-- @arg export output?            Write the schedules of now to this file
-- @allow ListGateways GetBandwidthRateLimitSchedule PutBandwidthRateLimitSchedule
-- @limit time=30m calls=20000 writes=1000
-- @example moongate run bandwidth-schedule --file limits.json --zone Europe/Zurich
--   Bandwidth schedules: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Gateway           Interval is  Days                 UTC          Europe/Zurich  Limit
--   zurich-backup-01  missing      Mon Tue Wed Thu Fri  06:00-18:59  07:00-19:59    50 Mbit/s
--
--   3 gateways: 1 differ from the file, 0 set.

local weekdays = { [0] = "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local function minutes(i) return i.StartHourOfDay * 60 + i.StartMinuteOfHour, i.EndHourOfDay * 60 + i.EndMinuteOfHour end
local function hours(i, zone)
  local midnight = timestamp(now():format("%FT00:00:00Z"))
  local function clock(minute) return (midnight + minute * 60):format("%H:%M", zone) end
  local from, to = minutes(i)
  return clock(from) .. "-" .. clock(to)
end
local function days(i)
  local names = items(i.DaysOfWeek):sort(function(day) return day end):map(function(day) return weekdays[day] end)
  return table.concat(names:collect(), " ")
end
local function limit(i)
  local rate = i.AverageUploadRateLimitInBitsPerSec
  return rate and ("%.6g Mbit/s"):format(rate / 1e6) or "none"
end
local function text(i) return ("%s %s %s"):format(days(i), hours(i), i.AverageUploadRateLimitInBitsPerSec) end

-- What the file says is checked as a whole before anything is compared.
local function meet(a, b)
  local a_from, a_to = minutes(a)
  local b_from, b_to = minutes(b)
  local day = items(a.DaysOfWeek):filter(function(d) return items(b.DaysOfWeek):filter(function(e) return d == e end):first() end):first()
  return a_from <= b_to and b_from <= a_to and weekdays[day]
end
local function problem_of(intervals)
  -- Recording a change checks it by the service's model; this list is never sent.
  local any = "arn:aws:backup-gateway:us-east-1:000000000000:gateway/bgw-00000000"
  local ok, problem = pcall(changes("check").put_bandwidth_rate_limit_schedule, any, { BandwidthRateLimitIntervals = intervals })
  if not ok then return problem.message end
  for n, i in ipairs(intervals) do
    local from, to = minutes(i)
    if to < from then return hours(i) .. " ends before it begins: an interval stays within its day" end
    for m = 1, n - 1 do
      local day = meet(intervals[m], i)
      if day then return ("%s and %s overlap on %s; the last minute is part of an interval"):format(hours(intervals[m]), hours(i), day) end
    end
  end
end

if args.apply and not args.file then usage("--apply sets what a file says: give it with --file") end
if type(args.file or {}) ~= "table" then usage("--file is an object of gateways and their intervals, not a text or a number") end
local all, blind = fleet(), 0
local gateways = all.list_gateways():collect()
local wanted, known, problems = args.file or {}, { ["*"] = true }, {}
for _, gw in ipairs(gateways) do known[gw.GatewayDisplayName or ""], known[parse_arn(gw).id] = true, true end
for name, intervals in pairs(wanted) do
  local problem = not known[name] and "there is no such gateway" or problem_of(intervals)
  if problem then problems[#problems + 1] = ("%s: %s"):format(name, problem) end
end
table.sort(problems)
if #problems > 0 then usage("The file has errors, and nothing was changed: " .. table.concat(problems, "; ")) end

local schedules, errors = parallel(gateways, function(gw)
  return gw.target.get_bandwidth_rate_limit_schedule(gw).BandwidthRateLimitIntervals or json.array{}
end, { on_error = "collect", label = "gateways" })

local rows, todo, exported = {}, changes("Set bandwidth schedules"), {}
for n, gw in ipairs(gateways) do
  local name, is = gw.GatewayDisplayName or parse_arn(gw).id, schedules[n]
  local should = wanted[parse_arn(gw).id] or wanted[name] or wanted["*"]
  local function add(what, list, others)
    local texts = items(others):index(text)
    for i in items(list):filter(function(i) return what == "set" or not texts[text(i)] end) do
      rows[#rows + 1] = { name = name, what = what, days = days(i), utc = hours(i), zone = args.zone and hours(i, args.zone), limit = limit(i) }
    end
  end
  if is then exported[exported[name] and parse_arn(gw).id or name] = is end
  if errors[n] then
    warn(("%s: %s"):format(name, errors[n]))
    blind = blind + 1
  elseif not args.file then
    add("set", is, {})
  elseif should then
    local before = #rows
    add("missing", should, is)
    add("not in the file", is, should)
    if #rows > before then todo.put_bandwidth_rate_limit_schedule(gw, { BandwidthRateLimitIntervals = should }) end
  end
end
if args.export then output.json(exported, nil, { to = args.export }) end

local differing, done, failed = #todo, {}, {}
if args.apply then done, failed = todo:run() end
if #done == 0 and failed[1] then error(failed[1].error, 0) end  -- as when nobody said yes
for _, change in ipairs(failed) do warn(("%s: %s"):format(change.resource, change.error)) end

show(rows, {
  { "Gateway", "name" }, { "Interval is", "what" }, { "Days", "days" }, { "UTC", "utc" },
  args.zone and { args.zone, "zone" } or { "Limit", "limit" }, args.zone and { "Limit", "limit" },
}, {
  title = ("Bandwidth schedules: %s, %s"):format(all, now():format("%F %H:%M UTC")),
  summary = args.file and ("%d gateways: %d differ from the file, %d set."):format(#gateways, differing, #done)
    or ("%d gateways, %d intervals."):format(#gateways, #rows),
})
exit((#all:errors() > 0 or blind > 0 or #failed > 0) and 3 or differing > #done and 2 or 0)
