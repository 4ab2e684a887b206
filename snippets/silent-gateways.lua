--- Gateways that are not heard from and hypervisors that are not ONLINE, each with its likely cause.
--
-- The cause is what is seen together: whether other gateways of the same
-- hypervisor are heard from, whether their software is still supported, what
-- the last metadata sync said.
--
-- Exit code: 0 all well, 2 something found, 3 a target, or a detail, could not
-- be looked at.
-- The API has no state of a gateway: LastSeenTime is all that it tells. How
-- long a gateway may be silent is nowhere said; --silent decides. Passwords
-- cannot be tried from here without sending them: TestHypervisorConfiguration
-- does.
-- @name silent-gateways
-- @version 1.0.0
-- @arg silent duration=15m       How long a gateway may be silent
-- @allow ListGateways ListHypervisors GetGateway GetHypervisor
-- @limit time=10m calls=2000
-- @example moongate run silent-gateways --silent 1h
--   Gateways silent for 1h, hypervisors not ONLINE: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   What        Name             State         Likely cause…
--   gateway     tokyo-backup-01  silent 4d 1h  appliance is off, or does not reach vpce-0a4c81e6b29d7350f-k3v9x2qd…
--   hypervisor  vcenter-tokyo    PENDING       all of its gateways are silent (1)…
--
--   1 of 3 gateways silent, 1 of 2 hypervisors not ONLINE.

local all, blind = fleet(), 0
local gateways, hypervisors = all.list_gateways():collect(), all.list_hypervisors():collect()
local function is_silent(gw) return older_than(gw.LastSeenTime, args.silent) end

-- The gateways of each hypervisor.
local gateways_of = {}
for _, group in ipairs(items(gateways):group(hypervisor_arn)) do
  if group.key then gateways_of[group.key] = group.items end
end

-- What only GetGateway and GetHypervisor tell; without the permission the report goes on with less.
local function details(read, record)
  local ok, result = pcall(read, record)
  if ok then return result end
  warn(tostring(result))
  blind = blind + 1
  return {}
end

local function cause_of_silence(gw)
  local gateway = details(gw.target.get_gateway, gw)
  local siblings = gateways_of[hypervisor_arn(gw)] or { gw }
  local silent = items(siblings):filter(is_silent):count()
  if not gw.LastSeenTime then return "was never heard from: its activation was not finished" end
  if gateway.DeprecationDate and gateway.DeprecationDate < now() then
    return ("its software %s is not supported since %s"):format(gateway.SoftwareVersion or "", gateway.DeprecationDate:format("%F"))
  end
  if silent < #siblings then return "other gateways of its hypervisor are heard from: this appliance, or its host" end
  if silent > 1 then return ("so are all %d of its hypervisor: their network, or the host they run on"):format(silent) end
  if gateway.VpcEndpoint then return "appliance is off, or does not reach " .. gateway.VpcEndpoint:match("^[^.]*") end
  return "appliance is off, or its way to AWS is closed"
end

local function cause_of_state(h)
  local own = gateways_of[h.HypervisorArn] or {}
  local silent = items(own):filter(is_silent):count()
  local hypervisor, cause = details(h.target.get_hypervisor, h), nil
  if #own == 0 then cause = "no gateway is associated with it"
  elseif silent == #own then cause = ("all of its gateways are silent (%d)"):format(silent)
  elseif h.State == "OFFLINE" then cause = ("its gateways do not reach %s: network, firewall or host name"):format(h.Host or "it")
  elseif h.State == "ERROR" then cause = ("%s refuses user name or password"):format(h.Host or "its host")
  else cause = "user name and password may never have been tried: TestHypervisorConfiguration" end
  local sync = hypervisor.LatestMetadataSyncStatus
  if sync == "FAILED" or sync == "PARTIALLY_FAILED" then
    cause = ("%s; metadata sync %s: %s"):format(cause, sync, hypervisor.LatestMetadataSyncStatusMessage or "no message")
  end
  return cause
end

local rows = {}
for gw in items(gateways):filter(is_silent) do
  rows[#rows + 1] = { what = "gateway", name = gw.GatewayDisplayName, arn = gw.GatewayArn,
    state = gw.LastSeenTime and "silent " .. gw.LastSeenTime:ago() or "never seen", cause = cause_of_silence(gw) }
end
local silent = #rows
for h in items(hypervisors):filter(function(h) return h.State ~= "ONLINE" end) do
  rows[#rows + 1] = { what = "hypervisor", name = h.Name, arn = h.HypervisorArn, state = h.State, cause = cause_of_state(h) }
end

show(rows, {
  { "What", "what" }, { "Name", "name" }, { "State", "state" }, { "Likely cause", "cause" },
  { "Id", function(row) return parse_arn(row.arn).id end },
}, {
  title = ("Gateways silent for %s, hypervisors not ONLINE: %s, %s")
    :format(duration.text(args.silent), all, now():format("%F %H:%M UTC")),
  summary = ("%d of %d gateways silent, %d of %d hypervisors not ONLINE.")
    :format(silent, #gateways, #rows - silent, #hypervisors),
})
exit((#all:errors() > 0 or blind > 0) and 3 or #rows > 0 and 2 or 0)
