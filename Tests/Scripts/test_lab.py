# gateway_lab: a script brings about what happens around a local gateway, through its control endpoint.
import os
import re
import subprocess
import time

import pytest

from moongate import BINARY, PATIENCE, LocalGateway

FUNCTIONS = """
    activation activation_key bring_online clock create_vm delete_vm faults metrics move_vm record_backup
    set_vcenter_login set_vmware_tags take_offline
""".split()


def lua(moongate, code, *options):
    result = moongate("--local", *options, "-e", code)
    assert (result.code, result.stderr) == (0, "")
    return result.stdout.splitlines()


def test_everything_there_is(moongate):
    assert lua(moongate, "for name in pairs(gateway_lab) do print(name) end") == FUNCTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_each_help_page_runs(moongate, name):
    page = moongate("doc", f"gateway_lab.{name}").stdout
    assert page == "".join(line + "\n" for line in lua(moongate, f"help(gateway_lab.{name})"))
    example = moongate.write("example.lua", page.split("\nExample\n")[1])
    result = moongate("--local", "--allow", "CreateGateway", example)
    assert (result.code, result.stderr) == (0, "")


def test_help_tells_what_there_is(moongate):
    page = moongate("doc", "gateway_lab").stdout
    assert re.findall(r"^  gateway_lab\.(\w+) ", page, re.M) and all(f"gateway_lab.{name} " in page for name in FUNCTIONS)
    assert moongate("doc", "gateway_lab.nonsense").code == 252


def test_a_machine_is_made_found_backed_up_and_deleted(moongate):
    assert lua(moongate, """
        local hypervisor = list_hypervisors():find{ State = "ONLINE" }
        local arn = gateway_lab.create_vm(hypervisor, { Name = "Łódź 9", Path = "/DC1/vm/9", HostName = "esx-1" })
        print(missing_ok(get_virtual_machine, arn))
        gateway_lab.clock{ advance = "10s" }
        local vm = get_virtual_machine(arn)
        print(vm.Name, vm.Path, vm.HostName, vm.LastBackupDate)
        gateway_lab.record_backup(vm, { LastBackupDate = timestamp("2026-01-02T03:04:05Z") })
        print(get_virtual_machine(vm).LastBackupDate)
        gateway_lab.record_backup(vm)
        print(get_virtual_machine(vm).LastBackupDate > now() - 60)
        gateway_lab.move_vm(vm, { Path = "/DC1/vm/Archive" })
        print(get_virtual_machine(vm).Path)
        gateway_lab.delete_vm(vm)
        print(missing_ok(get_virtual_machine, arn))
    """) == ["nil", "Łódź 9\t/DC1/vm/9\tesx-1\tnil", "2026-01-02T03:04:05Z", "true", "/DC1/vm/Archive", "nil"]  # fmt: skip


def test_a_vcenter_and_a_gateway_fail_and_come_back(moongate):
    assert lua(moongate, """
        local h = list_hypervisors():find{ State = "ONLINE" }
        local function state() return get_hypervisor(h).State end
        gateway_lab.take_offline(h)
        print(state())
        gateway_lab.bring_online(h.HypervisorArn)
        print(state())
        gateway_lab.set_vcenter_login(h, { accepts = "nobody" })
        print(state())
        gateway_lab.set_vcenter_login(h, { accepts = "everybody" })
        print(state())
        local g = list_gateways():filter(function(g) return g.HypervisorId and not older_than(g.LastSeenTime, "1h") end):first()
        gateway_lab.take_offline(g)
        print(state())
        gateway_lab.clock{ advance = "2h" }
        print(get_gateway(g).LastSeenTime < gateway_lab.clock().now - "1h")
        gateway_lab.bring_online(g)
        print(state())
    """) == ["OFFLINE", "ONLINE", "ERROR", "ONLINE", "PENDING", "true", "ONLINE"]  # fmt: skip


def test_the_clock_is_moved_stopped_and_put_back(moongate):
    assert lua(moongate, """
        local clock = gateway_lab.clock{ set = timestamp("2030-01-01T00:00:00Z") }
        print(clock.now - timestamp("2030-01-01T00:00:00Z") < 60, clock.stopped)
        print(gateway_lab.clock{ stop = true }.stopped)
        local a, b = gateway_lab.clock(), gateway_lab.clock()
        print(a.now == b.now, gateway_lab.clock{ advance = "-1d" }.now == a.now - "1d")
        print(gateway_lab.clock{ reset = true }.ahead_seconds)
    """) == ["true\tfalse", "true", "true\ttrue", "0.0"]  # fmt: skip


def test_faults_are_set_and_cleared(moongate):
    assert lua(moongate, """
        gateway_lab.faults{ set = { "throttle:ListGateways=1/h" }, seed = 7 }
        gateway_lab.faults{ add = { "error500:GetGateway=always" } }
        for _, fault in ipairs(gateway_lab.faults().faults) do print(fault.rule, fault.struck) end
        print(#gateway_lab.faults{ clear = true }.faults)
        print(list_gateways():count())
    """) == ["throttle:ListGateways=1/h\t0", "error500:GetGateway=always\t0", "0", "3"]  # fmt: skip


