-- tag-mappings: Zürich's hypervisor maps one VMware tag, Tokyo's none. The world's machines have VMware tags that the service has not
-- seen yet.

local world = require "world"
local ROLE = "arn:aws:iam::123456789012:role/tag-sync"
local zurich, tokyo

function setup()
  zurich, tokyo = list_hypervisors():find{ Name = "vcenter-zurich" }, list_hypervisors():find{ Name = "vcenter-tokyo" }
  put_hypervisor_property_mappings(zurich, { IamRoleArn = ROLE, VmwareToAwsTagMappings = {
    { VmwareCategory = "Owner", VmwareTagName = "Platform", AwsTagKey = "owner", AwsTagValue = "platform" } } })
end

local function report(...)
  local r = run{ "../tag-mappings.lua", output = "json",
    allow = { "PutHypervisorPropertyMappings", "StartVirtualMachinesMetadataSync" }, ... }
  return r, r.stdout ~= "" and json.decode(r.stdout) or {}
end

function test_mappings_are_shown()
  local r, rows = report()
  assert(r.code == 0, r.stderr)
  assert(#rows == 1 and rows[1].Hypervisor == "vcenter-zurich")
  assert(rows[1]["VMware tag"] == "Owner: Platform" and rows[1]["AWS tag"] == "owner=platform")
end

function test_what_is_not_alike_is_found_and_left()
  local r, rows = report("--like", "vcenter-zurich")
  assert(r.code == 2)
  assert(rows[1].Hypervisor == "vcenter-tokyo" and rows[1].Finding == "missing")
  assert(rows[2].Finding == "role differs")
  assert(#get_hypervisor_property_mappings(tokyo).VmwareToAwsTagMappings == 0)
end

function test_mappings_are_copied_with_their_role()
  assert(report("--like", "vcenter-zurich", "--copy").code == 0)
  local mappings = get_hypervisor_property_mappings(tokyo)
  assert(mappings.IamRoleArn == ROLE and mappings.VmwareToAwsTagMappings[1].AwsTagValue == "platform")
  assert(report("--like", "vcenter-zurich").code == 0)
end

function test_a_mapping_that_only_the_other_has_is_taken_away_by_a_copy()
  put_hypervisor_property_mappings(tokyo, { IamRoleArn = ROLE, VmwareToAwsTagMappings = {
    { VmwareCategory = "Stage", VmwareTagName = "Test", AwsTagKey = "stage", AwsTagValue = "test" } } })
  local _, rows = report("--like", "vcenter-zurich")
  assert(rows[1].Finding == "not in vcenter-zurich" and rows[2].Finding == "missing" and #rows == 2)
  report("--like", "vcenter-zurich", "--copy")
  assert(#get_hypervisor_property_mappings(tokyo).VmwareToAwsTagMappings == 1)
end

function test_a_sync_is_started_and_waited_for_and_then_nothing_drifts()
  local r = report("--hypervisor", "vcenter-zurich", "--sync", "--drift")
  assert(r.code == 0, r.stderr)
  assert(get_hypervisor(zurich).LatestMetadataSyncStatus == "SUCCEEDED")
end

function test_a_sync_that_fails_is_no_success()
  gateway_lab.take_offline(zurich)
  local r = report("--hypervisor", "vcenter-zurich", "--sync")
  assert(r.code == 3)
  assert(r.stderr:find("sync FAILED", 1, true), r.stderr)
end

function test_tags_that_are_not_as_mapped_are_found()
  report("--hypervisor", "vcenter-zurich", "--sync")
  local tagged = list_virtual_machines(zurich):filter(function(vm) return tags.get(vm).owner == "platform" end):take(2):collect()
  tag_resource(tagged[1], { Tags = tags.list{ owner = "somebody" } })
  untag_resource(tagged[2], { TagKeys = { "owner" } })
  local other = list_virtual_machines(zurich):filter(function(vm) return not tags.get(vm).owner end):first()
  tag_resource(other, { Tags = tags.list{ owner = "platform" } })
  local r, rows = report("--hypervisor", "vcenter-zurich", "--drift")
  assert(r.code == 2)
  local finding = items(rows):filter(function(row) return row.Finding end):index("Of")
  assert(finding[tagged[1].Name].Finding == "AWS tag is somebody")
  assert(finding[tagged[2].Name].Finding == "no AWS tag")
  assert(finding[other.Name] and finding[other.Name].Finding == "no VMware tag")
end

function test_a_rehearsal_sets_nothing_and_starts_no_sync()
  local r = run{ "../tag-mappings.lua", "--like", "vcenter-zurich", "--copy", "--sync", dry_run = true, output = "table",
    allow = { "PutHypervisorPropertyMappings", "StartVirtualMachinesMetadataSync" } }
  assert(r.code == 2, r.stdout .. r.stderr)
  assert(r.stdout:find("1 hypervisors: 2 findings, 0 set, 0 synchronised.", 1, true))
  assert(#get_hypervisor_property_mappings(tokyo).VmwareToAwsTagMappings == 0)
end

function test_a_hypervisor_that_cannot_be_asked_is_no_success()
  gateway_lab.faults{ set = { "denied:GetHypervisorPropertyMappings=next:1" } }
  assert(report().code == 3)
end

function test_a_selection_without_a_hypervisor_is_not_all_well()
  local arn = "arn:aws:backup-gateway:us-east-1:123456789012:hypervisor/hype-00000000"
  local rows, told = world.rows(3, { "../tag-mappings.lua", "--hypervisor", arn })
  assert(#rows == 0)
  world.has(told, "there is none of these")
end
