# What a local world begins with: --seed and --vms, for --local and for serve.
import json

import pytest

from moongate import LocalGateway

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
        ('{"Hypervisors": [{"Nmae": "x", "Host": "host"}]}', "Hypervisors[0].Nmae is not a parameter here; did you mean Name?"),
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
    assert f"--seed is sample, empty or a file whose name ends in .json, not '{word}'" in result.stderr


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