def test_an_issued_key_is_for_the_region_of_the_session(moongate):
    code = """
        gateway_lab.activation{ issued_only = true }
        local function create(key)
          return create_gateway{ ActivationKey = key, GatewayDisplayName = "new", GatewayType = "BACKUP_VM" }
        end
        print(create(gateway_lab.activation_key()).GatewayArn:match("^arn:aws:backup%-gateway:(.-):"))
        print(select(2, pcall(create, "AAAA-BBBB")).code)
        print(select(2, pcall(create, gateway_lab.activation_key{ Region = "ap-south-1" })).code)
    """
    for options, region in [((), "us-east-1"), (("--region", "eu-west-1"), "eu-west-1")]:
        assert lua(moongate, code, "--allow", "CreateGateway", *options) == [region, "ValidationException", "ValidationException"]


@pytest.mark.parametrize(
    "code, problem",
    [
        ("gateway_lab.clokc()", "gateway_lab has no clokc; it has activation, "),
        ("gateway_lab.clock = nil", "gateway_lab.clock cannot be set: gateway_lab is read-only"),
        ("gateway_lab.clock{ advnace = '1h' }", "gateway_lab.clock: advnace is not a parameter here (did you mean advance?)"),
        ("gateway_lab.clock{ advance = 'soon' }", "gateway_lab.clock: advance must be a duration as 2h or -30m"),
        ("gateway_lab.clock{ stop = true, go = true }", "gateway_lab.clock: stop and go cannot go together"),
        ("gateway_lab.faults{ set = { 'rest=always' } }", "gateway_lab.faults: set: there is no fault 'rest'; did you mean reset?"),
        ("gateway_lab.create_vm(list_hypervisors():first(), {})", "gateway_lab.create_vm: Name is required; write gateway_lab.create_vm(arn, { Name = … })"),
        ("gateway_lab.delete_vm(list_gateways():first())", "gateway_lab.delete_vm: ResourceArn must be the ARN of a virtual machine; this is a gateway's"),
        ("gateway_lab.take_offline()", "gateway_lab.take_offline: ResourceArn is required"),
        ("gateway_lab.set_vcenter_login(list_hypervisors():first())", "gateway_lab.set_vcenter_login: give accepts, or Username and Password"),
        ("gateway_lab.delete_vm((list_virtual_machines():first().ResourceArn:gsub('vm%-', 'vm-X')))", "does not exist in this account and region"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_at_its_line(moongate, code, problem):
    result = moongate("--local", "-e", "\n" + code)
    assert (result.code, result.stdout) == (252, "")
    assert result.line().startswith("moongate: -e:2: ") and problem in result.line()


def test_without_a_local_gateway_there_is_none(moongate, gateway):
    result = moongate("--endpoint", gateway.endpoint, "-e", "print(gateway_lab)", env=gateway.environment)
    assert (result.code, result.stdout) == (0, "nil\n")
    result = moongate("-e", "gateway_lab.clock()")
    assert result.code == 1 and "gateway_lab is there with --local" in result.stderr


def test_shared_code_has_none(moongate):
    script = moongate.write("shared.lua", "print(gateway_lab)")
    result = moongate("--local", "--untrusted", script)
    assert (result.code, result.stdout) == (0, "nil\n")


def test_a_second_console_on_a_folder_has_the_same_lab(moongate):
    """The lock file, which only its owner can read, tells it where the first is controlled."""
    script = 'gateway_lab.faults{ set = { "latency=1ms" } } io.read()'
    first = subprocess.Popen(
        [BINARY, "--local", "--data", "data", "-e", script],
        cwd=moongate.folder, env=moongate.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        lock = moongate.folder / "data/gateway.lock"
        deadline = time.monotonic() + PATIENCE
        while not lock.exists() or "control_token" not in lock.read_text():
            assert time.monotonic() < deadline, "the first console does not say where it is"
            time.sleep(0.05)
        assert os.stat(lock).st_mode & 0o777 == 0o600
        code = "while #gateway_lab.faults().faults == 0 do sleep(0.05) end print('seen')"
        result = moongate("--local", "--data", "data", "-e", code)
        assert (result.code, result.stdout) == (0, "seen\n")
    finally:
        first.communicate(b"\n")
    assert first.returncode == 0


@pytest.mark.parametrize("options, found", [((), "nil"), (("--control",), "table")])
def test_a_console_that_joins_a_server(moongate, options, found):
    with LocalGateway("--data", moongate.folder / "data", *options):
        result = moongate("--local", "--data", "data", "-e", "print(type(gateway_lab))")
        assert (result.code, result.stdout) == (0, found + "\n")
