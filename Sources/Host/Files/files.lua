-- Files, variables and processes for own scripts, as far as --grant goes. The names are always there: one that needs a
-- grant says which.
local host = ...
local error, next, select, setmetatable, type = error, next, select, setmetatable, type
local string = string
local refuse = host.refuse
local write, read, lines, stdout = io.write, io.read, io.lines, io.stdout
-- What scripts find.
local io, os = scripts.io, scripts.os

local function text(value, what)
  if type(value) == "number" then value = string.format("%s", value) end
  if type(value) ~= "string" then refuse("%s takes a text, not a %s", what, type(value)) end
  return value
end

function io.open(name, mode)
  mode = mode == nil and "r" or text(mode, "io.open")
  if not string.find(mode, "^[rwa]%+?b?$") then refuse("io.open: '%s' is no mode; there are r, w, a, each with + and b", mode) end
  return host.open_file(text(name, "io.open"), mode)
end
local open = io.open

-- Opens or raises, as those functions do that give no nil.
local function opened(name, mode)
  local file, message = open(name, mode)
  if not file then error(message, 3) end
  return file
end

-- The file that io.read and io.write work on; nil for the standard stream.
local input, output

function io.lines(name, ...)
  if name == nil then
    if not input then return lines(nil, ...) end
    return input:lines(...)
  end
  local file = opened(text(name, "io.lines"), "r")
  local following = file:lines(...)
  local function step(...)
    if select("#", ...) == 0 or ... == nil then file:close() end
    return ...
  end
  return function() return step(following()) end, nil, nil, file
end

function io.read(...)
  if not input then return read(...) end
  return input:read(...)
end

function io.write(...)
  if output then return output:write(...) end
  write(...)
  return stdout
end

function io.input(file)
  if type(file) == "string" then input = opened(file, "r") elseif file ~= nil then input = file end
  return input
end

function io.output(file)
  if type(file) == "string" then
    output = opened(file, "w")
  elseif file == stdout then
    output = nil
  elseif file ~= nil then
    output = file
  end
  return output or stdout
end

function io.close(file)
  file = file or output
  if not file then refuse("io.close: standard output stays open") end
  if file == output then output = nil end
  return file:close()
end

function io.popen(command, mode)
  mode = mode == nil and "r" or mode
  if mode ~= "r" and mode ~= "w" then refuse("io.popen: the mode is r or w") end
  return host.open_process(text(command, "io.popen"), mode)
end

function os.execute(command)
  if command == nil then return host.may_run() end
  return host.run_process(text(command, "os.execute"))
end

function os.remove(name) return host.remove_file(text(name, "os.remove")) end
function os.rename(name, new) return host.rename_file(text(name, "os.rename"), text(new, "os.rename")) end
function os.tmpname() return host.temporary_name() end
function os.getenv(name) return host.variable(text(name, "os.getenv")) end
