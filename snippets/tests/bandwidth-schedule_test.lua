-- bandwidth-schedule: the world's gateways have no limits; limits.json wants one for Zürich on workdays, none elsewhere.

local here = arg[0]:match("^(.*)/[^/]*$") or "."
local limits, wrong = here .. "/limits.json", here .. "/limits-wrong.json"
local zurich

function setup() zurich = list_gateways():find{ GatewayDisplayName = "zurich-backup-01" } end

local function schedule(...)
  local r = run{ "../bandwidth-schedule.lua", output = "json", allow = { "PutBandwidthRateLimitSchedule" }, ... }
  return r, r.stdout ~= "" and json.decode(r.stdout) or {}
end

local function intervals() return get_bandwidth_rate_limit_schedule(zurich).BandwidthRateLimitIntervals end

function test_what_differs_from_the_file_is_found_and_not_set()
  local r, rows = schedule("--file", limits, "--zone", "Europe/Zurich")
  assert(r.code == 2, r.stderr)
  assert(#rows == 1)
  assert(rows[1]["Interval is"] == "missing" and rows[1].Days == "Mon Tue Wed Thu Fri" and rows[1].Limit == "50 Mbit/s")
  assert(rows[1].UTC == "06:00-18:59" and rows[1]["Europe/Zurich"] == "07:00-19:59")
  assert(#intervals() == 0)
end

function test_what_is_set_is_as_the_file_says()
  assert(schedule("--file", limits, "--apply").code == 0)
  assert(#intervals() == 1 and intervals()[1].AverageUploadRateLimitInBitsPerSec == 50000000)
  local r, rows = schedule("--file", limits)
  assert(r.code == 0 and #rows == 0, "and the order of days is no difference")
end

function test_an_interval_that_is_not_in_the_file_is_taken_away()
  put_bandwidth_rate_limit_schedule(list_gateways():find{ GatewayDisplayName = "spare-01" }, { BandwidthRateLimitIntervals = { {
    DaysOfWeek = { 0 }, StartHourOfDay = 0, StartMinuteOfHour = 0, EndHourOfDay = 1, EndMinuteOfHour = 59 } } })
  local _, rows = schedule("--file", limits)
  assert(rows[1].Gateway == "zurich-backup-01" or rows[2].Gateway == "zurich-backup-01")
  local found = items(rows):find{ Gateway = "spare-01" }
  assert(found["Interval is"] == "not in the file" and found.Limit == "none")
  assert(schedule("--file", limits, "--apply").code == 0)
end

function test_a_file_with_errors_changes_nothing_and_each_is_told()
  local r = schedule("--file", wrong, "--apply")
  assert(r.code == 252 and r.stdout == "")
  assert(r.stderr:find("osaka-backup-01: there is no such gateway", 1, true))
  assert(r.stderr:find("spare-01: 22:00-05:59 ends before it begins", 1, true))
  assert(r.stderr:find("tokyo-backup-01: put_bandwidth_rate_limit_schedule: BandwidthRateLimitIntervals", 1, true), r.stderr)
  assert(r.stderr:find("zurich-backup-01: 06:00-18:00 and 18:00-20:59 overlap on Mon", 1, true))
  assert(#intervals() == 0)
end

function test_without_a_file_what_is_set_is_shown()
  assert(schedule("--file", limits, "--apply").code == 0)
  local r, rows = schedule()
  assert(r.code == 0)
  assert(#rows == 1 and rows[1]["Interval is"] == "set" and rows[1].UTC == "06:00-18:59")
end

function test_a_rehearsal_sets_nothing()
  local r = run{ "../bandwidth-schedule.lua", "--file", limits, "--apply", dry_run = true, output = "table",
    allow = { "PutBandwidthRateLimitSchedule" } }
  assert(r.code == 2, r.stderr)
  assert(r.stdout:find("3 gateways: 1 differ from the file, 0 set.", 1, true))
  assert(#intervals() == 0)
end

function test_a_gateway_that_cannot_be_asked_is_no_success()
  gateway_lab.faults{ set = { "denied:GetBandwidthRateLimitSchedule=next:1" } }
  assert(schedule().code == 3)
end

function test_what_is_set_needs_a_file_and_a_file_names_gateways()
  assert(schedule("--apply").code == 252)
  local r = schedule("--file", here .. "/limits-text.json")
  assert(r.code == 252 and r.stderr:find("not a text", 1, true), r.stderr)
end

function test_what_may_not_be_written_is_refused_as_ever()
  local r = run{ "../bandwidth-schedule.lua", "--file", limits, "--apply" }
  assert(r.code == 251, r.stderr)
end
