-- Base: what the other chunks of the prelude have in common.
local host = ...
local ipairs, next, setmetatable, type = ipairs, next, setmetatable, type
local string = string

local refuse_text = host.refuse_text
-- Raises a ParamValidation error at the script's line; takes what string.format takes.
function host.refuse(...) refuse_text(string.format(...)) end

local weak = { __mode = "k" }

-- What help calls the functions that are no globals.
host.help_names = setmetatable({}, weak)
function host.name_functions(prefix, functions)
  for name, f in next, functions do
    if type(f) == "function" then host.help_names[f] = prefix .. name end
  end
end

-- The methods of objects by what these are called; completion reads them.
host.methods = {}

-- By what the prelude knows its objects. They stand here so that whoever asks whether a value is one need not load what
-- makes them: listings to their queries, sessions to their handles, lists of changes, pictures, results of `parallel`.
for _, kind in ipairs { "queries", "session_handles", "change_lists", "pictures", "parallel_results" } do
  host[kind] = setmetatable({}, weak)
end

-- The query behind a listing; nil for every other value.
function host.query_of(value) return host.queries[value] end
