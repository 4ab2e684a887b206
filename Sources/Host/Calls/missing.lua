-- missing_ok: what is not there is nil.
local host, api = ...
local error, pcall, type = error, pcall, type
local table, refuse = table, host.refuse

function api.missing_ok(f, ...)
  if type(f) ~= "function" then
    refuse("missing_ok takes a function and its arguments, as in missing_ok(get_gateway, arn), not a %s", type(f))
  end
  local results = table.pack(pcall(f, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  local e = results[2]
  if type(e) == "table" and e.code == "ResourceNotFoundException" then return nil end
  error(e, 0)
end
