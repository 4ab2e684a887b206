--- Gateways whose software is out of date or soon unsupported; --apply updates them, one of each hypervisor at a time.
--
-- With --apply each gateway that has an update and is heard from is told to
-- install it. The next one of its hypervisor follows when it is seen again with
-- the update; after the first that fails or does not come back, its
-- hypervisor's others are left alone. It asks before each, or takes --allow
-- UpdateGatewaySoftwareNow; with --dry-run it only shows what it would do.
--
-- Exit code: 0 all up to date, 2 something is due (after --apply: still is), 3
-- a gateway could not be looked at or updated.
-- Which version is the latest the API does not tell, only from when on there is
-- an update. A gateway that updates runs no jobs: choose an hour without
-- backups.
-- @name software-updates
-- @version 1.0.0
-- @arg within duration=90d       How long before its end of support software is reported
-- @arg apply boolean             Install updates
-- @arg silent duration=15m       How long a gateway may be silent and still be updated
-- @arg patience duration=30m     How long a gateway may take to come back
-- @allow ListGateways ListHypervisors GetGateway UpdateGatewaySoftwareNow
-- @limit time=12h calls=20000 writes=1000
-- @example moongate run software-updates
--   Gateway software: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Gateway          Hypervisor      Version  Supported until  Update since  Finding
--   tokyo-backup-01  vcenter-tokyo   1.4.7    2026-04-15       2026-02-27    support ends in 45d; update available; silent 4d 1h
--
--   3 gateways: 1 with findings, 0 updated.

local all, blind = fleet(), 0
local names = all.list_hypervisors():index("HypervisorArn")
local gateways = all.list_gateways():collect()
local details, errors = parallel(gateways, function(gw) return gw.target.get_gateway(gw) end,
  { on_error = "collect", label = "gateways" })
for i, gw in ipairs(gateways) do
  if errors[i] then
    warn(("%s: %s"):format(gw.GatewayDisplayName, errors[i]))
    blind = blind + 1
  end
  gw.now = details[i] or { LastSeenTime = gw.LastSeenTime }
end

local function has_update(gw) return gw.NextUpdateAvailabilityTime and gw.NextUpdateAvailabilityTime <= now() end
local function is_silent(gw) return older_than(gw.LastSeenTime, args.silent) end
local function findings(gw)
  local found, ends = {}, gw.DeprecationDate
  if ends and ends <= now() then found[1] = "not supported any more"
  elseif ends and ends - args.within <= now() then found[1] = "support ends in " .. duration.text(ends - now()) end
  if has_update(gw) then found[#found + 1] = "update available" end
  if #found > 0 and is_silent(gw) then found[#found + 1] = "silent " .. (gw.LastSeenTime and gw.LastSeenTime:ago() or "") end
  return found
end

-- Told to update, and waited for until it is heard from with no update left.
local function update(gw)
  local begun = now()
  gw.target.update_gateway_software_now(gw)
  gw.now = wait(gw.target.get_gateway, gw, { every = "30s", timeout = args.patience,
    ready = function(g) return not has_update(g) and g.LastSeenTime and g.LastSeenTime > begun end })
end

local updated, failed = 0, 0
if args.apply then
  local due = items(gateways):filter(function(gw) return has_update(gw.now) and not is_silent(gw.now) end)
  -- A gateway without a hypervisor waits for no other.
  local groups = due:group(function(gw) return hypervisor_arn(gw) or gw.GatewayArn end)
  parallel(groups, function(group)
    for _, gw in ipairs(group.items) do
      local ok, problem = pcall(update, gw)
      if not ok then
        warn(("%s: %s; the others of its hypervisor are left alone"):format(gw.GatewayDisplayName, problem))
        failed = failed + 1
        break
      end
      if not session.dry_run then updated = updated + 1 end
    end
  end)
end

local rows = {}
for _, gw in ipairs(gateways) do
  local h, found = names[hypervisor_arn(gw)], findings(gw.now)
  if #found > 0 then
    rows[#rows + 1] = { name = gw.GatewayDisplayName, hypervisor = h and h.Name, version = gw.now.SoftwareVersion,
      ends = gw.now.DeprecationDate, since = has_update(gw.now) and gw.now.NextUpdateAvailabilityTime or nil,
      found = table.concat(found, "; ") }
  end
end

show(rows, {
  { "Gateway", "name" }, { "Hypervisor", "hypervisor" }, { "Version", "version" },
  { "Supported until", function(row) return row.ends and row.ends:format("%F") end },
  { "Update since", function(row) return row.since and row.since:format("%F") end }, { "Finding", "found" },
}, {
  title = ("Gateway software: %s, %s"):format(all, now():format("%F %H:%M UTC")),
  summary = ("%d gateways: %d with findings, %d updated."):format(#gateways, #rows, updated),
})
exit((#all:errors() > 0 or blind > 0 or failed > 0) and 3 or #rows > 0 and 2 or 0)
