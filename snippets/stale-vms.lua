--- Virtual machines that were never backed up, or whose last backup is older than some age.
--
-- A machine without a backup comes first, then the oldest backup. It looks at
-- the targets of --profiles and --regions, or at the current session.
--
-- Exit code: 0 none found, 2 some found, 3 a target could not be looked at, or
-- there is no machine in the selection.
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
-- @example moongate --profiles dev,prod --output csv run stale-vms > stale.csv
-- @example moongate run stale-vms --age 30d --folder /Łódź/vm/Prod
--   No backup for 30d: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Name                        Hypervisor      Last backup               Age  Id                   Path
--   erp30.prod.lcj.example.com  vcenter-zurich  2026-01-12T18:25:40Z  47d 11h  vm-00017H1PBV3UYQSW  /Łódź/vm/Prod/E…
--   WIN-34                      vcenter-zurich  2026-01-25T21:45:40Z   34d 8h  vm-00033SJLQUW1XDXJ  /Łódź/vm/Prod/B…
--   files-247 (Prod)            vcenter-zurich  2026-01-26T06:36:25Z  33d 23h  vm-00001BJKCK69ZO0B  /Łódź/vm/Prod/F…
--
--   vcenter-zurich: 3
--   3 of 29 machines.

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

-- A mistyped selection must not read as "all is well". Where no old machine has the tag, one of the others must.
local function is_empty()
  if #stale > 0 then return false end
  if #args.tag == 0 then return #vms == 0 and (args.folder or args.hypervisor) ~= nil end
  for _, vm in ipairs(vms) do
    vm.tags = vm.tags or missing_ok(tags.get, vm) or {}
    if is_tagged(vm) then return false end
  end
  return true
end
local nothing = is_empty()
if nothing then warn("no machine is in the selection of --folder, --hypervisor and --tag; nothing was looked at") end

local summary = {}
for _, group in ipairs(items(stale):group(hypervisor)) do
  summary[#summary + 1] = ("%s: %d"):format(group.key, #group.items)
end
summary[#summary + 1] = ("%d of %d machines."):format(#stale, #vms)
show(stale, {
  "Name",
  { "Hypervisor", hypervisor },
  { "Last backup", "LastBackupDate" },
  { "Age", function(vm) return vm.LastBackupDate and vm.LastBackupDate:ago() or "never" end, align = "right" },
  { "Id", function(vm) return parse_arn(vm).id end },
  "Path",
}, {
  title = ("No backup for %s: %s, %s"):format(duration.text(args.age), all, now():format("%F %H:%M UTC")),
  summary = summary,
})
exit((#all:errors() > 0 or nothing) and 3 or #stale > 0 and 2 or 0)
