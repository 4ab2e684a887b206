-- failed-backups: who missed the window that began last night, by the clocks of a zone.
local world = require "world"

-- Twenty machines instead of the sample's 250: each backup that is recorded is a call.
function setup()
  world.clear()
  for name, key in pairs{ ["vcenter-zurich"] = "AAAAA-BBBBB", ["vcenter-tokyo"] = "CCCCC-DDDDD" } do
    local gw = create_gateway{ ActivationKey = key, GatewayDisplayName = name, GatewayType = "BACKUP_VM" }
    local h = import_hypervisor_configuration{ Name = name, Host = name .. ".example.com" }
    associate_gateway_to_server{ GatewayArn = gw.GatewayArn, ServerArn = h.HypervisorArn }
  end
  clock.advance("1m")
end

-- All machines were backed up at the same time, but for those that a test says something of.
local function all_backed_up(at)
  for vm in list_virtual_machines() do gateway_lab.record_backup(vm, { LastBackupDate = timestamp(at) }) end
end

function test_a_machine_without_a_backup_since_the_window_began_missed_it()
  clock.set("2031-01-15T08:00:00Z")
  all_backed_up("2031-01-15T02:00:00Z")
  world.rows(0, { "../failed-backups.lua" })
  local vm = list_virtual_machines():first()
  gateway_lab.record_backup(vm, { LastBackupDate = timestamp("2031-01-13T21:59:59Z") })
  local rows = world.rows(2, { "../failed-backups.lua" })
  assert(#rows == 1 and rows[1].Name == vm.Name and rows[1].Nights == 2)
end

function test_the_window_is_by_the_clocks_of_the_zone()
  -- 23:00 in Berlin is 22:00 UTC in winter and 21:00 UTC in summer.
  clock.set("2031-01-15T08:00:00Z")
  all_backed_up("2031-01-14T22:00:00Z")
  world.rows(0, { "../failed-backups.lua", "--from", "23:00", "--zone", "Europe/Berlin" })
  all_backed_up("2031-01-14T21:59:59Z")
  assert(#world.rows(2, { "../failed-backups.lua", "--from", "23:00", "--zone", "Europe/Berlin" }) == 20)
  clock.set("2031-07-15T08:00:00Z")
  all_backed_up("2031-07-14T21:00:00Z")
  world.rows(0, { "../failed-backups.lua", "--from", "23:00", "--zone", "Europe/Berlin" })
end

function test_a_night_on_which_clocks_change_begins_when_it_should()
  -- In the night to 30 March 2031, Berlin's clocks go from 2:00 to 3:00.
  clock.set("2031-03-30T08:00:00Z")
  all_backed_up("2031-03-29T21:00:00Z")
  world.rows(0, { "../failed-backups.lua", "--from", "22:00", "--to", "06:00", "--zone", "Europe/Berlin" })
  world.has(world.report(0, { "../failed-backups.lua", "--zone", "Europe/Berlin" }),
    "Missed between 2031-03-29 22:00 and 2031-03-30 06:00 CEST")
end

function test_a_window_that_is_still_open_is_not_looked_at_yet()
  clock.set("2031-01-15T01:00:00Z")
  all_backed_up("2031-01-13T23:00:00Z")
  world.rows(0, { "../failed-backups.lua" })
end

function test_a_hypervisor_that_missed_everything_is_pointed_out()
  clock.set("2031-01-15T08:00:00Z")
  all_backed_up("2031-01-15T02:00:00Z")
  local tokyo = list_hypervisors():find{ Name = "vcenter-tokyo" }
  for vm in list_virtual_machines(tokyo) do
    gateway_lab.record_backup(vm, { LastBackupDate = timestamp("2031-01-10T00:00:00Z") })
  end
  local text = world.report(2, { "../failed-backups.lua" })
  assert(text:find("\nvcenter%-tokyo: (%d+) of %1, all of them: moongate run silent%-gateways\n"), text)
  world.has(text, "--by-created-after 2031-01-14T22:00:00Z")
  world.rows(0, { "../failed-backups.lua", "--hypervisor", "vcenter-zurich" })
end

function test_a_time_that_is_none_is_a_mistake_of_the_command_line()
  local result = run { "../failed-backups.lua", "--from", "25:00" }
  assert(result.code == 252)
  world.has(result.stderr, "25:00 is no time of day")
end

function test_an_empty_world_is_nothing_to_report()
  world.clear()
  world.rows(0, { "../failed-backups.lua" })
end

function test_a_hypervisor_without_a_machine_is_not_all_well()
  local h = import_hypervisor_configuration{ Name = "empty", Host = "empty.example.com" }
  local rows, told = world.rows(3, { "../failed-backups.lua", "--hypervisor", h.HypervisorArn })
  assert(#rows == 0)
  world.has(told, "no machine is")
end

function test_a_folder_without_a_machine_is_not_all_well()
  local rows, told = world.rows(3, { "../failed-backups.lua", "--folder", "/DC1/vm/Pord" })
  assert(#rows == 0)
  world.has(told, "no machine is in the selection")
end
