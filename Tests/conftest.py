# What every pytest part shares: the command with a home of its own, and one running local gateway.
import os

import pytest

from canned_server import CannedServer
from moongate import BINARY, Command, LocalGateway

# Nothing of the person who runs the tests may reach them: no AWS settings, no proxies.
for name in list(os.environ):
    if name.startswith("AWS_") or name.lower().endswith("_proxy"):
        del os.environ[name]


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"{BINARY} does not exist; build it or name another in MOONGATE_BINARY", returncode=2)


@pytest.fixture
def moongate(tmp_path):
    """Runs the command in an empty folder with an empty home: moongate("-e", code, env={...})."""
    return Command(tmp_path)


@pytest.fixture(scope="session")
def gateway():
    """A local gateway with the sample world. Tests only read from it, so they share it."""
    with LocalGateway("--ephemeral") as running:
        yield running


@pytest.fixture
def canned():
    """Starts a server that answers what the test says: canned(answer), or canned(answer, tls=context)."""
    servers = []

    def start(answer, **options):
        servers.append(CannedServer(answer, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
