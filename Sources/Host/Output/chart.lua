-- Charts: pictures of rows, in the terminal and as SVG. A chart is a copy of what it shows: text and picture are made of it
-- in Sources/Host/Output/Chart.
local host, api = ...
local math, string = math, string
local error, next, rawget, setmetatable, tostring, type = error, next, rawget, setmetatable, tostring, type
local refuse = host.refuse
local cell, options = host.cell, host.options
local micros = host.micros

-- A column as `output` has it, or a function alone: a picture has no titles of columns.
local function column(spec, what)
  if type(spec) == "function" then return { title = what, get = spec } end
  return host.column(spec, what)
end

local itself = { title = "value", get = function(row) return row end }

-- The number or timestamp in a cell; nil for none.
local function plotted(of, row, n, what)
  local value = cell(of, row, n, what)
  if value == nil or value == api.json.null then return nil end
  if type(value) == "number" and value == value and value ~= math.huge and value ~= -math.huge then return value end
  if type(value) == "userdata" and micros(value) then return value end
  refuse("%s: row %d, column %s: %s cannot be drawn; a number or a timestamp can", what, n, of.title,
    type(value) == "number" and tostring(value) or "a " .. type(value))
end

local function number(of, row, n, what)
  local value = plotted(of, row, n, what)
  if value ~= nil and type(value) ~= "number" then
    refuse("%s: row %d, column %s: a timestamp cannot be drawn here; a number can", what, n, of.title)
  end
  return value
end

local function label(of, row, n, what)
  local value = cell(of, row, n, what)
  if type(value) == "table" or type(value) == "function" then
    refuse("%s: row %d, column %s: a %s is no name", what, n, of.title, type(value))
  end
  return value
end

local function points(items, what, make)
  local pull, single = host.rows(items, what)
  if single then refuse("%s: rows are an array, a listing or an iterator", what) end
  local list, n = {}, 0
  for row in pull do
    n = n + 1
    list[n] = make(row, n)
  end
  return list
end

-- The object -----------------------------------------------------------------------------------------------------

local specs = setmetatable({}, { __mode = "k" })

local function text(self, width, ascii)
  local spec = specs[self]
  if ascii == nil then ascii = spec.ascii end
  return (string.gsub(host.chart_text(spec, width or spec.width, ascii), "\n$", ""))
end

local methods = {
  text = function(self, given)
    if not specs[self] then refuse("call text with a colon: chart:text()") end
    given = options(given, { width = "integer", ascii = "boolean" }, "chart:text")
    return text(self, given.width, given.ascii)
  end,
  svg = function(self, path)
    if not specs[self] then refuse("call svg with a colon: chart:svg(\"picture.svg\")") end
    path = host.file_of(path, "chart:svg: the file")
    local svg = host.chart_svg(specs[self])
    if path == nil then return svg end
    host.write_file(path, svg)
  end,
}

local metatable = {
  __name = "chart",
  __metatable = false,
  __index = function(_, name)
    return methods[name] or refuse("a chart has no %s; it has :text() and :svg(\"picture.svg\")", tostring(name))
  end,
  __newindex = function() refuse("a chart cannot be changed") end,
  __tostring = function(self) return text(self) end,
}

local function chart(spec, given)
  spec.title, spec.unit, spec.width, spec.ascii = given.title, given.unit, given.width, given.ascii
  local self = setmetatable({}, metatable)
  specs[self], host.pictures[self] = spec, true
  return self
end

local shared = { title = "string", unit = "string", width = "integer", ascii = "boolean" }
local function checked(given, what, more)
  local allowed = {}
  for name, kind in next, shared do allowed[name] = kind end
  for name, kind in next, more or {} do allowed[name] = kind end
  return options(given, allowed, what)
end

-- A value's column may be left out before options: rows may be the values themselves.
local function arranged(value, given)
  if given == nil and type(value) == "table" and rawget(value, 1) == nil then return nil, value end
  return value, given
end

-- The charts -------------------------------------------------------------------------------------------------------

local charts = {}

function charts.bar(items, name, value, given)
  given = checked(given, "chart.bar")
  name, value = column(name, "label"), column(value, "value")
  return chart({ kind = "bar", points = points(items, "chart.bar", function(row, n)
    return { label = label(name, row, n, "chart.bar"), value = number(value, row, n, "chart.bar") }
  end) }, given)
end

function charts.histogram(items, value, given)
  value, given = arranged(value, given)
  given = checked(given, "chart.histogram", { bins = "integer" })
  if given.bins and (given.bins < 1 or given.bins > 200) then refuse("chart.histogram: bins is from 1 to 200") end
  value = value ~= nil and column(value, "value") or itself
  local spec = { kind = "histogram", bins = given.bins }
  spec.points = points(items, "chart.histogram", function(row, n)
    return { value = plotted(value, row, n, "chart.histogram") }
  end)
  return chart(spec, given)
end

function charts.spark(items, value, given)
  value, given = arranged(value, given)
  given = checked(given, "chart.spark")
  value = value ~= nil and column(value, "value") or itself
  return chart({ kind = "spark", points = points(items, "chart.spark", function(row, n)
    return { value = number(value, row, n, "chart.spark") }
  end) }, given)
end

-- `when` is a column of instants, or { start = column, stop = column }; a span without a stop goes on.
function charts.timeline(items, name, when, given)
  given = checked(given, "chart.timeline")
  name = column(name, "label")
  local start, stop
  if type(when) == "table" and rawget(when, 1) == nil then
    for key in next, when do
      if key ~= "start" and key ~= "stop" then refuse("chart.timeline: a span has start and stop, not %s", tostring(key)) end
    end
    start, stop = column(when.start, "start"), column(when.stop, "stop")
  else
    start = column(when, "time")
  end
  local now = api.now()
  return chart({ kind = "timeline", points = points(items, "chart.timeline", function(row, n)
    local point = { label = label(name, row, n, "chart.timeline"), start = plotted(start, row, n, "chart.timeline") }
    if stop and point.start ~= nil then
      point.stop = plotted(stop, row, n, "chart.timeline")
      if point.stop == nil then point.stop, point.open = now, true end
    end
    return point
  end) }, given)
end

api.chart = host.library("chart", charts)
