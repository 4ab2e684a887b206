-- Options of functions, each with the type that it must have.
local host = ...
local math, string, table = math, string, table
local next, tostring, type = next, tostring, type
local refuse = host.refuse

local function with_article(noun) return (string.find(noun, "^[aeiou]") and "an " or "a ") .. noun end

-- The options of a function, none of which is misspelt.
function host.options(given, allowed, what)
  if given == nil then return {} end
  if type(given) ~= "table" then refuse("%s: options are a table, not a %s", what, type(given)) end
  for name in next, given do
    if not allowed[name] then
      refuse("%s: there is no option %s; there is %s", what, tostring(name), table.concat(host.sorted_names(allowed), ", "))
    end
  end
  for name, kind in next, allowed do
    local value = given[name]
    if value ~= nil and kind == "file" then
      host.file_of(value, string.format("%s: %s", what, name))
    elseif value ~= nil and kind ~= "any" and (math.type(value) or type(value)) ~= kind then
      refuse("%s: %s must be %s, not %s", what, name, with_article(kind), with_article(math.type(value) or type(value)))
    end
  end
  return given
end
