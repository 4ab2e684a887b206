-- Helpers: what every report needs: names that are read-only, ARNs, tags, this run's part, secrets.
local host, api = ...
local ipairs, next, rawget, setmetatable, tostring, type = ipairs, next, rawget, setmetatable, tostring, type
local math, string, table = host.math, host.string, host.table
local refuse = host.refuse

-- A read-only table of functions, as `tags`: a name that it does not have is an error that names the nearest.
host.libraries = { string = host.string, table = host.table, math = host.math, os = host.os }
function host.library(name, functions)
  host.libraries[name] = functions
  local names = host.sorted_names(functions)
  host.methods[name] = functions
  host.name_functions(name .. ".", functions)
  return setmetatable({}, {
    __name = name,
    __metatable = false,
    __index = function(_, key)
      local value = functions[key]
      if value ~= nil then return value end
      local near = type(key) == "string" and host.nearest(key, names)
      refuse("%s has no %s; %s", name, tostring(key), near and "did you mean " .. near .. "?" or "it has " .. table.concat(names, ", "))
    end,
    __newindex = function(_, key) refuse("%s.%s cannot be set: %s is read-only", name, tostring(key), name) end,
    __pairs = function()
      local key, value
      return function() key, value = next(functions, key) return key, value end
    end,
  })
end

-- ARNs --------------------------------------------------------------------------------------------------------------

-- The ARN of this service that a record, or a table like one, carries.
local function arn_of(record)
  return rawget(record, "ResourceArn") or rawget(record, "ResourceARN") or rawget(record, "GatewayArn") or rawget(record, "HypervisorArn")
end

function api.parse_arn(value)
  local text = type(value) == "table" and arn_of(value) or value
  if type(text) ~= "string" then refuse("parse_arn takes an ARN, or a record that carries it, not a %s", type(value)) end
  local partition, service, region, account, resource = string.match(text, "^arn:([^:]+):([^:]+):([^:]*):([^:]*):(.+)$")
  if not partition then refuse("parse_arn: %q is not an ARN, which begins arn:PARTITION:SERVICE:REGION:ACCOUNT:", string.sub(text, 1, 200)) end
  local kind, id = string.match(resource, "^([^/:]+)[/:](.+)$")
  local function present(part) if part ~= "" then return part end end
  return {
    arn = text, partition = partition, service = service, region = present(region), account = present(account),
    resource = resource, kind = kind, id = id or resource,
  }
end

function api.hypervisor_arn(record)
  if type(record) ~= "table" or host.listings.query_of(record) then
    refuse("hypervisor_arn takes a Gateway or a VirtualMachine, which say their HypervisorId, not a %s; as in hypervisor_arn(get_gateway(arn))",
      host.listings.query_of(record) and "listing" or type(record))
  end
  if rawget(record, "HypervisorArn") then return rawget(record, "HypervisorArn") end
  local arn, id = arn_of(record), rawget(record, "HypervisorId")
  if type(arn) ~= "string" then refuse("hypervisor_arn: this table has neither GatewayArn nor ResourceArn") end
  -- A gateway that looks after no hypervisor.
  if id == nil then return nil end
  local head = string.match(arn, "^(arn:[^:]+:backup%-gateway:[^:]*:[^:]*:)")
  if not head then refuse("hypervisor_arn: %q is not an ARN of AWS Backup Gateway", arn) end
  return head .. "hypervisor/" .. tostring(id)
end

-- Tags --------------------------------------------------------------------------------------------------------------

local tags = {}

-- { { Key =, Value = }, … }, or a record that has them as Tags, as { key = value }.
function tags.map(list)
  if type(list) ~= "table" then refuse("tags.map takes a list of tags, as list_tags_for_resource(vm).Tags, not a %s", type(list)) end
  local map, given = {}, rawget(list, "Tags") or list
  if type(given) ~= "table" then refuse("tags.map: Tags is a list of tags, not a %s", type(given)) end
  for i, tag in ipairs(given) do
    if type(tag) ~= "table" or type(rawget(tag, "Key")) ~= "string" then
      refuse("tags.map: item %s is no tag, which is { Key = …, Value = … }", i)
    end
    map[rawget(tag, "Key")] = rawget(tag, "Value") or ""
  end
  return map
