-- Output files: those that the command line named for an argument.
local host = ...
local setmetatable, type = setmetatable, type
local refuse = host.refuse

-- Files that the command line named for an argument: what the script has in its place, and its number.
local targets = setmetatable({}, { __mode = "k" })
local target_metatable = {
  __name = "output",
  __metatable = false,
  __tostring = function() return "output file" end,
  __newindex = function() refuse("an output file cannot be changed; hand it to { to = … } or to chart:svg") end,
}
function host.output_target(number)
  local target = setmetatable({}, target_metatable)
  targets[target] = number
  return target
end

-- A file to write as the primitives take it: its name, or the number of one that the command line named.
function host.file_of(value, what)
  if value == nil or type(value) == "string" then return value end
  return targets[value] or refuse("%s must be the name of a file or an output argument, not a %s", what, type(value))
end
