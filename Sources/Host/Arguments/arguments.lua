-- Arguments: what `args` is in a script whose header declares some.
local host = ...
local math, next, setmetatable, tostring = math, next, setmetatable, tostring

-- The values by name, true for each declared name, the numbers of output files by name, and what refuses another name.
function host.arguments(args, declared, outputs, unknown)
  for name, number in next, outputs do args[name] = host.output_target(number) end
  return setmetatable(args, {
    __name = "args",
    __metatable = false,
    __index = function(_, key)
      if declared[key] or math.type(key) == "integer" then return nil end
      unknown(tostring(key))
    end,
  })
end
