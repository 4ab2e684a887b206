-- rotate-credentials: Zürich's vCenter lets in whom the test says; its one gateway is heard from.

local zurich, gateway

function setup()
  zurich = list_hypervisors():find{ Name = "vcenter-zurich" }
  gateway = list_gateways():find{ GatewayDisplayName = "zurich-backup-01" }
  gateway_lab.set_vcenter_login(zurich, { Username = "svc-backup", Password = "new" })
end

local function rotate(options)
  local run_options = { "../rotate-credentials.lua", "--hypervisor", "vcenter-zurich", "--username", "svc-backup",
    secrets = { password = "new" }, allow = { "TestHypervisorConfiguration", "UpdateHypervisor" }, output = "table" }
  for name, value in pairs(options or {}) do run_options[name] = value end
  return run(run_options)
end

function test_credentials_that_get_in_are_set_and_the_hypervisor_is_online()
  assert(get_hypervisor(zurich).State == "ERROR")
  local r = rotate()
  assert(r.code == 0, r.stdout .. r.stderr)
  assert(r.stdout:find("vcenter-zurich has new credentials, tried through 1 gateway, and is ONLINE.\n", 1, true))
  assert(get_hypervisor(zurich).State == "ONLINE")
end

function test_the_password_is_never_printed()
  local r = rotate{ secrets = { password = "correct-horse-battery" } }
  assert(not (r.stdout .. r.stderr):find("correct-horse-battery", 1, true))
end

function test_when_one_gateway_does_not_get_in_nothing_is_changed()
  local r = rotate{ secrets = { password = "wrong" } }
  assert(r.code == 2)
  assert(r.stdout:find("keeps its credentials: a gateway does not get in.", 1, true))
  -- It would be ONLINE if they had been set anyway.
  gateway_lab.set_vcenter_login(zurich, { Username = "svc-backup", Password = "wrong" })
  assert(get_hypervisor(zurich).State == "ERROR")
end

function test_every_gateway_of_the_hypervisor_tries()
  local spare = list_gateways():find{ GatewayDisplayName = "spare-01" }
  associate_gateway_to_server{ GatewayArn = spare.GatewayArn, ServerArn = zurich.HypervisorArn }
  gateway_lab.take_offline(spare)
  local r = rotate()
  assert(r.code == 2, "a silent gateway cannot try")
  assert(r.stdout:find("zurich-backup-01  gets in", 1, true) and r.stdout:find("spare-01", 1, true))
  gateway_lab.bring_online(spare)
  assert(rotate().stdout:find("tried through 2 gateways", 1, true))
end

function test_without_a_gateway_there_is_nobody_to_try()
  disassociate_gateway_from_server(gateway)
  local r = rotate()
  assert(r.code == 3 and r.stdout:find("nothing was changed", 1, true))
end

function test_a_hypervisor_that_cannot_be_looked_at_is_left_alone()
  gateway_lab.faults{ set = { "denied:GetHypervisor=always" } }
  assert(rotate().code == 254)
  gateway_lab.faults{ clear = true }
  assert(get_hypervisor(zurich).State == "ERROR")
end

function test_a_state_that_is_never_waited_for_is_refused_before_anything_is_changed()
  local r = run{ "../rotate-credentials.lua", "--hypervisor", "vcenter-zurich", "--username", "svc-backup", "--patience", "1m",
    secrets = { password = "new" }, allow = { "TestHypervisorConfiguration", "UpdateHypervisor" } }
  assert(r.code == 252)
  assert(get_hypervisor(zurich).State == "ERROR")
end

function test_a_rehearsal_changes_nothing()
  local r = rotate{ dry_run = true }
  assert(r.code == 0, r.stdout .. r.stderr)
  assert(r.stdout:find("this was a dry run", 1, true))
  assert(get_hypervisor(zurich).State == "ERROR")
end

function test_what_can_be_no_password_is_not_taken_for_a_wrong_one()
  assert(rotate{ secrets = { password = "päss" } }.code == 252)
end

function test_without_leave_nothing_is_sent()
  assert(rotate{ allow = {} }.code == 251)
end
