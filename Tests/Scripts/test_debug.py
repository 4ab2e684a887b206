# --debug tells where everything came from and what was signed, sent and answered; it never tells a secret.
import pytest

from canned_server import Raw, one_gateway
from moongate import CREDENTIALS

TOKEN = "FwoGZXIvYXdzEBYaDTokenThatMustNotBeSeen"
GET = "print(get_gateway('arn:aws:backup-gateway:eu-central-1:123456789012:gateway/bgw-12345678').GatewayDisplayName)"


@pytest.fixture
def debug(moongate):
    def run(endpoint, **environment):
        return moongate(
            "--debug", "--endpoint", endpoint, "-e", GET,
            env={**CREDENTIALS, "AWS_SESSION_TOKEN": TOKEN, "AWS_REGION": "eu-central-1", **environment},
        )  # fmt: skip

    return run


def lines(result):
    text = result.stderr.splitlines()
    assert all(line.startswith("debug: ") for line in text[:-1]), result.stderr
    return [line.removeprefix("debug: ") for line in text]


def test_it_says_where_settings_and_keys_came_from(canned, debug):
    server = canned(one_gateway())
    told = lines(debug(server.endpoint, AWS_MAX_ATTEMPTS="5"))
    assert "region = eu-central-1 (from AWS_REGION)" in told
    assert f"endpoint = {server.endpoint}/ (from --endpoint)" in told
    assert "max_attempts = 5 (from AWS_MAX_ATTEMPTS)" in told
    assert any("signed with credentials …MPLE from environment variables" in line for line in told)


def test_it_shows_what_was_signed_and_how_the_call_went(canned, debug):
    answers = [Raw('{"__type":"ThrottlingException","message":"slow down"}', status=400)]
    server = canned(lambda request: answers.pop() if answers else one_gateway()(request))
    result = debug(server.endpoint)
    told = lines(result)
    assert result.stdout == "dc1-gateway\n"
    assert f"GetGateway: attempt 1 of 3: POST {server.endpoint}/" in told
    assert "  | x-amz-target:BackupOnPremises_v20210101.GetGateway" in told
    assert any(line.startswith("GetGateway: ThrottlingException after ") for line in told)
    assert any(line.startswith("GetGateway: sent again in ") for line in told)
    assert f"GetGateway: attempt 2 of 3: POST {server.endpoint}/" in told
    assert any(line.startswith("GetGateway: HTTP 200, ") for line in told)


@pytest.mark.parametrize(
    "answer",
    [
        one_gateway(),
        # A service that quotes what it was sent, as AWS does with a bad signature, and an answer nobody can read.
        lambda request: Raw(
            '{"__type":"InvalidSignatureException","message":"%s"}' % request.headers["X-Amz-Security-Token"],
            status=403,
        ),
        lambda request: Raw(f"<html>{request.headers['X-Amz-Security-Token']}", status=500),
    ],
)
def test_no_secret_is_told(canned, debug, answer):
    result = debug(canned(answer).endpoint, AWS_MAX_ATTEMPTS="1")
    assert result.stderr
    for secret in (TOKEN, CREDENTIALS["AWS_SECRET_ACCESS_KEY"]):
        assert secret not in result.stderr + result.stdout
    assert "Authorization" not in result.stderr


@pytest.mark.parametrize(
    "answer",
    [
        lambda body: Raw('{"__type":"ValidationException","message":"Value \'hunter2-Secret\' is bad"}', status=400),
        lambda body: Raw(b"<html>" + body, status=500),
    ],
)
def test_a_password_that_an_answer_repeats_is_not_told(canned, moongate, answer):
    """A service quoted the value it refused, and a proxy's page the whole request: the password stood in both."""
    server = canned(lambda request: answer(request.body))
    code = 'import_hypervisor_configuration{ Name = "n", Host = "h.example.com", Password = "hunter2-Secret" }'
    result = moongate(
        "--debug", "--endpoint", server.endpoint, "--region", "eu-central-1",
        "--allow", "ImportHypervisorConfiguration", "-e", code, env=CREDENTIALS,
    )  # fmt: skip
    assert result.code in (254, 255)
    assert len(server.requests) == 1
    assert "hunter2" not in result.stderr
    assert "•••" in result.stderr
