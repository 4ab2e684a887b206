-- Output: rows as tables and as data, JSON, and how far a run is. Rows are walked and columns called here, one row at a
-- time; text is made of them in Sources/Host/Output.
local host, api = ...
local error, getmetatable, ipairs, next, pcall, rawget, setmetatable, tostring, type =
  error, getmetatable, ipairs, next, pcall, rawget, setmetatable, tostring, type
local math, string, table = host.math, host.string, host.table
local refuse = host.refuse
local listings = host.listings

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

-- The options of a function, none of which is misspelt.
local function options(given, allowed, what)
  if given == nil then return {} end
  if type(given) ~= "table" then refuse("%s: options are a table, not a %s", what, type(given)) end
  for name in next, given do
    if not allowed[name] then
      refuse("%s: there is no option %s; there is %s", what, tostring(name), table.concat(host.sorted_names(allowed), ", "))
    end
  end
  for name, kind in next, allowed do
    local value = given[name]
    if kind == "file" then
      host.file_of(value, string.format("%s: %s", what, name))
    elseif value ~= nil and kind ~= "any" and (math.type(value) or type(value)) ~= kind then
      refuse("%s: %s must be a %s, not a %s", what, name, kind, math.type(value) or type(value))
    end
  end
  return given
end

-- Columns -----------------------------------------------------------------------------------------------------------

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

-- Rows --------------------------------------------------------------------------------------------------------------

local function array_rows(array, what)
  local n = listings.length(array)
  local places, count = n or 0, 0
  if not n then
    while rawget(array, places + 1) ~= nil do places = places + 1 end
  end
  for key in next, array do
    if math.type(key) == "integer" and key >= 1 and key <= places then
      count = count + 1
    elseif not n or key ~= "n" then
      refuse("%s: rows are an array; this one also has [%s]", what, tostring(key))
    end
  end
  return listings.walk(array, places), count
end

-- True for the results of a `parallel`, also where the first or all are missing, and for a table that looks the same.
local function are_results(value)
  if host.parallel_results[value] then return true end
  local n, has_item = listings.length(value), false
  if not n then return false end
  for key in next, value do
    if math.type(key) == "integer" and key >= 1 and key <= n then
      has_item = true
    elseif key ~= "n" then
      return false
    end
  end
  return has_item
end

local function once(value)
  local taken = false
  return function()
    if taken then return nil end
    taken = true
    return value
  end
end

-- A function that gives the rows, one at a time; whether there is only one, which is no list; how many, where that is
-- known. Rows are a record, an array, a listing or an iterator.
local function source(rows, what)
  local query = listings.query_of(rows)
  if query then
    if query.array and #query.stages == 0 and listings.length(query.array) then
      local pull, count = array_rows(query.array, what)
      return pull, false, count
    end
    local count = query.array and #query.stages == 0 and #query.array or nil
    return listings.run(query, true), false, count
  end
  if type(rows) == "function" then
    -- One of ours is no iterator: a call of it was meant.
    for name, value in next, api do
      if value == rows then refuse("%s: %s is a function; call it first: %s()", what, name, name) end
    end
    return rows, false
  end
  if type(rows) ~= "table" then return once(rows), true end
  rows = host.changes_rows(rows) or host.facts_of(rows) or rows
  if rawget(rows, 1) ~= nil or host.is_list(rows) or next(rows) == nil and getmetatable(rows) == nil or are_results(rows) then
    local pull, count = array_rows(rows, what)
    return pull, false, count
  end
  return once(rows), true
end

-- What stays of a run that fails: nothing.
local run_metatable = { __close = function(run) host.output_abandon(run.id) end }

