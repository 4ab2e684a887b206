-- Arguments: what `args` is in a script whose header declares some. Loaded when there is one, before the script runs.
local host, args, declared, outputs, unknown = ...
local math, setmetatable = host.math, host.setmetatable
local next, tostring = next, tostring

for name, number in next, outputs do args[name] = host.output_target(number) end

return setmetatable(args, {
  __name = "args",
  __metatable = false,
  __index = function(_, key)
    if declared[key] or math.type(key) == "integer" then return nil end
    unknown(tostring(key))
  end,
})
