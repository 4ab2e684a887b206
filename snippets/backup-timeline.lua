--- When the fleet's last backups were made: machines an hour, or a day, as a chart; --svg draws it into a file.
--
-- Hours at which many end together, and nights on which none did, are seen at a
-- glance.
--
-- Exit code: 0 drawn, 3 a target could not be looked at.
-- The API knows the last backup of each machine only: an hour's bar is machines
-- that were not backed up again since, and what went before is not in it. AWS
-- Backup has all jobs.
-- @name backup-timeline
-- @version 1.0.0
-- @arg per hour|day=hour         What a bar stands for
-- @arg since duration?           How far back; a day by the hour, two weeks by the day
-- @arg zone string=UTC           The time zone of the bars, as in Europe/Berlin
-- @arg svg output?               Draw the picture into this file, too
-- @allow ListVirtualMachines
-- @limit time=10m calls=2000
-- @example moongate run backup-timeline --zone Europe/Berlin --svg backups.svg
-- @example moongate run backup-timeline --per day --since 5d
--   Fleet: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--   Last backups by the day (UTC)
--   Tue 24 Feb │████▎ 7
--   Wed 25 Feb │████▎ 7
--   Thu 26 Feb │███ 5
--   Fri 27 Feb │████▎ 7
--   Sat 28 Feb │████████████████████████████████████████████████████████████████ 106
--   Sun 01 Mar │███████████████████████████████████▋ 59
--   191 of 250 machines were last backed up in these 5d, 42 before, 17 never.

local zone = args.zone ~= "UTC" and args.zone or nil
local is_daily = args.per == "day"
local form = is_daily and "%a %d %b" or "%a %d %b %H:00"
local since = args.since or duration(is_daily and "14d" or "24h")
-- A bar has the time at which it begins; steps of an hour miss no day, however long it is.
local bars, bar_of, moment = {}, {}, ago(since)
while moment <= now() do
  local name = moment:format(form, zone)
  if not bar_of[name] then
    bar_of[name] = { name = name, machines = 0 }
    bars[#bars + 1] = bar_of[name]
  end
  moment = moment + "1h"
end

local all = fleet()
local total, shown, never = 0, 0, 0
for vm in all.list_virtual_machines() do
  total = total + 1
  never = never + (vm.LastBackupDate and 0 or 1)
  local bar = vm.LastBackupDate and vm.LastBackupDate >= ago(since) and bar_of[vm.LastBackupDate:format(form, zone)]
  if bar then
    bar.machines = bar.machines + 1
    shown = shown + 1
  end
end

local picture = chart.bar(bars, "name", "machines", { title = ("Last backups by the %s (%s)"):format(args.per, args.zone) })
print(("Fleet: %s, %s"):format(all, now():format("%F %H:%M UTC")))
print(picture)
print(("%d of %d machines were last backed up in these %s, %d before, %d never.")
  :format(shown, total, duration.text(since), total - shown - never, never))
if args.svg then picture:svg(args.svg) end
exit(#all:errors() > 0 and 3 or 0)
