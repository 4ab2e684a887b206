--- One line for each account and region: gateways, hypervisors, machines, and how many of them want a look.
--
-- Say where with --profiles and --regions; without them it looks at the current
-- session. A target that is closed is named once on stderr and left out of the
-- table.
--
-- Exit code: 0 all well, 2 something wants a look, 3 a target could not be
-- looked at.
-- A region that the account may not use, and one where it merely lacks the
-- permission, answer alike.
-- @name fleet-sweep
-- @version 1.0.0
-- @arg age duration=7d           Age from which on a backup is old
-- @arg silent duration=15m       How long a gateway may be silent
-- @allow ListGateways ListHypervisors ListVirtualMachines
-- @limit time=30m calls=20000
-- @example moongate --profiles dev,prod --regions eu-central-1,us-east-1 run fleet-sweep
--   Sweep: fleet of 4 targets, 2026-03-01 06:00 UTC
--
--   Target                         Gateways  Silent  Hypervisors  Not ONLINE  Machines  Never backed up  No backup…
--   dev/eu-central-1/111122223333         3       1            2           1       250               17…
--   …
--
--   412 machines, 61 things that want a look, 0 targets not looked at.

local all = fleet()
local row_of = {}
for _, target in ipairs(all:targets()) do
  row_of[target] = { gateways = 0, silent = 0, hypervisors = 0, down = 0, machines = 0, never = 0, old = 0 }
end

-- Each item counts for the target that it came from.
local function count(item, what, where)
  local row = row_of[item.target]
  row[what] = row[what] + 1
  if where then row[where] = row[where] + 1 end
end
for gw in all.list_gateways() do
  count(gw, "gateways", older_than(gw.LastSeenTime, args.silent) and "silent")
end
for h in all.list_hypervisors() do count(h, "hypervisors", h.State ~= "ONLINE" and "down") end
for vm in all.list_virtual_machines() do
  count(vm, "machines", not vm.LastBackupDate and "never" or older_than(vm.LastBackupDate, args.age) and "old")
end

-- A target that did not answer is left out: a row of zeros would say that nothing is there.
for _, problem in ipairs(all:errors()) do
  if problem.target then row_of[problem.target] = nil end
end
local rows, machines, findings = {}, 0, 0
for _, target in ipairs(all:targets()) do
  local row = row_of[target]
  if row then
    row.target = target.name
    machines = machines + row.machines
    findings = findings + row.silent + row.down + row.never + row.old
    rows[#rows + 1] = row
  end
end

show(rows, {
  { "Target", "target" },
  { "Gateways", "gateways" }, { "Silent", "silent" },
  { "Hypervisors", "hypervisors" }, { "Not ONLINE", "down" },
  { "Machines", "machines" }, { "Never backed up", "never" }, { "No backup for " .. duration.text(args.age), "old" },
}, {
  title = ("Sweep: %s, %s"):format(all, now():format("%F %H:%M UTC")),
  summary = ("%d machines, %d things that want a look, %d targets not looked at.")
    :format(machines, findings, #all:errors()),
})
exit(#all:errors() > 0 and 3 or findings > 0 and 2 or 0)
