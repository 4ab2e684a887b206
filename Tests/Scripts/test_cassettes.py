# Cassettes: what is recorded, that nothing secret is, and that a replay prints the same without a network.
import json
import shutil
import stat
import subprocess

import pytest

from canned_server import Raw
from moongate import BINARY, CREDENTIALS

SCRIPT = """
print(session.region, session.account, now())
for gw in list_gateways() do print(gw.GatewayDisplayName, gw.LastSeenTime:ago()) end
print(list_virtual_machines{ MaxResults = 60 }:count())
print(pcall(get_gateway, "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-00000000000000000"))
print(session.last.request_id, session.last.attempts)
sleep(0.05) print(now(), os.time())
local vm = list_virtual_machines():first()
parallel({ 1, 2, 3 }, function(i) sleep((4 - i) / 20) print(i, now(), get_virtual_machine(vm).Name) end)
local eu = connect{ region = "eu-central-1" } print(eu.region, eu.list_gateways():count())
for gw in fleet{ regions = { "us-east-1", "eu-central-1" } }.list_gateways() do print(gw.target.region) end
print(gateway_lab.clock{ advance = "2h" }.now)
show(get_gateway(list_gateways():first()))
"""
WARN = 'warn("done") exit(3, "as it was")\n'


@pytest.fixture
def recorded(moongate):
    moongate.write("x.lua", SCRIPT + WARN)
    result = moongate("--local", "--record", "c.json", "run", "x.lua")
    assert result.code == 3, result.stderr
    return result


def lines(moongate, name="c.json"):
    return [json.loads(line) for line in (moongate.folder / name).read_text().splitlines()]


def test_a_replay_prints_the_same_byte_for_byte(moongate, recorded):
    assert moongate("--replay", "c.json", "run", "x.lua") == recorded


def test_shared_code_replays_too_and_sleeps_as_long_in_no_time(moongate):
    moongate.write("y.lua", "-- @allow read\nprint(now()) print(list_gateways():count()) sleep(0.1) print(now())\n")
    result = moongate("--local", "--record", "c.json", "--untrusted", "y.lua")
    assert result.code == 0, result.stderr
    assert moongate("--replay", "c.json", "--untrusted", "y.lua") == result


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_a_replay_opens_no_socket(moongate, recorded):
    log = moongate.folder / "strace"
    subprocess.run(
        ["strace", "-f", "-qq", "-e", "trace=network", "-o", log, BINARY, "--replay", "c.json", "run", "x.lua"],
        cwd=moongate.folder, env=moongate.environment(), capture_output=True, timeout=60)
    assert log.read_text() == ""


def test_a_cassette_is_an_object_a_line_and_its_owner_s_alone(moongate, recorded):
    head, session, *rest = lines(moongate)
    assert head["cassette"] == 1 and head["started"]
    assert session["session"] == "local/us-east-1" and session["account"] == "123456789012"
    call = next(line for line in rest if line.get("operation") == "ListGateways")
    assert {"at", "session", "parameters", "answer", "request_id", "http_status", "attempts", "seconds"} <= call.keys()
    assert stat.S_IMODE((moongate.folder / "c.json").stat().st_mode) == 0o600
    assert [line["at"] for line in rest if "at" in line] == sorted(line["at"] for line in rest if "at" in line)


CANARIES = {"password": "s3cr3t-p4ss", "key": CREDENTIALS["AWS_SECRET_ACCESS_KEY"], "id": CREDENTIALS["AWS_ACCESS_KEY_ID"]}


