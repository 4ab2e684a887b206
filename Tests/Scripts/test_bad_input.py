# Bad input: each gives one clear line and its own exit code, never a crash.
import socket
import threading

import pytest

from canned_server import GATEWAY, Raw
from moongate import CREDENTIALS

ARN = GATEWAY["GatewayArn"]
LIST = "list_gateways():first()"


def clear(result, code, *words):
    """Asserts the exit code, and one line on stderr with all the words."""
    assert "Fatal error" not in result.stderr and ".swift" not in result.stderr
    line = result.line()
    missing = [word for word in words if word.lower() not in line.lower()]
    assert not missing, f"{missing} should stand in: {line}"
    assert (result.code, result.stdout) == (code, ""), line


# The session


def test_no_region(moongate):
    clear(moongate("-e", LIST, env=CREDENTIALS), 253, "region", "--region")


def test_no_region_although_there_is_an_endpoint(moongate):
    clear(moongate("--endpoint", "http://127.0.0.1:9", "-e", LIST, env=CREDENTIALS), 253, "region")


def test_no_credentials(moongate):
    result = moongate("--region", "us-east-1", "--endpoint", "http://127.0.0.1:9", "-e", LIST)
    clear(result, 253, "credentials")


def test_an_unknown_profile(moongate):
    aws = moongate.home / ".aws"
    aws.mkdir()
    (aws / "config").write_text("[profile production]\nregion = us-east-1\n")
    clear(moongate("--profile", "prodution", "-e", LIST), 253, "prodution", "profile")


def test_nothing_is_asked_of_the_session_before_the_first_call(moongate):
    """No region, no credentials: a script that calls nothing needs none."""
    result = moongate("-e", "print(1)")
    assert (result.code, result.stdout) == (0, "1\n")


def test_an_endpoint_that_is_no_url(moongate):
    result = moongate("--endpoint", "gopher://x", "--region", "us-east-1", "-e", LIST, env=CREDENTIALS)
    assert result.code in (252, 253)
    assert "gopher://x" in result.line()


@pytest.mark.parametrize("region", ["us-east-1.evil.example", "us east", "../x", "a" * 300])
def test_a_region_that_is_none(moongate, region):
    result = moongate("--region", region, "-e", LIST, env=CREDENTIALS)
    assert result.code in (252, 253)
    assert "region" in result.line().lower()


# The parameters


@pytest.mark.parametrize(
    "call, words",
    [
        ('get_gateway("bgw-12A3456B")', ["GatewayArn", "bgw-12A3456B"]),
        ('get_gateway("arn:aws:s3:::a-bucket-with-a-long-name/and-a-long-key-too")', ["GatewayArn"]),
        (f'get_virtual_machine("{ARN}")', ["ResourceArn"]),
        ("get_gateway()", ["GatewayArn", "required"]),
        ("get_gateway(nil)", ["GatewayArn"]),
        ("get_gateway(42)", ["GatewayArn"]),
        ("get_gateway{}", ["GatewayArn", "required"]),
        (f'get_gateway{{GatewayARN = "{ARN}"}}', ["GatewayARN", "GatewayArn"]),
        (f'list_virtual_machines{{HypervisorARN = "{ARN}"}}:first()', ["HypervisorARN", "HypervisorArn"]),
        ("list_virtual_machines{MaxResults = 0}:first()", ["MaxResults", "at least 1"]),
        ("list_virtual_machines{MaxResults = -3}:first()", ["MaxResults", "at least 1"]),
        ("list_virtual_machines{MaxResults = 1.5}:first()", ["MaxResults", "integer"]),
        ('list_virtual_machines{MaxResults = "5"}:first()', ["MaxResults", "integer"]),
        ("list_virtual_machines{MaxResults = 2^31}:first()", ["MaxResults"]),
        ("list_virtual_machines{MaxResults = 2^63}:first()", ["MaxResults"]),
        ("list_virtual_machines{MaxResults = 0/0}:first()", ["MaxResults"]),
        ("list_virtual_machines{MaxResults = math.huge}:first()", ["MaxResults"]),
        ("list_virtual_machines{MaxResults = {}}:first()", ["MaxResults", "integer"]),
        ("list_virtual_machines{5}:first()", []),
        ('list_virtual_machines{NextToken = ""}:first()', ["NextToken"]),
    ],
)  # fmt: skip
def test_parameters_are_refused_before_any_request(moongate, call, words):
    # Nothing listens on port 9, so a request that were sent all the same would end with 255.
    result = moongate(
        "--endpoint", "http://127.0.0.1:9", "--region", "us-east-1", "-e", call, env=CREDENTIALS
    )
    clear(result, 252, *words)


