# One Ctrl-C stops a script, whatever it does; and memory has an end.
import os
import signal
import subprocess
import time

import pytest

from moongate import CREDENTIALS, read_line, shell_code
from sanitizers import needs_signals

# The product promises a second; this is what a debug build on a busy machine is given.
DEADLINE = 10

LOOPS = {
    "a loop": "while true do end",
    "a loop in a coroutine": "coroutine.wrap(function() while true do end end)()",
    "a coroutine that is resumed for ever":
        "local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end",
    "a loop that swallows errors": "while true do pcall(function() while true do end end) end",
    "a loop of failing calls": "while true do pcall(error, 'x') end",
    "a handler that loops": "xpcall(error, function() while true do end end)",
    "a sort": "local t = {} for i = 1, 1e5 do t[i] = i end while true do table.sort(t) end",
    "output": "while true do io.write('') end",
    "a pause": "sleep(1000)",
    "a pattern that doubles with each character": "string.find(('a'):rep(40), ('a?'):rep(40) .. ('a'):rep(40) .. 'b')",
    "a pattern over a long text": "string.find(('a'):rep(300000), '.-.-b')",
    "a substitution": "string.gsub(('a'):rep(300000), '.-.-b', '')",
    "an iterator of matches": "for _ in string.gmatch(('a'):rep(300000), '.-.-b') do end",
    "moving what is not there": "table.move({}, 1, 1 << 62, 2)",
    "removing from a length that is claimed by tables alone":
        "table.remove(setmetatable({}, { __len = function() return 1 << 62 end, __index = {}, __newindex = {} }), 1)",
    "inserting, with metamethods in C":
        "table.insert(setmetatable({}, { __len = function() return 1 << 62 end, __newindex = rawequal, __index = rawequal }), 1, 1)",
    "sorting what compares slowly":
        "local s, t = ('x'):rep(10000000), {} for i = 1, 100000 do t[i] = s end table.sort(t)",
    "compiling what a reader gives without end": "load(function() return 'x=1 ' end)",
    "compiling what takes quadratic time": "load('if x then ' .. ('elseif x then '):rep(300000) .. 'end')",
}  # fmt: skip


def interrupt(process):
    """Sends one SIGINT; status, stdout and stderr of the process."""
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    try:
        stdout, stderr = process.communicate(timeout=DEADLINE)
    finally:
        process.kill()
    print(f"stopped after {time.monotonic() - began:.3f} s")
    return shell_code(process.returncode), stdout.decode(), stderr.decode()


@needs_signals
@pytest.mark.parametrize("code", LOOPS.values(), ids=LOOPS.keys())
def test_one_interrupt_stops(moongate, code):
    process = moongate.start("--local", "-e", "io.stderr:write('running\\n') " + code)
    assert read_line(process, process.stderr) == "running\n"
    time.sleep(0.1)
    code, stdout, stderr = interrupt(process)
    assert (code, stdout) == (130, "")
    assert len(stderr.splitlines()) <= 1 and "Fatal error" not in stderr


def test_an_interrupt_while_a_script_is_loaded_is_not_lost(moongate):
    """What came between the handler's place and the first instruction was thrown away, and the script ran to its end."""
    moongate.write("long.lua", "x = 1\n" * 600_000 + "print('reached')")
    process = moongate.start("long.lua")
    while process.poll() is None and not caught(process.pid) & 1 << (signal.SIGINT - 1):
        time.sleep(0.001)
    assert interrupt(process) == (130, "", "moongate: interrupted\n")


def caught(pid):
    """The signals that a process has handlers for, a bit each."""
    with open(f"/proc/{pid}/status") as status:
        return int(next(line for line in status if line.startswith("SigCgt:")).split()[1], 16)


@needs_signals
def test_the_third_interrupt_ends_what_no_hook_can_reach(moongate):
    """In a finalizer, which only --trust allows, Lua looks at no hook."""
    code = "io.stderr:write('running\\n') setmetatable({}, { __gc = function() while true do end end }) collectgarbage()"
    process = moongate.start("--trust", "-e", code)
    assert read_line(process, process.stderr) == "running\n"
    time.sleep(0.3)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)  # two that come at once are one to the process
        assert process.poll() is None
    assert interrupt(process)[0] == 130


QUICK = {
    "repeating nothing": ("print(#string.rep('', 1 << 62))", "0\n"),
    "a long repetition": ("print(#('x'):rep(500 * 1000 * 1000))", "500000000\n"),
    "looking for a long text": ("print((('a'):rep(1000000)):find(('a'):rep(500000) .. 'b', 1, true))", "nil\n"),
}


@pytest.mark.parametrize("code, output", QUICK.values(), ids=QUICK.keys())
def test_what_looped_in_c_is_done_at_once(moongate, code, output):
    # Within the minute that each start has: the pages of 500 MB are had in a tenth of a second, or, where other programs
    # take the memory, in ten.
    result = moongate("-e", code)
    assert (result.code, result.stdout) == (0, output), result.stderr


def test_one_interrupt_stops_a_request_that_hangs(moongate, canned):
    def hang(request):
        server.closing.wait(60)

    server = canned(hang)
    process = moongate.start(
        "--endpoint", server.endpoint, "--region", "us-east-1", "-e", "pcall(list_gateways().first, list_gateways())",
        env=CREDENTIALS,
    )  # fmt: skip
    assert server.wait_for_requests(1)
    code, stdout, stderr = interrupt(process)
    assert (code, stdout) == (130, "")
    assert len(server.requests) == 1


@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_other_signals_end_it_too(moongate, number, status):
    process = moongate.start("--local", "-e", "io.stderr:write('running\\n') while true do end")
    read_line(process, process.stderr)
    process.send_signal(number)
    try:
        process.communicate(timeout=DEADLINE)
    finally:
        process.kill()
    assert shell_code(process.returncode) == status


BOMBS = {
    "doubling a string": "local s = 'x' while true do s = s .. s end",
    "one long string": "local s = ('x'):rep(1 << 40)",
    "a growing table": "local t = {} while true do t[#t + 1] = {} end",
}


@pytest.mark.parametrize("code", BOMBS.values(), ids=BOMBS.keys())
def test_memory_has_an_end(moongate, code):
    result = moongate("--local", "--max-memory", "64M", "-e", code)
    assert result.code in (1, 250)
    assert "not enough memory" in result.stderr or "too large" in result.stderr
    assert "Fatal error" not in result.stderr


def test_the_default_limit_holds(moongate):
    process = subprocess.Popen(
        moongate.command("--local", "-e", BOMBS["doubling a string"]), cwd=moongate.folder, env=moongate.environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )
    with process.stderr:
        assert b"not enough memory" in process.stderr.read()
    # Of this process alone: the largest child of the whole session may be another test's.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (1, 250)
    # In KiB; the limit is 1 GiB and a string is copied once while it grows.
    assert usage.ru_maxrss < 2 << 20


def test_a_script_may_go_on_after_it_ran_out_of_memory(moongate):
    code = f"print(pcall(function() {BOMBS['doubling a string']} end)) collectgarbage() print('and on')"
    result = moongate("--local", "--max-memory", "64M", "-e", code)
    assert (result.code, result.stdout) == (0, "false\tnot enough memory\nand on\n"), result.stderr


@pytest.mark.parametrize(
    "code",
    ["local function f() return f() + 1 end f()", "string.rep('x', 1e10):upper()", "error(setmetatable({}, {}))"],
)
def test_errors_of_the_language_are_no_crashes(moongate, code):
    result = moongate("--local", "-e", code)
    assert result.code in (1, 250)
    assert "Fatal error" not in result.stderr
