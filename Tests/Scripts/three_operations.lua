-- The three operations every user meets first, against the sample world.
local function check(what, condition)
  if not condition then error("not so: " .. what, 2) end
end

local function is_iso(timestamp)
  return tostring(timestamp):match("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.?%d*Z$") ~= nil
end

local function refused(call, ...)
  local ok, e = pcall(call, ...)
  check("the call is refused", not ok)
  check("before any request: " .. tostring(e), e.code == "ParamValidation")
  return tostring(e)
end

-- get_gateway: by its ARN, by AWS's member name, by a record that carries it
local listed = list_gateways():first()
local gateway = get_gateway(listed.GatewayArn)
check("the display name", gateway.GatewayDisplayName == listed.GatewayDisplayName)
check("the type", gateway.GatewayType == "BACKUP_VM")
check("get_gateway{}", get_gateway{ GatewayArn = listed.GatewayArn }.GatewayArn == gateway.GatewayArn)
check("get_gateway(record)", get_gateway(listed).GatewayArn == gateway.GatewayArn)
local window = gateway.MaintenanceStartTime
check("the hour", math.type(window.HourOfDay) == "integer" and window.HourOfDay >= 0 and window.HourOfDay <= 23)
check("the minute", math.type(window.MinuteOfHour) == "integer" and window.MinuteOfHour <= 59)
check("last seen: " .. tostring(gateway.LastSeenTime), is_iso(gateway.LastSeenTime))
check("an instant of today's world", gateway.LastSeenTime.epoch > 1600000000)

-- a record knows its structure
local ok, message = pcall(function() return gateway.HypervisorArn end)  -- check: ignore unknown-member
check("an unknown member is an error", not ok)
check("that names the nearest: " .. tostring(message), tostring(message):find("HypervisorId", 1, true))
check("a lower-case name is the script's to add", gateway.note == nil)

-- get_virtual_machine
local first = list_virtual_machines():first()
local machine = get_virtual_machine(first)
check("its name", machine.Name == first.Name)
check("its ARN", get_virtual_machine{ ResourceArn = first.ResourceArn }.ResourceArn == first.ResourceArn)
check("its VMware tags", type(machine.VmwareTags) == "table")
check("another kind of resource: ", refused(get_virtual_machine, gateway):find("ResourceArn", 1, true))

-- list_virtual_machines: order, count, page size, dates
local total, dated, previous = 0, 0, ""
for vm in list_virtual_machines{ MaxResults = 7 } do
  check("ordered by ARN", vm.ResourceArn > previous)
  previous = vm.ResourceArn
  total = total + 1
  if vm.LastBackupDate then
    dated = dated + 1
    check("backed up: " .. tostring(vm.LastBackupDate), is_iso(vm.LastBackupDate))
  end
end
check("250 in all, not " .. total, total == 250)
check("some were never backed up", dated > 0 and dated < total)
check("count()", list_virtual_machines():count() == total)

-- of one hypervisor, resumed by token
local sum = 0
for hypervisor in list_hypervisors() do
  local id = hypervisor.HypervisorArn:match("[^/]+$")
  local all = list_virtual_machines{ HypervisorArn = hypervisor.HypervisorArn }:collect()
  for _, vm in ipairs(all) do check("of this hypervisor", vm.HypervisorId == id) end
  sum = sum + #all

  local page
  for p in list_virtual_machines{ HypervisorArn = hypervisor.HypervisorArn, MaxResults = 7 }:pages() do
    page = p
    break
  end
  check("a page of seven", #page.VirtualMachines == 7)
  check("with a token", type(page.NextToken) == "string")
  local rest = list_virtual_machines{
    HypervisorArn = hypervisor.HypervisorArn, MaxResults = 7, NextToken = page.NextToken,
  }:collect()
  check("the rest follows the page", #rest == #all - 7 and rest[1].ResourceArn == all[8].ResourceArn)
end
check("every machine belongs to a hypervisor", sum == total)

-- what a listing is not
for what, use in pairs{
  index = function() return list_virtual_machines()[1] end,  -- check: ignore unknown-field
  length = function() return #list_virtual_machines() end,  -- check: ignore unknown-field
  ipairs = function() for _ in ipairs(list_virtual_machines()) do break end end,  -- check: ignore wrong-arguments
} do
  check(what .. " of a listing says what to write instead", not pcall(use))
end

print("ok")