end

-- { key = value } as the list that tag_resource takes, by key.
function tags.list(map)
  if type(map) ~= "table" then refuse("tags.list takes a table, as in tags.list{ team = \"db\" }, not a %s", type(map)) end
  local list = {}
  for key, value in next, map do
    if type(key) ~= "string" then refuse("tags.list takes names and values, as in { team = \"db\" }; this has [%s]", tostring(key)) end
    if type(value) ~= "string" then
      if math.type(value) ~= "integer" then refuse("tags.list: the value of %s must be a text, not a %s", key, type(value)) end
      value = tostring(value)
    end
    list[#list + 1] = { Key = key, Value = value }
  end
  table.sort(list, function(a, b) return a.Key < b.Key end)
  return list
end

-- Whether a map has what an option says: "KEY", or "KEY=VALUE". A tag's key may hold a "=", so each of them is tried.
function tags.has(map, wanted)
  if type(map) ~= "table" or type(wanted) ~= "string" then
    refuse("tags.has takes what tags.get gives and a text, as in tags.has(tags.get(vm), \"stage=prod\"), not a %s and a %s", type(map), type(wanted))
  end
  if rawget(map, wanted) ~= nil then return true end
  local place = string.find(wanted, "=", 1, true)
  while place do
    if rawget(map, string.sub(wanted, 1, place - 1)) == string.sub(wanted, place + 1) then return true end
    place = string.find(wanted, "=", place + 1, true)
  end
  return false
end

-- Of one resource, as { key = value }; an item of a fleet is asked for where it lives.
function tags.get(resource)
  local session = type(resource) == "table" and not host.listings.query_of(resource) and host.target_of(resource) or api
  return tags.map(session.list_tags_for_resource(resource))
end

api.tags = host.library("tags", tags)

-- Arguments that a script finds wrong itself end it as those do that its header does not allow.
function api.usage(text)
  if type(text) ~= "string" then refuse("usage takes a text that says what is wanted, not a %s", type(text)) end
  refuse("%s", text)
end

-- Array jobs --------------------------------------------------------------------------------------------------------

function api.shard(list)
  local listing = host.listings.query_of(list)
  if type(list) ~= "table" then refuse("shard takes an array or a listing, not a %s", type(list)) end
  local part, parts = host.array_job()
  local function is_mine(item, place)
    if host.is_of_fleet(item) then return true end
    local name = type(item) == "table" and arn_of(item) or type(item) ~= "table" and tostring(item)
    if name then return host.is_mine(name) end
    if not place then refuse("shard: an item of this listing has no ARN to be told apart by; :collect() it first") end
    return place % parts == part - 1
  end
  if not part or host.is_of_fleet(list) then return list end
  if listing then return list:filter(function(item) return is_mine(item) end) end
  local kept = {}
  -- What parallel collects beside errors has holes, and says how long it is.
  for i = 1, math.type(rawget(list, "n")) == "integer" and rawget(list, "n") or #list do
    local item = list[i]
    if item ~= nil and is_mine(item, i - 1) then kept[#kept + 1] = item end
  end
  return kept
end

-- Secrets -----------------------------------------------------------------------------------------------------------

host.set_secret_metatable {
  __name = "secret",
  __metatable = false,
  __tostring = function() return "•••" end,
  __index = function(_, key) refuse("a secret cannot be looked into, not even for %s; hand it to a parameter as Password", tostring(key)) end,
  __newindex = function() refuse("a secret cannot be changed") end,
}
api.secret = host.secret

-- The low door ------------------------------------------------------------------------------------------------------

api.call = host.call
