# What keeps an operator from harm at the prompt: secrets stay out of every file, writes in production are asked about,
# nothing is written where nothing may be.
import os

import pexpect
import pytest

from canned_server import ACCOUNT, CannedServer
from moongate import CREDENTIALS
from terminal import BINARY, DEADLINE, PROMPT, talk, status_of

SECRETS = {
    "a password": 'import_hypervisor_configuration{ Name="rack", Host="vc.example.com", Username="root7", Password = "hunter2" }',
    "a key": 'x = "AKIAIOSFODNN7EXAMPLE"',
    "a space": " y = 'spaced'",
    "a slip of the pen": 'test_hypervisor_configuration{ Pasword = "hunter2" }',
    "a wrong type": 'test_hypervisor_configuration{ Password = { "hunter2" } }',
    "a syntax error": 'Password = "hunter2" oops "hunter2"',
    "no escape sequence": 'Password = "hunter2\\q"',
    "arithmetic": 'password = "hunter2" + 1',
}
WORDS = ["hunter2", "root7", "AKIAIOSFODNN7EXAMPLE", "spaced"]


def test_secrets_are_recalled_and_nowhere_written_down(open_screen, home):
    # What is told on stderr, --debug and errors, goes to a file here; on the screen stands what was typed.
    screen = open_screen(width=200, height=50)
    screen.line(f"{BINARY} --local --debug 2>{home.path}/errors; echo EXIT=$?")
    screen.wait(PROMPT.strip(), last=True)
    for number, line in enumerate(SECRETS.values()):
        screen.line(line)
        screen.line(f'print("line".."{number}")')
        screen.wait(f"line{number}")
    screen.keys("C-l")
    for line in reversed(SECRETS.values()):
        screen.keys("Up", "Up")
        screen.wait(PROMPT + line, last=True)
    screen.keys("C-c")
    screen.line("exit()")
    screen.wait("EXIT=0")
    files = [path for path in home.path.rglob("*") if path.is_file()]
    assert {"audit.log", "history", "errors"} <= {path.name for path in files}
    told = "".join(path.read_text(errors="replace") for path in files)
    assert "HTTP 200" in told and "invalid escape sequence" in told and "did you mean Password?" in told
    for word in WORDS:
        assert word not in told, told
