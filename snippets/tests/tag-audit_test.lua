-- tag-audit: tags that are missing or have a value that is none of those wanted, and what --fix does.
local world = require "world"

local function tagged(name, map)
  local gw = list_gateways():find{ GatewayDisplayName = name }
  tag_resource(gw, { Tags = tags.list(map) })
  return gw
end

function test_missing_tags_and_wrong_values_are_findings()
  tagged("spare-01", { owner = "me", stage = "prod" })
  tagged("zurich-backup-01", { owner = "me", stage = "staging" })
  local rows = world.rows(2, { "../tag-audit.lua", "--of", "gateway", "--tag", "owner", "--tag", "stage=prod|test" })
  assert(#rows == 3, #rows)
  assert(world.row(rows, "Name", "zurich-backup-01").Is == "staging")
  assert(world.row(rows, "Name", "tokyo-backup-01").Is == "missing")
end

function test_fix_adds_what_is_missing_and_leaves_other_values_alone()
  local gw = tagged("zurich-backup-01", { stage = "staging" })
  local rows = world.rows(2, { "../tag-audit.lua", "--of", "gateway", "--tag", "stage=prod|test", "--fix", allow = { "TagResource" } })
  assert(world.row(rows, "Name", "spare-01").Is == "added: prod")
  assert(tags.get(gw).stage == "staging", "somebody chose it")
  assert(tags.get(list_gateways():find{ GatewayDisplayName = "spare-01" }).stage == "prod")
end

function test_when_all_is_mended_nothing_is_left_to_report()
  local command = { "../tag-audit.lua", "--of", "hypervisor", "--tag", "stage=prod", "--fix", allow = { "TagResource" } }
  assert(#world.rows(0, command) == 2)
  assert(#world.rows(0, command) == 0)
end

function test_without_a_yes_nothing_is_written()
  local result = run { "../tag-audit.lua", "--of", "gateway", "--tag", "stage=prod", "--fix" }
  assert(result.code == 251, result.code)
  assert(tags.get(list_gateways():first()).stage == nil)
end

function test_a_dry_run_shows_and_writes_nothing()
  local result = run { "../tag-audit.lua", "--of", "gateway", "--tag", "stage=prod", "--fix", dry_run = true, output = "table" }
  assert(result.code == 2)
  world.has(result.stderr, "tag_resource{")
  world.has(result.stdout, "3 findings in 3 resources; 0 added, 3 left.")
end

function test_without_a_tag_it_says_what_it_wants()
  local result = run { "../tag-audit.lua" }
  assert(result.code == 252)
  world.has(result.stderr, "--tag")
end

function test_machines_are_looked_at_unless_told()
  assert(#world.rows(2, { "../tag-audit.lua", "--tag", "owner" }) == 250)
end

function test_an_empty_world_is_nothing_to_report()
  world.clear()
  world.rows(0, { "../tag-audit.lua", "--tag", "owner" })
end
