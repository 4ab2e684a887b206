--- Virtual machines that seem to be in no backup plan: never backed up, or without any tag that plans select by.
--
-- Plans are AWS Backup's, and this API does not show them. Say with --tag which
-- tags your plans select by; a machine needs one of them. Without --tag only
-- what was never backed up is listed.
--
-- Exit code: 0 none found, 2 some found, 3 a target could not be looked at, or
-- --hypervisor has no machine.
-- What plans select by ARN, folder, hypervisor or condition cannot be seen
-- here; the last lines of the report say which commands of the AWS CLI tell.
-- @name unprotected-vms
-- @version 1.0.0
-- @arg tag string*               A tag that plans select by, KEY or KEY=VALUE
-- @arg hypervisor hypervisor?    Only machines of this hypervisor
-- @allow ListVirtualMachines ListHypervisors ListTagsForResource
-- @limit time=30m calls=20000
-- @example moongate run unprotected-vms --tag backup=daily --tag backup=weekly
-- @example moongate run unprotected-vms --hypervisor vcenter-tokyo
--   Machines in no plan, as far as can be seen: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Name                           Hypervisor     Why              Last backup  Id                   Path
--   Domain Controller 東京 191     vcenter-tokyo  never backed up               vm-0000ZZZOOMS95V6I  /東京/vm/Prod/…
--   files137.prod.nrt.example.com  vcenter-tokyo  never backed up               vm-0001QRT8S5HVEIC0  /東京/vm/Prod/…
--   …
--
--   Plans are not seen from here. What has recovery points, and what plans select, tell:
--     aws backup list-protected-resources --query "Results[?ResourceType=='VirtualMachine']"
--     aws backup list-backup-plans; list-backup-selections --backup-plan-id ID; get-backup-selection
--   4 of 81 machines.

local all = fleet()
local hypervisors = all.list_hypervisors():index("HypervisorArn")
local vms = all.list_virtual_machines{ HypervisorArn = args.hypervisor }:collect()
-- A selection of nothing must not read as "all is well".
local nothing = #vms == 0 and args.hypervisor
if nothing then warn("no machine is on this hypervisor; nothing was looked at") end

-- Tags cost a call a machine. One that has gone since keeps none, and is passed over.
if #args.tag > 0 then
  parallel(vms, function(vm) vm.tags = missing_ok(tags.get, vm) end, { label = "tags" })
end
local function is_selected(vm)
  for _, tag in ipairs(args.tag) do
    if tags.has(vm.tags, tag) then return true end
  end
end

local wanted = table.concat(args.tag, " or ")
local function why(vm)
  local reasons = {}
  if not vm.LastBackupDate then reasons[1] = "never backed up" end
  if vm.tags and not is_selected(vm) then reasons[#reasons + 1] = "not tagged " .. wanted end
  return #reasons > 0 and table.concat(reasons, ", ") or nil
end

local rows = items(vms):filter(why):collect()
show(rows, {
  "Name",
  { "Hypervisor", function(vm)
    local h = hypervisors[hypervisor_arn(vm)]
    return h and h.Name or vm.HypervisorId or "none"
  end },
  { "Why", why },
  { "Last backup", "LastBackupDate" },
  { "Id", function(vm) return parse_arn(vm).id end },
  "Path",
}, {
  title = ("Machines in no plan, as far as can be seen: %s, %s"):format(all, now():format("%F %H:%M UTC")),
  summary = {
    "Plans are not seen from here. What has recovery points, and what plans select, tell:",
    "  aws backup list-protected-resources --query \"Results[?ResourceType=='VirtualMachine']\"",
    "  aws backup list-backup-plans; list-backup-selections --backup-plan-id ID; get-backup-selection",
    ("%d of %d machines."):format(#rows, #vms),
  },
})
exit((#all:errors() > 0 or nothing) and 3 or #rows > 0 and 2 or 0)
