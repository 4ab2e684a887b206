-- require: a module of one's own beside the script or in the user's folder, else one of ours. Text only; what a module
-- runs may wait for the service as any script's code may.
local host, api = ...
local error, load, type, setmetatable = error, load, type, setmetatable
local package = package
local running = coroutine.running
local string, table = string, table
local refuse = host.refuse

local bundled = {}
function bundled.time()
  return host.library("time", {
    now = api.now, ago = api.ago, timestamp = api.timestamp, duration = api.duration, older_than = api.older_than,
    sleep = api.sleep,
  })
end
-- Every table of ours is a module too.
local function of_ours(name)
  if bundled[name] then return bundled[name]() end
  return type(api[name]) == "table" and api[name] or nil
end

-- By name: what a module gave, and the coroutine that runs it; by coroutine: the module that it waits for.
local loaded, loading, awaited = {}, {}, {}

-- Waits while another task runs the module's body, which may take as long as the service does.
local function await(name)
  local me = running()
  local owner = loading[name]
  while owner do
    if owner == me then refuse("require: module '%s' requires itself, directly or through others", name) end
    owner = awaited[owner] and loading[awaited[owner]]
  end
  local mark <close> = setmetatable({}, { __close = function() awaited[me] = nil end })
  awaited[me] = name
  while loading[name] do host.sleep(0.01) end
end

-- The module's function and its file; or nil and where it was looked for.
local function find(name)
  local source, place = host.read_module(string.gsub(name, "%.", "/"))
  if not source then return nil, place end
  -- A snippet's is in no file.
  local chunk, problem = load(source, (string.find(place, "^=") and "" or "@") .. place, "t")
  if not chunk then error(problem, 0) end
  return chunk, place
end

function api.require(name)
  if type(name) ~= "string" or not string.find(name, "^[%w_-]+$") and not string.find(name, "^[%w_-][%w_.-]*[%w_-]$")
    or string.find(name, "..", 1, true) then
    refuse("require takes the name of a module, as in require \"report\" or require \"lib.report\"")
  end
  if loaded[name] ~= nil then return loaded[name] end
  if loading[name] then
    await(name)
    return api.require(name)
  end
  local chunk, place = find(name)
  if not chunk then
    local module = of_ours(name)
    if not module then refuse("require: there is no module '%s': %s, and none of Moongate's own has that name", name, place) end
    loaded[name] = module
    return module
  end
  -- Also when it fails: then the next require tries again.
  local mark <close> = setmetatable({}, { __close = function() loading[name] = nil end })
  loading[name] = running()
  local module = chunk(name, place)
  if module == nil then module = true end
  loaded[name] = module
  return module
end

-- With --trust, Lua's own require looks here too, before the system's folders.
if package then
  table.insert(package.searchers, 2, function(name)
    local chunk, place = find(name)
    if chunk then return chunk, place end
    local module = of_ours(name)
    if module then return function() return module end, ":moongate:" end
  end)
end
