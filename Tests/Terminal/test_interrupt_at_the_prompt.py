"""One Ctrl-C returns to the prompt, whatever runs there; what was set stays, and so does the terminal."""

import re
import shlex
import time

import pexpect
import pytest

from canned_server import CannedServer, GATEWAY, Wire
from moongate import CREDENTIALS
from terminal import BINARY, DEADLINE

ARN = GATEWAY["GatewayArn"]

# What is under way when Ctrl-C is pressed. Each says `begun` first.
UNDER_WAY = {
    "a request that is never answered": f"print('begun') get_gateway('{ARN}')",
    "a page that never comes": "print('begun') for vm in list_virtual_machines() do end",
    "requests side by side": f"print('begun') parallel({{ 1, 2, 3 }}, function() return get_gateway('{ARN}') end)",
    "a request under pcall": f"print('begun') while true do pcall(get_gateway, '{ARN}') end",
    "a loop": "print('begun') while true do end",
    "a loop in a coroutine": "coroutine.wrap(function() print('begun') while true do end end)()",
    "a coroutine within a coroutine":
        "coroutine.wrap(function() coroutine.wrap(function() print('begun') while true do end end)() end)()",
    "a coroutine that yields for ever":
        "local c = coroutine.wrap(function() while true do coroutine.yield() end end) print('begun') while true do c() end",
    "a loop that swallows errors":
        "local function f() while true do end end print('begun') while true do pcall(f) end",
    "a loop of failing calls": "print('begun') while true do pcall(error, 'x') end",
    "an expensive pattern":
        "print('begun') string.find(('a'):rep(40), ('a?'):rep(40) .. ('a'):rep(40) .. 'b')",
    "a pause": "print('begun') sleep('1h')",
    "a wait": "print('begun') wait(function() return { State = 'OFF' } end, 1, { field = 'State', is = 'ON', every = '1h' })",
    "a wait for a task": "local t = spawn(function() while true do sleep('1h') end end) print('begun') t:wait()",
    "output without end": "print('begun') while true do io.write('') end",
    "showing what has no end":
        "print('begun') return setmetatable({}, { __tostring = function() while true do end end, __name = 'x' }), (function() while true do end end)()",
}  # fmt: skip


@pytest.fixture
def silent():
    """A service that takes every request and answers none."""
    server = CannedServer(lambda request: Wire(lambda connection, closing: closing.wait(DEADLINE * 4)))
    yield server
    server.close()


@pytest.fixture
def shell(home, silent):
    """The shell below a bash that tells the terminal's modes before and after."""
    command = f"{shlex.quote(BINARY)} --region us-east-1 --endpoint {silent.endpoint}"
    script = f"trap : INT; stty -a; {command}; echo EXIT=$?; stty -a; echo END"
    child = pexpect.spawn(
        "/bin/bash", ["--norc", "--noprofile", "-c", script],
        env=home.environment(**CREDENTIALS, AWS_MAX_ATTEMPTS="1", TERM="dumb"), dimensions=(24, 200),
        timeout=DEADLINE, encoding="utf-8")
    child.expect_exact("us-east-1> ")
    child.modes = modes_in(child.before)
    yield child
    child.close(force=True)


def modes_in(text):
    return re.findall(r"-?\b(?:icanon|isig|echo|icrnl|opost|ixon)\b", text)


def enter(child, line):
    """Types a line and Enter, which is ^M: ^J begins a new row."""
    child.send(line + "\r")


def leave(child):
    """Ctrl-D; the exit code, after a look at the modes."""
    child.send("\x04")
    child.expect(r"EXIT=(\d+)")
    code = int(child.match[1])
    child.expect_exact("END")
    assert modes_in(child.before) == child.modes
    return code


@pytest.mark.parametrize("line", UNDER_WAY.values(), ids=UNDER_WAY.keys())
def test_one_interrupt_returns_to_the_prompt_and_keeps_what_was_set(shell, silent, line):
    enter(shell, "kept = { 'still', 'here' }")
    shell.expect_exact("us-east-1> ")
    enter(shell, line)
    shell.expect_exact("\nbegun")
    if "get_gateway" in line or "list_" in line:
        assert silent.wait_for_requests(1, DEADLINE)
    time.sleep(0.1)
    began = time.monotonic()
    shell.send("\x03")
    shell.expect_exact("us-east-1> ")
    print(f"back at the prompt after {time.monotonic() - began:.3f} s")
    assert "interrupted" in shell.before
    enter(shell, "print(table.concat(kept, ' '))")
    shell.expect_exact("\nstill here")
    shell.expect_exact("us-east-1> ")
    assert leave(shell) == 0


def test_at_an_edited_prompt_it_clears_the_block_and_on_an_empty_one_says_how_to_leave(screen):
    screen.line("for i = 1, 2 do")
    screen.type("print(i)")
    screen.keys("C-c")
    screen.until(lambda: screen.rows()[-1] == "moongate local/us-east-1>", "an empty prompt")
    assert "To leave" not in screen.text()
    screen.keys("C-c")
    screen.wait("To leave, press Ctrl-D or type exit().")
    screen.line("print('nothing ' .. 'ran')")
    screen.wait("\nnothing ran")
    assert not any(row.strip() in ("1", "2") for row in screen.rows())
    screen.keys("C-d")
    screen.wait("EXIT=0")


def test_interrupts_one_after_another_are_one_each(shell):
    for _ in range(3):
        enter(shell, "print('begun') while true do end")
        shell.expect_exact("\nbegun")
        time.sleep(0.05)
        shell.send("\x03")
        shell.expect_exact("us-east-1> ")
    assert leave(shell) == 0


def test_a_terminal_that_ctrl_s_stopped_stays_so_until_ctrl_c(shell):
    enter(shell, "print('begun') sleep(0.5) print('shown')")
    shell.expect_exact("\nbegun")
    shell.send("\x13")
    assert shell.expect_exact([pexpect.TIMEOUT, "\nshown", "us-east-1> "], timeout=2) == 0
    shell.send("\x03")
    shell.expect_exact("us-east-1> ")
    enter(shell, "print('on')")
    shell.expect_exact("\non")
    assert leave(shell) == 0
