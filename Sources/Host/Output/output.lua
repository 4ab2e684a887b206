-- Output: rows as tables and as data. Rows are walked and columns called here, one row at a time; text is made of them
-- in Sources/Host/Output.
local host, api = ...
local ipairs, next, rawget, setmetatable, tostring, type = ipairs, next, rawget, setmetatable, tostring, type
local table = table
local refuse, options, source = host.refuse, host.options, host.rows

-- What stays of a run that fails: nothing.
local run_metatable = { __close = function(run) host.output_abandon(run.id) end }

local function write(what, form, rows, specs, target)
  local changes = host.change_lists[rows] and host.changes_rows(rows)
  if changes then rows, specs = changes, specs or { "operation", "resource", "parameters" } end
  local list = specs ~= nil and host.columns(specs, what) or nil
  local cell = list and host.cell
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
  if given.to ~= nil then copy.to = host.file_of(given.to) end
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

function api.show(rows, specs, given)
  if host.pictures[rows] then return host.show(tostring(rows)) end
  specs, given = arranged(specs, given)
  write("show", host.output_form(), rows, specs, checked(given, "show"))
end

api.output = host.library("output", output)
