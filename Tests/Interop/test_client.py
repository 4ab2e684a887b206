# Our client against a server whose signature check is botocore's own: what goes over the wire, and what becomes of the
# answers in Lua.
import json
import re

import pytest

from canned_server import ACCOUNT, GATEWAY, Raw, one_gateway
from moongate import CREDENTIALS
from signing import TARGET, signed_headers, verify

SECRET = CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
REGION = "eu-central-1"

THREE_OPERATIONS = f"""
  local gateway = get_gateway("{GATEWAY['GatewayArn']}")
  print(gateway.GatewayDisplayName)
  local machine = get_virtual_machine("{ACCOUNT}:vm/vm-{0:016d}")
  print(machine.Name)
  print(list_virtual_machines{{ HypervisorArn = "{ACCOUNT}:hypervisor/hype-9B1AB1F1" }}:count())
"""

# Every header of a request, no more and no less: each one is signed or there for a reason.
HEADERS = {
    "host", "content-type", "content-length", "user-agent", "authorization", "x-amz-date", "x-amz-target",
    "amz-sdk-invocation-id", "amz-sdk-request",
}  # fmt: skip
OPTIONAL_HEADERS = {"accept", "accept-encoding"}


@pytest.fixture
def remote(moongate):
    """Runs code against an endpoint, with credentials from the environment."""

    def run(endpoint, code, **environment):
        return moongate(
            "--endpoint", endpoint, "--region", REGION, "-e", code, env={**CREDENTIALS, **environment}
        )

    return run


def gateway_with(members):
    """An answer for CannedServer: GetGateway with these members, given as JSON text."""
    arn = GATEWAY["GatewayArn"]
    return lambda request: Raw(f'{{"Gateway": {{"GatewayArn": "{arn}", {members}}}}}')


def get(code):
    return f'local gateway = get_gateway("{GATEWAY["GatewayArn"]}"); {code}'


@pytest.mark.parametrize("token", [None, "FwoGZXIvYXdzEBYaD+with/special=characters=="])
@pytest.mark.parametrize("prefix", ["", "/", "/prefix", "/a%20b/c~d/"])
def test_botocore_computes_the_same_signature(canned, remote, token, prefix):
    server = canned(one_gateway())
    endpoint = server.endpoint + prefix
    environment = {} if token is None else {"AWS_SESSION_TOKEN": token}
    result = remote(endpoint, THREE_OPERATIONS, **environment)
    assert (result.code, result.stdout, result.stderr) == (0, "dc1-gateway\nvm 0\n6\n", "")
    assert [request.operation for request in server.requests] == [
        "GetGateway", "GetVirtualMachine", "ListVirtualMachines", "ListVirtualMachines", "ListVirtualMachines",
    ]  # fmt: skip
    for request in server.requests:
        verify(request, SECRET, REGION, endpoint=endpoint, token=token)
        assert request.method == "POST"
        assert request.path.rstrip("/") == prefix.rstrip("/")
        assert request.headers["Host"] == f"127.0.0.1:{server.port}"


def test_exactly_these_headers_are_sent(canned, remote):
    server = canned(one_gateway())
    assert remote(server.endpoint, THREE_OPERATIONS).code == 0
    for request in server.requests:
        names = [name.lower() for name in request.headers.keys()]
        assert len(names) == len(set(names))
        assert set(names) - OPTIONAL_HEADERS == HEADERS
        assert signed_headers(request) == ["content-type", "host", "x-amz-date", "x-amz-target"]
        assert request.headers["Content-Type"] == "application/x-amz-json-1.0"
        assert request.headers["X-Amz-Target"] == f"{TARGET}.{request.operation}"
        assert re.match(r"moongate/\S+", request.headers["User-Agent"], re.IGNORECASE)
        assert re.match(r"attempt=1(; max=\d+)?$", request.headers["amz-sdk-request"])
    ids = [request.headers["amz-sdk-invocation-id"] for request in server.requests]
    assert len(set(ids)) == len(ids)


def test_the_body_holds_what_was_asked_for_and_nothing_else(canned, remote):
    server = canned(one_gateway())
    remote(server.endpoint, THREE_OPERATIONS + "list_virtual_machines():count()")
    assert [request.json for request in server.requests[:3]] == [
        {"GatewayArn": GATEWAY["GatewayArn"]},
        {"ResourceArn": f"{ACCOUNT}:vm/vm-{0:016d}"},
        {"HypervisorArn": f"{ACCOUNT}:hypervisor/hype-9B1AB1F1"},
    ]
    assert server.requests[3].json == {
        "HypervisorArn": f"{ACCOUNT}:hypervisor/hype-9B1AB1F1",
        "NextToken": "2",
    }
    assert server.requests[5].body == b"{}"


