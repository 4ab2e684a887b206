--- Everything in one table: each gateway, hypervisor and virtual machine, with what it belongs to.
--
-- For spreadsheets and asset databases: the columns are always the same, and
-- --report writes a file that is whole or not there.
--
-- Exit code: 0 all listed, 3 a target could not be looked at.
-- "Backed up" is what the gateway service was told; AWS Backup has the recovery
-- points. CSV cells are written as they are: import them as text, since a
-- machine's name may begin with "=".
-- @name inventory
-- @version 1.0.0
-- @arg report output?            Write into this file
-- @arg format csv|json|jsonl|yaml|table=csv   How
-- @arg tags boolean              With the AWS tags of each, a call a resource
-- @allow ListGateways ListHypervisors ListVirtualMachines ListTagsForResource
-- @limit time=30m busy=20s calls=30000 output=64M memory=256M
-- @example moongate run inventory --tags --report fleet.csv
-- @example moongate run inventory --format table
--   Inventory: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Account       Region     Kind        Name                           Hypervisor      Host                     Pa…
--   123456789012  us-east-1  hypervisor  vcenter-zurich                                 vcenter.zrh.example.com…
--   123456789012  us-east-1  hypervisor  vcenter-tokyo                                  10.81.4.20…
--   123456789012  us-east-1  gateway     zurich-backup-01               vcenter-zurich…
--   123456789012  us-east-1  gateway     tokyo-backup-01                vcenter-tokyo…
--   …
--
--   255 resources.

local all = fleet()
local rows = {}
-- What all of them have; the rest by their kind.
local function add(item, kind, row)
  local arn = parse_arn(item)
  row.item, row.arn, row.kind, row.account, row.region = item, arn.arn, kind, arn.account, arn.region
  rows[#rows + 1] = row
end

local name_of = {}
for h in all.list_hypervisors() do
  name_of[h.HypervisorArn] = h.Name
  add(h, "hypervisor", { name = h.Name, host = h.Host, state = h.State })
end
for gw in all.list_gateways() do
  local arn = hypervisor_arn(gw)
  add(gw, "gateway", { name = gw.GatewayDisplayName, hypervisor = name_of[arn] or gw.HypervisorId, seen = gw.LastSeenTime })
end
for vm in all.list_virtual_machines() do
  add(vm, "vm", { name = vm.Name, hypervisor = name_of[hypervisor_arn(vm)] or vm.HypervisorId, host = vm.HostName,
    path = vm.Path, backup = vm.LastBackupDate })
end
if args.tags then
  parallel(rows, function(row) row.tags = missing_ok(tags.get, row.item) end, { label = "tags" })
end

output[args.format](rows, {
  { "Account", "account" }, { "Region", "region" }, { "Kind", "kind" }, { "Name", "name" },
  { "Hypervisor", "hypervisor" }, { "Host", "host" }, { "Path", "path" }, { "State", "state" },
  { "Last seen", "seen" }, { "Last backup", "backup" }, { "Tags", "tags" }, { "ARN", "arn" },
}, {
  to = args.report,
  title = ("Inventory: %s, %s"):format(all, now():format("%F %H:%M UTC")),
  summary = ("%d resources."):format(#rows),
})
exit(#all:errors() > 0 and 3 or 0)
