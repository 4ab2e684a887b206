# What ends the program from outside, in everything that it may be doing: its code, its terminal, what it leaves.
import os
import signal
import time

import pytest

from canned_server import GATEWAY
from moongate import CREDENTIALS
from machine import Pty
from terminal import PROMPT, Home

PROMISED = 2  # seconds; a debug build on a busy machine is given more
DEADLINE = 15

WRITE = f'delete_gateway("{GATEWAY["GatewayArn"]}")'


def at_the_prompt(start, canned):
    terminal = start("--local", "--no-color")
    terminal.wait_for(PROMPT)
    return terminal


def running_at_the_prompt(start, canned):
    terminal = at_the_prompt(start, canned)
    terminal.send("io.stderr:write('run' .. 'ning') while true do end\r")
    terminal.wait_for("running")
    return terminal


def running(start, canned):
    terminal = start("-e", "io.stderr:write('running') while true do end")
    terminal.wait_for("running")
    return terminal


def waiting_for_an_answer(start, canned):
    server = canned(lambda request: server.closing.wait(60))
    terminal = start("--endpoint", server.endpoint, "--region", "us-east-1", "-e", "list_gateways():first()")
    assert server.wait_for_requests(1)
    return terminal


def asking(start, canned):
    server = canned(lambda request: {})
    terminal = start("--endpoint", server.endpoint, "--region", "us-east-1", "-e", WRITE)
    terminal.wait_for("[y")
    return terminal


def running_shared_code(start, canned):
    terminal = start("--untrusted", "shared.lua", files={"shared.lua": "print('running') while true do end"})
    terminal.wait_for("running")
    return terminal


def reading(start, canned):
    terminal = start("-e", "io.stderr:write('reading') io.read()")
    terminal.wait_for("reading")
    return terminal


def editing(start, canned):
    """It waited for the editor, however long that took."""
    terminal = start("--local", "--no-color", VISUAL="printf 'wait%s' ing; sleep 60; :")
    terminal.wait_for(PROMPT)
    terminal.send("x = 1\r")
    terminal.wait_for(PROMPT)
    terminal.send(".edit\r")
    terminal.wait_for("waiting")
    return terminal


SITUATIONS = [
    at_the_prompt, running_at_the_prompt, running, waiting_for_an_answer, asking, running_shared_code, reading, editing,
]  # fmt: skip
ENDS = {"SIGTERM": 143, "SIGHUP": 129, "hang up": 129}


@pytest.fixture
def start(moongate, tmp_path):
    """Starts the command on a terminal of its own."""
    home = Home(tmp_path / "home")
    (tmp_path / "run").mkdir(mode=0o700)
    started = []

    def start(*words, files=None, **changes):
        for name, text in (files or {}).items():
            moongate.write(name, text)
        environment = {**home.environment(**CREDENTIALS, XDG_RUNTIME_DIR=str(tmp_path / "run")), **changes}
        started.append(Pty(words, environment, tmp_path))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda function: function.__name__)
def test_it_ends(start, canned, tmp_path, figure, situation, end):
    terminal = situation(start, canned)
    time.sleep(0.1)
    began = time.monotonic()
    if end == "hang up":
        terminal.hang_up()
    else:
        terminal.process.send_signal(signal.Signals[end])
    code = terminal.wait(DEADLINE)
    took = time.monotonic() - began
    assert code == ENDS[end]
    while terminal.family() and time.monotonic() - began < DEADLINE:
        time.sleep(0.05)
    assert terminal.family() == []
    if end != "hang up":
        assert terminal.modes_are_as_before()
    # Nothing of what was edited stays behind, either.
    assert os.listdir(tmp_path / "run") == []
    figure("A111", f"{situation.__name__}, {end}: {took:.2f} s")
