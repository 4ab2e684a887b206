--- How many backups each hypervisor's gateways can run in a night's window, and hypervisors that hang on one gateway.
--
-- A gateway runs four jobs at once (AWS Backup's quota for hypervisor backups);
-- what does not get its turn waits, and is aborted when the window closes. A
-- gateway that is not heard from counts for nothing.
--
-- Exit code: 0 enough everywhere, 2 a single point of failure or too small a
-- window, 3 a target could not be looked at.
-- It reckons that every machine is backed up every night and takes --each: how
-- long jobs take, which machines a plan selects and when its window opens, AWS
-- Backup knows and this API does not. Restores share the four jobs.
-- @name capacity
-- @version 1.0.0
-- @arg each duration=30m         How long the backup of one machine takes
-- @arg window duration=8h        How long the backup window is
-- @arg jobs integer=4            Jobs that a gateway runs at once
-- @arg silent duration=15m       How long a gateway may be silent and still count
-- @allow ListGateways ListHypervisors ListVirtualMachines
-- @limit time=30m calls=20000
-- @example moongate run capacity --each 45m --window 6h
--   Capacity, 45m each, window of 6h: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Hypervisor      Gateways  Machines  Per gateway  Needs  Finding
--   vcenter-zurich  1              169          169  1d 8h  hangs on one gateway; too long: 5 more gateways
--   vcenter-tokyo   0 of 1          81                      no gateway is heard from
--
--   2 hypervisors, 250 machines, 2 of 3 gateways heard from: 1 on one gateway, 1 short of time, 1 without.

local all = fleet()
local function by_hypervisor(listing)
  local groups = {}
  for _, group in ipairs(listing:group(hypervisor_arn)) do groups[group.key or "none"] = group.items end
  return groups
end
local function is_heard(gw) return not older_than(gw.LastSeenTime, args.silent) end

local gateways, machines = all.list_gateways():collect(), all.list_virtual_machines():collect()
local hypervisors = all.list_hypervisors():collect()
-- A target that was not seen whole is left out: what is missing would be taken for room.
local closed = items(all:errors()):index("target")
local function seen(list) return items(list):filter(function(item) return not closed[item.target] end):collect() end
gateways, machines, hypervisors = seen(gateways), seen(machines), seen(hypervisors)
local gateways_of, machines_of = by_hypervisor(items(gateways)), by_hypervisor(items(machines))
-- Machines that one gateway gets through in the window; rounds that do not end in it are no use.
local nightly = args.each > 0 and args.jobs * (args.window // args.each) or 0
if args.jobs < 1 or nightly < 1 then usage("not one backup of --each fits into --window with so many --jobs") end

local rows, alone, short, dead = {}, 0, 0, 0
for _, h in ipairs(hypervisors) do
  local own, load = gateways_of[h.HypervisorArn] or {}, #(machines_of[h.HypervisorArn] or {})
  local heard = items(own):filter(is_heard):count()
  local row = { name = h.Name, gateways = heard == #own and heard or ("%d of %d"):format(heard, #own), machines = load }
  local findings = {}
  if heard == 0 then
    findings[1] = #own == 0 and "has no gateway" or "no gateway is heard from"
    dead = dead + 1
  else
    row.each = math.ceil(load / heard)
    row.needs = math.ceil(row.each / args.jobs) * args.each
    if heard == 1 then findings[1], alone = "hangs on one gateway", alone + 1 end
    if row.needs > args.window then
      local more = math.ceil(load / nightly) - heard
      findings[#findings + 1] = ("too long: %d more gateway%s"):format(more, more == 1 and "" or "s")
      short = short + 1
    end
  end
  row.finding = table.concat(findings, "; ")
  rows[#rows + 1] = row
end

show(rows, {
  { "Hypervisor", "name" }, { "Gateways", "gateways" }, { "Machines", "machines" }, { "Per gateway", "each" },
  { "Needs", function(row) return row.needs and duration.text(row.needs) end }, { "Finding", "finding" },
}, {
  title = ("Capacity, %s each, window of %s: %s, %s")
    :format(duration.text(args.each), duration.text(args.window), all, now():format("%F %H:%M UTC")),
  summary = ("%d hypervisors, %d machines, %d of %d gateways heard from: %d on one gateway, %d short of time, %d without.")
    :format(#rows, #machines, items(gateways):filter(is_heard):count(), #gateways, alone, short, dead),
})
exit(#all:errors() > 0 and 3 or alone + short + dead > 0 and 2 or 0)
