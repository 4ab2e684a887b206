# What several files of tests share: code of somebody else's, a registry of a team, somebody who publishes there, and somebody
# who takes snippets from it.
import pytest

from moongate import read_line
from people import Person


@pytest.fixture
def shared(moongate):
    """shared(code, *options): runs the code as somebody else's."""

    def run(code, *options, arguments=(), env=None, **rest):
        script = moongate.write("shared.lua", code)
        return moongate(*options, "--untrusted", script, *arguments, env=env, **rest)

    return run


@pytest.fixture
def running(moongate):
    """running(code, *options): starts the code as somebody else's; it has printed a line when this returns."""
    processes = []

    def start(code, *options, env=None):
        script = moongate.write("shared.lua", f'print("ready")\n{code}')
        processes.append(moongate.start(*options, "--untrusted", script, env=env))
        assert read_line(processes[-1], processes[-1].stdout) == "ready\n"
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def team(tmp_path):
    folder = tmp_path / "team"
    folder.mkdir()
    return folder


@pytest.fixture
def alice(tmp_path, team):
    return Person(tmp_path / "alice", team=team)


@pytest.fixture
def bob(tmp_path, team):
    return Person(tmp_path / "bob", team=team)
