-- A program that `input`, a string, makes: which functions are called, with which values. It is read a byte at a time; values
-- are kept, so that what one call gave goes into the next.
local place = 0
local function byte() place = place + 1 return string.byte(input, place) or 0 end
local trap = function() error("trapped") end
-- As an iterator `pcall` gives false for ever, and a list of that has no end: the third hour of fuzzing found it.
local answered = 0
local function attempt(...)
  answered = answered + 1
  if answered < 1000 then return pcall(...) end
end
local cyclic = {} cyclic[1] = cyclic cyclic.self = cyclic
local values = {
  true, false, 0, 1, -1, 0.5, 0/0, 1/0, -1/0, -0.0, math.maxinteger, math.mininteger, 2^53, 2^63, "", "a", "\0", "\xff",
  "%s%d%", "[^%", string.rep("x", 300), "2026-01-01T00:00:00Z", "Europe/Berlin", "1h", "us-east-1",
  "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-1", "vm/vm-1", "list_virtual_machines", "Name", "n",
  {}, { 1, 2, 3 }, { a = 1, [2] = "b" }, { [1] = 1, [1000000] = 2 }, cyclic, trap, print, attempt, coroutine.create(trap),
  setmetatable({}, { __index = trap, __newindex = trap, __len = trap, __tostring = trap, __call = trap, __eq = trap,
    __pairs = trap, __close = trap, __lt = trap, __name = "\27[31m" }),
  setmetatable({}, { __index = function(t, k) rawset(t, k, k) collectgarbage() return k end }),
  setmetatable({}, { __index = function() return coroutine.yield("y") end, __call = function(_, ...) return ... end }),
  setmetatable({}, { __close = function() collectgarbage() end }), function(...) return ... end,
  function() return coroutine.yield() end, now(), timestamp("9999-12-31T23:59:59Z"),
}
for machine in list_virtual_machines() do values[#values + 1] = machine end
-- These end the run, wait for the clock, ask a person, or go to the disk or the terminal.
local skipped = { exit = true, sleep = true, wait = true, wait_until = true, secret = true, progress = true,
  require = true, moongate = true, _G = true, arg = true, io = true, os = true, testing = true, connect = true }
local functions = {}
local function gather(table, depth)
  local names = {}
  for name in pairs(table) do if type(name) == "string" then names[#names + 1] = name end end
  for _, name in ipairs((function() _G.table.sort(names) return names end)()) do
    local value = table[name]
    if skipped[name] then -- not called
    elseif type(value) == "function" then functions[#functions + 1] = value
    elseif type(value) == "table" and depth < 2 then
      values[#values + 1] = value
      gather(value, depth + 1)
    end
  end
end
gather(moongate, 0)
gather(_G, 1)
local function value()
  local kind = byte()
  if kind < 160 then return values[kind % #values + 1] end
  if kind < 200 then return byte() - 128 end
  if kind < 230 then
    local length = byte() % 32
    place = place + length
    return string.sub(input, place - length + 1, place)
  end
  local made = {}
  for i = 1, kind % 4 do
    made[i] = value()
    made[string.sub(input, place, place + byte() % 4)] = value()
  end
  return made
end
local function keep(ok, ...)
  if not ok then pcall(tostring, (...)) end
  for i = 1, math.min(select("#", ...), 3) do
    local result = select(i, ...)
    if result ~= nil then values[#values < 120 and #values + 1 or byte() % #values + 1] = result end
  end
end
local function arguments()
  local count = byte() % 5
  local row = {}
  for i = 1, count do row[i] = value() end
  return table.unpack(row, 1, count)
end
for step = 1, 200 do
  if place >= #input then break end
  local kind = byte()
  if kind < 110 then keep(pcall(functions[(byte() * 2 + kind % 2) % #functions + 1], arguments()))
  elseif kind < 140 then keep(pcall(value(), arguments()))
  elseif kind < 165 then keep(pcall(function(a, b, ...) return a[b](a, ...) end, value(), value(), arguments()))
  elseif kind < 180 then keep(pcall(function(a, b) return a[b] end, value(), value()))
  elseif kind < 190 then keep(pcall(function(a, b, c) a[b] = c end, value(), value(), value()))
  elseif kind < 200 then keep(pcall(function(a) local n = 0 for k, v in pairs(a) do n = n + 1 if n > 20 then break end end return n end, value()))
  elseif kind < 205 then keep(pcall(function(a, b) return a == b, a .. b, a < b end, value(), value()))
  elseif kind < 215 then keep(coroutine.resume(coroutine.create(functions[byte() % #functions + 1]), arguments()))
  elseif kind < 225 then keep(pcall(coroutine.wrap(function(...) return functions[byte() % #functions + 1](...) end), arguments()))
  elseif kind < 235 then keep(pcall(parallel, { 1, 2, 3 }, functions[byte() % #functions + 1], value()))
  elseif kind < 242 then keep(pcall(table.sort, value(), functions[byte() % #functions + 1]))
  elseif kind < 248 then keep(xpcall(functions[byte() % #functions + 1], functions[byte() % #functions + 1], arguments()))
  else collectgarbage() end
end
