-- Random patterns on random texts, for Lua's own matcher and ours: one line a call with all that it gave or raised.
-- Arguments: a seed, how many.
local state, count = math.tointeger(arg[1]), math.tointeger(arg[2])

local function random(n)
  state = (state * 6364136223846793005 + 1442695040888963407) & -1
  return (state >> 33) % n + 1
end
local function pick(t) return t[random(#t)] end

local bytes = { "a", "b", "c", "A", "0", "1", " ", "-", "]", "^", "$", "%", ".", "\0", "\xff", "[", "(", ")", "\n", "é" }
local classes = { "%a", "%c", "%d", "%g", "%l", "%p", "%s", "%u", "%w", "%x", "%A", "%D", "%S", "%W", "%z", "%%", "%.", "%]", "%-" }
local repetitions = { "", "", "", "", "*", "+", "-", "?" }

local function set()
  local parts = { "[", pick{ "", "", "^" } }
  for _ = 1, random(4) do
    parts[#parts + 1] = pick{ pick(bytes), pick(classes), pick{ "a-c", "0-9", "A-Z", "%a-z", "a-%", "c-a", "\0-\xff" } }
  end
  parts[#parts + 1] = pick{ "]", "]", "]", "]", "]", "]", "]", "" }
  return table.concat(parts)
end

local function pattern()
  local parts, open = { pick{ "", "", "", "^" } }, 0
  for _ = 1, random(7) do
    local kind = random(20)
    if kind <= 7 then parts[#parts + 1] = pick{ "a", "b", "c", " ", "1" } .. pick(repetitions)
    elseif kind <= 9 then parts[#parts + 1] = "." .. pick(repetitions)
    elseif kind <= 11 then parts[#parts + 1] = pick(classes) .. pick(repetitions)
    elseif kind <= 13 then parts[#parts + 1] = set() .. pick(repetitions)
    elseif kind <= 15 then parts[#parts + 1] = "(" open = open + 1
    elseif kind == 16 and open > 0 then parts[#parts + 1] = ")" open = open - 1
    elseif kind == 16 then parts[#parts + 1] = "()"
    elseif kind == 17 then parts[#parts + 1] = pick{ "%b()", "%bab", "%b", "%bxx", "%bx" }
    elseif kind == 18 then parts[#parts + 1] = "%f" .. pick{ set(), "", "[%w]", "[^%w]", "[\0]" }
    elseif kind == 19 then parts[#parts + 1] = pick{ "%1", "%2", "%0", "%9" }
    else parts[#parts + 1] = pick{ "%", "[", ")", pick(bytes) }
    end
  end
  while open > 0 and random(12) > 1 do parts[#parts + 1] = ")" open = open - 1 end
  parts[#parts + 1] = pick{ "", "", "", "$" }
  return table.concat(parts)
end

local function text()
  local parts = {}
  for i = 1, random(24) - 1 do parts[i] = random(3) > 1 and pick{ "a", "b", "c", " ", "1", "(", ")" } or pick(bytes) end
  return table.concat(parts)
end

local function tell(...)
  local results = table.pack(...)
  for i = 1, results.n do
    local value = results[i]
    -- Where an error was raised is not what is compared.
    results[i] = type(value) == "string" and string.format("%q", (value:gsub("^[^\n]-:%d+: ", ""))) or tostring(value)
  end
  print(table.concat(results, " ", 1, results.n))
end

local function matches(subject, wanted, first)
  local all = {}
  for a, b, c in string.gmatch(subject, wanted, first) do
    all[#all + 1] = tostring(a) .. "," .. tostring(b) .. "," .. tostring(c)
    if #all > 50 then break end
  end
  return table.concat(all, ";")
end

for _ = 1, count do
  local subject, wanted = text(), pattern()
  local first = pick{ 1, 1, 1, 2, 5, -1, -3, 0, 30, -30 }
  print(string.format("%q %q %d", subject, wanted, first))
  tell(pcall(string.find, subject, wanted, first))
  tell(pcall(string.find, subject, wanted, first, true))
  tell(pcall(string.match, subject, wanted, first))
  tell(pcall(matches, subject, wanted, first))
  tell(pcall(string.gsub, subject, wanted, pick{ "<%0>", "%1", "%2%1", "x", "%%", "%", "%a", "" }, pick{ nil, 1, 2, 0, -1 }))
  tell(pcall(string.gsub, subject, wanted, { a = "A", [1] = "one", b = false, c = {} }))
  tell(pcall(string.gsub, subject, wanted, function(a, b) return b and tostring(a) .. "|" .. tostring(b) end))
end
