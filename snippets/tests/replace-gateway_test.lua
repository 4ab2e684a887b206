-- replace-gateway: Tokyo's gateway is silent since four days, has tags and limits, and is replaced.

local old, tokyo
local ALL = { "CreateGateway", "TagResource", "PutMaintenanceStartTime", "PutBandwidthRateLimitSchedule",
  "AssociateGatewayToServer", "DeleteGateway" }

function setup()
  old = get_gateway(list_gateways():find{ GatewayDisplayName = "tokyo-backup-01" })
  tokyo = hypervisor_arn(old)
  tag_resource(old, { Tags = tags.list{ site = "東京" } })
  put_bandwidth_rate_limit_schedule(old, { BandwidthRateLimitIntervals = { {
    DaysOfWeek = { 1 }, StartHourOfDay = 6, StartMinuteOfHour = 0, EndHourOfDay = 18, EndMinuteOfHour = 59,
    AverageUploadRateLimitInBitsPerSec = 50000000 } } })
end

local key = gateway_lab.activation_key
local function replace(options)
  local run_options = { "../replace-gateway.lua", output = "table", allow = ALL }
  for name, value in pairs(options) do
    if type(name) == "string" then run_options[name] = value end
  end
  for _, word in ipairs(options) do run_options[#run_options + 1] = word end
  if options[1] ~= "--old" then table.insert(run_options, 2, "--old=tokyo-backup-01") end
  return run(run_options)
end
local function new_one()
  for gw in list_gateways() do
    if hypervisor_arn(gw) == tokyo and gw.GatewayArn ~= old.GatewayArn then return get_gateway(gw) end
  end
end

function test_the_new_gateway_is_set_up_as_the_old_one_which_stays()
  local r = replace{ "--key", key() }
  assert(r.code == 0, r.stdout .. r.stderr)
  assert(r.stdout:find("is still there: --delete deletes it", 1, true))
  local new = new_one()
  assert(new.GatewayDisplayName == "tokyo-backup-01")
  assert(same(new.MaintenanceStartTime, old.MaintenanceStartTime))
  assert(tags.get(new).site == "東京")
  assert(get_bandwidth_rate_limit_schedule(new).BandwidthRateLimitIntervals[1].StartHourOfDay == 6)
  assert(get_hypervisor(tokyo).State == "ONLINE")
  assert(get_gateway(old))
end

function test_the_old_one_is_deleted_only_when_that_is_said()
  local r = replace{ "--key", key(), "--name", "tokyo-backup-02", "--delete" }
  assert(r.code == 0, r.stdout .. r.stderr)
  assert(missing_ok(get_gateway, old.GatewayArn) == nil)
  assert(new_one().GatewayDisplayName == "tokyo-backup-02")
end

function test_a_key_that_is_not_taken_changes_nothing()
  gateway_lab.activation{ issued_only = true }
  local r = replace{ "--key", "AAAAA-BBBBB", "--delete" }
  assert(r.code == 2)
  assert(r.stdout:find("Nothing was changed.", 1, true))
  assert(get_gateway(old) and not new_one())
end

function test_after_a_step_that_failed_it_goes_on_with_the_new_gateway()
  gateway_lab.faults{ set = { "denied:AssociateGatewayToServer=next:1" } }
  local r = replace{ "--key", key(), "--delete" }
  assert(r.code == 2)
  -- Both have one name now.
  local first, id = r.stdout:match("Go on with %-%-old (bgw%-%w+) %-%-new (bgw%-%w+)")
  assert(first == parse_arn(old).id and get_gateway(old), "and the old one is not deleted")
  r = replace{ "--old", first, "--new", id, "--delete" }
  assert(r.code == 0, r.stdout .. r.stderr)
  assert(parse_arn(new_one()).id == id and missing_ok(get_gateway, old.GatewayArn) == nil)
end

function test_an_old_gateway_without_a_hypervisor_is_replaced_too()
  disassociate_gateway_from_server(old)
  local r = replace{ "--key", key(), "--delete" }
  assert(r.code == 0, r.stdout .. r.stderr)
  assert(missing_ok(get_gateway, old.GatewayArn) == nil)
end

function test_a_rehearsal_shows_each_step_and_changes_nothing()
  local before = list_gateways():count()
  local r = replace{ "--key", key(), "--delete", dry_run = true }
  assert(r.code == 0, r.stdout .. r.stderr)
  assert(r.stdout:find("A dry run: nothing was changed.", 1, true))
  for _, operation in ipairs(ALL) do
    if operation ~= "TagResource" then assert(r.stdout:find(operation, 1, true), operation) end
  end
  assert(list_gateways():count() == before and get_gateway(old))
end

function test_without_leave_nothing_is_sent()
  assert(replace{ "--key", key(), allow = {} }.code == 251)
  assert(not new_one())
end

function test_a_key_or_a_gateway_is_wanted_and_not_both()
  assert(replace{}.code == 252)
  assert(replace{ "--new", "tokyo-backup-01" }.code == 252)
  assert(replace{ "--key", "AAAAA", "--new", "spare-01" }.code == 252)
end
