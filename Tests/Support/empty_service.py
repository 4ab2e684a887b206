# A script against a service that answers {}: what arrived there, and what was written down.
import json

import pytest

from moongate import CREDENTIALS


@pytest.fixture
def run(moongate, canned):
    """run(code or file, *options) against a service that answers {}; what arrived and what was written down."""
    server = canned(lambda request: {})

    def run(script, *options, arguments=(), env=None):
        words = [script] if script.endswith(".lua") else ["-e", script]
        return moongate(
            "--endpoint", server.endpoint, "--region", "us-east-1", *options, *words, *arguments,
            env={**CREDENTIALS, **(env or {})},
        )

    run.sent = lambda: [request.operation for request in server.requests]
    run.log = moongate.home / ".local/state/moongate/audit.log"
    run.lines = lambda: [json.loads(line) for line in run.log.read_text().splitlines()]
    run.write = moongate.write
    run.folder = moongate.folder
    run.home = moongate.home
    return run
