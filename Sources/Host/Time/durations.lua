-- Durations: seconds as texts, and texts as seconds.
local host, api = ...
local ipairs, setmetatable, tonumber, type = ipairs, setmetatable, tonumber, type
local math, string, table = math, string, table
local refuse = host.refuse

local units = { s = 1, m = 60, h = 3600, d = 86400, w = 604800 }

-- Seconds of "7d12h", or of a number.
local function seconds(value, what)
  if type(value) == "number" then return value end
  if type(value) == "string" then
    local total, rest = 0, value
    while #rest > 0 do
      local number, unit, tail = string.match(rest, "^(%d+%.?%d*)([smhdw])(.*)$")
      if not number then break end
      total, rest = total + tonumber(number) * units[unit], tail
    end
    if #rest == 0 and #value > 0 then return math.tointeger(total) or total end
  end
  refuse("%s: %s is not a duration; write seconds or a text like \"90s\", \"7d12h\", \"2w\"", what,
    type(value) == "string" and '"' .. value .. '"' or type(value))
end

host.seconds = seconds

-- "11d 4h": the two largest units; "-5m" for what lies ahead.
local function duration_text(value)
  if value ~= value or value == math.huge or value == -math.huge then refuse("a duration is a finite number of seconds") end
  if value < 0 then return "-" .. duration_text(-(value + 0.0)) end  -- the least integer has no opposite
  local left, parts = math.floor(value), {}
  for _, unit in ipairs { "w", "d", "h", "m", "s" } do
    local size = units[unit]
    if unit ~= "w" and (left >= size or (unit == "s" and #parts == 0)) and #parts < 2 then
      parts[#parts + 1] = string.format("%.0f%s", left // size, unit)
      left = left % size
    elseif #parts == 1 then
      break
    end
  end
  return table.concat(parts, " ")
end

host.duration_text = duration_text

local duration_functions = { text = function(d) return duration_text(seconds(d, "duration.text")) end }
host.name_functions("duration.", duration_functions)
api.duration = setmetatable(duration_functions, {
  __call = function(_, text) return seconds(text, "duration") end,
  __metatable = false,
})
