--- Virtual machines that were never backed up, or whose last backup is older than some age.
--
-- A machine without a backup comes first, then the oldest backup. It looks at
-- the targets of --profiles and --regions, or at the current session.
--
-- Exit code: 0 none found, 2 some found, 3 a target could not be looked at.
-- It goes by LastBackupDate. Whether that backup's recovery point still exists,
-- and whether a machine is meant to be backed up at all, AWS Backup knows and
-- this API does not.
-- @name stale-vms
-- @version 1.0.0
-- @arg age duration=7d           Age from which on a backup is old
-- @arg hypervisor hypervisor?    Only machines of this hypervisor
-- @arg folder string?            Only machines in this folder of the inventory, or below it
-- @arg tag string*               Only machines with this tag, KEY or KEY=VALUE; with all of them if given again
-- @allow ListVirtualMachines ListHypervisors ListTagsForResource
-- @limit time=30m calls=20000
-- @example moongate run stale-vms --age 30d --folder "/Zürich DC1/vm/Prod"

local all = fleet()
local hypervisors = all.list_hypervisors():index("HypervisorArn")
local function hypervisor(vm)
  local h = hypervisors[hypervisor_arn(vm)]
  return h and h.Name or vm.HypervisorId or "none"
end

-- A folder is the beginning of a path, up to a slash.
local folder = args.folder and args.folder:gsub("/*$", "/") or ""
local vms = all.list_virtual_machines{ HypervisorArn = args.hypervisor }
  :filter(function(vm) return ((vm.Path or "") .. "/"):find(folder, 1, true) == 1 end):collect()
local stale = items(vms):filter(function(vm) return older_than(vm.LastBackupDate, args.age) end)
  :sort("LastBackupDate"):collect()

-- Tags cost a call each, so only old ones are asked for. A machine that has gone since has none.
local function is_tagged(vm)
  for _, tag in ipairs(args.tag) do
    if not tags.has(vm.tags, tag) then return false end
  end
  return true
end
if #args.tag > 0 then
  parallel(stale, function(vm) vm.tags = missing_ok(tags.get, vm) or {} end, { label = "tags" })
  stale = items(stale):filter(is_tagged):collect()
end

local summary = {}
for _, group in ipairs(items(stale):group(hypervisor)) do
  summary[#summary + 1] = ("%s: %d"):format(group.key, #group.items)
end
summary[#summary + 1] = ("%d of %d machines."):format(#stale, #vms)
show(stale, {
  "Name",
  { "Hypervisor", hypervisor },
  "Path",
  { "Last backup", "LastBackupDate" },
  { "Age", function(vm) return vm.LastBackupDate and vm.LastBackupDate:ago() or "never" end, align = "right" },
  { "Id", function(vm) return parse_arn(vm).id end },
}, {
  title = ("No backup for %s: %s, %s"):format(duration.text(args.age), all, now():format("%F %H:%M UTC")),
  summary = summary,
})
exit(#all:errors() > 0 and 3 or #stale > 0 and 2 or 0)
