-- Tags: lists of them as tables, and tables as lists.
local host, api = ...
local ipairs, next, rawget, tostring, type = ipairs, next, rawget, tostring, type
local math, string, table = math, string, table
local refuse = host.refuse

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
  local session = type(resource) == "table" and not host.query_of(resource) and host.target_of(resource) or api
  return tags.map(session.list_tags_for_resource(resource))
end

api.tags = host.library("tags", tags)
