-- silent-gateways: gateways that are not heard from, with the likely cause of each.
local world = require "world"

local function findings(code, ...)
  return world.rows(code, { "../silent-gateways.lua", ... })
end

function test_a_silent_gateway_and_the_hypervisor_that_waits_for_it()
  local rows = findings(2)
  assert(#rows == 2)
  assert(rows[1].What == "gateway" and rows[1].Name == "tokyo-backup-01" and rows[1].State:find("^silent 4d"))
  assert(rows[1]["Likely cause"]:find("does not reach vpce%-%w+"))
  assert(rows[2].Name == "vcenter-tokyo" and rows[2].State == "PENDING")
  assert(rows[2]["Likely cause"] == "all of its gateways are silent (1)")
end

function test_how_long_silence_lasts_is_the_operators_word()
  assert(#findings(2, "--silent", "30d") == 1, "the hypervisor that is PENDING")
end

function test_one_of_two_silent_gateways_points_at_its_appliance()
  local h = list_hypervisors():find{ State = "ONLINE" }
  local spare, first = list_gateways():find{ GatewayDisplayName = "spare-01" }, list_gateways():find{ GatewayDisplayName = "zurich-backup-01" }
  associate_gateway_to_server{ GatewayArn = spare.GatewayArn, ServerArn = h.HypervisorArn }
  gateway_lab.take_offline(first)
  clock.advance("1h")
  local row = world.row(findings(2), "Name", "zurich-backup-01")
  assert(row["Likely cause"] == "other gateways of its hypervisor are heard from: this appliance, or its host")
  gateway_lab.take_offline(spare)
  clock.advance("1h")
  row = world.row(findings(2), "Name", "zurich-backup-01")
  assert(row["Likely cause"] == "so are all 2 of its hypervisor: their network, or the host they run on")
end

function test_a_vcenter_that_is_not_reached_and_one_that_refuses()
  local h = list_hypervisors():find{ Name = "vcenter-zurich" }
  gateway_lab.take_offline(h)
  assert(world.row(findings(2), "Name", "vcenter-zurich")["Likely cause"]
    == "its gateways do not reach " .. h.Host .. ": network, firewall or host name")
  gateway_lab.bring_online(h)
  gateway_lab.set_vcenter_login(h, { accepts = "nobody" })
  assert(world.row(findings(2), "Name", "vcenter-zurich")["Likely cause"] == h.Host .. " refuses user name or password")
end

function test_a_failed_metadata_sync_is_told_with_its_message()
  local h = list_hypervisors():find{ Name = "vcenter-zurich" }
  gateway_lab.take_offline(h)
  start_virtual_machines_metadata_sync(h)
  clock.advance("1m")
  world.has(world.row(findings(2), "Name", "vcenter-zurich")["Likely cause"], "; metadata sync FAILED: ")
end

function test_a_hypervisor_without_a_gateway()
  disassociate_gateway_from_server(list_gateways():find{ GatewayDisplayName = "tokyo-backup-01" })
  assert(world.row(findings(2), "Name", "vcenter-tokyo")["Likely cause"] == "no gateway is associated with it")
end

function test_what_could_not_be_asked_is_said_and_ends_with_3()
  gateway_lab.faults{ set = { "error500:GetHypervisor=always" } }
  local rows, told = findings(3)
  assert(#rows == 2 and rows[2]["Likely cause"] == "all of its gateways are silent (1)", "the report goes on with less")
  world.has(told, "GetHypervisor: InternalServerException")
end

function test_an_empty_world_is_all_well()
  world.clear()
  world.has(world.report(0, { "../silent-gateways.lua" }), "0 of 0 gateways silent, 0 of 0 hypervisors not ONLINE.")
end
