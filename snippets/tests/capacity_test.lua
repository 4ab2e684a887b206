-- capacity: what a night's window holds.

local function report(...)
  local r = run{ "../capacity.lua", output = "json", ... }
  return r, json.decode(r.stdout)
end

function test_a_hypervisor_that_hangs_on_one_gateway_is_found()
  local r, rows = report("--each", "15m", "--window", "24h")
  assert(r.code == 2)
  assert(rows[1].Hypervisor == "vcenter-zurich" and rows[1].Finding == "hangs on one gateway")
  assert(rows[2].Gateways == "0 of 1" and rows[2].Finding == "no gateway is heard from")
end

function test_more_gateways_are_reckoned_where_the_window_is_too_small()
  -- 169 machines in 8 h of 30 m each, 4 at once: a gateway gets through 64.
  local r, rows = report("--each", "30m", "--window", "8h")
  assert(r.code == 2)
  assert(rows[1].Needs == "21h 30m")
  assert(rows[1].Finding == "hangs on one gateway; too long: 2 more gateways")
end

function test_enough_everywhere_is_nothing_to_report()
  local zurich = list_hypervisors():find{ Name = "vcenter-zurich" }
  local spare = list_gateways():find{ GatewayDisplayName = "spare-01" }
  associate_gateway_to_server{ GatewayArn = spare.GatewayArn, ServerArn = zurich.HypervisorArn }
  local tokyo = list_hypervisors():find{ Name = "vcenter-tokyo" }
  for gw in list_gateways():filter(function(gw) return hypervisor_arn(gw) == tokyo.HypervisorArn end) do
    disassociate_gateway_from_server(gw)
  end
  delete_hypervisor(tokyo)
  local r, rows = report("--each", "15m", "--window", "8h")
  assert(r.code == 0, r.stdout)
  assert(#rows == 1 and rows[1].Gateways == 2 and rows[1]["Per gateway"] == 85)
end

function test_the_table_is_ready_for_a_ticket()
  local r = run{ "../capacity.lua", output = "table" }
  assert(r.stdout:find("Capacity, 30m each, window of 8h: local/us-east-1/123456789012, 2026-03-01 06:00 UTC", 1, true))
  assert(r.stdout:find("2 hypervisors, 250 machines, 2 of 3 gateways heard from: 1 on one gateway, 1 short of time, 1 without.\n", 1, true))
end

function test_a_window_that_holds_not_one_backup_is_refused()
  assert(run{ "../capacity.lua", "--each", "9h" }.code == 252)
  assert(run{ "../capacity.lua", "--jobs", "0" }.code == 252)
end

function test_a_target_that_is_denied_is_no_success()
  gateway_lab.faults{ set = { "denied:ListVirtualMachines=always" } }
  local r = run{ "../capacity.lua", "--each", "15m", "--window", "24h" }
  assert(r.code == 3)
  assert(r.stderr:find("is left out", 1, true))
end

function test_a_backup_that_takes_no_time_is_a_mistake_of_the_command_line()
  assert(run{ "../capacity.lua", "--each", "0s" }.code == 252)
end

-- Machines that could not be listed were reckoned as none: enough gateways everywhere.
function test_a_target_that_is_not_seen_whole_is_not_reckoned()
  gateway_lab.faults{ set = { "denied:ListVirtualMachines=always" } }
  local r = run{ "../capacity.lua", output = "json" }
  assert(r.code == 3 and #json.decode(r.stdout) == 0, r.stdout)
end
