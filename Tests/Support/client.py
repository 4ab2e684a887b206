# The command as a client of a service that a test plays: what it is asked to call, and with what.
import pytest

from canned_server import GATEWAY
from faults import TOKEN, checked
from moongate import CREDENTIALS

REGION = "eu-central-1"
SECRET = CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
GET = f'print(get_gateway("{GATEWAY["GatewayArn"]}").GatewayDisplayName)'
GOOD = {"Gateway": GATEWAY}

OK = 0


def command(endpoint, code):
    return ["--endpoint", endpoint, "--region", REGION, "-e", code]


@pytest.fixture
def run(moongate):
    """Runs code against an endpoint with credentials from the environment, and two attempts a call."""

    def run(endpoint, code=GET, **environment):
        environment = {
            **CREDENTIALS,
            "AWS_SESSION_TOKEN": TOKEN,
            "AWS_MAX_ATTEMPTS": "2",
            **environment,
        }
        return checked(moongate(*command(endpoint, code), env=environment))

    return run
