-- All 25 operations, as an operator meets them: a new site is set up, its machines are tagged, and it is taken down.
local function check(what, condition)
  if not condition then error("not so: " .. what, 2) end
end

--- Asks until it is so, for half a minute.
local function until_true(what, ask)
  for _ = 1, 60 do
    local found = ask()
    if found then return found end
    sleep(0.5)
  end
  error("never so: " .. what, 2)
end

local function tags_of(resource)
  local tags = {}
  for _, tag in ipairs(list_tags_for_resource(resource).Tags) do tags[tag.Key] = tag.Value end
  return tags
end

-- A gateway: activated, named, given its maintenance and its bandwidth
local gw = create_gateway{
  ActivationKey = "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", GatewayDisplayName = "berlin-1", GatewayType = "BACKUP_VM",
  Tags = { { Key = "site", Value = "berlin" } },
}.GatewayArn
update_gateway_information(gw, { GatewayDisplayName = "berlin-01" })
put_maintenance_start_time(gw, { DayOfWeek = 6, HourOfDay = 2, MinuteOfHour = 30 })
put_bandwidth_rate_limit_schedule(gw, {
  BandwidthRateLimitIntervals = {
    {
      DaysOfWeek = { 1, 2, 3, 4, 5 }, StartHourOfDay = 8, StartMinuteOfHour = 0, EndHourOfDay = 17,
      EndMinuteOfHour = 59, AverageUploadRateLimitInBitsPerSec = 100e6,
    },
  },
})
update_gateway_software_now(gw)
local gateway = get_gateway(gw)
check("its name", gateway.GatewayDisplayName == "berlin-01")
check("its maintenance", gateway.MaintenanceStartTime.DayOfWeek == 6)
check("it is seen", not older_than(gateway.LastSeenTime, "2m"))
local interval = get_bandwidth_rate_limit_schedule(gw).BandwidthRateLimitIntervals[1]
check("its bandwidth", interval.AverageUploadRateLimitInBitsPerSec == 100000000 and #interval.DaysOfWeek == 5)
check("it is listed", list_gateways():find{ GatewayDisplayName = "berlin-01" }.GatewayArn == gw)

-- A hypervisor: tried, imported, associated, online
local login = { Username = "backup@vsphere.local", Password = "a-Passw0rd" }
test_hypervisor_configuration(gw, { Host = "vcenter.ber.example.com", Username = login.Username, Password = login.Password })
local h = import_hypervisor_configuration{
  Name = "vcenter-ber", Host = "vcenter.ber.example.com", Username = login.Username, Password = login.Password,
}.HypervisorArn
check("PENDING at first", get_hypervisor(h).State == "PENDING")
associate_gateway_to_server{ GatewayArn = gw, ServerArn = h }
check("ONLINE with a gateway", get_hypervisor(h).State == "ONLINE")
local ok, e = pcall(associate_gateway_to_server, { GatewayArn = gw, ServerArn = h })
check("a gateway has one hypervisor", not ok and e.code == "ConflictException")
update_hypervisor(h, { Name = "vcenter-berlin", Password = "another-Passw0rd" })
check("its name", list_hypervisors():find{ Name = "vcenter-berlin" }.HypervisorArn == h)

-- Its machines are found, and their VMware tags become AWS tags
until_true("ten machines", function() return list_virtual_machines{ HypervisorArn = h }:count() == 10 end)
put_hypervisor_property_mappings(h, {
  IamRoleArn = "arn:aws:iam::123456789012:role/tag-sync",
  VmwareToAwsTagMappings = {
    { VmwareCategory = "Environment", VmwareTagName = "Prod", AwsTagKey = "stage", AwsTagValue = "production" },
    { VmwareCategory = "Environment", VmwareTagName = "Test", AwsTagKey = "stage", AwsTagValue = "testing" },
    { VmwareCategory = "Environment", VmwareTagName = "Dev", AwsTagKey = "stage", AwsTagValue = "development" },
  },
})
check("three mappings", #get_hypervisor_property_mappings(h).VmwareToAwsTagMappings == 3)
start_virtual_machines_metadata_sync(h)
until_true("the sync succeeds", function()
  local status = get_hypervisor(h).LatestMetadataSyncStatus
  check("it does not fail", status ~= "FAILED" and status ~= "PARTIALLY_FAILED")
  return status == "SUCCEEDED"
end)
for vm in list_virtual_machines{ HypervisorArn = h, MaxResults = 3 } do
  local stage
  for _, tag in ipairs(get_virtual_machine(vm).VmwareTags or {}) do
    if tag.VmwareCategory == "Environment" then stage = tag.VmwareTagName end
  end
  local tags = tags_of(vm)
  check("mapped: " .. vm.Name, (tags.stage ~= nil) == (stage ~= nil))
  check("never backed up: " .. vm.Name, vm.LastBackupDate == nil)
  check("tagged with its path: " .. vm.Name, tags["aws:backup-gateway:path"] == vm.Path)
end

-- Tags by hand
local vm = list_virtual_machines{ HypervisorArn = h }:first()
tag_resource(vm, { Tags = { { Key = "team", Value = "db" }, { Key = "ticket", Value = "42" } } })
untag_resource(vm, { TagKeys = { "ticket" } })
check("its tags", tags_of(vm).team == "db" and tags_of(vm).ticket == nil)
ok, e = pcall(tag_resource, vm, { Tags = { { Key = "aws:mine", Value = "" } } })
check("a tag of AWS's", not ok and e.code == "ValidationException")

-- And down again
ok, e = pcall(delete_hypervisor, h)
check("it is still looked after", not ok and e.code == "ConflictException")
disassociate_gateway_from_server(gw)
delete_hypervisor(h)
delete_gateway(gw)
check("the hypervisor is gone", missing_ok(get_hypervisor, h) == nil)
check("the gateway is gone", missing_ok(get_gateway, gw) == nil)
check("its machines are gone", missing_ok(get_virtual_machine, vm) == nil)
print("ok")
