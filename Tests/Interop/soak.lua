--- Calls for some time, many at once, against a gateway that fails in every way, and keeps account of each write.
-- Every gateway that it makes belongs to one worker, which alone changes it. A write that was answered must be seen
-- exactly once, one that was refused not at all, and one whose outcome is unknown once or not at all.
-- @name soak
-- @arg seconds integer      How long
-- @arg workers integer      How many at once
-- @arg machines integer     How many virtual machines there are
-- @allow read, CreateGateway, UpdateGatewayInformation, TagResource, DeleteGateway
local deadline = os.time() + args.seconds
local count = { calls = 0, done = 0, failed = 0, unknown = 0, looks = 0 }

-- What a gateway in trouble may say. Anything else ends the run.
local trouble = {
  Network = true, ThrottlingException = true, InternalServerException = true, ServiceUnavailableException = true,
}

--- "done" and the result, "failed" where nothing was carried out, "unknown" where nobody knows.
local function attempt(f, ...)
  count.calls = count.calls + 1
  local ok, result = pcall(f, ...)
  local outcome = "done"
  if not ok then
    if type(result) ~= "table" or not trouble[result.code] then error(result, 0) end
    outcome = result.message:find("outcome is unknown", 1, true) and "unknown" or "failed"
    sleep(0.02)
  end
  count[outcome] = count[outcome] + 1
  return outcome, result
end

--- All rows of a listing, or nil when it failed: never a part of them.
local function all(list, ...)
  local outcome, rows = attempt(function(...) return list(...):collect() end, ...)
  return outcome == "done" and rows or nil
end

local Worker = {}
Worker.__index = Worker

function Worker:create()
  self.serial = self.serial + 1
  local name = ("%s%d"):format(self.prefix, self.serial)
  local outcome, made = attempt(create_gateway, {
    ActivationKey = "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", GatewayDisplayName = name, GatewayType = "BACKUP_VM",
  })
  if outcome == "done" then self.kept[made.GatewayArn] = { name = name } end
  if outcome == "unknown" then self.perhaps[name] = true end
  if outcome == "failed" then self.refused[name] = made.message end
end

--- Changes a member of a gateway: the new value, or, until somebody looks, the one or the other.
function Worker:change(arn, member, value, f, ...)
  local outcome = attempt(f, ...)
  local gateway = self.kept[arn]
  if outcome == "done" then gateway[member] = value end
  -- Two unknown changes in a row would be three values: look first.
  if outcome == "unknown" then
    gateway.other = { member = member, value = value }
    self.mustLook = true
  end
end

function Worker:rename(arn)
  self.serial = self.serial + 1
  local name = ("%s%d-renamed"):format(self.prefix, self.serial)
  self:change(arn, "name", name, update_gateway_information, { GatewayArn = arn, GatewayDisplayName = name })
end

function Worker:tag(arn)
  self.serial = self.serial + 1
  local value = tostring(self.serial)
  self:change(arn, "tag", value, tag_resource, { ResourceARN = arn, Tags = { { Key = "serial", Value = value } } })
end

function Worker:delete(arn)
  local outcome = attempt(delete_gateway, arn)
  if outcome == "done" then self.kept[arn] = nil end
  if outcome == "unknown" then
    self.kept[arn].mayBeGone = true
    self.mustLook = true
  end
end

--- True for what a gateway must be, or may be where a change of it is unknown.
local function fits(gateway, member, value)
  local other = gateway.other
  return value == gateway[member] or other ~= nil and other.member == member and value == other.value
end

--- Compares what there is with what there must be. False when the listing failed; a difference ends the run.
function Worker:look()
  local rows = all(list_gateways, { MaxResults = 100 })
  if not rows then return false end
  local found, names = {}, {}
  for _, row in ipairs(rows) do
    local name = row.GatewayDisplayName
    if name:sub(1, #self.prefix) == self.prefix then
      assert(not found[row.GatewayArn], "listed twice: " .. name)
      assert(not names[name], "made twice: " .. name)
      found[row.GatewayArn], names[name] = name, true
    end
  end
  for arn, gateway in pairs(self.kept) do
    local name = found[arn]
    if name then
      assert(fits(gateway, "name", name), ("%s is called %s"):format(gateway.name, name))
      local outcome, answer = attempt(list_tags_for_resource, arn)
      if outcome ~= "done" then return false end
      local tag = answer.Tags[1] and answer.Tags[1].Value
      assert(fits(gateway, "tag", tag), ("%s has the tag %s, not %s"):format(name, tag, gateway.tag))
      self.kept[arn] = { name = name, tag = tag }
    else
      assert(gateway.mayBeGone, "lost: " .. gateway.name)
      self.kept[arn] = nil
    end
  end
  for arn, name in pairs(found) do
    if not self.kept[arn] then
      assert(self.perhaps[name], ("nobody made %s (%s)"):format(name, self.refused[name] or "nor was it refused lately"))
      self.kept[arn] = { name = name }
    end
  end
  self.perhaps, self.refused, self.mustLook = {}, {}, false
  count.looks = count.looks + 1
  return true
end

--- Reading is never in part.
function Worker:read()
  if math.random(10) == 1 then
    local machines = all(list_virtual_machines, { MaxResults = 100 })
    if not machines then return end
    assert(#machines == args.machines, ("%d virtual machines of %d"):format(#machines, args.machines))
    for i = 2, #machines do assert(machines[i - 1].ResourceArn < machines[i].ResourceArn, "out of order") end
    self.machine = machines[math.random(#machines)]
  elseif self.machine and math.random(2) == 1 then
    local outcome, machine = attempt(get_virtual_machine, self.machine)
    assert(outcome ~= "unknown", "reading has no outcome that is unknown")
    if outcome == "done" then assert(machine.Name == self.machine.Name) end
  else
    local arn = next(self.kept)
    if not arn then return end
    local outcome, gateway = attempt(get_gateway, arn)
    assert(outcome ~= "unknown", "reading has no outcome that is unknown")
    if outcome == "done" then assert(fits(self.kept[arn], "name", gateway.GatewayDisplayName)) end
  end
end

function Worker:step()
  local arns = {}
  for arn in pairs(self.kept) do arns[#arns + 1] = arn end
  local arn, dice = arns[math.random(math.max(1, #arns))], math.random(100)
  if self.mustLook or dice <= 2 then
    self:look()
  elseif dice <= 80 then
    self:read()
  elseif not arn or dice <= 85 and #arns < 8 then
    self:create()
  elseif dice <= 90 then
    self:rename(arn)
  elseif dice <= 95 or #arns < 4 then
    self:tag(arn)
  else
    self:delete(arn)
  end
end

local workers = {}
for i = 1, args.workers do
  workers[i] = setmetatable({ prefix = ("w%d-"):format(i), serial = 0, kept = {}, perhaps = {}, refused = {} }, Worker)
end

parallel(workers, function(worker)
  while os.time() < deadline do worker:step() end
  for _ = 1, 1000 do
    if worker:look() then return end
  end
  error("the gateway could not be listed in 1,000 attempts")
end, { limit = args.workers })

local kept = {}
for _, worker in ipairs(workers) do
  for arn, gateway in pairs(worker.kept) do kept[arn] = gateway.name end
end
print(json.encode({ count = count, kept = kept }))
