-- moved-vms: machines whose path is no longer the one in their tag.
local world = require "world"

function test_a_machine_that_was_moved_is_found()
  local vm = world.machine("db", "/DC1/vm/Prod/db", world.small())
  world.rows(0, { "../moved-vms.lua", "--hypervisor", "small" })
  gateway_lab.move_vm(vm, { Path = "/DC1/vm/Archive/db" })
  local rows = world.rows(2, { "../moved-vms.lua", "--hypervisor", "small" })
  assert(#rows == 1 and rows[1].Name == "db" and rows[1]["Is in"] == "/DC1/vm/Archive" and rows[1]["Found at"] == "/DC1/vm/Prod/db")
end

function test_its_folder_is_written_into_a_tag_of_the_operators_own()
  local vm = world.machine("db", "/DC1/vm/Prod/db", world.small())
  gateway_lab.move_vm(vm, { Path = "/DC1/vm/Archive/db" })
  local text = world.report(2, { "../moved-vms.lua", "--hypervisor", "small", "--tag", "folder", allow = { "TagResource" } })
  world.has(text, "1 tagged with their folder, 0 failed")
  assert(tags.get(vm).folder == "/DC1/vm/Archive")
  assert(tags.get(vm)["aws:backup-gateway:path"] == "/DC1/vm/Prod/db", "a system tag stays as it is")
  world.has(world.report(2, { "../moved-vms.lua", "--hypervisor", "small", "--tag", "folder", allow = { "TagResource" } }), "0 tagged with their folder")
end

function test_a_path_longer_than_a_tag_is_not_taken_for_moved()
  world.machine("deep", "/DC1/vm/" .. ("Łódź/"):rep(80) .. "deep", world.small())
  world.rows(0, { "../moved-vms.lua", "--hypervisor", "small" })
end

function test_without_a_yes_nothing_is_written()
  gateway_lab.move_vm(world.machine("db", "/DC1/vm/db", world.small()), { Path = "/DC1/vm/Archive/db" })
  assert(run { "../moved-vms.lua", "--hypervisor", "small", "--tag", "folder" }.code == 251)
end

function test_an_empty_world_is_nothing_to_report()
  world.clear()
  world.rows(0, { "../moved-vms.lua" })
end

function test_a_hypervisor_without_a_machine_is_not_all_well()
  local h = import_hypervisor_configuration{ Name = "empty", Host = "empty.example.com" }
  local rows, told = world.rows(3, { "../moved-vms.lua", "--hypervisor", h.HypervisorArn })
  assert(#rows == 0)
  world.has(told, "no machine is")
end
