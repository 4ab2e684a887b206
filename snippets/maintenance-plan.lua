--- When gateways are in maintenance, and what that collides with: each other, the backup window, bandwidth limits.
--
-- Maintenance goes by the gateway's own clock, bandwidth limits by UTC, and the
-- API tells no zone: say it with --zone. What lies ahead within a year is
-- looked at, so that summer time and the days of a month are seen.
--
-- --stagger proposes another day, at the same time, for gateways that share
-- their hours with an earlier one of their hypervisor, and sets it: it asks
-- first, or takes --allow PutMaintenanceStartTime; with --dry-run it only shows
-- the plan.
--
-- Exit code: 0 no collision, 2 collisions (after --stagger: those that are
-- left), 3 a gateway could not be looked at.
-- How long maintenance takes is nowhere said: --takes assumes it. The window is
-- yours to say: AWS Backup's plans know it.
-- @name maintenance-plan
-- @version 1.0.0
-- @arg zone string=UTC           The zone of the gateways' clocks, and of --window, as Europe/Zurich
-- @arg window string?            The backup window, as 22:00-06:00
-- @arg takes duration=1h         How long a gateway is in maintenance
-- @arg stagger boolean           Move gateways that share their hours to other days
-- @allow ListGateways ListHypervisors GetGateway GetBandwidthRateLimitSchedule PutMaintenanceStartTime
-- @limit time=30m calls=20000 busy=60s writes=1000
-- @example moongate run maintenance-plan --zone Europe/Zurich --window 22:00-06:00
--   Maintenance, by the clocks of Europe/Zurich: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Gateway           Hypervisor      Maintenance    Was  Collides with
--   zurich-backup-01  vcenter-zurich  Sunday 03:15        backup window on Sun 08 Mar
--   tokyo-backup-01   vcenter-tokyo   day 12, 22:40       backup window on Thu 12 Mar
--   spare-01
--
--   3 gateways: 2 with collisions, 1 without a maintenance time, 0 moved.

local weekdays = { [0] = "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" }
local h1, m1, h2, m2 = (args.window or ""):match("^(%d%d?):(%d%d)%-(%d%d?):(%d%d)$")
if args.window and not h1 then usage("--window is two times of day, as in 22:00-06:00") end
local opens = h1 and h1 * 60 + m1
local lasts, takes = opens and (h2 * 60 + m2 - opens) % 1440, args.takes / 60

-- Days from today on by the gateways' clocks; noon is there on each of them.
local noon = timestamp(now():format("%FT12:00:00", args.zone), args.zone)
local function at(ahead, hour, minute)
  return timestamp((noon + ahead * 86400):format("%F", args.zone) .. ("T%02d:%02d:00"):format(hour, minute), args.zone)
