-- Connecting: other sessions than the one at hand. Shared code has the session that its operator gave it, and the targets
-- of fleet().
local host, api = ...
local select, type = select, type
local refuse = host.refuse
local handles, session_of = host.session_handles, host.session_of

function api.use(session)
  local handle = handles[session]
  if not handle then refuse("use takes a session, as connect{…} gives one, not a %s", type(session)) end
  host.use(handle)
  api.session = session
end

function api.connect(...)
  if select("#", ...) ~= 1 then refuse("connect takes one table, as in connect{ region = \"eu-central-1\" }") end
  return session_of(host.connect((...)))
end

-- What the shell's .replay does.
function host.act(handle) api.use(session_of(handle)) end

-- What the shell's .profile and .region do; `source` is who says so.
function host.switch(wish, source) api.use(session_of(host.connect(wish, source))) end