@pytest.mark.parametrize(
    "sent, text, epoch",
    [
        ("1700000000", "2023-11-14T22:13:20Z", "1700000000"),
        ("1700000000.123", "2023-11-14T22:13:20.123Z", "1700000000.123"),
        ("1700000000.123456", "2023-11-14T22:13:20.123456Z", "1700000000.123456"),
        ("1.7000000E9", "2023-11-14T22:13:20Z", "1700000000"),
        ("0", "1970-01-01T00:00:00Z", "0"),
        ("-0.5", "1969-12-31T23:59:59.5Z", "-0.5"),
    ],
)
def test_timestamps_keep_their_fraction(canned, remote, sent, text, epoch):
    server = canned(gateway_with(f'"LastSeenTime": {sent}'))
    result = remote(
        server.endpoint, get(f"print(tostring(gateway.LastSeenTime), gateway.LastSeenTime.epoch == {epoch})")
    )
    assert (result.code, result.stdout) == (0, f"{text}\ttrue\n"), result.stderr


def test_members_that_a_newer_service_sends_are_kept(canned, remote):
    server = canned(gateway_with('"FutureMember": {"Deep": [1, {"Er": "yes"}]}, "__type": "ignored"'))
    result = remote(server.endpoint, get("print(gateway.FutureMember.Deep[2].Er)"))
    assert (result.code, result.stdout) == (0, "yes\n"), result.stderr


def test_a_null_is_absent(canned, remote):
    server = canned(gateway_with('"VpcEndpoint": null, "LastSeenTime": null, "Unknown": null'))
    code = """
      local n = 0
      for name in pairs(gateway) do n = n + 1 end
      print(n, gateway.VpcEndpoint, gateway.LastSeenTime)
    """
    result = remote(server.endpoint, get(code))
    assert (result.code, result.stdout) == (0, "1\tnil\tnil\n"), result.stderr


def test_text_arrives_byte_for_byte(canned, remote):
    server = canned(gateway_with('"GatewayDisplayName": "\\u00e9\\ud83d\\ude00\\u0000\\n\\"x"'))
    code = r'print(gateway.GatewayDisplayName == "\u{e9}\u{1f600}\0\n\"x")'
    result = remote(server.endpoint, get(code))
    assert (result.code, result.stdout) == (0, "true\n"), result.stderr


def test_a_server_error_is_tried_again_and_signed_again(canned, remote):
    failures = [Raw('{"__type": "InternalServerException"}', status=500), Raw("", status=503)]
    server = canned(lambda request: failures.pop() if failures else {"Gateway": GATEWAY})
    result = remote(server.endpoint, get("print(gateway.GatewayDisplayName)"))
    assert (result.code, result.stdout) == (0, "dc1-gateway\n"), result.stderr
    assert len(server.requests) == 3
    assert len({request.headers["amz-sdk-invocation-id"] for request in server.requests}) == 1
    for number, request in enumerate(server.requests, 1):
        verify(request, SECRET, REGION, endpoint=server.endpoint)
        assert request.headers["amz-sdk-request"].startswith(f"attempt={number}")


@pytest.mark.parametrize(
    "error_type",
    [
        "ResourceNotFoundException",
        "com.amazonaws.backupgateway#ResourceNotFoundException",
        "aws.x#ResourceNotFoundException:http://internal.amazon.com/coral/",
    ],
)
def test_the_services_error_reaches_the_script(canned, remote, error_type):
    body = json.dumps({"__type": error_type, "ErrorCode": "detail", "Message": "no such gateway"})
    server = canned(lambda request: Raw(body, status=400))
    code = f"""
      local ok, e = pcall(get_gateway, "{GATEWAY['GatewayArn']}")
      print(ok, e.code, e.message, e.operation, e.request_id, e.http_status, e.attempts)
    """
    result = remote(server.endpoint, code)
    # The message has the service's words, and what is plain from the ARN.
    elsewhere = f"The ARN is of us-east-1, and this session asks {REGION} (from --region): give --region us-east-1."
    assert result.stdout == (
        f"false\tResourceNotFoundException\tno such gateway. {elsewhere}\tGetGateway\t"
        "11111111-2222-3333-4444-555555555555\t400\t1\n"
    ), result.stderr


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "nonsense", '{"Gateway": []}', '{"Gateway": {"LastSeenTime": "soon"}}', '{"Gateway": 1}']
)
def test_an_answer_that_makes_no_sense_is_an_error_and_no_crash(canned, remote, body):
    server = canned(lambda request: Raw(body))
    result = remote(server.endpoint, get("print(type(gateway))"))
    assert result.code in (0, 1, 254, 255), result.stderr
    assert "Fatal error" not in result.stderr