def test_a_float_with_a_whole_value_is_an_integer(moongate):
    assert moongate("--local", "-e", "list_virtual_machines{MaxResults = 5.0}:first()").code == 0


def test_an_unknown_global_suggests_the_nearest(moongate):
    result = moongate("--local", "-e", "get_gatway('x')")
    assert result.code == 1
    assert "get_gatway" in result.stderr and "get_gateway" in result.stderr


# The script


def test_a_script_that_does_not_exist(moongate):
    clear(moongate("missing.lua"), 252, "missing.lua", "no such file")


def test_a_folder_as_a_script(moongate):
    clear(moongate("./home"), 252, "./home", "directory")


def test_a_syntax_error(moongate):
    moongate.write("s.lua", "local x = 1\nif x then\nprint(x\n")
    clear(moongate("--local", "s.lua"), 1, "s.lua:", "near <eof>")


def test_a_syntax_error_on_the_command_line(moongate):
    clear(moongate("--local", "-e", "x ="), 1, "near <eof>")


@pytest.mark.parametrize("door", ["file", "pipe", "load"])
def test_bytecode(moongate, door):
    bytecode = b"\x1bLuaT\0\x19\x93\r\n\x1a\n\x04\x08\x08xV" + bytes(40)
    if door == "file":
        result = moongate("--local", moongate.write("s.lua", bytecode))
    elif door == "pipe":
        result = moongate("--local", "-", stdin=bytecode)
    else:
        result = moongate("--local", "-e", r"assert(load('\27LuaT'))")
    assert result.code == 1
    assert "binary" in result.stderr


# The other end


def test_a_resource_that_does_not_exist(moongate):
    result = moongate("--local", "-e", 'get_gateway("arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-0")')
    clear(result, 254, "ResourceNotFoundException", "GetGateway")


def test_nobody_listens(moongate):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        address = "127.0.0.1:%d" % unused.getsockname()[1]
        result = moongate(
            "--endpoint", f"http://{address}", "--region", "us-east-1", "-e", LIST, env=CREDENTIALS
        )
    clear(result, 255, address, "connect")


@pytest.mark.parametrize("status", [200, 502])
def test_a_server_that_answers_html(moongate, canned, status):
    page = Raw("<html><body>Please log in</body></html>", status, {"Content-Type": "text/html"})
    server = canned(lambda request: page)
    result = moongate("--endpoint", server.endpoint, "--region", "us-east-1", "-e", LIST, env=CREDENTIALS)
    clear(result, 255, "HTML", f"127.0.0.1:{server.port}")


def test_a_server_that_speaks_something_else(moongate):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        threading.Thread(target=answer, daemon=True).start()
        address = "127.0.0.1:%d" % server.getsockname()[1]
        result = moongate(
            "--endpoint", f"http://{address}", "--region", "us-east-1", "-e", LIST, env=CREDENTIALS
        )
    clear(result, 255, address)


def test_a_redirect_is_not_followed(moongate, canned):
    target = canned(lambda request: {"Gateways": []})
    server = canned(lambda request: Raw("", 307, {"Location": target.endpoint + "/"}))
    result = moongate("--endpoint", server.endpoint, "--region", "us-east-1", "-e", LIST, env=CREDENTIALS)
    assert result.code in (254, 255)
    assert target.requests == []


def test_a_page_token_that_comes_twice(moongate, canned):
    server = canned(lambda request: {"Gateways": [GATEWAY], "NextToken": "again"})
    result = moongate(
        "--endpoint", server.endpoint, "--region", "us-east-1", "-e", "list_gateways():count()", env=CREDENTIALS
    )
    assert result.code != 0
    assert "token" in result.line().lower()
    assert len(server.requests) <= 3


def test_no_secret_is_ever_printed(moongate, canned):
    server = canned(lambda request: Raw("{", 200))
    secret = CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
    result = moongate(
        "--endpoint", server.endpoint, "--region", "us-east-1", "-e", LIST,
        env={**CREDENTIALS, "AWS_SESSION_TOKEN": "session-token-canary"},
    )  # fmt: skip
    assert result.code == 255
    output = result.stdout + result.stderr
    assert secret not in output and "session-token-canary" not in output and "Signature=" not in output
