# Where keys come from besides variables and files, through the binary: which key signs the request at the service, and
# what is said when there is none. Metadata services, portal and sign-in are servers on loopback.
import hashlib
import json
import os
import socket
import stat
import threading
import time

import pexpect
import pytest

from canned_server import GATEWAY, Raw, one_gateway
from moongate import BINARY, PATIENCE
from signing import verify

CODE = f'print(get_gateway("{GATEWAY["GatewayArn"]}").GatewayDisplayName)'
SECRET = "source-secret"
REGION = "eu-central-1"


def document(key, token="Token", **members):
    """Keys as metadata services and processes write them."""
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    return {"AccessKeyId": key, "SecretAccessKey": SECRET, token: "source-token", "Expiration": end, **members}


class Setup:
    """The command with ~/.aws/config, against a service that answers, with no key in its environment."""

    def __init__(self, moongate, service):
        self.moongate = moongate
        self.service = service
        self.aws = moongate.home / ".aws"
        self.aws.mkdir()

    def config(self, text):
        (self.aws / "config").write_text(text)

    def script(self, name, text):
        path = self.moongate.folder / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def environment(self, **variables):
        return self.moongate.environment({"AWS_REGION": REGION, **variables})

    def run(self, **variables):
        return self.moongate(
            "--endpoint", self.service.endpoint, "-e", CODE, env={"AWS_REGION": REGION, **variables}
        )

    def assert_signed_with(self, key, result):
        assert (result.code, result.stdout) == (0, "dc1-gateway\n"), result.stderr
        (request,) = self.service.requests
        verify(request, SECRET, REGION, endpoint=self.service.endpoint, access_key=key, token="source-token")

    def assert_refused(self, result, *words):
        """An error about credentials, with nothing sent and nothing secret said."""
        assert result.code == 253, result.stderr
        assert self.service.requests == []
        for word in words:
            assert word in result.stderr
        for secret in (SECRET, "source-token"):
            assert secret not in result.stdout + result.stderr


@pytest.fixture
def setup(moongate, canned):
    return Setup(moongate, canned(one_gateway()))


# credential_process


def process_config(setup, body, rest=""):
    path = setup.script("keys.sh", f"#!/bin/sh\n{body}\n")
    setup.config(f"[default]\ncredential_process = {path} {rest}\n")


def printing(**members):
    return "cat <<'END'\n" + json.dumps(document("PROCESSKEY", "SessionToken", Version=1, **members)) + "\nEND"


def test_a_process_gives_the_keys_and_its_messages_are_shown(setup):
    process_config(setup, "echo 'touch your key' >&2\n" + printing(), "| cat")
    result = setup.run()
    setup.assert_signed_with("PROCESSKEY", result)
    assert result.stderr == "touch your key\n"


def test_a_process_has_the_operators_input(setup):
    process_config(setup, 'read -r line\n[ "$line" = open ] || exit 1\n' + printing())
    arguments = ("--endpoint", setup.service.endpoint, "-e", CODE)
    result = setup.moongate(*arguments, env={"AWS_REGION": REGION}, stdin=b"open\n")
    setup.assert_signed_with("PROCESSKEY", result)


@pytest.mark.parametrize(
    "body, words",
    [
        (printing() + "\nexit 9", ["it ended with exit code 9"]),
        ("kill -9 $$", ["it ended with exit code 137"]),
        ("echo source-token", ["not one JSON object"]),
        ("yes source-token", ["more than 64 KiB"]),
        (printing(Expiration="2016-01-01T00:00:00Z"), ["ended already, at 2016-01-01T00:00:00Z"]),
    ],
)
def test_a_process_that_fails_is_told_without_its_output(setup, body, words):
    process_config(setup, body)
    setup.assert_refused(setup.run(), "credential_process of profile 'default' (~/.aws/config:2)", *words)


def test_a_process_may_ask_at_the_terminal(setup):
    """It would be stopped there, did it not get the terminal's foreground; afterwards Moongate has it back."""
    process_config(setup, "printf 'PIN? ' >/dev/tty\nread -r pin </dev/tty\n[ $pin = 1234 ] || exit 1\n" + printing())
    terminal = pexpect.spawn(
        str(BINARY), ["--endpoint", setup.service.endpoint, "-e", CODE + ' print("read", io.read())'],
        env=setup.environment(), cwd=setup.moongate.folder, encoding="utf-8", timeout=PATIENCE)  # fmt: skip
    try:
        terminal.expect_exact("PIN? ")
        terminal.sendline("1234")
        terminal.expect_exact("dc1-gateway")
        terminal.sendline("more")
        terminal.expect(r"read\s+more")
        terminal.expect(pexpect.EOF)
    finally:
        terminal.close(force=True)
    assert len(setup.service.requests) == 1


