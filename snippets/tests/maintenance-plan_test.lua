-- maintenance-plan: what gateways' maintenance collides with. The world's Zürich gateway is in maintenance on Sundays at 3:15.

local zurich, spare

function setup()
  zurich = list_gateways():find{ GatewayDisplayName = "zurich-backup-01" }
  spare = list_gateways():find{ GatewayDisplayName = "spare-01" }
end

-- The spare gateway beside Zürich's, in maintenance at that time.
local function beside(slot)
  associate_gateway_to_server{ GatewayArn = spare.GatewayArn, ServerArn = hypervisor_arn(zurich) }
  put_maintenance_start_time(spare, slot)
end

local function report(...)
  local r = run{ "../maintenance-plan.lua", output = "json", allow = { "PutMaintenanceStartTime" }, ... }
  local rows = {}
  for _, row in ipairs(json.decode(r.stdout)) do rows[row.Gateway] = row end
  return r, rows
end

function test_without_a_collision_there_is_nothing_to_report()
  local r, rows = report()
  assert(r.code == 0, r.stderr)
  assert(rows["zurich-backup-01"].Maintenance == "Sunday 03:15")
  assert(rows["tokyo-backup-01"].Maintenance == "day 12, 22:40")
  assert(rows["spare-01"].Maintenance == nil)
end

function test_the_window_and_maintenance_go_by_the_gateways_clock()
  local r, rows = report("--zone", "Europe/Zurich", "--window", "22:00-03:00")
  assert(r.code == 2)
  assert(rows["zurich-backup-01"]["Collides with"] == nil)
  -- At 22:40 on the twelfth, and its first hour is the window's.
  assert(rows["tokyo-backup-01"]["Collides with"] == "backup window on Thu 12 Mar")
end

function test_maintenance_that_reaches_into_the_window_collides()
  local _, rows = report("--window", "04:00-05:00", "--takes", "1h")
  assert(rows["zurich-backup-01"]["Collides with"] == "backup window on Sun 08 Mar")
  local r = report("--window", "04:15-05:00", "--takes", "1h")
  assert(r.code == 0)
end

function test_bandwidth_is_utcs_and_maintenance_is_not()
  put_bandwidth_rate_limit_schedule(zurich, { BandwidthRateLimitIntervals = { {
    DaysOfWeek = { 0 }, StartHourOfDay = 1, StartMinuteOfHour = 30, EndHourOfDay = 1, EndMinuteOfHour = 59,
    AverageUploadRateLimitInBitsPerSec = 50000000 } } })
  assert(report().code == 0)
  -- 3:15 in Zürich is 2:15 of UTC in winter, and 1:15 from the first Sunday of summer time on.
  local r, rows = report("--zone", "Europe/Zurich")
  assert(r.code == 2)
  assert(rows["zurich-backup-01"]["Collides with"] == "limit of 50 Mbit/s on Sun 29 Mar")
end

function test_a_limit_during_the_backup_window_is_found()
  put_bandwidth_rate_limit_schedule(zurich, { BandwidthRateLimitIntervals = { {
    DaysOfWeek = { 1, 2, 3, 4, 5 }, StartHourOfDay = 6, StartMinuteOfHour = 0, EndHourOfDay = 18, EndMinuteOfHour = 59,
    AverageUploadRateLimitInBitsPerSec = 1000000 } } })
  local _, rows = report("--window", "04:30-06:30")
  assert(rows["zurich-backup-01"]["Collides with"] == "backup window: limit of 1 Mbit/s on Mon 02 Mar")
end

function test_gateways_of_one_hypervisor_that_share_their_hours_are_moved_apart()
  beside{ DayOfWeek = 0, HourOfDay = 3, MinuteOfHour = 0 }
  local r, rows = report()
  assert(r.code == 2)
  assert(rows["spare-01"]["Collides with"] == "zurich-backup-01 on Sun 08 Mar")

  r = report("--stagger")
  assert(r.code == 0, r.stderr)
  local slot = get_gateway(spare).MaintenanceStartTime
  assert(slot.DayOfWeek == 1 and slot.HourOfDay == 3 and slot.MinuteOfHour == 0)
  assert(get_gateway(zurich).MaintenanceStartTime.DayOfWeek == 0)
end

function test_a_day_of_the_month_meets_a_day_of_the_week_sooner_or_later()
  beside{ DayOfMonth = 5, HourOfDay = 3, MinuteOfHour = 15 }
  local _, rows = report()
  assert(rows["spare-01"]["Collides with"] == "zurich-backup-01 on Sun 05 Apr")
end

function test_a_rehearsal_changes_nothing_and_shows_the_plan()
  beside{ DayOfWeek = 0, HourOfDay = 3, MinuteOfHour = 0 }
  local r = run{ "../maintenance-plan.lua", "--stagger", output = "table", dry_run = true, allow = { "PutMaintenanceStartTime" } }
  assert(r.code == 0, r.stderr)
  assert(r.stdout:find("Monday 03:00", 1, true))
  assert((r.stdout .. r.stderr):find("PutMaintenanceStartTime", 1, true))
  assert(get_gateway(spare).MaintenanceStartTime.DayOfWeek == 0)
end

function test_a_gateway_that_cannot_be_asked_is_no_success()
  gateway_lab.faults{ set = { "denied:GetGateway=next:1" } }
  local r, rows = report()
  assert(r.code == 3)
end

function test_a_window_that_is_none_is_refused()
  local r = run{ "../maintenance-plan.lua", "--window", "night" }
  assert(r.code == 252)
end

function test_what_may_not_be_written_is_refused_as_ever()
  beside{ DayOfWeek = 0, HourOfDay = 3, MinuteOfHour = 0 }
  local r = run{ "../maintenance-plan.lua", "--stagger" }
  assert(r.code == 251, r.stderr)
end
