-- orphans: gateways, hypervisors and machines to which something is missing that they need.
local world = require "world"

local function problems_of(rows, name)
  local problems = {}
  for _, row in ipairs(rows) do
    if row.Name == name then problems[#problems + 1] = row.Problem end
  end
  return table.concat(problems, "; ")
end

function test_a_gateway_without_a_hypervisor_and_hypervisors_without_log_group_or_sync()
  local rows = world.rows(2, { "../orphans.lua" })
  assert(problems_of(rows, "spare-01") == "is associated with no hypervisor")
  assert(problems_of(rows, "vcenter-zurich") == "no log group; its metadata was never synced")
end

function test_a_hypervisor_without_gateways_and_machines()
  import_hypervisor_configuration{ Name = "new", Host = "new.example.com" }
  assert(problems_of(world.rows(2, { "../orphans.lua" }), "new")
    == "no gateway; no machines were found on it; no log group; its metadata was never synced")
end

function test_what_is_complete_is_not_listed()
  disassociate_gateway_from_server(list_gateways():find{ GatewayDisplayName = "tokyo-backup-01" })
  for gw in list_gateways():filter(function(gw) return not gw.HypervisorId end) do delete_gateway(gw) end
  delete_hypervisor(list_hypervisors():find{ Name = "vcenter-tokyo" })
  local h = list_hypervisors():first()
  update_hypervisor(h, { LogGroupArn = "arn:aws:logs:us-east-1:123456789012:log-group:gateway:*" })
  start_virtual_machines_metadata_sync(h)
  clock.advance("1m")
  world.rows(0, { "../orphans.lua" })
end

function test_says_who_knows_of_machines_that_are_gone()
  world.has(world.report(2, { "../orphans.lua" }), "aws backup list-protected-resources")
end

function test_what_could_not_be_asked_is_said_and_ends_with_3()
  gateway_lab.faults{ set = { "error500:GetHypervisor=always" } }
  local rows, told = world.rows(3, { "../orphans.lua" })
  assert(problems_of(rows, "spare-01") == "is associated with no hypervisor", "the report goes on with less")
  world.has(told, "GetHypervisor: InternalServerException")
end

function test_an_empty_world_is_nothing_to_report()
  world.clear()
  world.rows(0, { "../orphans.lua" })
end

-- Where the machines could not be listed, each hypervisor seemed to have none; where hypervisors could not, each gateway's was gone.
function test_a_target_that_is_not_seen_whole_is_no_finding()
  for _, operation in ipairs{ "ListVirtualMachines", "ListHypervisors" } do
    gateway_lab.faults{ set = { ("denied:%s=always"):format(operation) } }
    assert(#world.rows(3, { "../orphans.lua" }) == 0)
  end
end

-- They were passed over in silence, as in `run orphans --output table`.
function test_words_that_mean_nothing_are_refused()
  assert(run{ "../orphans.lua", "--output", "table" }.code == 252)
end
