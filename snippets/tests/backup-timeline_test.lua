-- backup-timeline: a bar an hour, each machine in the hour of its last backup, by the clocks of a zone.
local world = require "world"

local function drawn(...)
  local result = run { "../backup-timeline.lua", ... }
  assert(result.code == 0, result.stderr)
  return result.stdout
end

function test_a_bar_counts_the_machines_of_its_hour()
  world.clear()
  clock.set("2031-01-15T08:30:00Z")
  local text = drawn()
  world.has(text, "Tue 14 Jan 08:00")
  world.has(text, "Wed 15 Jan 08:00")
  world.has(text, "0 of 0 machines were last backed up in these 1d, 0 before, 0 never.")
end

function test_machines_are_counted_where_they_belong()
  clock.set("2031-01-15T08:30:00Z")
  local place = 0
  for vm in list_virtual_machines() do
    place = place + 1
    local at = place <= 3 and "2031-01-15T02:10:00Z" or "2030-12-01T00:00:00Z"
    gateway_lab.record_backup(vm, { LastBackupDate = timestamp(at) })
  end
  local text = drawn("--zone", "Europe/Berlin")
  assert(text:find("Wed 15 Jan 03:00 [^\n]* 3\n"), text)
  world.has(text, "3 of 250 machines were last backed up in these 1d, 247 before, 0 never.")
  assert(drawn("--per", "day"):find("Wed 15 Jan [^\n]* 3\n"))
end

function test_every_day_has_its_bar_when_clocks_change()
  clock.set("2031-04-02T08:30:00Z")
  local text = drawn("--per", "day", "--since", "5d", "--zone", "Europe/Berlin")
  for _, day in ipairs { "28", "29", "30", "31" } do world.has(text, day .. " Mar") end
end
