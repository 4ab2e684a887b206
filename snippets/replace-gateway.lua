--- Puts a new gateway in the place of an old one: activated, set up as the old one was, and looked at before the old one goes.
--
-- The new appliance shows an activation key, good for 30 minutes and one
-- region. Its gateway gets the old one's tags, maintenance time and bandwidth
-- limits and is associated with the same hypervisor. Then it is waited for
-- until it is heard from and the hypervisor is ONLINE. Only then, and only with
-- --delete, the old one is deleted; both work side by side until then. Where a
-- step failed, --new goes on with the gateway that is there. Each write is
-- asked about, or takes --allow for each of its operations; with --dry-run it
-- only shows what it would do.
--
-- Exit code: 0 replaced, 2 a step failed, and the old gateway is as it was.
-- It cannot see what stands in an appliance: its network, its zone, a VPC
-- endpoint are chosen when it is activated. System tags (aws:…) are not copied.
-- Jobs that run through the old one end with it.
-- @name replace-gateway
-- @version 1.0.0
-- @arg old gateway               The gateway that is replaced
-- @arg key string?               The activation key that the new appliance shows
-- @arg new gateway?              Or a gateway that was activated already
-- @arg name string?              The new one's name; else the old one's
-- @arg delete boolean            Delete the old one at the end
-- @arg patience duration=15m     How long the new one may take to be heard from
-- @allow GetGateway GetHypervisor ListTagsForResource GetBandwidthRateLimitSchedule CreateGateway TagResource PutMaintenanceStartTime PutBandwidthRateLimitSchedule AssociateGatewayToServer DeleteGateway
-- @limit time=1h calls=2000 writes=10
-- @example moongate run replace-gateway --old tokyo-backup-01 --key AAAAA-BBBBB-CCCCC-DDDDD-EEEEE --delete
--   Replacement of tokyo-backup-01: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Step                           Result
--   CreateGateway                  bgw-5A0C94E1
--   PutMaintenanceStartTime        day 12, 22:40
--   PutBandwidthRateLimitSchedule  no limits
--   AssociateGatewayToServer       vcenter-tokyo
--   GetGateway                     heard from at 06:00:03
--   GetHypervisor                  ONLINE
--   DeleteGateway                  bgw-7B20C9D4
--
--   bgw-5A0C94E1 is in the place of bgw-7B20C9D4, which is deleted.

if (args.key == nil) == (args.new == nil) then usage("say --key for a new appliance, or --new for a gateway that is there already") end
if args.new == args.old then usage("--new is the old gateway") end

local old = get_gateway(args.old)
local limits = get_bandwidth_rate_limit_schedule(old).BandwidthRateLimitIntervals or {}
local own = {}
for name, value in pairs(tags.get(old)) do
  if not name:lower():find("^aws:") then own[name] = value end
end
local function id(arn) return parse_arn(arn).id end

local steps = {}
local function finish(code, summary)
  show(steps, { { "Step", 1 }, { "Result", 2 } }, {
    title = ("Replacement of %s: %s, %s"):format(old.GatewayDisplayName, session.name, now():format("%F %H:%M UTC")),
    summary = summary,
  })
  exit(code)
end
-- Runs a step and tells of it in words, or by a function of its result; a failure ends the report, a no of the operator's the run.
local refused = { NotAllowed = true, Declined = true, ReadOnly = true }
local new = args.new
local function step(what, told, f, ...)
  local ok, result = pcall(f, ...)
  if not ok and refused[result.code] then error(result) end
  steps[#steps + 1] = { what, not ok and tostring(result) or type(told) == "string" and told or told(result) }
  if ok then return result end
  finish(2, new and ("The old gateway is as it was. Go on with --old %s --new %s."):format(id(old.GatewayArn), id(new)) or "Nothing was changed.")
end

if args.key then
  new = step("CreateGateway", function(made) return id(made.GatewayArn) end, create_gateway, {
    ActivationKey = args.key, GatewayDisplayName = args.name or old.GatewayDisplayName, GatewayType = "BACKUP_VM",
    Tags = tags.list(own) }).GatewayArn
elseif next(own) then
  step("TagResource", "the old one's tags", tag_resource, new, { Tags = tags.list(own) })
end

local slot = old.MaintenanceStartTime
if slot then
  local day = slot.DayOfWeek and "day " .. slot.DayOfWeek .. " of the week" or ("day %d"):format(slot.DayOfMonth)
  step("PutMaintenanceStartTime", ("%s, %02d:%02d"):format(day, slot.HourOfDay, slot.MinuteOfHour), put_maintenance_start_time, new, slot)
end
step("PutBandwidthRateLimitSchedule", #limits .. " intervals", put_bandwidth_rate_limit_schedule, new, { BandwidthRateLimitIntervals = limits })

local server = hypervisor_arn(old)
local is_there = server and not session.dry_run and hypervisor_arn(get_gateway(new)) == server
if server and not is_there then
  step("AssociateGatewayToServer", id(server), associate_gateway_to_server, { GatewayArn = new, ServerArn = server })
end

local begun = now()
step("GetGateway", function(gw) return gw.LastSeenTime and gw.LastSeenTime:format("heard from at %H:%M:%S") or "would be waited for" end,
  wait, get_gateway, new, { ready = function(gw) return gw.LastSeenTime and gw.LastSeenTime > begun end, timeout = args.patience })
if server then
  step("GetHypervisor", function(h) return session.dry_run and "would be waited for" or h.State end,
    wait, get_hypervisor, server, { field = "State", is = "ONLINE", timeout = args.patience })
end
if args.delete then step("DeleteGateway", id(old.GatewayArn), delete_gateway, old) end
finish(0, session.dry_run and "A dry run: nothing was changed." or
  ("%s is in the place of %s, which %s."):format(id(new), id(old.GatewayArn), args.delete and "is deleted" or "is still there: --delete deletes it"))
