--- VMware tag mappings: shown, compared between hypervisors, copied, synchronised; and machines whose AWS tags are not as mapped.
--
-- --like H compares the mappings and the role of all others, or of
-- --hypervisor, with those of H; with --copy they are set as there. --sync
-- starts a metadata sync, which makes AWS tags of them, and waits for its end.
-- --drift looks at each machine: a mapped VMware tag without its AWS tag, and
-- the other way round. Each write is asked about, or takes --allow
-- PutHypervisorPropertyMappings --allow StartVirtualMachinesMetadataSync; with
-- --dry-run it only shows what it would do.
--
-- Exit code: 0 alike and no drift, 2 differences (after --copy: still
-- there), 3 a sync did not succeed, or something could not be looked at.
-- The API tells a machine's VMware tags as of the last sync, not as vCenter has
-- them now. The role needs a trust that cannot be seen from here; without it a
-- sync fails.
-- @name tag-mappings
-- @version 1.0.0
-- @arg hypervisor hypervisor*    Only these hypervisors
-- @arg like hypervisor?          The hypervisor that the others should be like
-- @arg copy boolean              Set what differs from --like
-- @arg sync boolean              Synchronise metadata and wait
-- @arg drift boolean             Compare the machines' AWS tags with their VMware tags
-- @arg patience duration=30m     How long a sync may take
-- @allow ListHypervisors GetHypervisor GetHypervisorPropertyMappings PutHypervisorPropertyMappings ListVirtualMachines GetVirtualMachine ListTagsForResource StartVirtualMachinesMetadataSync
-- @limit time=4h calls=50000 writes=100
-- @example moongate run tag-mappings --like vcenter-zurich
--   VMware tag mappings: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Hypervisor     Of            VMware tag         AWS tag     Finding
--   vcenter-tokyo  vcenter-tokyo Environment: Prod  stage=prod  missing
--   vcenter-tokyo  vcenter-tokyo                                role differs
--
--   2 hypervisors: 2 findings, 0 set, 0 synchronised.

local rows, findings, blind, synced = {}, 0, 0, 0
local function add(h, of, mapping, finding)
  rows[#rows + 1] = { hypervisor = h.Name, of = of, finding = finding,
    vmware = mapping and ("%s: %s"):format(mapping.VmwareCategory, mapping.VmwareTagName),
    aws = mapping and ("%s=%s"):format(mapping.AwsTagKey, mapping.AwsTagValue) }
  if finding then findings = findings + 1 end
end
local function failed(what, problem)
  warn(("%s: %s"):format(what, problem))
  blind = blind + 1
end

local hypervisors = list_hypervisors():collect()
local found, errors = parallel(hypervisors, get_hypervisor_property_mappings, { on_error = "collect" })
local mappings = {}
for i, h in ipairs(hypervisors) do
  mappings[h.HypervisorArn] = found[i] or {}
  if errors[i] then failed(h.Name, errors[i]) end
end
local function mappings_of(h) return mappings[h.HypervisorArn].VmwareToAwsTagMappings or {} end
local function key(m) return table.concat({ m.VmwareCategory, m.VmwareTagName, m.AwsTagKey, m.AwsTagValue }, "\0") end
local chosen = items(hypervisors):filter(function(h)
  if #args.hypervisor == 0 then return h.HypervisorArn ~= args.like end
  return items(args.hypervisor):filter(function(arn) return arn == h.HypervisorArn end):first()
end):collect()
-- A selection of nothing must not read as "all is well".
if #chosen == 0 and #args.hypervisor > 0 then failed("--hypervisor", "there is none of these; nothing was looked at") end

local todo, set = changes("Set VMware tag mappings"), {}
local like = args.like and items(hypervisors):find{ HypervisorArn = args.like }
for _, h in ipairs(chosen) do
  local before = findings
  local here, there = items(mappings_of(h)):index(key), like and items(mappings_of(like)):index(key)
  for _, m in ipairs(mappings_of(h)) do
    if not like then add(h, h.Name, m) elseif not there[key(m)] then add(h, h.Name, m, "not in " .. (like.Name or "--like")) end
  end
  for _, m in ipairs(like and mappings_of(like) or {}) do
    if not here[key(m)] then add(h, h.Name, m, "missing") end
  end
  local role = like and mappings[like.HypervisorArn].IamRoleArn
  if like and role ~= mappings[h.HypervisorArn].IamRoleArn then add(h, h.Name, nil, "role differs") end
  if role and findings > before then
    todo.put_hypervisor_property_mappings(h, { VmwareToAwsTagMappings = mappings_of(like), IamRoleArn = role })
  end
end
if args.copy and #todo > 0 then
  local done, left = todo:run()
  for _, change in ipairs(left) do failed(change.resource, change.error) end
  if #done > 0 then findings = findings - items(rows):filter(function(r) return r.finding end):count() end
  set = done
end

if args.sync then
  parallel(chosen, function(h)
    local ok, outcome = pcall(function()
      start_virtual_machines_metadata_sync(h)
      return wait(get_hypervisor, h, { field = "LatestMetadataSyncStatus", is = { "SUCCEEDED", "PARTIALLY_FAILED", "FAILED" },
        settle = "5s", timeout = args.patience })
    end)
    if not ok then return failed(h.Name, outcome) end
    if session.dry_run then return end
    if outcome.LatestMetadataSyncStatus == "SUCCEEDED" then synced = synced + 1 return end
    failed(h.Name, ("sync %s: %s"):format(outcome.LatestMetadataSyncStatus, outcome.LatestMetadataSyncStatusMessage or "no message"))
  end)
end

-- What the AWS tags should be by the mappings and the VMware tags of a machine, and what they are.
local function drift(h, vm)
  local has, aws = {}, tags.get(vm)
  for _, tag in ipairs(get_virtual_machine(vm).VmwareTags or {}) do has[tag.VmwareCategory .. "\0" .. tag.VmwareTagName] = true end
  local wanted = {}
  for _, m in ipairs(mappings_of(h)) do
    if has[m.VmwareCategory .. "\0" .. m.VmwareTagName] then wanted[m.AwsTagKey .. "\0" .. m.AwsTagValue] = true end
  end
  for _, m in ipairs(mappings_of(h)) do
    local should, is = wanted[m.AwsTagKey .. "\0" .. m.AwsTagValue], aws[m.AwsTagKey]
    if has[m.VmwareCategory .. "\0" .. m.VmwareTagName] and is ~= m.AwsTagValue then
      add(h, vm.Name, m, is and "AWS tag is " .. is or "no AWS tag")
    elseif not should and is == m.AwsTagValue then
      add(h, vm.Name, m, "no VMware tag")
    end
  end
end
if args.drift then
  for _, h in ipairs(chosen) do
    local vms = #mappings_of(h) > 0 and list_virtual_machines{ HypervisorArn = h.HypervisorArn }:collect() or {}
    local _, problems = parallel(vms, function(vm) missing_ok(drift, h, vm) end, { on_error = "collect", label = h.Name })
    for i, vm in ipairs(vms) do if problems[i] then failed(vm.Name, problems[i]) end end
  end
end

show(rows, {
  { "Hypervisor", "hypervisor" }, { "Of", "of" }, { "VMware tag", "vmware" }, { "AWS tag", "aws" }, { "Finding", "finding" },
}, {
  title = ("VMware tag mappings: %s, %s"):format(session.name, now():format("%F %H:%M UTC")),
  summary = ("%d hypervisors: %d findings, %d set, %d synchronised."):format(#chosen, findings, #set, synced),
})
exit(blind > 0 and 3 or findings > 0 and 2 or 0)
