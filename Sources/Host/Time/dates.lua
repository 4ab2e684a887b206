-- Dates of Lua's own: os.date and os.time, which know the time that now() gives, and no timestamps.
local host = ...
local error, pcall = error, pcall
local os, string = os, string
local refuse = host.refuse
local scripts_os = scripts.os

-- Lua's own takes epoch seconds, and would not say what it was given.
function scripts_os.date(format, at)
  if host.is_timestamp(at) then
    refuse("os.date takes epoch seconds, not a timestamp; write ts:format(\"%%F\", zone), or os.date(format, ts.epoch // 1)")
  end
  -- Without a moment, the one that now() gives.
  if at == nil then at = host.now_micros() // 1000000 end
  local ok, result = pcall(os.date, format, at)
  if not ok then error((string.gsub(result, "'%?'", "'date'")), 2) end
  return result
end

function scripts_os.time(fields)
  if fields == nil then return host.now_micros() // 1000000 end
  local ok, result = pcall(os.time, fields)
  if not ok then error((string.gsub(result, "'%?'", "'time'")), 2) end
  return result
end
