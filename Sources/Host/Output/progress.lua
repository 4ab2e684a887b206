-- Progress: how far a loop is.
local host, api = ...
local setmetatable, type = setmetatable, type
local refuse, options, source = host.refuse, host.options, host.rows

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
