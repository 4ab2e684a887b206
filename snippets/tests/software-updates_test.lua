-- software-updates: the world's Tokyo gateway runs 1.4.7, has an update since two days and is silent; the others get theirs in
-- twelve days.

local function report(...)
  local r = run{ "../software-updates.lua", output = "json", allow = { "UpdateGatewaySoftwareNow" }, ... }
  local rows = {}
  for _, row in ipairs(json.decode(r.stdout)) do rows[row.Gateway] = row end
  return r, rows
end

local function gateway(name) return get_gateway(list_gateways():find{ GatewayDisplayName = name }) end

function test_what_is_due_is_found()
  local r, rows = report()
  assert(r.code == 2)
  assert(rows["tokyo-backup-01"].Finding == "support ends in 45d; update available; silent 4d 1h")
  assert(rows["tokyo-backup-01"]["Supported until"] == "2026-04-15")
  assert(not rows["zurich-backup-01"])
end

function test_support_that_ends_later_is_no_finding_but_an_update_is()
  local _, rows = report("--within", "30d")
  assert(rows["tokyo-backup-01"].Finding == "update available; silent 4d 1h")
end

function test_a_silent_gateway_is_not_told_to_update()
  local r, rows = report("--apply")
  assert(r.code == 2)
  assert(gateway("tokyo-backup-01").SoftwareVersion == "1.4.7")
end

function test_updates_are_installed_and_waited_for()
  gateway_lab.bring_online(gateway("tokyo-backup-01"))
  clock.advance("13d")
  local r = report("--apply")
  assert(r.code == 0, r.stderr)
  assert(gateway("tokyo-backup-01").SoftwareVersion == "2.0.1")
  assert(gateway("zurich-backup-01").NextUpdateAvailabilityTime > now())
end

function test_gateways_of_one_hypervisor_update_one_after_the_other()
  local zurich, spare = gateway("zurich-backup-01"), gateway("spare-01")
  associate_gateway_to_server{ GatewayArn = spare.GatewayArn, ServerArn = hypervisor_arn(zurich) }
  clock.advance("13d")
  -- The first one never gets its update, so the other is left alone.
  gateway_lab.faults{ set = { "error500:UpdateGatewaySoftwareNow=next:20" } }
  local r = report("--apply")
  assert(r.code == 3)
  assert(r.stderr:find("the others of its hypervisor are left alone", 1, true))
  local updated = 0
  for gw in list_gateways():map(get_gateway) do
    if gw.NextUpdateAvailabilityTime > now() then updated = updated + 1 end
  end
  assert(updated == 0)
end

function test_a_rehearsal_updates_nothing()
  clock.advance("13d")
  local r = run{ "../software-updates.lua", "--apply", dry_run = true, output = "table", allow = { "UpdateGatewaySoftwareNow" } }
  assert(r.code == 2, r.stderr)
  assert(r.stdout:find("0 updated", 1, true))
  assert(gateway("zurich-backup-01").NextUpdateAvailabilityTime < now())
end

function test_without_leave_nothing_is_updated()
  clock.advance("13d")
  local r = run{ "../software-updates.lua", "--apply" }
  assert(r.code == 3, r.stderr)
  assert(gateway("zurich-backup-01").NextUpdateAvailabilityTime < now())
end

function test_a_gateway_that_cannot_be_asked_is_no_success()
  gateway_lab.faults{ set = { "denied:GetGateway=next:1" } }
  assert(report().code == 3)
end
