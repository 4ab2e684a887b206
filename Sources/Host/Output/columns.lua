-- Columns of tables and pictures: paths, or functions of a row.
local host = ...
local error, ipairs, next, pcall, rawget, tostring, type = error, ipairs, next, pcall, rawget, tostring, type
local math, string = math, string
local refuse = host.refuse

local getter = host.member_path

local alignments = { left = true, right = true, center = true }

-- A column: a path, or { title, path or function(row), align = }.
local function column(spec, what)
  if type(spec) == "string" or math.type(spec) == "integer" then
    return { title = tostring(spec), get = getter(spec, what) }
  end
  if type(spec) == "function" then refuse("%s: a function needs a title: { \"Title\", function(row) … end }", what) end
  if type(spec) ~= "table" then refuse("%s: a column is a path or { title, path or function }, not a %s", what, type(spec)) end
  for name in next, spec do
    if name ~= 1 and name ~= 2 and name ~= "align" then
      refuse("%s: a column has a title, a path or function, and align; not %s", what, tostring(name))
    end
  end
  local title, by = spec[1], spec[2]
  if type(title) ~= "string" then refuse("%s: a column's title is a string, not a %s", what, type(title)) end
  if by == nil then by = title end
  if type(by) ~= "function" and type(by) ~= "string" and math.type(by) ~= "integer" then
    refuse("%s: column %s needs a path or a function, not a %s", what, title, type(by))
  end
  if spec.align ~= nil and not alignments[spec.align] then
    refuse("%s: column %s: align is \"left\", \"right\" or \"center\"", what, title)
  end
  return { title = title, align = spec.align, get = type(by) == "function" and by or getter(by, what) }
end

local function columns(specs, what)
  if type(specs) ~= "table" or #specs == 0 then
    refuse("%s: columns are an array, as in { \"Name\", { \"Age\", function(vm) … end } }", what)
  end
  local list, known = {}, {}
  for i, spec in ipairs(specs) do
    local new = column(spec, string.format("%s: column %d", what, i))
    if known[new.title] then refuse("%s: there are two columns %s; give one another title", what, new.title) end
    known[new.title], list[i] = true, new
  end
  return list
end

-- The cell of a row. What fails says where.
local function cell(of, row, n, what)
  local ok, value = pcall(of.get, row)
  if ok then return value end
  local place = string.format("%s: row %d, column %s: ", what, n, of.title)
  if type(value) == "string" then
    value = place .. value
  elseif type(value) == "table" and type(rawget(value, "message")) == "string" then
    value.message = place .. value.message
  end
  error(value, 0)
end

host.column, host.columns, host.cell = column, columns, cell