def test_nothing_secret_is_in_it(moongate, canned):
    def answer(request):
        if request.operation == "ListGateways":
            return {"Gateways": [{"GatewayDisplayName": f"echo {CANARIES['password']}", "GatewayArn": "x"}]}
        return 400, {"__type": "ValidationException", "Message": f"no {CANARIES['password']} for AKIAIOSFODNN7EXAMPLE; "
                     "The Canonical String for this request should have been 'POST x-amz-security-token:FwoGZXIvYXdz'"}

    server = canned(lambda request: answer(request) if request.operation == "ListGateways" else refusal(*answer(request)))
    moongate.write("pw", CANARIES["password"])
    moongate.write("x.lua", """
        local arn = "arn:aws:backup-gateway:us-east-1:123456789012:hypervisor/hype-12345678"
        print(pcall(update_hypervisor, arn, { Username = "root-user", Password = secret("password") }))
        print(pcall(update_hypervisor, arn, { Username = "root-user", Password = "typed-in-p4ss" }))
        print(list_gateways():first().GatewayDisplayName)""")
    result = moongate(
        "--region", "us-east-1", "--endpoint", server.endpoint, "--allow", "UpdateHypervisor", "--secret", "password=@pw",
        "--record", "c.json", "run", "x.lua", env={**CREDENTIALS, "AWS_SESSION_TOKEN": "FwoGZXIvYXdz-token"})
    assert result.code == 0, result.stderr
    text = (moongate.folder / "c.json").read_text()
    assert len(lines(moongate)) == 5
    for canary in *CANARIES.values(), "typed-in-p4ss", "root-user", "FwoGZXIvYXdz", "AKIAIOSFODNN7EXAMPLE":
        assert canary not in text, canary
    assert moongate("--allow", "UpdateHypervisor", "--secret", "password=@pw", "--replay", "c.json", "run", "x.lua").code == 0


def refusal(status, body):
    return Raw(json.dumps(body).encode(), status, {"Content-Type": "application/x-amz-json-1.0"})


def test_what_was_not_recorded_is_an_error_that_names_the_nearest(moongate, recorded):
    def fails(code):
        result = moongate("--replay", "c.json", "-e", code)
        assert result.code == 253
        return result.stderr

    assert "MaxResults is 60, and here 7" in fails("list_virtual_machines{ MaxResults = 7 }:count()")
    assert "has no ListHypervisors; it has ListGateways" in fails("list_hypervisors():count()")
    assert "no session" in fails('connect{ region = "eu-west-1" }')
    again = fails('for i = 1, 9 do get_gateway(list_gateways():first()) end')
    assert "with these parameters" in again and "one more" in again


def test_what_was_recorded_and_not_asked_for_is_told(moongate, recorded):
    result = moongate("--replay", "c.json", "-e", "print(1)")
    assert result.code == 0 and "recorded calls were not made: ListGateways ×" in result.line()


def test_what_is_no_cassette_is_refused(moongate, recorded):
    moongate.write("no.json", "{}\n")
    moongate.write("new.json", '{"cassette":99,"moongate":"9.9.9","started":"2026-01-01T00:00:00Z"}\n')
    whole = (moongate.folder / "c.json").read_text().splitlines(True)
    moongate.write("damaged.json", "".join(whole[:3]) + whole[3][:40])
    for name, words in {
        "no.json": "is no cassette", "new.json": "newer Moongate (9.9.9)", "damaged.json": "damaged in line 4",
        "absent.json": "is not there",
    }.items():
        result = moongate("--replay", name, "-e", "print(1)")
        assert (result.code, result.stdout) == (253, "") and words in result.line()


def test_options_that_exclude_each_other_are_refused(moongate, recorded):
    for options in ["--local"], ["--record", "d.json"], ["--region", "us-east-1"], ["--endpoint", "http://127.0.0.1:1"]:
        assert moongate("--replay", "c.json", *options, "-e", "print(1)").code == 252


def test_a_cassette_that_cannot_be_written_is_told_before_anything_runs(moongate):
    """A script had run to its end, with all that it changed, before it was found that nothing would be kept of it."""
    result = moongate("--local", "--record", "absent/c.json", "-e", "print(1)")
    assert (result.code, result.stdout) == (252, "") and "--record: cannot write 'absent/c.json'" in result.line()


def test_tests_run_against_a_cassette(moongate, recorded):
    moongate.write("x_test.lua", """
        function test_a() assert(list_gateways():count() == 3) end
        function test_b() assert(list_gateways():count() == 3) clock.advance("1h") end""")
    result = moongate("test", "--replay", "c.json", "x_test.lua")
    assert result.code == 0, result.stdout
