# Operations that write: what is sent and given back, what is refused by its place in the parameters, and what a script
# may not do unless the command line says so. Each text is the whole of what the operator sees.
import pytest

from canned_server import ACCOUNT, GATEWAY
from moongate import CREDENTIALS

GW = GATEWAY["GatewayArn"]
VM = f"{ACCOUNT}:vm/vm-0000ABCDEFGIJKL0"
HV = f"{ACCOUNT}:hypervisor/hype-9B1AB1F1"
INTERVAL = "StartHourOfDay = 8, StartMinuteOfHour = 0, EndHourOfDay = 17, EndMinuteOfHour = 59"


@pytest.fixture
def run(moongate, canned):
    """run(code, *options): the code against a service that answers {}; `run.requests` are what arrived."""
    server = canned(lambda request: {"ResourceARN": VM} if request.operation == "TagResource" else {})

    def run(code, *options):
        return moongate(
            "--endpoint", server.endpoint, "--region", "us-east-1", *options, "-e", code, env=CREDENTIALS
        )

    run.requests = server.requests
    return run


# What is sent, and what is given back


def test_tagging_a_virtual_machine(run):
    code = f'print(tag_resource("{VM}", {{ Tags = {{ {{ Key = "team", Value = "db" }} }} }}).ResourceARN)'
    result = run(code, "--allow", "TagResource")
    assert (result.code, result.stdout, result.stderr) == (0, f"{VM}\n", "")
    (request,) = run.requests
    assert request.operation == "TagResource"
    assert request.json == {"ResourceARN": VM, "Tags": [{"Key": "team", "Value": "db"}]}


def test_a_bandwidth_schedule(run):
    """A float with a whole value is an integer, and a long is longer than 32 bits."""
    code = f"""
      local interval = {{ {INTERVAL}, DaysOfWeek = {{ 1, 5 }}, AverageUploadRateLimitInBitsPerSec = 8e12 }}
      local answer = put_bandwidth_rate_limit_schedule("{GW}", {{ BandwidthRateLimitIntervals = {{ interval }} }})
      print(type(answer), next(answer))
    """
    result = run(code, "--allow", "put_bandwidth_rate_limit_schedule")
    assert (result.code, result.stdout) == (0, "table\tnil\n"), result.stderr
    (interval,) = run.requests[0].json["BandwidthRateLimitIntervals"]
    assert interval["AverageUploadRateLimitInBitsPerSec"] == 8000000000000
    assert interval["DaysOfWeek"] == [1, 5]


# What is refused by its place


@pytest.mark.parametrize(
    "interval, problem",
    [
        (
            INTERVAL.replace("= 17", "= 24") + ", DaysOfWeek = { 1, 7 }",
            "BandwidthRateLimitIntervals[1].DaysOfWeek[2] must be from 0 to 6, got 7; "
            "BandwidthRateLimitIntervals[1].EndHourOfDay must be from 0 to 23, got 24",
        ),
        (INTERVAL, "BandwidthRateLimitIntervals[1].DaysOfWeek is required"),
        (
            INTERVAL + ", DaysOfWeek = {}",
            "BandwidthRateLimitIntervals[1].DaysOfWeek must have a number of items from 1 to 7, got 0",
        ),
        (
            INTERVAL + ", DaysOfWeek = { 1 }, AverageUploadRateLimitInBitsPerSec = 51199",
            "BandwidthRateLimitIntervals[1].AverageUploadRateLimitInBitsPerSec must be from 51200 to 8000000000000, "
            "got 51199",
        ),
        (
            INTERVAL + ", DayOfWeek = { 1 }, DaysOfWeek = { 1 }",
            "BandwidthRateLimitIntervals[1].DayOfWeek is not a parameter here (did you mean DaysOfWeek?)",
        ),
    ],
)
def test_a_bad_interval(run, interval, problem):
    code = f'put_bandwidth_rate_limit_schedule("{GW}", {{ BandwidthRateLimitIntervals = {{ {{ {interval} }} }} }})'
    result = run(code, "--allow", "PutBandwidthRateLimitSchedule")
    assert result.code == 252
    assert result.line() == f"moongate: -e:1: put_bandwidth_rate_limit_schedule: {problem}"
    assert run.requests == []


@pytest.mark.parametrize(
    "call, problem",
    [
        (
            f'tag_resource("{VM}", {{ Tags = {{ team = "db" }} }})',
            "tag_resource: Tags must be a list like { { Key = …, Value = … }, … }; this has team",
        ),
        (f'tag_resource("{VM}")', "tag_resource: Tags is required; write tag_resource(arn, { Tags = … })"),
        (
            f'tag_resource{{ ResourceArn = "{VM}", Tags = {{}} }}',
            "tag_resource: ResourceARN is required; ResourceArn is not a parameter here (did you mean ResourceARN?); "
            "write tag_resource(arn, { Tags = … })",
        ),
        (
            f'associate_gateway_to_server("{GW}")',
            "associate_gateway_to_server: takes a table of parameters, not a string; "
            "write associate_gateway_to_server{ GatewayArn = …, ServerArn = … }",
        ),
        (
            f'update_hypervisor("{GW}", {{ Name = "x" }})',
            "update_hypervisor: HypervisorArn must be the ARN of a hypervisor; this is a gateway's",
        ),
        (
            f'update_hypervisor("{HV}", {{ LogGroupArn = "my-log-group" }})',
            "update_hypervisor: LogGroupArn must match "
            r"$|^arn:(aws|aws-cn|aws-us-gov):logs:([a-zA-Z0-9-]+):([0-9]+):log-group:[a-zA-Z0-9_\-\/\.]+:\*"
            ", got 'my-log-group'",
        ),
    ],
)
def test_bad_parameters(run, call, problem):
    result = run(call, "--allow", "TagResource", "--allow", "UpdateHypervisor")
    assert (result.code, result.line()) == (252, f"moongate: -e:1: {problem}")
    assert run.requests == []


