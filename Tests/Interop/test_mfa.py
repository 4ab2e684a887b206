# A role that wants the code of a multi-factor device: the operator is asked at the terminal, unseen, once.
import time
import urllib.parse

import pexpect
import pytest

from canned_server import GATEWAY, Raw, one_gateway
from moongate import BINARY, PATIENCE

CODE = f'print(get_gateway("{GATEWAY["GatewayArn"]}").GatewayDisplayName)'
DEVICE = "arn:aws:iam::123456789012:mfa/operator"
PROMPT = f"Code of the MFA device {DEVICE} for profile 'dev' (~/.aws/config:2): "


def keys_of_role(request):
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    return Raw(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>"
        "<SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken>"
        f"<Expiration>{end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        headers={"Content-Type": "text/xml"},
    )


class Setup:
    def __init__(self, moongate, service, sts):
        self.moongate = moongate
        self.service = service
        self.sts = sts
        aws = moongate.home / ".aws"
        aws.mkdir()
        (aws / "config").write_text(
            "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n"
            f"mfa_serial = {DEVICE}\n"
            "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base-secret\n"
        )
        self.arguments = ["--profile", "dev", "--endpoint", service.endpoint, "-e", CODE]
        self.variables = {"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL_STS": sts.endpoint}

    def terminal(self):
        return pexpect.spawn(
            str(BINARY), self.arguments, env=self.moongate.environment(self.variables), cwd=self.moongate.folder,
            encoding="utf-8", timeout=PATIENCE, dimensions=(24, 200),
        )  # fmt: skip

    def forms(self):
        return [dict(urllib.parse.parse_qsl(request.body.decode())) for request in self.sts.requests]


@pytest.fixture
def setup(moongate, canned):
    return Setup(moongate, canned(one_gateway()), canned(keys_of_role))


def test_the_code_is_asked_for_unseen_and_sent(setup):
    terminal = setup.terminal()
    try:
        terminal.expect_exact(PROMPT)
        terminal.sendline("123456")
        terminal.expect(pexpect.EOF)
        screen = terminal.before
    finally:
        terminal.close(force=True)
    assert "dc1-gateway" in screen
    assert "123456" not in screen
    assert terminal.exitstatus == 0
    (form,) = setup.forms()
    assert (form["SerialNumber"], form["TokenCode"]) == (DEVICE, "123456")
    (request,) = setup.service.requests
    assert "Credential=ASIAROLE/" in request.headers["Authorization"]


def test_no_answer_is_no_request(setup):
    terminal = setup.terminal()
    try:
        terminal.expect_exact(PROMPT)
        terminal.sendeof()
        terminal.expect(pexpect.EOF)
        screen = terminal.before
    finally:
        terminal.close(force=True)
    assert "No code was given for profile 'dev'" in " ".join(screen.split())
    assert terminal.exitstatus == 253
    assert setup.sts.requests == setup.service.requests == []


def test_ctrl_c_at_the_prompt_ends_the_run(setup):
    terminal = setup.terminal()
    try:
        terminal.expect_exact(PROMPT)
        terminal.sendintr()
        terminal.expect(pexpect.EOF)
    finally:
        terminal.close(force=True)
    assert terminal.exitstatus == 130
    assert setup.sts.requests == setup.service.requests == []


def test_where_there_is_no_terminal_it_is_said(setup):
    result = setup.moongate(*setup.arguments, env=setup.variables)
    assert result.code == 253
    assert f"wants a code of the device {DEVICE}, and there is no terminal to ask on" in result.line()
    assert setup.sts.requests == setup.service.requests == []