end
-- When a gateway is in maintenance, within a year.
local function occurrences(slot)
  local times = {}
  for ahead = 0, slot and 365 or -1 do
    local date = (noon + ahead * 86400):date(args.zone)
    if slot.DayOfWeek == date.wday - 1 or slot.DayOfMonth == date.day then
      local time = at(ahead, slot.HourOfDay, slot.MinuteOfHour)
      if time > now() then times[#times + 1] = time end
    end
  end
  return times
end

-- Two spans of minutes on a clock that comes round.
local function meet(round, a, a_lasts, b, b_lasts) return (b - a) % round < a_lasts or (a - b) % round < b_lasts end
local function in_window(start)
  local clock = start:date(args.zone)
  return opens and meet(1440, clock.hour * 60 + clock.min, takes, opens, lasts)
end
-- The limit that holds during some of the minutes from a time on. Its hours are UTC's, its last minute is part of it.
local function limit(gw, start, minutes)
  local clock = start:date()
  local minute = ((clock.wday - 1) * 24 + clock.hour) * 60 + clock.min
  for i in items(gw.limits):filter(function(i) return i.AverageUploadRateLimitInBitsPerSec end) do
    local from = i.StartHourOfDay * 60 + i.StartMinuteOfHour
    for _, weekday in ipairs(i.DaysOfWeek) do
      if meet(10080, minute, minutes, weekday * 1440 + from, i.EndHourOfDay * 60 + i.EndMinuteOfHour + 1 - from) then
        return ("limit of %.6g Mbit/s"):format(i.AverageUploadRateLimitInBitsPerSec / 1e6)
      end
    end
  end
end

local all, blind = fleet(), 0
local names, gateways = all.list_hypervisors():index("HypervisorArn"), all.list_gateways():collect()
local _, errors = parallel(gateways, function(gw)
  gw.limits = gw.target.get_bandwidth_rate_limit_schedule(gw).BandwidthRateLimitIntervals or {}
  gw.slot = gw.target.get_gateway(gw).MaintenanceStartTime
end, { on_error = "collect", label = "gateways" })
for i, gw in ipairs(gateways) do
  gw.limits, gw.times = gw.limits or {}, occurrences(gw.slot)
  if errors[i] then warn(("%s: %s"):format(gw.GatewayDisplayName, errors[i])) blind = blind + 1 end
end

-- An earlier gateway of the same hypervisor that is in maintenance in the same hours, and when. Earlier ones keep their time.
local function sibling(gw, times)
  for _, other in ipairs(gateways) do
    if other == gw then return nil end
    for _, a in ipairs(hypervisor_arn(gw) and hypervisor_arn(gw) == hypervisor_arn(other) and times or {}) do
      if items(other.times):filter(function(b) return math.abs(a - b) < args.takes end):first() then return other, a end
    end
  end
end

local todo = changes("Move maintenance to other days")
for _, gw in ipairs(args.stagger and gateways or {}) do
  for by = 1, sibling(gw, gw.times) and (gw.slot.DayOfWeek and 6 or 27) or 0 do
    local slot = { HourOfDay = gw.slot.HourOfDay, MinuteOfHour = gw.slot.MinuteOfHour,
      DayOfWeek = gw.slot.DayOfWeek and (gw.slot.DayOfWeek + by) % 7,
      DayOfMonth = gw.slot.DayOfMonth and (gw.slot.DayOfMonth + by - 1) % 28 + 1 }
    if not sibling(gw, occurrences(slot)) then
      todo.put_maintenance_start_time(gw, slot)
      gw.was, gw.slot, gw.times = gw.slot, slot, occurrences(slot)
      break
    end
  end
end
local moved, failed = todo:run()
if #moved == 0 and failed[1] then error(failed[1].error, 0) end  -- as when nobody said yes
for _, change in ipairs(failed) do warn(("%s: %s"):format(change.resource, change.error)) end

local function collisions(gw)
  local found, other, shared = {}, sibling(gw, gw.times)
  local function add(what, when) found[#found + 1] = when and ("%s on %s"):format(what, when:format("%a %d %b", args.zone)) end
  add(other and other.GatewayDisplayName, shared)
  add("backup window", items(gw.times):filter(in_window):first())
  local slow = items(gw.times):filter(function(time) return limit(gw, time, takes) end):first()
  add(slow and limit(gw, slow, takes), slow)
  for ahead = 0, opens and 6 or -1 do
    local what = limit(gw, at(ahead, h1, m1), lasts)
    if what then add("backup window: " .. what, at(ahead, h1, m1)) break end
  end
  return #found > 0 and table.concat(found, "; ") or nil
end
for _, gw in ipairs(gateways) do gw.found = collisions(gw) end
local function text(slot)
  local day = slot and (slot.DayOfWeek and weekdays[slot.DayOfWeek] or ("day %d,"):format(slot.DayOfMonth))
  return slot and ("%s %02d:%02d"):format(day, slot.HourOfDay, slot.MinuteOfHour)
end
local function count(f) return items(gateways):filter(f):count() end
local colliding = count(function(gw) return gw.found end)

show(gateways, {
  { "Gateway", "GatewayDisplayName" },
  { "Hypervisor", function(gw) local h = names[hypervisor_arn(gw)] return h and h.Name end },
  { "Maintenance", function(gw) return text(gw.slot) end }, { "Was", function(gw) return text(gw.was) end },
  { "Collides with", "found" },
}, {
  title = ("Maintenance, by the clocks of %s: %s, %s"):format(args.zone, all, now():format("%F %H:%M UTC")),
  summary = ("%d gateways: %d with collisions, %d without a maintenance time, %d moved.")
    :format(#gateways, colliding, count(function(gw) return not gw.slot end), #moved),
})
exit((#all:errors() > 0 or blind > 0 or #failed > 0) and 3 or colliding > 0 and 2 or 0)
