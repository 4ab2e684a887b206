# One Ctrl-C stops a script, whatever it does; and memory has an end.
import resource
import signal
import time

import pytest

from moongate import CREDENTIALS, read_line, shell_code

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


@pytest.mark.parametrize("code", LOOPS.values(), ids=LOOPS.keys())
def test_one_interrupt_stops(moongate, code):
    process = moongate.start("--local", "-e", "io.stderr:write('running\\n') " + code)
    assert read_line(process, process.stderr) == "running\n"
    time.sleep(0.1)
    code, stdout, stderr = interrupt(process)
    assert (code, stdout) == (130, "")
    assert len(stderr.splitlines()) <= 1 and "Fatal error" not in stderr


def test_the_third_interrupt_ends_what_no_hook_can_reach(moongate):
    """A pattern that backtracks without end runs in C; Lua looks at no hook there."""
    process = moongate.start("-e", "io.stderr:write('running\\n') string.find(('a'):rep(40), ('a-'):rep(30) .. 'b')")
    assert read_line(process, process.stderr) == "running\n"
    time.sleep(0.3)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)  # two that come at once are one to the process
        assert process.poll() is None
    assert interrupt(process)[0] == 130


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
    result = moongate("--local", "-e", BOMBS["doubling a string"])
    assert result.code in (1, 250)
    assert "not enough memory" in result.stderr
    # In KiB, of the largest child so far; the limit is 1 GiB and a string is copied once while it grows.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2 << 20


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