local function write(what, form, rows, specs, target)
  local changes = host.changes_rows(rows)
  if changes then rows, specs = changes, specs or { "operation", "resource", "parameters" } end
  local list = specs ~= nil and columns(specs, what) or nil
  local pull, single = source(rows, what)
  local is_rows = type(rows) == "table" or type(rows) == "function"
  if not is_rows and (list or form == "csv") then
    refuse("%s: rows are a record, an array, a listing or an iterator, not a %s", what, type(rows))
  end
  local run <close> = setmetatable({ id = host.output_open(form, single, list, target) }, run_metatable)
  local n = 0
  if rows == nil then host.output_row(run.id, nil) end
  for row in pull do
    n = n + 1
    if list then
      local cells = {}
      for i, of in ipairs(list) do cells[i] = cell(of, row, n, what) end
      host.output_row(run.id, table.unpack(cells, 1, #list))
    else
      host.output_row(run.id, row)
    end
  end
  return host.output_end(run.id)
end

-- Columns may be left out before options.
local function arranged(specs, given)
  if given == nil and type(specs) == "table" and rawget(specs, 1) == nil and next(specs) ~= nil then return nil, specs end
  return specs, given
end

local output = {}
local shared = { to = "file", width = "integer", indent = "integer", title = "string", summary = "any" }

-- The lines below a table: one text, or an array of them.
local function summary_lines(summary, what)
  if type(summary) == "string" then return { summary } end
  local lines = type(summary) == "table" and summary or refuse("%s: summary is a text or an array of texts, not a %s", what, type(summary))
  for i, line in ipairs(lines) do
    if type(line) ~= "string" then refuse("%s: line %d of summary is a text, not a %s", what, i, type(line)) end
  end
  return lines
end

local function checked(given, what)
  given = options(given, shared, what)
  local copy = {}
  for name, value in next, given do copy[name] = value end
  if given.summary then copy.summary = summary_lines(given.summary, what) end
  if given.indent and (given.indent < 0 or given.indent > 16) then refuse("%s: indent is from 0 to 16", what) end
  if given.width and given.width < 1 then refuse("%s: width is at least 1", what) end
  copy.to = host.file_of(given.to)
  return copy
end

local forms = { table = true, json = true, jsonl = true, csv = true, yaml = true, lua = true }
for form in next, forms do
  local what = "output." .. form
  output[form] = function(rows, specs, given)
    specs, given = arranged(specs, given)
    write(what, form, rows, specs, checked(given, what))
  end
end

function output.format(form, rows, specs, given)
  if not forms[form] then refuse("output.format: the form is one of %s", table.concat(host.sorted_names(forms), ", ")) end
  specs, given = arranged(specs, given)
  given = checked(given, "output.format")
  if given.to then refuse("output.format returns the text; output.%s writes it to a file", form) end
  local target = { text = true }
  for name, value in next, given do target[name] = value end
  return write("output.format", form, rows, specs, target)
end

-- Pictures, which chart.lua adds, show themselves.
local pictures = setmetatable({}, { __mode = "k" })

function api.show(rows, specs, given)
  if pictures[rows] then return host.show(tostring(rows)) end
  specs, given = arranged(specs, given)
  write("show", host.output_form(), rows, specs, checked(given, "show"))
end

api.output = host.library("output", output)

-- JSON --------------------------------------------------------------------------------------------------------------

local json = {}

json.null = setmetatable({}, {
  __name = "json.null",
  __metatable = false,
  __tostring = function() return "null" end,
  __newindex = function() refuse("json.null cannot be changed") end,
})
host.set_json_null(json.null)

function json.encode(value, given)
  given = options(given, { indent = "integer", sort = "boolean" }, "json.encode")
  if given.indent and (given.indent < 0 or given.indent > 16) then refuse("json.encode: indent is from 0 to 16") end
  return host.json_encode(value, given.indent ~= 0 and given.indent or nil, given.sort or false)
end

function json.decode(text)
  if type(text) ~= "string" then refuse("json.decode takes a string, not a %s", type(text)) end
  return host.json_decode(text)
end

function json.array(items)
  if items ~= nil and type(items) ~= "table" then refuse("json.array takes a table of items, not a %s", type(items)) end
  local list, n = host.json_list(), 0
  for item in array_rows(items or {}, "json.array") do
    n = n + 1
    list[n] = item
  end
  return list
end

api.json = host.library("json", json)

-- Progress ----------------------------------------------------------------------------------------------------------

function api.progress(items, given)
  given = options(given, { label = "string", total = "integer" }, "progress")
  if type(items) ~= "table" and type(items) ~= "function" then
    refuse("progress takes an array, a listing or an iterator, not a %s", type(items))
  end
  local pull, single, count = source(items, "progress")
  if single then refuse("progress takes an array, a listing or an iterator, not a record") end
  local bar, ended
  local function finish()
    if bar then host.progress_end(bar) end
    bar, ended = nil, true
  end
  local function counted(...)
    if (...) == nil then finish() end
    return ...
  end
  return function()
    if ended then return nil end
    if bar then
      -- The item before is done when the next is asked for.
      host.progress_advance(bar, 1)
    else
      bar = host.progress_begin(given.label, given.total or count)
    end
    return counted(pull())
  end, nil, nil, setmetatable({}, { __close = finish })
end

-- For chart.lua, and for the rest of the prelude.
host.rows = {
  cell = cell, column = column, getter = getter, options = options, pictures = pictures, source = source,
}
