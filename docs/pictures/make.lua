-- Makes the pictures of docs/output.md: moongate --local --grant write=docs/pictures docs/pictures/make.lua docs/pictures
local folder = ...
local machines = {
  { Name = "db-01", LastBackupDate = timestamp("2026-09-22T01:10:00Z"), GiB = 412 },
  { Name = "db-02", LastBackupDate = timestamp("2026-09-21T22:40:00Z"), GiB = 388.5 },
  { Name = "web-01", LastBackupDate = timestamp("2026-09-20T03:05:00Z"), GiB = 40 },
  { Name = "files", LastBackupDate = timestamp("2026-09-14T12:00:00Z"), GiB = 955 },
  { Name = "build", GiB = 120 },
}
local jobs = {
  { vm = "db-01", started = timestamp("2026-09-22T01:00:00Z"), ended = timestamp("2026-09-22T01:40:00Z") },
  { vm = "db-01", started = timestamp("2026-09-22T04:00:00Z"), ended = timestamp("2026-09-22T04:25:00Z") },
  { vm = "web-01", started = timestamp("2026-09-22T02:10:00Z"), ended = timestamp("2026-09-22T05:30:00Z") },
}
local pictures = {
  bar = chart.bar(machines, "Name", "GiB", { title = "Size of each machine", unit = "GiB" }),
  histogram = chart.histogram(machines, "LastBackupDate", { title = "Last backup", bins = 8 }),
  timeline = chart.timeline(jobs, "vm", { start = "started", stop = "ended" }, { title = "Backup jobs" }),
}
for name, picture in pairs(pictures) do picture:svg(folder .. "/" .. name .. ".svg") end
