# The prompt, and what is meant to keep it from coming back.
import re
import time

import pytest

from attacks import ATTACKS, here
from machine import Pty
from terminal import PROMPT, Home


@pytest.fixture
def terminal(tmp_path):
    home = Home(tmp_path / "home")
    terminal = Pty(["--local", "--no-color"], home.environment(), tmp_path, rows=40)
    terminal.wait_for(PROMPT)
    yield terminal
    terminal.close()


def test_ctrl_c_to_the_prompt(terminal, figure):
    """A hundred times, of a loop, a loop that catches everything, a pattern, and a coroutine."""
    loops = [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "string.find(('a'):rep(40), ('a?'):rep(40) .. ('a'):rep(40) .. 'b')",
        "coroutine.wrap(function() while true do end end)()",
    ]
    took = []
    for loop in loops * 25:
        terminal.send(f"io.stderr:write('run' .. 'ning') {loop}\r")
        terminal.wait_for("running")
        time.sleep(0.02)
        began = time.monotonic()
        terminal.send("\x03")
        terminal.wait_for(PROMPT)
        took.append(time.monotonic() - began)
    took.sort()
    assert took[-1] < 10
    figure("G1", f"median {took[50] * 1000:.0f} ms, 99th of 100 {took[98] * 1000:.0f} ms")


@here
def test_hostile_values_are_shown_and_bounded(tmp_path, figure):
    """On a plain terminal, where nothing waits for a key between two screens. The last two are texts of 0.5 and 20 MB: a
    text that was asked for is shown whole there, and elsewhere paged."""
    source = (ATTACKS / "C07_hostile_values_to_print.lua").read_text()
    line = " ".join(row for row in source.splitlines() if not row.startswith("--"))
    line, *texts = re.split(r",\s*string\.rep\(", line)
    assert texts
    terminal = Pty(["--local"], Home(tmp_path / "home").environment(TERM="dumb"), tmp_path)
    try:
        terminal.wait_for(PROMPT)
        began = time.monotonic()
        terminal.send(line + "\r")
        shown = terminal.wait_for(PROMPT)
        took = time.monotonic() - began
        terminal.send("print('wor' .. 'ks')\r")
        terminal.wait_for("works\r\n")
    finally:
        terminal.close()
    # What was typed is echoed in front of it.
    assert 0 < len(shown) - len(line) < 64 << 10
    assert not re.search(rb"\x1b\[(2J|31m)", shown)
    assert took < 30
    figure("A14", f"{len(shown) - len(line) >> 10} KiB in {took:.2f} s")
