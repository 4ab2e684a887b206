--- Machines that should have been backed up last night and were not, by hypervisor.
--
-- The night is the last window from --from to --to that has ended, by the
-- clocks of --zone. A machine that has been backed up before, and not since the
-- window began, has missed it. "Nights" says how many in a row.
--
-- Exit code: 0 none, 2 some missed it, 3 a target could not be looked at, or
-- there is no machine in the selection.
-- Jobs are AWS Backup's: whether one failed, was aborted or never started, and
-- its message, this API does not tell; a line of the report says which
-- command does. A machine that is backed up more seldom than every night is
-- listed, too: leave it out with --folder or --hypervisor. One that was never
-- backed up is not: see stale-vms.
-- @name failed-backups
-- @version 1.0.0
-- @arg from string=22:00         When the nightly window begins, HH:MM
-- @arg to string=06:00           When it ends
-- @arg zone string=UTC           The time zone of both, as in Europe/Berlin
-- @arg hypervisor hypervisor?    Only machines of this hypervisor
-- @arg folder string?            Only machines in this folder of the inventory, or below it
-- @allow ListVirtualMachines ListHypervisors
-- @limit time=10m calls=2000
-- @example moongate run failed-backups --from 22:00 --to 05:30 --zone Europe/Berlin
--   Missed between 2026-02-28 22:00 and 2026-03-01 05:30 CET: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Hypervisor      Name                           Last backup           Nights  Id                   Path
--   vcenter-tokyo   ci-237 (Prod)                  2026-02-23T12:55:35Z       6  vm-00000YEVW4JPLPAO  /東京/vm/Prod…
--   vcenter-tokyo   東京-dc-157                    2026-02-28T14:25:32Z       1  vm-000011N95PN7KIKE  /東京/vm/Prod…
--   vcenter-tokyo   WIN-244                        2026-02-24T08:37:25Z       5  vm-00002SXXGI2X154T  /東京/vm/Test…
--   …
--
--   vcenter-zurich: 106 of 156
--   vcenter-tokyo: 53 of 77
--   Why, AWS Backup knows: aws backup list-backup-jobs --by-resource-type VirtualMachine --by-created-after 2026-02…
--   159 of 233 machines missed the night.

-- The latest moment before `at` at which the clocks of the zone show this time of day.
local function latest(time, at)
  local hour, minute = time:match("^(%d%d?):(%d%d)$")
  if not hour or tonumber(hour) > 23 or tonumber(minute) > 59 then usage(time .. " is no time of day, as 22:00 is") end
  local wanted = hour * 3600 + minute * 60
  local function shown(moment)
    local clock = moment:date(args.zone)
    return clock.hour * 3600 + clock.min * 60 + clock.sec
  end
  local moment = at - ((shown(at) - wanted - 1) % 86400 + 1)
  -- Where clocks were changed in between, the day had an hour more or less.
  return moment - ((shown(moment) - wanted + 43200) % 86400 - 43200)
end
local closed = latest(args.to, now())
local opened = latest(args.from, closed)

local all = fleet()
local hypervisors = all.list_hypervisors():index("HypervisorArn")
local function hypervisor(vm)
  local h = hypervisors[hypervisor_arn(vm)]
  return h and h.Name or vm.HypervisorId or "none"
end
local folder = args.folder and args.folder:gsub("/*$", "/") or ""
local selected = all.list_virtual_machines{ HypervisorArn = args.hypervisor }:filter(function(vm)
  return ((vm.Path or "") .. "/"):find(folder, 1, true) == 1
end):collect()
local vms = items(selected):filter(function(vm) return vm.LastBackupDate end):collect()
-- A mistyped selection must not read as "all is well".
local nothing = #selected == 0 and (args.folder or args.hypervisor)
if nothing then warn("no machine is in the selection of --folder and --hypervisor; nothing was looked at") end
local missed = items(vms):filter(function(vm) return vm.LastBackupDate < opened end):sort(hypervisor):collect()

-- A hypervisor that missed all of its machines is a case for its gateways.
local summary, of = {}, items(vms):group(hypervisor)
for _, group in ipairs(of) do
  local n = items(group.items):filter(function(vm) return vm.LastBackupDate < opened end):count()
  if n > 0 then
    summary[#summary + 1] = ("%s: %d of %d%s"):format(group.key, n, #group.items,
      n == #group.items and ", all of them: moongate run silent-gateways" or "")
  end
end
summary[#summary + 1] = "Why, AWS Backup knows: aws backup list-backup-jobs --by-resource-type VirtualMachine "
  .. "--by-created-after " .. opened:format("%FT%TZ")
summary[#summary + 1] = ("%d of %d machines missed the night."):format(#missed, #vms)

local zone = args.zone ~= "UTC" and args.zone or nil
show(missed, {
  { "Hypervisor", hypervisor },
  "Name",
  { "Last backup", "LastBackupDate" },
  { "Nights", function(vm) return math.ceil((opened - vm.LastBackupDate) / 86400) end },
  { "Id", function(vm) return parse_arn(vm).id end },
  "Path",
}, {
  title = ("Missed between %s and %s: %s, %s"):format(opened:format("%F %H:%M", zone), closed:format("%F %H:%M %Z", zone),
    all, now():format("%F %H:%M UTC")),
  summary = summary,
})
exit((#all:errors() > 0 or nothing) and 3 or #missed > 0 and 2 or 0)
