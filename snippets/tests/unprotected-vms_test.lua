-- unprotected-vms: machines that nothing backs up, by tag or by date.
local world = require "world"

function test_without_tags_what_was_never_backed_up_is_listed()
  local rows = world.rows(2, { "../unprotected-vms.lua" })
  assert(#rows == 17)
  for _, row in ipairs(rows) do assert(row.Why == "never backed up") end
end

function test_a_machine_needs_one_of_the_tags()
  local daily, weekly, none = world.machine("daily"), world.machine("weekly"), world.machine("none")
  for _, vm in ipairs { daily, weekly, none } do gateway_lab.record_backup(vm) end
  tag_resource(daily, { Tags = tags.list{ backup = "daily" } })
  tag_resource(weekly, { Tags = tags.list{ backup = "weekly" } })
  local rows = items(world.rows(2, { "../unprotected-vms.lua", "--tag", "backup=daily", "--tag", "backup=weekly" })):index("Name")
  assert(not rows.daily and not rows.weekly and rows.none.Why == "not tagged backup=daily or backup=weekly")
end

function test_both_reasons_are_given()
  world.machine("new")
  local row = world.row(world.rows(2, { "../unprotected-vms.lua", "--tag", "backup" }), "Name", "new")
  assert(row.Why == "never backed up, not tagged backup")
end

function test_says_what_it_cannot_see_and_who_can()
  world.has(world.report(2, { "../unprotected-vms.lua" }), "aws backup list-backup-plans")
end

function test_an_empty_world_is_nothing_to_report()
  world.clear()
  world.rows(0, { "../unprotected-vms.lua", "--tag", "backup" })
end

function test_a_hypervisor_without_a_machine_is_not_all_well()
  local h = import_hypervisor_configuration{ Name = "empty", Host = "empty.example.com" }
  local rows, told = world.rows(3, { "../unprotected-vms.lua", "--hypervisor", h.HypervisorArn })
  assert(#rows == 0)
  world.has(told, "no machine is")
end
