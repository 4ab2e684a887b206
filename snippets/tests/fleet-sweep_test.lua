-- fleet-sweep: a row for each target of the fleet, counted, also where a target cannot be asked.
local world = require "world"

function test_counts_what_a_target_has()
  local rows = world.rows(2, { "../fleet-sweep.lua" })
  assert(#rows == 1 and rows[1].Target == "local/us-east-1/123456789012")
  assert(rows[1].Gateways == 3 and rows[1].Silent == 1 and rows[1].Hypervisors == 2 and rows[1]["Not ONLINE"] == 1)
  assert(rows[1].Machines == 250 and rows[1]["Never backed up"] == 17)
end

function test_the_ages_are_the_operators_word()
  local rows = world.rows(2, { "../fleet-sweep.lua", "--age", "3650d", "--silent", "3650d" })
  assert(rows[1].Silent == 0 and rows[1]["No backup for 3650d"] == 0)
end

function test_an_empty_target_is_a_row_of_zeros()
  world.clear()
  local rows = world.rows(0, { "../fleet-sweep.lua" })
  assert(#rows == 1 and rows[1].Machines == 0)
end