@pytest.mark.parametrize("password", ["pa\\xc3\\xa9ss", "x" * 101, "a\\nb", "\\xff"])
@pytest.mark.parametrize("username", ["VSPHERE\\\\admin", "u" * 101])
def test_credentials_are_not_quoted_when_they_are_refused(run, username, password):
    code = f'update_hypervisor("{HV}", {{ Username = "{username}", Password = "{password}" }})'
    result = run(code, "--allow", "UpdateHypervisor")
    assert result.code == 252
    line = result.line()
    assert "Password" in line
    assert "admin" not in line and "xx" not in line and "uu" not in line and "ss'" not in line and "101" not in line


# What a script may do


REFUSED = "a script may read, and write only what it is allowed to; start it with --allow UpdateHypervisor"
UPDATE = f'update_hypervisor("{HV}", {{ Name = "tokyo" }})'


def test_a_script_that_is_not_allowed_to_write(run):
    result = run(UPDATE)
    assert (result.code, result.stdout) == (251, "")
    assert result.line() == f"moongate: -e:1: UpdateHypervisor: NotAllowed: {REFUSED}"
    assert run.requests == []


def test_another_operation_is_allowed(run):
    assert run(UPDATE, "--allow", "DeleteHypervisor", "--allow", "ListGateways").code == 251
    assert run.requests == []


@pytest.mark.parametrize("name", ["UpdateHypervisor", "update_hypervisor"])
def test_the_operation_is_allowed(run, name):
    result = run(UPDATE, "--allow", "DeleteHypervisor", "--allow", name)
    assert (result.code, result.stdout, result.stderr) == (0, "", "")
    assert [request.operation for request in run.requests] == ["UpdateHypervisor"]


@pytest.mark.parametrize("door", ["file", "pipe"])
def test_every_kind_of_script_is_asked(moongate, door):
    moongate.write("s.lua", UPDATE)
    if door == "file":
        result = moongate("--local", "s.lua")
    else:
        result = moongate("--local", "-", stdin=UPDATE.encode())
    assert result.code == 251
    assert result.line().endswith(f"UpdateHypervisor: NotAllowed: {REFUSED}")


def test_the_error_is_a_table(run):
    code = f"""
      local ok, e = pcall(update_hypervisor, "{HV}", {{ Name = "tokyo" }})
      print(ok, e.code, e.operation, e.retryable, e.http_status)
      error(e)
    """
    result = run(code)
    assert (result.code, result.stdout) == (251, "false\tNotAllowed\tUpdateHypervisor\tfalse\tnil\n")


def test_bad_parameters_are_told_before_the_permission(run):
    assert run(f'update_hypervisor("{HV}", {{ Nmae = "tokyo" }})').code == 252


def test_read_only_beats_what_is_allowed(run):
    result = run(UPDATE, "--read-only", "--allow", "UpdateHypervisor")
    assert result.code == 251
    assert result.line() == (
        "moongate: -e:1: UpdateHypervisor: ReadOnly: this writes, and moongate was started with --read-only"
    )
    assert run(f'list_tags_for_resource("{VM}")', "--read-only").code == 0
    assert [request.operation for request in run.requests] == ["ListTagsForResource"]


@pytest.mark.parametrize(
    "name, hint",
    [
        ("UpdateHypervisr", "; did you mean UpdateHypervisor?"),
        ("update_hypervisr", "; did you mean update_hypervisor?"),
        ("everything", ""),
        ("", ""),
    ],
)
def test_an_operation_that_does_not_exist_cannot_be_allowed(moongate, name, hint):
    result = moongate("--local", "--allow", name, "-e", "print(1)")
    assert (result.code, result.stdout) == (252, "")
    lines = result.stderr.splitlines()
    assert lines[0] == f"moongate: --allow takes an operation of AWS Backup Gateway, not '{name}'{hint}"


def test_help_says_what_is_needed(moongate):
    assert "--allow OPERATION" in moongate("--help").stdout
    page = moongate("doc", "UpdateHypervisor").stdout
    assert page == moongate("doc", "update_hypervisor").stdout
    assert "a script needs --allow UpdateHypervisor" in page
    assert "--allow" not in moongate("doc", "get_hypervisor").stdout


def test_the_services_error_ends_with_its_own_code(moongate):
    call = 'delete_gateway("arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-0DD0DD0D")'
    result = moongate("--local", "--allow", "DeleteGateway", "-e", call)
    assert result.code == 254
    assert "DeleteGateway: ResourceNotFoundException: The gateway arn:" in result.line()