def test_ctrl_c_at_the_terminal_ends_process_and_command(setup):
    process_config(setup, f"echo $$ >{setup.moongate.folder}/pid\nprintf 'PIN? ' >/dev/tty\nread -r pin </dev/tty")
    terminal = pexpect.spawn(
        str(BINARY), ["--endpoint", setup.service.endpoint, "-e", CODE],
        env=setup.environment(), cwd=setup.moongate.folder, encoding="utf-8", timeout=PATIENCE)  # fmt: skip
    try:
        terminal.expect_exact("PIN? ")
        terminal.sendintr()
        terminal.expect(pexpect.EOF)
    finally:
        terminal.close()
    assert 130 in (terminal.exitstatus, 128 + (terminal.signalstatus or 0))
    with pytest.raises(ProcessLookupError):
        os.kill(int((setup.moongate.folder / "pid").read_text()), 0)


# Containers


def test_a_container_gives_the_keys_for_its_token(setup, canned):
    token = setup.moongate.write("token", "first\n")
    container = canned(lambda request: document("CONTAINERKEY"))
    result = setup.run(
        AWS_CONTAINER_CREDENTIALS_FULL_URI=container.endpoint + "/v1/credentials?a=1",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token),
    )
    setup.assert_signed_with("CONTAINERKEY", result)
    (request,) = container.requests
    assert (request.method, request.path) == ("GET", "/v1/credentials?a=1")
    assert request.headers["Authorization"] == "first"
    assert request.headers["Accept"] == "application/json"


def test_a_container_that_fails_twice_is_asked_again(setup, canned):
    failures = [Raw("source-token", status=500), None]
    container = canned(lambda request: failures.pop() if failures else document("CONTAINERKEY"))
    setup.assert_signed_with("CONTAINERKEY", setup.run(AWS_CONTAINER_CREDENTIALS_FULL_URI=container.endpoint))
    assert len(container.requests) == 3


def test_a_container_without_keys_ends_the_search(setup, canned):
    container = canned(lambda request: Raw("source-token", status=404))
    result = setup.run(AWS_CONTAINER_CREDENTIALS_FULL_URI=container.endpoint)
    setup.assert_refused(result, "HTTP 404", "AWS_CONTAINER_CREDENTIALS_FULL_URI")


def test_another_host_is_not_asked_in_clear_text(setup):
    result = setup.run(AWS_CONTAINER_CREDENTIALS_FULL_URI="http://keys.example.com/")
    setup.assert_refused(result, "Use https")


# Instance metadata


def instance(request):
    """IMDSv2: nothing without a token."""
    if request.method == "PUT":
        assert request.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600"
        return Raw("metadata-token")
    if request.headers["x-aws-ec2-metadata-token"] != "metadata-token":
        return Raw(status=401)
    if request.path == "/latest/meta-data/iam/security-credentials/":
        return Raw("web-server")
    return document("INSTANCEKEY", Code="Success", Type="AWS-HMAC")


def on_instance(endpoint, **variables):
    return {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint, **variables}


@pytest.mark.parametrize("slash", ["", "/"])
def test_an_instance_gives_its_roles_keys(setup, canned, slash):
    metadata = canned(instance)
    setup.assert_signed_with("INSTANCEKEY", setup.run(**on_instance(metadata.endpoint + slash)))
    assert [(request.method, request.path) for request in metadata.requests] == [
        ("PUT", "/latest/api/token"),
        ("GET", "/latest/meta-data/iam/security-credentials/"),
        ("GET", "/latest/meta-data/iam/security-credentials/web-server"),
    ]


def test_metadata_switched_off_is_not_asked(setup, canned):
    metadata = canned(instance)
    result = setup.run(**on_instance(metadata.endpoint, AWS_EC2_METADATA_DISABLED="True"))
    setup.assert_refused(result, "switched off by AWS_EC2_METADATA_DISABLED")
    assert metadata.requests == []


