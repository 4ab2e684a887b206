# The shell as a person meets it: the real binary in a real terminal.
#
# tmux shows what the user sees, pexpect talks. Every session has a home of its own, and every wait a generous deadline,
# so that a slow machine fails nothing.
import importlib.machinery
import importlib.util
import json
import os
import shlex
import subprocess
import time
import uuid

import pexpect
import pytest

from moongate import ROOT, SANITIZER

BINARY = os.environ.get("MOONGATE_BINARY", "")
PROMPT = "moongate local/us-east-1> "
DEADLINE = 30


def script(name):
    """A Python program in scripts/, as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(ROOT / "scripts" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


class Home:
    """A private home, and the environment that goes with it."""

    def __init__(self, path):
        self.path = path
        self.history = path / "state" / "moongate" / "history"

    def environment(self, **changes):
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        return {
            **kept,
            **SANITIZER,
            "HOME": str(self.path),
            "XDG_CONFIG_HOME": str(self.path / "config"),
            "XDG_STATE_HOME": str(self.path / "state"),
            "XDG_DATA_HOME": str(self.path / "data"),
            "XDG_CACHE_HOME": str(self.path / "cache"),
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            **changes,
        }

    def entries(self):
        return [json.loads(line)["text"] for line in self.history.read_text().splitlines()]


class Screen:
    """The shell in a tmux window, started from an interactive bash so that jobs can be stopped."""

    def __init__(self, home, width=80, height=24, **changes):
        self.socket = "moongate-" + uuid.uuid4().hex[:12]
        self.home = home
        words = [f"{name}={value}" for name, value in home.environment(**changes).items()]
        self.tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height),
            "env", "-i", *words, "PS1=bash$ ", "bash", "--norc", "--noprofile", "-i")
        self.wait("bash$")

    def tmux(self, *words, text=None):
        return subprocess.run(
            ["tmux", "-u", "-L", self.socket, *words], capture_output=True, text=True, input=text, timeout=DEADLINE).stdout

    def start(self, options="--local", prompt=PROMPT):
        self.line(f"{shlex.quote(BINARY)} {options}; echo EXIT=$?")
        self.wait(prompt.strip(), last=True)

    def keys(self, *names):
        for name in names:
            self.tmux("send-keys", name)
            time.sleep(0.05)

    def type(self, text):
        # To tmux a semicolon at the end of a word ends the command.
        self.tmux("send-keys", "-l", "--", text[:-1] + "\\;" if text.endswith(";") else text)

    def line(self, text):
        self.type(text)
        self.keys("Enter")

    def paste(self, text):
        self.tmux("load-buffer", "-", text=text)
        self.tmux("paste-buffer", "-p", "-d")

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def text(self, escapes=False):
        return self.tmux("capture-pane", "-p", *(["-e"] if escapes else [])).rstrip("\n")

    def rows(self):
        return [row.rstrip() for row in self.text().split("\n")]

    def cursor(self):
        x, y = self.tmux("display-message", "-p", "#{cursor_x},#{cursor_y}").strip().split(",")
        return int(x), int(y)

    def wait(self, *parts, last=False):
        """Waits until every part is on the screen, or, with `last`, until the last row is the one part."""
        return self.until(
            lambda: self.rows()[-1] == parts[0] if last else all(part in self.text() for part in parts), parts)

    def wait_rows(self, *rows):
        """Waits until these are the last rows."""
        return self.until(lambda: self.rows()[-len(rows):] == list(rows), rows)

    def until(self, condition, what):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if condition():
                return self.text()
            time.sleep(0.05)
        pytest.fail(f"not on the screen within {DEADLINE} s: {what!r}\n{self.text()}")

    def process(self):
        """The shell's process id, found below the window's bash."""
        pane = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        children = subprocess.run(["ps", "--ppid", pane, "-o", "pid="], capture_output=True, text=True).stdout.split()
        assert len(children) == 1, children
        return int(children[0])

    def close(self):
        self.tmux("kill-server")


def type_block(screen):
    """A block of three rows, which runs when Enter is pressed."""
    screen.line("for i = 1, 2 do")
    screen.line("print('row', i)")
    screen.type("end")


def talk(home, dimensions=(24, 80), options=(), **changes):
    child = pexpect.spawn(
        BINARY, ["--local", *options], env=home.environment(**changes), dimensions=dimensions, timeout=DEADLINE, encoding="utf-8")
    child.expect(">(\x1b\\[0m)? ")
    return child


def status_of(child):
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus
