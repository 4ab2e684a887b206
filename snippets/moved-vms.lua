--- Machines that were moved to another folder since they were found, and are still selected by their old one.
--
-- Discovery writes the folder into the system tag aws:backup-gateway:path, and
-- never again: plans that select by folder go on selecting a moved machine as
-- if it were where it was. System tags cannot be written, so that tag cannot be
-- mended. With --tag KEY the folder of today is written into a tag of your own,
-- which plans can select by instead.
--
-- Exit code: 0 none moved, 2 some moved, 3 a target could not be looked at, or
-- --hypervisor has no machine.
-- A machine without the system tag cannot be told: it is counted. AWS does not
-- say whether the tag holds the machine's path or its folder; both count as
-- unmoved.
-- @name moved-vms
-- @version 1.0.0
-- @arg tag string?               Write the folder of today into this tag; asks first, or takes --allow TagResource
-- @arg hypervisor hypervisor?    Only machines of this hypervisor
-- @allow ListVirtualMachines ListTagsForResource TagResource
-- @limit time=30m calls=20000 writes=10000
-- @example moongate run moved-vms --tag folder
-- @example moongate run moved-vms
--   Machines moved since they were found: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Name        Is in             Found at                      Last backup           Id
--   ERP 東京 4  /東京/vm/Archive  /東京/vm/Test/ERP/ERP 東京 4  2026-02-01T22:43:58Z  vm-0001YIJIMZBTSKFT
--
--   --tag KEY writes their folder into a tag of yours; aws:backup-gateway:path only the service can write.
--   1 of 250 machines moved; 0 have no such tag to tell by.

local system_tag = "aws:backup-gateway:path"
local function folder(path) return path:match("^(.*)/[^/]*$") or path end
-- A tag holds 256 characters; the rest of a long path is cut off.
local function cut(text) return text:sub(1, (utf8.offset(text, 257) or 0) - 1) end

local all = fleet()
local selected = all.list_virtual_machines{ HypervisorArn = args.hypervisor }:collect()
-- A selection of nothing must not read as "all is well".
local nothing = #selected == 0 and args.hypervisor
if nothing then warn("no machine is on this hypervisor; nothing was looked at") end
local vms = items(selected):filter(function(vm) return vm.Path end):collect()
parallel(vms, function(vm) vm.tags = missing_ok(tags.get, vm) or {} end, { label = "tags" })

local unknown = 0
local moved = items(vms):filter(function(vm)
  local found = vm.tags[system_tag]
  if not found then unknown = unknown + 1 end
  return found and found ~= cut(vm.Path) and found ~= cut(folder(vm.Path))
end):collect()

local tagged, failed = {}, {}
if args.tag then
  local todo = changes("Write the folder of today into " .. args.tag)
  for vm in items(moved):filter(function(vm) return vm.tags[args.tag] ~= cut(folder(vm.Path)) end) do
    todo.tag_resource(vm, { Tags = tags.list{ [args.tag] = cut(folder(vm.Path)) } })
  end
  tagged, failed = todo:run()
  if #tagged == 0 and failed[1] then error(failed[1].error, 0) end  -- as when nobody said yes
  for _, change in ipairs(failed) do warn(("%s: %s"):format(change.resource, change.error)) end
end

show(moved, {
  "Name",
  { "Is in", function(vm) return folder(vm.Path) end },
  { "Found at", function(vm) return vm.tags[system_tag] end },
  { "Last backup", "LastBackupDate" },
  { "Id", function(vm) return parse_arn(vm).id end },
}, {
  title = ("Machines moved since they were found: %s, %s"):format(all, now():format("%F %H:%M UTC")),
  summary = {
    args.tag and ("%d tagged with their folder, %d failed."):format(#tagged, #failed)
      or ("--tag KEY writes their folder into a tag of yours; %s only the service can write."):format(system_tag),
    ("%d of %d machines moved; %d have no such tag to tell by."):format(#moved, #vms, unknown),
  },
})
exit((#all:errors() > 0 or nothing) and 3 or #moved > 0 and 2 or 0)
