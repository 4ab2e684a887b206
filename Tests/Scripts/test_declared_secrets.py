# Secrets that a header declares with @secret: the operator is asked in its words, the service gets them, and the worker of
# shared code never has them. secret("…") itself is in test_secrets.py.
import json

import pexpect
import pytest

from canned_server import ACCOUNT, Raw
from moongate import BINARY, CREDENTIALS, PATIENCE

CANARY = "canary-secret-text"
ROTATE = """-- Rotates.
-- @secret password The vCenter's password
-- @allow UpdateHypervisor
local secret = secret("password")
print(secret, #tostring(secret))
"""
UPDATE = f'update_hypervisor("{ACCOUNT}:hypervisor/hype-12A3456B", {{ Password = secret, Host = "host" }})'


def rotated(moongate, server, code, *options):
    path = moongate.write("rotate.lua", ROTATE + code)
    return moongate(
        "--endpoint", server.endpoint, "--region", "us-east-1", "--allow", "UpdateHypervisor", *options, "--untrusted",
        "--secret", "password=env:PW", path, env={**CREDENTIALS, "PW": CANARY},
    )  # fmt: skip


def test_the_service_gets_a_secret_that_the_worker_never_has(moongate, canned):
    server = canned(lambda request: {"HypervisorArn": request.json["HypervisorArn"], "Echo": CANARY})
    code = f"print(json.encode((call('UpdateHypervisor', {{ HypervisorArn = {UPDATE}.HypervisorArn, Password = secret }}))))"
    result = rotated(moongate, server, code, "--debug", "--audit", "audit.log")
    assert result.code == 0, result.stderr
    assert [request.json["Password"] for request in server.requests] == [CANARY] * 2
    for text in (result.stdout, result.stderr, (moongate.folder / "audit.log").read_text()):
        assert CANARY not in text
    assert '"Echo":"•••"' in result.stdout


def test_an_error_that_repeats_a_secret_reaches_the_script_without_it(moongate, canned):
    error = json.dumps({"__type": "ValidationException", "message": f"password {CANARY} is too weak"}).encode()
    server = canned(lambda request: Raw(error, status=400))
    result = rotated(moongate, server, f"print(pcall(function() {UPDATE} end))")
    assert "password ••• is too weak" in result.stdout
    assert CANARY not in result.stdout + result.stderr


def test_a_secret_goes_only_where_the_model_keeps_it_secret(moongate, canned):
    server = canned(lambda request: {})
    result = rotated(moongate, server, UPDATE.replace('Password = secret, Host = "host"', "Host = secret"))
    assert result.code == 252
    assert "Host is not kept secret" in result.stderr
    assert server.requests == []


def test_shared_code_asks_for_declared_secrets_only(moongate, canned):
    server = canned(lambda request: {})
    result = rotated(moongate, server, "print(pcall(moongate.secret, 'pasword'))")
    assert "'pasword' is none of them; did you mean password?" in result.stdout
    path = moongate.write("rotate.lua", ROTATE)
    result = moongate("--local", "--untrusted", "--secret", "passwrd=env:PW", path, env={"PW": CANARY})
    assert (result.code, result.stdout) == (252, "")
    assert "declares no such one; did you mean password?" in result.stderr
    result = moongate("--local", "--untrusted", path)
    assert result.code == 251
    assert "give it as --secret password=@FILE" in result.stderr


@pytest.mark.parametrize("options", [[], ["--untrusted"]], ids=["own", "shared"])
def test_the_operator_is_asked_with_the_headers_words(moongate, options):
    path = moongate.write("rotate.lua", ROTATE)
    shell = pexpect.spawn(
        str(BINARY), ["--local", *options, str(path)], cwd=str(moongate.folder), env=moongate.environment(), encoding="utf-8",
        timeout=PATIENCE,
    )  # fmt: skip
    shell.expect(r"password \(The vCenter's password\): ")
    shell.sendline(CANARY)
    shell.expect(r"•••\s+9")
    shell.expect(pexpect.EOF)
    shell.close()
    assert shell.exitstatus == 0
    assert CANARY not in shell.before
