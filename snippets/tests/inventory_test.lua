-- inventory: a row for every resource of the fleet, with the same columns whatever there is.
local world = require "world"

function test_every_resource_is_a_row()
  local rows = world.rows(0, { "../inventory.lua", "--format", "json" })
  assert(#rows == 255)
  local gw = world.row(rows, "Name", "zurich-backup-01")
  assert(gw.Kind == "gateway" and gw.Hypervisor == "vcenter-zurich" and gw.Account == "123456789012" and gw.Region == "us-east-1")
  local h = world.row(rows, "Name", "vcenter-tokyo")
  assert(h.State == "PENDING" and h.ARN == list_hypervisors():find{ Name = "vcenter-tokyo" }.HypervisorArn)
  local vm = list_virtual_machines():first()
  local row = world.row(rows, "ARN", vm.ResourceArn)
  assert(row.Kind == "vm" and row.Path == vm.Path and row.Host == vm.HostName)
end

function test_tags_are_there_when_they_are_asked_for()
  local vm = world.machine("db")
  tag_resource(vm, { Tags = tags.list{ team = "db" } })
  local rows = world.rows(0, { "../inventory.lua", "--format", "json", "--tags" })
  assert(world.row(rows, "ARN", vm.ResourceArn).Tags.team == "db")
end

function test_csv_has_the_same_columns_even_of_nothing()
  local header = "Account,Region,Kind,Name,Hypervisor,Host,Path,State,Last seen,Last backup,Tags,ARN\r\n"
  local full = run { "../inventory.lua" }
  assert(full.code == 0 and full.stdout:sub(1, #header) == header, full.stderr)
  world.clear()
  assert(run { "../inventory.lua" }.stdout == header)
end

function test_odd_names_stay_in_their_cells()
  for _, name in ipairs(world.odd_names) do world.machine(name, "/odd/x") end
  local rows = world.rows(0, { "../inventory.lua", "--format", "json" })
  for _, name in ipairs(world.odd_names) do world.row(rows, "Name", name) end
end

function test_a_report_has_what_stdout_would_have()
  local r = run { "../inventory.lua", "--report", "fleet.csv" }
  assert(r.code == 0 and r.stdout == "")
  assert(r.files["fleet.csv"] == run { "../inventory.lua" }.stdout)
end
