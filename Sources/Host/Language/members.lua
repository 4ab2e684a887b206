-- Member paths, as columns and stages of listings take them.
local host = ...
local ipairs, rawget, tostring, type = ipairs, rawget, tostring, type
local math, string = math, string
local refuse = host.refuse

-- "MaintenanceStartTime.HourOfDay" as a function that reads it: nil where something on the way is absent, and an error
-- of the record's own for a name that it does not have. A name with a dot that the item has comes first.
function host.member_path(path, what)
  local text, names = tostring(path), {}
  for name in string.gmatch(text, "[^.]+") do names[#names + 1] = string.find(name, "^%d+$") and math.tointeger(name) or name end
  if #names == 0 or string.find(text, "^%.") or string.find(text, "%.%.") or string.find(text, "%.$") then
    refuse("%s: %q is no member; write one as in \"Name\" or \"MaintenanceStartTime.HourOfDay\"", what, text)
  end
  return function(item)
    if #names > 1 and type(item) == "table" then
      local whole = rawget(item, path)
      if whole ~= nil then return whole end
    end
    local value = item
    for _, name in ipairs(names) do
      if value == nil then return nil end
      -- A text would answer with its methods.
      if type(value) ~= "table" and type(value) ~= "userdata" then refuse("a %s has no member %s", type(value), name) end
      value = value[name]
    end
    return value
  end
end