def test_a_service_that_says_nothing_is_not_waited_for_long(setup):
    """All sources are named, and a machine that is no instance does not stall (aws-cdk-cli issue 1327)."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        result = setup.run(**on_instance(f"http://127.0.0.1:{silent.getsockname()[1]}"))
        seconds = time.monotonic() - start
    words = ["AWS_ACCESS_KEY_ID", "profile 'default'", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "instance metadata"]
    setup.assert_refused(result, *words)
    # Two seconds, and a slow machine's start and end. Three attempts for each of three requests would be nine.
    assert seconds < 6


# IAM Identity Center

START_URL = "https://corp.awsapps.com/start"
SSO_CONFIG = f"""
[default]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin & more
[sso-session corp]
sso_start_url = {START_URL}
sso_region = {REGION}
"""


class IdentityCenter:
    """Portal and OIDC in one, and the token file of `aws sso login`."""

    def __init__(self, setup, canned):
        self.lock = threading.Lock()
        self.works_once = self.is_used = False
        self.server = canned(self.answer)
        self.path = setup.aws / "sso/cache" / (hashlib.sha1(b"corp").hexdigest() + ".json")
        self.path.parent.mkdir(parents=True)
        self.variables = {
            "AWS_ENDPOINT_URL_SSO": self.server.endpoint + "/portal",
            "AWS_ENDPOINT_URL_SSO_OIDC": self.server.endpoint + "/oidc",
        }
        setup.config(SSO_CONFIG)

    def write(self, seconds, **members):
        """The file, with a token that ends in so many seconds."""
        text = lambda seconds: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        token = {
            "startUrl": START_URL, "region": REGION, "accessToken": "old-token", "expiresAt": text(seconds),
            "clientId": "client", "clientSecret": "client-secret", "registrationExpiresAt": text(86_400),
            "refreshToken": "refresh-1", "future": {"kept": True}, **members,
        }  # fmt: skip
        self.path.write_text(json.dumps(token))

    def answer(self, request):
        if request.path == "/oidc/token":
            with self.lock:
                is_used, self.is_used = self.is_used and self.works_once, True
            if is_used or request.json["refreshToken"] != "refresh-1":
                return Raw('{"error":"invalid_grant"}', status=400)
            return {"accessToken": "new-token", "expiresIn": 28_800, "refreshToken": "refresh-2"}
        assert request.path == "/portal/federation/credentials?role_name=Admin%20%26%20more&account_id=123456789012"
        if request.headers["x-amz-sso_bearer_token"] not in ("old-token", "new-token"):
            return Raw('{"message":"Session token not found or invalid"}', status=401)
        keys = {
            "accessKeyId": "SSOKEY", "secretAccessKey": SECRET, "sessionToken": "source-token",
            "expiration": int(time.time() + 3600) * 1000,
        }  # fmt: skip
        return {"roleCredentials": keys}


@pytest.fixture
def identity_center(setup, canned):
    return IdentityCenter(setup, canned)


def test_a_token_gives_the_roles_keys(setup, identity_center):
    identity_center.write(7200)
    before = identity_center.path.read_bytes()
    setup.assert_signed_with("SSOKEY", setup.run(**identity_center.variables))
    assert identity_center.path.read_bytes() == before
    assert len(identity_center.server.requests) == 1


def test_a_token_near_its_end_is_renewed_for_all_tools(setup, identity_center):
    identity_center.write(60)
    setup.assert_signed_with("SSOKEY", setup.run(**identity_center.variables))
    file = json.loads(identity_center.path.read_text())
    assert (file["accessToken"], file["refreshToken"]) == ("new-token", "refresh-2")
    assert file["future"] == {"kept": True}
    assert stat.S_IMODE(identity_center.path.stat().st_mode) == 0o600
    assert [path.name for path in identity_center.path.parent.iterdir()] == [identity_center.path.name]


def test_a_token_that_is_over_says_how_to_sign_in(setup, identity_center):
    identity_center.write(-60, refreshToken="used-up")
    result = setup.run(**identity_center.variables)
    setup.assert_refused(result, "invalid_grant", "Run: aws sso login --profile default")
    for secret in ("old-token", "used-up", "client-secret"):
        assert secret not in result.stderr


def test_nobody_signed_in_says_how_to(setup, identity_center):
    setup.assert_refused(setup.run(**identity_center.variables), "Run: aws sso login --profile default")


def test_two_commands_with_one_refresh_token_both_succeed(setup, identity_center):
    """The refresh token works once; who comes second takes what the first one wrote (aws-cli issue 7656)."""
    identity_center.works_once = True
    identity_center.write(-60)
    both = [
        setup.moongate.start(
            "--endpoint", setup.service.endpoint, "-e", CODE,
            env={"AWS_REGION": REGION, **identity_center.variables},
        )
        for _ in range(2)
    ]  # fmt: skip
    results = [process.communicate(timeout=PATIENCE) for process in both]
    assert [out for out, _ in results] == [b"dc1-gateway\n"] * 2, results
    assert len(setup.service.requests) == 2


def test_debug_shows_no_token_and_no_key(setup, identity_center):
    """Requests and answers of portal and sign-in carry nothing but secrets."""
    identity_center.write(60)
    arguments = ("--debug", "--endpoint", setup.service.endpoint, "-e", CODE)
    result = setup.moongate(*arguments, env={"AWS_REGION": REGION, **identity_center.variables})
    assert result.code == 0, result.stderr
    assert "GetRoleCredentials" in result.stderr and "IAM Identity Center" in result.stderr
    for secret in ("old-token", "new-token", "refresh-1", "refresh-2", "client-secret", SECRET, "source-token"):
        assert secret not in result.stderr
