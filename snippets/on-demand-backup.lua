--- A selection of machines as commands that start their backup, and, with --watch, how far they are.
--
-- Backups are started by AWS Backup, not by this API: the commands are for the
-- AWS CLI, as in
--   moongate run on-demand-backup --folder /DC1/vm/Prod --role arn:aws:iam::123456789012:role/Backup > jobs.sh
-- and --as json gives the parameters of StartBackupJob, one document a line.
-- With --watch, started beside them, it waits until each machine has a
-- LastBackupDate later than --since.
--
-- Exit code: 0 written (and all backed up), 2 some were not backed up in time,
-- 3 there is no machine in the selection.
-- Of a job that fails nothing is seen here: its machine stays as it was. A
-- gateway runs four jobs at a time.
-- @name on-demand-backup
-- @version 1.0.0
-- @arg vm vm*                    A machine; more if given again
-- @arg hypervisor hypervisor?    All machines of this hypervisor
-- @arg folder string?            All machines in this folder of the inventory, or below it
-- @arg vault string=Default      The vault that the recovery points go to
-- @arg role string?              The ARN of the role that AWS Backup takes; needed for commands
-- @arg as commands|json=commands   What to write
-- @arg watch boolean             Wait until all of them are backed up
-- @arg since timestamp?          A backup later than this counts; the start of this run when left out
-- @arg every duration=1m         How often to look
-- @arg patience duration=12h     How long to wait
-- @allow ListVirtualMachines GetVirtualMachine
-- @limit time=24h calls=200000
-- @example moongate run on-demand-backup --folder /DC1/vm/Prod --watch
-- @example moongate run on-demand-backup --vm "ci-237 (Prod)" --role arn:aws:iam::123456789012:role/Backup
--   aws backup start-backup-job --region 'us-east-1' --backup-vault-name 'Default' --iam-role-arn 'arn:aws:iam::123…

local since = args.since or now()
local folder = args.folder and args.folder:gsub("/*$", "/")
local vms
if #args.vm > 0 then
  vms = parallel(args.vm, get_virtual_machine)
elseif args.hypervisor or folder then
  vms = list_virtual_machines{ HypervisorArn = args.hypervisor }:filter(function(vm)
    return not folder or ((vm.Path or "") .. "/"):find(folder, 1, true) == 1
  end):collect()
else
  usage("say which machines: --vm, --hypervisor or --folder")
end
-- A mistyped selection must not read as "all are backed up".
if #vms == 0 then
  warn("no machine is in the selection of --folder and --hypervisor; nothing is written")
  exit(3)
end

if not args.watch and not args.role then usage("AWS Backup wants a role: --role arn:aws:iam::ACCOUNT:role/NAME") end
-- For a shell. A name is other people's text: as JSON it has no line breaks, so all of it stays in the comment.
local function word(text) return "'" .. text:gsub("'", "'\\''") .. "'" end
if args.role then
  for _, vm in ipairs(vms) do
    if args.as == "json" then
      print(json.encode { BackupVaultName = args.vault, IamRoleArn = args.role, ResourceArn = vm.ResourceArn })
    else
      print(("aws backup start-backup-job --region %s --backup-vault-name %s --iam-role-arn %s --resource-arn %s  # %s"):format(
        word(session.region), word(args.vault), word(args.role), word(vm.ResourceArn), json.encode(vm.Name or "")))
    end
  end
end
if not args.watch then exit(0) end

-- Those that have no backup since. All of them are looked at with one list, however many they are.
local left = vms
local function look()
  local last = list_virtual_machines{ HypervisorArn = args.hypervisor }:index("ResourceArn")
  local before = #left
  left = items(left):filter(function(vm)
    local date = last[vm.ResourceArn] and last[vm.ResourceArn].LastBackupDate
    return not date or date <= since
  end):collect()
  if #left < before then warn(("%d of %d backed up"):format(#vms - #left, #vms)) end
  return #left == 0
end
local ok, e = pcall(wait_until, look, { every = args.every, timeout = args.patience, label = "backups" })
if not ok and e.code ~= "WaitTimeout" then error(e, 0) end

show(left, { "Name", "Path", { "Last backup", "LastBackupDate" }, { "Id", function(vm) return parse_arn(vm).id end } }, {
  title = ("Not backed up since %s: %s, %s"):format(since:format("%F %H:%M UTC"), session.name, now():format("%F %H:%M UTC")),
  summary = ("%d of %d machines are backed up."):format(#vms - #left, #vms),
})
exit(#left > 0 and 2 or 0)
