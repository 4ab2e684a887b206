-- stale-vms: machines whose last backup is older than some age, the oldest first.
local world = require "world"

function test_lists_what_has_no_backup_or_an_old_one_the_oldest_first()
  local old = list_virtual_machines():filter(function(vm) return older_than(vm.LastBackupDate, "20d") end):count()
  local rows = world.rows(2, { "../stale-vms.lua", "--age", "20d" })
  assert(#rows == old and rows[1].Age == "never" and rows[1]["Last backup"] == nil)
  assert(timestamp(rows[#rows]["Last backup"]) >= timestamp(rows[#rows - 1]["Last backup"]))
end

function test_a_machine_is_stale_from_its_age_on_and_not_before()
  local vm = world.machine("db")
  gateway_lab.record_backup(vm, { LastBackupDate = now() })
  clock.advance("167h")
  local h = hypervisor_arn(vm)
  local before = #world.rows(2, { "../stale-vms.lua", "--hypervisor", h, "--folder", "/DC1/vm/db/" , "--age", "1d" })
  assert(before == 1)
  world.rows(0, { "../stale-vms.lua", "--folder", "/DC1/vm/db" })
  clock.advance("2h")
  assert(world.rows(2, { "../stale-vms.lua", "--folder", "/DC1/vm/db" })[1].Name == "db")
end

function test_a_folder_ends_at_a_slash()
  world.machine("web", "/DC1/vm/Prod/web")
  world.machine("other", "/DC1/vm/Production/other")
  local rows = world.rows(2, { "../stale-vms.lua", "--folder", "/DC1/vm/Prod" })
  assert(#rows == 1 and rows[1].Name == "web")
  assert(#world.rows(2, { "../stale-vms.lua", "--folder", "/DC1/vm/Prod/" }) == 1)
end

function test_tags_narrow_it_down()
  local both, one = world.machine("both"), world.machine("one")
  tag_resource(both, { Tags = tags.list{ stage = "prod", team = "db" } })
  tag_resource(one, { Tags = tags.list{ stage = "prod", team = "web" } })
  local rows = world.rows(2, { "../stale-vms.lua", "--tag", "stage=prod", "--tag", "team" })
  assert(#rows == 2)
  rows = world.rows(2, { "../stale-vms.lua", "--tag", "stage=prod", "--tag", "team=db" })
  assert(#rows == 1 and rows[1].Name == "both")
end

-- A job of cron with a mistyped folder once ended with 0 for ever.
function test_a_selection_without_a_machine_is_not_all_well()
  world.machine("db")
  local vm = world.machine("fresh")
  gateway_lab.record_backup(vm, { LastBackupDate = now() })
  tag_resource(vm, { Tags = tags.list{ stage = "prod" } })
  for _, selection in ipairs{ { "--folder", "/DC1/vm/Pord" }, { "--tag", "stage=pord" },
    { "--folder", "/DC1/vm/db", "--tag", "stage=prod" } } do
    local rows, told = world.rows(3, { "../stale-vms.lua", table.unpack(selection) })
    assert(#rows == 0)
    world.has(told, "no machine is in the selection")
  end
  -- None of them is old, and one of them is there.
  world.rows(0, { "../stale-vms.lua", "--folder", "/DC1/vm/fresh", "--tag", "stage=prod" })
end

function test_the_report_sums_up_by_hypervisor()
  local text = world.report(2, { "../stale-vms.lua" })
  world.has(text, "No backup for 7d: local/us-east-1/123456789012, ")
  world.has(text, "\nvcenter-zurich: ")
  assert(text:find("\n%d+ of 250 machines%.\n$"), text)
end

function test_odd_names_stay_on_their_line()
  for _, name in ipairs(world.odd_names) do world.machine(name, "/odd/x") end
  assert(#world.rows(2, { "../stale-vms.lua", "--folder", "/odd" }) == #world.odd_names)
  local lines = 0
  for _ in world.report(2, { "../stale-vms.lua", "--folder", "/odd" }):gmatch("[^\n]+") do lines = lines + 1 end
  assert(lines == #world.odd_names + 4)
end

function test_an_empty_world_is_nothing_to_report()
  world.clear()
  assert(#world.rows(0, { "../stale-vms.lua" }) == 0)
  world.has(world.report(0, { "../stale-vms.lua" }), "0 of 0 machines.")
end
