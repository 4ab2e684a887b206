-- Every name that a script finds, one a line with its type: the surface that a release must not change by accident.
local lines = {}

local function add(prefix, t)
  for name, value in pairs(t) do
    lines[#lines + 1] = prefix .. tostring(name) .. " " .. type(value)
    if type(value) == "table" and value ~= _G and name ~= "arg" and prefix == "" then
      add(name .. ".", value)
    end
  end
end

add("", _G)
-- What globals fall back to.
add("moongate.", moongate)
table.sort(lines)
print(table.concat(lines, "\n"))
