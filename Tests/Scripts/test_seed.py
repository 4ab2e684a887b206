# What a local world begins with: --seed and --vms, for --local and for serve.
import json
import signal

import pytest

from moongate import PATIENCE, LocalGateway

FLEET = {
    "Hypervisors": [
        {
            "Name": "zurich",
            "Host": "vcenter.example.com",
            "VirtualMachines": [
                {"Name": "never"},
                {"Name": "Łódź", "LastBackupDate": "-8d", "Tags": [{"Key": "team", "Value": "db"}]},
                {"Name": "fresh", "LastBackupDate": "-1h"},
            ],
        }
    ],
    "Gateways": [{"GatewayDisplayName": "zurich-1", "Hypervisor": "zurich"}],
}
STALE = 'for vm in list_virtual_machines():sort("Name") do if older_than(vm.LastBackupDate, "7d") then print(vm.Name) end end'


def test_a_world_from_a_file(moongate):
    moongate.write("fleet.json", json.dumps(FLEET))
    result = moongate("--local", "--seed", "fleet.json", "-e", STALE)
    assert (result.code, result.stdout, result.stderr) == (0, "never\nŁódź\n", "")
    result = moongate("--local", "--seed", "fleet.json", "-e", 'print(list_hypervisors():first().State)')
    assert (result.code, result.stdout) == (0, "ONLINE\n")


def test_a_world_from_a_file_is_served(tmp_path):
    seed = tmp_path / "fleet.json"
    seed.write_text(json.dumps([{**FLEET, "Region": "eu-west-1"}, {}]))
    with LocalGateway("--data", tmp_path / "data", "--seed", seed) as gateway:
        assert gateway.client().list_gateways()["Gateways"] == []
        client = gateway.client(region_name="eu-west-1")
        before = client.list_virtual_machines()["VirtualMachines"]
        arn = next(machine["ResourceArn"] for machine in before if machine["Name"] == "Łódź")
        assert {"Key": "team", "Value": "db"} in client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    # The folder keeps what it has.
    with LocalGateway("--data", tmp_path / "data", "--seed", "empty") as gateway:
        assert gateway.client(region_name="eu-west-1").list_virtual_machines()["VirtualMachines"] == before


SCRIPT = """
local machines = {}
for i = 1, 1000 do
  machines[i] = { Name = ("web %04d"):format(i), LastBackupDate = i > 3 and ago(i .. "h") or nil }
end
print("built")
return {
  Hypervisors = { { Name = "zurich", Host = "vcenter.example.com", VirtualMachines = machines } },
  Gateways = { { GatewayDisplayName = "zurich-1", Hypervisor = "zurich", LastSeenTime = "-5m" } },
}
"""


def test_a_world_from_a_script(moongate):
    """What it prints goes to stderr: stdout belongs to the script that is run then."""
    moongate.write("fleet.lua", SCRIPT)
    code = """
        print(list_virtual_machines():count(), list_hypervisors():first().State)
        local by_name = list_virtual_machines():index("Name")
        print(by_name["web 0003"].LastBackupDate, older_than(by_name["web 0100"].LastBackupDate, "99h"))
        print(by_name["web 0100"].LastBackupDate > ago("101h"))
    """
    result = moongate("--local", "--seed", "fleet.lua", "-e", code)
    assert (result.code, result.stdout, result.stderr) == (0, "1000\tONLINE\nnil\ttrue\ntrue\n", "built\n")


def test_a_world_from_a_script_is_served(tmp_path):
    seed = tmp_path / "fleet.lua"
    seed.write_text('return { {}, { Region = "eu-west-1", Gateways = { { GatewayDisplayName = "g" } } } }, "more"')
    with LocalGateway("--data", tmp_path / "data", "--seed", seed) as gateway:
        assert gateway.client().list_gateways()["Gateways"] == []
        assert [g["GatewayDisplayName"] for g in gateway.client(region_name="eu-west-1").list_gateways()["Gateways"]] == ["g"]


def test_the_same_world_from_json_and_from_a_script(moongate):
    moongate.write("fleet.json", json.dumps({**FLEET, "Hypervisors": [{**FLEET["Hypervisors"][0], "VirtualMachines": [{"Name": "a"}]}]}))
    moongate.write("fleet.lua", """
        return {
          Hypervisors = { { Name = "zurich", Host = "vcenter.example.com", VirtualMachines = { { Name = "a" } } } },
          Gateways = { { GatewayDisplayName = "zurich-1", Hypervisor = "zurich" } },
        }
    """)  # fmt: skip
    code = "for vm in list_virtual_machines() do print(vm.ResourceArn, vm.Name) end print(list_gateways():first().GatewayArn)"
    json_world, lua_world = (moongate("--local", "--seed", f"fleet.{kind}", "-e", code) for kind in ("json", "lua"))
    assert json_world.code == 0 and json_world.stdout == lua_world.stdout


