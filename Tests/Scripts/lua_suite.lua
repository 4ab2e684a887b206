-- Runs one file of Lua's own tests, given as the argument, as the suite's all.lua does.
_port = true
_nomsg = true
ARG = arg
Message = print
-- The suite's folder is where it runs; --trust takes the running folder out of package.path.
package.path = "./?.lua;" .. package.path
if arg[1] == "big.lua" then
  local step = coroutine.wrap(assert(loadfile(arg[1])))
  assert(step() == "b")
  assert(step() == "a")
else
  dofile(arg[1])
end
