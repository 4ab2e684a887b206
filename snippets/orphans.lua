--- What has lost its other half: gateways without hypervisor, hypervisors without gateway, log group, sync or machines.
--
-- Exit code: 0 nothing found, 2 something found, 3 a target, or a detail, could
-- not be looked at.
-- Machines that are gone and still have recovery points are AWS Backup's to
-- tell: this API forgets a machine when it goes. A line of the report
-- says which command lists them.
-- @name orphans
-- @version 1.0.0
-- @allow ListGateways ListHypervisors ListVirtualMachines GetHypervisor
-- @limit time=10m calls=2000
-- @example moongate run orphans
--   Orphans: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   What        Name            Problem                           Id
--   gateway     spare-01        is associated with no hypervisor  bgw-C6D4082B
--   hypervisor  vcenter-zurich  no log group                      hype-9C41B7E2
--   hypervisor  vcenter-zurich  its metadata was never synced     hype-9C41B7E2
--   …
--
--   Machines that are gone, with their backups: aws backup list-protected-resources --query "Results[?ResourceType=…
--   5 findings in 3 gateways and 2 hypervisors.

local all = fleet()
local gateways, hypervisors, machines = all.list_gateways():collect(), all.list_hypervisors():collect(), all.list_virtual_machines():collect()
-- Of a target that was not seen whole nothing can be said to be missing.
local closed = items(all:errors()):index("target")
local function is_seen(item) return not closed[item.target] end
gateways, hypervisors = items(gateways):filter(is_seen):collect(), items(hypervisors):filter(is_seen):collect()
local has_gateway, has_machine = items(gateways):index(hypervisor_arn), items(machines):index(hypervisor_arn)

local rows = {}
local function found(what, name, arn, problem)
  rows[#rows + 1] = { what = what, name = name, arn = arn, problem = problem }
end

local exists = items(hypervisors):index("HypervisorArn")
for _, gw in ipairs(gateways) do
  local arn = hypervisor_arn(gw)
  if not arn then
    found("gateway", gw.GatewayDisplayName, gw.GatewayArn, "is associated with no hypervisor")
  elseif not exists[arn] then
    found("gateway", gw.GatewayDisplayName, gw.GatewayArn, "its hypervisor is gone: " .. gw.HypervisorId)
  end
end

-- The log group and the syncs are told by GetHypervisor alone.
local details, errors = parallel(hypervisors, function(h) return h.target.get_hypervisor(h) end, { on_error = "collect" })
local blind = 0
for i, h in ipairs(hypervisors) do
  local detail = details[i]
  if not has_gateway[h.HypervisorArn] then found("hypervisor", h.Name, h.HypervisorArn, "no gateway") end
  if not has_machine[h.HypervisorArn] then found("hypervisor", h.Name, h.HypervisorArn, "no machines were found on it") end
  if not detail then
    warn(tostring(errors[i]))
    blind = blind + 1
  else
    if not detail.LogGroupArn then found("hypervisor", h.Name, h.HypervisorArn, "no log group") end
    if not detail.LastSuccessfulMetadataSyncTime then
      found("hypervisor", h.Name, h.HypervisorArn, "its metadata was never synced")
    end
  end
end

show(rows, { { "What", "what" }, { "Name", "name" }, { "Problem", "problem" }, { "Id", function(row) return parse_arn(row.arn).id end } }, {
  title = ("Orphans: %s, %s"):format(all, now():format("%F %H:%M UTC")),
  summary = {
    "Machines that are gone, with their backups: aws backup list-protected-resources "
      .. "--query \"Results[?ResourceType=='VirtualMachine'].ResourceArn\", less those of list_virtual_machines()",
    ("%d findings in %d gateways and %d hypervisors."):format(#rows, #gateways, #hypervisors),
  },
})
exit((#all:errors() > 0 or blind > 0) and 3 or #rows > 0 and 2 or 0)