@pytest.mark.parametrize(
    "text, problem",
    [
        ("local x = = 1", "fleet.lua:1: unexpected symbol near '='"),
        ("local x\nreturn x.y", "fleet.lua:2: attempt to index a nil value (local 'x')"),
        ('\n\nerror("no such site")', "fleet.lua:3: no such site"),
        ("\nlist_gateways():first()", "fleet.lua:2: list_gateways: a seed has no service to call; return a table"),
        ("local c = 1", "fleet.lua must return a table, as in: return { Hypervisors = { … } }; it returns nil"),
        ('exit(0, "never mind")', "fleet.lua called exit(0): never mind"),
        ('return { Hypervisors = { { Nmae = "a", Host = "host" } } }', "Hypervisors[1].Nmae is not a parameter here (did you mean Name?)"),
        ('return { Gateways = { { GatewayDisplayName = "g", Hypervisor = "h" } } }', "Gateways[1].Hypervisor must be the name or the id"),
        ("return { Gateways = { { GatewayDisplayName = print } } }", "fleet.lua: Gateways[1].GatewayDisplayName must be data, not a function"),
        ("return { Gateways = { g = 1 } }", "fleet.lua: Gateways must be a list"),
        ("local t = {} t.Gateways = { { Tags = t } } return t", "nested more than 128 deep, or contains itself"),
        ("local t = {} for i = 1, 1e6 do t[i] = i end return { Gateways = t }", "a table holds more than 1000000 values"),
        ("return { Account = '\\xff' }", "fleet.lua: Account is not UTF-8 text"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", [["--local", "-e", "print(1)"], ["serve", "--ephemeral"]], ids=["local", "serve"])
def test_a_script_that_makes_no_world(moongate, command, text, problem):
    moongate.write("fleet.lua", text)
    first, *rest = command
    result = moongate(first, "--seed", "fleet.lua", *rest)
    assert (result.code, result.stdout) == (253, "")
    assert problem in result.stderr.splitlines()[0]


def test_a_script_that_is_not_there(moongate):
    result = moongate("--local", "--seed", "fleet.lua", "-e", "print(1)")
    assert (result.code, result.stdout) == (253, "")
    assert "cannot open script 'fleet.lua': No such file" in result.line()


def test_ctrl_c_ends_a_script_that_does_not(moongate):
    moongate.write("fleet.lua", 'io.stderr:write("!") while true do end')
    for command in (["--local", "-e", "print(1)"], ["serve", "--ephemeral"]):
        process = moongate.start(*command, "--seed", "fleet.lua")
        assert process.stderr.read(1) == b"!"
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == -signal.SIGINT
        process.stdout.close()
        process.stderr.close()


def test_an_empty_world(moongate):
    result = moongate("--local", "--seed", "empty", "-e", "print(list_gateways():count(), list_virtual_machines():count())")
    assert (result.code, result.stdout) == (0, "0\t0\n")


def test_a_larger_sample(moongate):
    result = moongate("--local", "--vms", "1234", "-e", "print(list_virtual_machines():count())")
    assert (result.code, result.stdout) == (0, "1234\n")


@pytest.mark.parametrize(
    "text, problem",
    [
        (None, "There is no seed fleet.json"),
        ("{", "The seed fleet.json is not JSON"),
        ('{"Hypervisors": [{"Nmae": "x", "Host": "host"}]}', "Hypervisors[0].Nmae is not a parameter here (did you mean Name?)"),
        ('{"Gateways": [{"GatewayDisplayName": "g", "Hypervisor": "h"}]}', "Gateways[0].Hypervisor must be the name or the id"),
    ],
)
@pytest.mark.parametrize("command", [["--local", "-e", "print(1)"], ["serve", "--ephemeral"]], ids=["local", "serve"])
def test_a_seed_that_cannot_be_used(moongate, command, text, problem):
    if text is not None:
        moongate.write("fleet.json", text)
    first, *rest = command
    result = moongate(first, "--seed", "fleet.json", *rest)
    assert (result.code, result.stdout) == (253, "")
    assert problem in result.line()


@pytest.mark.parametrize("word", ["smaple", "", "fleet"])
def test_a_word_that_is_no_seed(moongate, word):
    result = moongate("--local", "--seed", word, "-e", "print(1)")
    assert (result.code, result.stdout) == (252, "")
    assert f"--seed is sample, empty or a file whose name ends in .json or .lua, not '{word}'" in result.stderr


def test_a_clock_that_was_moved_stays_moved(tmp_path):
    """What was created in the future must not lie ahead of the world after a restart."""
    with LocalGateway("--data", tmp_path / "data", "--vms", "0", "--control") as gateway:
        gateway.control("/clock", advance="30d")
        seen = gateway.client().list_gateways()["Gateways"][0]["LastSeenTime"]
    with LocalGateway("--data", tmp_path / "data", "--control") as gateway:
        assert gateway.control("/clock")["ahead_seconds"] == pytest.approx(30 * 86400, abs=60)
        assert gateway.client().list_gateways()["Gateways"][0]["LastSeenTime"] >= seen
        gateway.control("/clock", reset=True)
    with LocalGateway("--data", tmp_path / "data", "--control") as gateway:
        assert gateway.control("/clock")["ahead_seconds"] == pytest.approx(0, abs=1)
