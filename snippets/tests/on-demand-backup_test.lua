-- on-demand-backup: what is selected becomes commands of the AWS CLI, or their parameters as JSON.
local world = require "world"
local role = "arn:aws:iam::123456789012:role/Backup"

function test_a_selection_becomes_commands()
  local vm = world.machine("db", "/DC1/vm/Prod/db")
  local result = run { "../on-demand-backup.lua", "--folder", "/DC1/vm/Prod", "--role", role, "--vault", "it's mine" }
  assert(result.code == 0, result.stderr)
  assert(result.stdout == ("aws backup start-backup-job --region 'us-east-1' --backup-vault-name 'it'\\''s mine' "
    .. "--iam-role-arn '%s' --resource-arn '%s'  # \"db\"\n"):format(role, vm.ResourceArn), result.stdout)
end

function test_no_name_gets_out_of_its_comment()
  for _, name in ipairs(world.odd_names) do world.machine(name, "/odd/x") end
  local result, lines = run { "../on-demand-backup.lua", "--folder", "/odd", "--role", role }, 0
  for line in result.stdout:gmatch("[^\n]+") do
    assert(line:find("^aws backup start%-backup%-job "), line)
    lines = lines + 1
  end
  assert(lines == #world.odd_names)
end

function test_the_parameters_as_json()
  local vm = world.machine("db")
  local result = run { "../on-demand-backup.lua", "--vm", "db", "--role", role, "--as", "json" }
  assert(same(json.decode(result.stdout), { BackupVaultName = "Default", IamRoleArn = role, ResourceArn = vm.ResourceArn }))
end

function test_machines_that_are_backed_up_end_the_watch()
  local vm = world.machine("db")
  gateway_lab.record_backup(vm)
  clock.advance("1m")
  local text = world.report(0, { "../on-demand-backup.lua", "--vm", "db", "--watch", "--since", tostring(ago("1h")) })
  world.has(text, "1 of 1 machines are backed up.")
end

function test_those_that_are_not_in_time_are_listed()
  world.machine("db")
  local rows = world.rows(2, { "../on-demand-backup.lua", "--vm", "db", "--watch", "--every", "1s", "--patience", "1s" })
  assert(#rows == 1 and rows[1].Name == "db")
end

function test_it_wants_to_know_which_machines_and_whose_role()
  assert(run { "../on-demand-backup.lua", "--role", role }.code == 252)
  assert(run { "../on-demand-backup.lua", "--folder", "/" }.code == 252)
end

-- It ended with 0 and not a word: a slip in a folder's name was a night without backups.
function test_a_folder_without_a_machine_is_not_all_backed_up()
  for _, how in ipairs{ { "--watch" }, { "--role", "arn:aws:iam::123456789012:role/Backup" } } do
    local result = run{ "../on-demand-backup.lua", "--folder", "/DC1/vm/Pord", table.unpack(how) }
    assert(result.code == 3 and result.stdout == "")
    world.has(result.stderr, "no machine is in the selection")
  end
end
