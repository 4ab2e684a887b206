# Lazy rows (Sources/CLuaVM/lazy.c): whatever a script does with the rows of a listing, it comes to the same as with --trust, whose
# rows are tables from the start.
import pytest

SCRIPTS = {
    "json": "for vm in list_virtual_machines() do print(json.encode(vm)) end",
    "every form": 'local rows = list_virtual_machines():take(20):collect()\n'
    'for _, form in ipairs{ "json", "jsonl", "csv", "yaml", "lua" } do output[form](rows) end',
    "columns": 'output.csv(list_virtual_machines(), { "Name", "LastBackupDate", "mine" })',
    "a member": 'for vm in list_virtual_machines() do if older_than(vm.LastBackupDate, "1d") then print(vm.Name) end end',
    "listing": 'local old = list_virtual_machines():filter(function(vm) return not vm.LastBackupDate end)\nfor vm in old do print(#vm) '
    "print(vm.ResourceArn) end print(#list_virtual_machines():collect())",
    "find": 'local vm = list_virtual_machines():first() print(list_virtual_machines():find{ Name = vm.Name }.ResourceArn)',
    "as an argument": "for vm in list_virtual_machines():take(5) do print(get_virtual_machine(vm).Name == vm.Name, vm.HypervisorId) end",
    "in parallel": "local found = parallel(list_virtual_machines():take(20):collect(), function(vm) return get_virtual_machine(vm) end)\n"
    "for _, vm in ipairs(found) do print(vm.Name, vm.Path) end",
    "added members": "local rows = list_virtual_machines():take(3):collect()\nfor i, vm in ipairs(rows) do vm.index = i vm.Path = nil end show(rows)",
    "sorted": "local rows = list_virtual_machines():collect() table.sort(rows, function(a, b) return a.Name < b.Name end)\n"
    "for _, vm in ipairs(rows) do print(vm.Name) end",
    "gateways and hypervisors": "for gateway in list_gateways() do print(json.encode(gateway)) end\n"
    "for hypervisor in list_hypervisors() do print(json.encode(hypervisor), hypervisor.State) end",
    "mistakes": "local vm = list_virtual_machines():first()\n"
    "for _, name in ipairs{ 'lastBackupDate', 'Nmae', 'name', 'Tags' } do print(pcall(function() return vm[name] end)) end",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_rows_are_as_with_tables(moongate, gateway, name):
    words = ["--endpoint", gateway.endpoint, "-e", SCRIPTS[name]]
    said = [moongate(*options, *words, env=gateway.environment) for options in ([], ["--trust"])]
    assert said[0].code == said[1].code == 0, said[0].stderr
    assert said[0].stdout == said[1].stdout != ""
