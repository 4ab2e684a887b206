--- Everything in one table: each gateway, hypervisor and virtual machine, with what it belongs to.
--
-- For spreadsheets and asset databases: the columns are always the same, and --report writes a file that is whole or not there.
--
-- Exit code: 0 all listed, 3 a target could not be looked at.
-- "Backed up" is what the gateway service was told; AWS Backup has the recovery points. CSV cells are written as they are: import
-- them as text, since a machine's name may begin with "=".
-- @name inventory
-- @version 1.0.0
-- @arg report output?            Write into this file
-- @arg format csv|json|jsonl|yaml|table=csv   How
-- @arg tags boolean              With the AWS tags of each, a call a resource
-- @allow ListGateways ListHypervisors ListVirtualMachines ListTagsForResource
-- @limit time=30m calls=30000 output=64M memory=256M
-- @example moongate run inventory --tags --report fleet.csv

local all = fleet()
local hypervisors = all.list_hypervisors():index("HypervisorArn")
local function kind(item) return parse_arn(item).kind end
local function hypervisor(item)
  local arn = kind(item) ~= "hypervisor" and hypervisor_arn(item)
  return arn and (hypervisors[arn] and hypervisors[arn].Name or item.HypervisorId) or nil
end
-- A value for each kind of resource.
local function by_kind(read)
  return function(item) return read[kind(item)] and item[read[kind(item)]] end
end

local resources = {}
for _, list in ipairs { all.list_gateways(), all.list_hypervisors(), all.list_virtual_machines() } do
  for item in list do resources[#resources + 1] = item end
end
if args.tags then
  parallel(resources, function(item) item.tags = missing_ok(tags.get, item) end, { label = "tags" })
end

output[args.format](resources, {
  { "Account", function(item) return parse_arn(item).account end },
  { "Region", function(item) return parse_arn(item).region end },
  { "Kind", kind },
  { "Name", by_kind { gateway = "GatewayDisplayName", hypervisor = "Name", vm = "Name" } },
  { "Hypervisor", hypervisor },
  { "Host", by_kind { hypervisor = "Host", vm = "HostName" } },
  { "Path", by_kind { vm = "Path" } },
  { "State", by_kind { hypervisor = "State" } },
  { "Last seen", by_kind { gateway = "LastSeenTime" } },
  { "Last backup", by_kind { vm = "LastBackupDate" } },
  { "Tags", function(item) return item.tags end },
  { "ARN", function(item) return parse_arn(item).arn end },
}, {
  to = args.report,
  title = ("Inventory: %s, %s"):format(all, now():format("%F %H:%M UTC")),
  summary = ("%d resources."):format(#resources),
})
exit(#all:errors() > 0 and 3 or 0)
