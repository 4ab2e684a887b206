-- Array jobs: the part of a list that is this run's.
local host, api = ...
local rawget, tostring, type = rawget, tostring, type
local math = math
local refuse = host.refuse

function api.shard(list)
  local listing = host.query_of(list)
  if type(list) ~= "table" then refuse("shard takes an array or a listing, not a %s", type(list)) end
  local part, parts = host.array_job()
  local function is_mine(item, place)
    if host.is_of_fleet(item) then return true end
    local name = type(item) == "table" and host.arn_of(item) or type(item) ~= "table" and tostring(item)
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
