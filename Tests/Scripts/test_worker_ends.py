# Shared code is gone when it goes too far, and nothing that it does ends anything but its own run.
import os
import signal
import statistics
import time

import pytest

from moongate import CREDENTIALS, PATIENCE, SANITIZER, read_line, shell_code
from workers import GATEWAY, is_gone, needs_root, wait_until_gone, worker_of

# Limits


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("while true do end", id="loop"),
        pytest.param("while true do pcall(function() while true do end end) end", id="loop that catches"),
        pytest.param(
            'string.find(string.rep("a", 40), string.rep("a?", 40) .. string.rep("a", 40) .. "b")', id="pattern"
        ),
        pytest.param("sleep(60)", id="wait"),
        pytest.param("while true do sleep(0) end", id="waits"),
    ],
)
def test_the_time_limit_is_kept_from_outside(running, code):
    process = running(code, "--timeout", "1s")
    worker = worker_of(process)
    begin = time.monotonic()
    assert process.wait(PATIENCE) == 250
    took = time.monotonic() - begin
    assert is_gone(worker)
    assert process.stderr.read() == b"moongate: the snippet ran for more than 1s; --timeout or @limit time= raises that\n"
    assert took < 20


def test_computing_without_a_wait_has_a_limit_of_its_own(shared):
    result = shared("-- @limit busy=1s\nwhile true do end")
    assert result.code == 250
    assert "computed for more than 1s without waiting" in result.line()
    # A wait in between begins it anew.
    code = """-- @limit busy=1s
      local clock = os.clock
      for round = 1, 6 do
        local begin = clock()
        while clock() - begin < 0.4 do end
        sleep(0)
      end
      print("done")
    """
    assert shared(code).stdout == "done\n"


def test_output_has_a_limit(shared):
    result = shared('local line = string.rep("y", 1023) while true do print(line) end')
    assert result.code == 250
    assert len(result.stdout) == 8 << 20
    assert result.line() == "moongate: the snippet printed more than 8 MiB; --max-output raises that"
    result = shared('warn(string.rep("y", 5000))', "--max-output", "4K")
    assert result.code == 250
    result = shared('print(string.rep("y", 4095))', "--max-output", "4K")
    assert (result.code, len(result.stdout)) == (0, 4096)


def test_calls_have_a_limit(shared):
    code = f'-- @allow GetGateway\nfor i = 1, 501 do pcall(get_gateway, "{GATEWAY}") print(i) end'
    result = shared(code, "--local")
    assert result.code == 250
    assert result.stdout.splitlines()[-1] == "500"
    assert "made more than 500 calls" in result.line()
    result = shared(code, "--local", "--max-calls", "501")
    assert (result.code, result.stderr) == (0, "")


def test_memory_has_a_limit(shared):
    result = shared('local s = "x" while true do s = s .. s end')
    assert result.code == 250
    assert "not enough memory" in result.stderr
    code = "local t = {} for i = 1, 80 do t[i] = string.rep('x', 1 << 20) .. i end print(#t)"
    assert shared(code).code == 250
    assert shared(code, "--max-memory", "256M").stdout == "80\n"
    result = shared("-- @limit memory=256M\n" + code)
    assert result.stdout == "80\n"
    assert result.line().endswith("shared.lua raises its limits: memory 256 MiB")


# Ends


def test_a_limit_leaves_nothing_behind(running):
    process = running("while true do end", "--timeout", "1s")
    worker = worker_of(process)
    begin = time.monotonic()
    assert process.wait(PATIENCE) == 250
    assert is_gone(worker)
    assert time.monotonic() - begin < 20


def test_ctrl_c_ends_it(running):
    for code in ["sleep(60)", "while true do end", "while true do pcall(function() while true do end end) end"]:
        process = running(code)
        worker = worker_of(process)
        process.send_signal(signal.SIGINT)
        assert shell_code(process.wait(PATIENCE)) == 130
        assert process.stderr.read() == b"moongate: interrupted\n"
        assert is_gone(worker)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_the_worker_dies_with_its_host(running, number):
    process = running("while true do end")
    worker = worker_of(process)
    process.send_signal(number)
    process.wait(PATIENCE)
    wait_until_gone(worker, PATIENCE)


@needs_root
@pytest.mark.parametrize("number, text", [(signal.SIGSEGV, "crashed (signal 11, "), (signal.SIGKILL, "was killed (signal 9)")])
def test_a_crash_ends_the_run_and_nothing_else(running, number, text):
    process = running("sleep(60)")
    os.kill(worker_of(process), number)
    assert process.wait(PATIENCE) == 250
    message = process.stderr.read().decode()
    if SANITIZER and number == signal.SIGSEGV:
        # A sanitizer catches that one itself, and its report is what comes first.
        assert message.endswith("nothing else is affected\n")
        return
    assert len(message.splitlines()) == 1
    assert text in message and message.endswith("nothing else is affected\n")


def test_a_reader_that_goes_ends_it_silently(moongate):
    moongate.write("flood.lua", "for i = 1, 1e6 do print(i) end")
    result = moongate.shell('"$MOONGATE" --untrusted ./flood.lua | head -1; echo ${PIPESTATUS[0]}')
    assert (result.stdout, result.stderr) == ("1\n141\n", "")


def test_a_reader_that_takes_nothing_does_not_keep_ctrl_c_away(running):
    """However long a reader takes, it is waited for; but not by somebody who wants to leave."""
    process = running('local line = string.rep("y", 1023) while true do print(line) end', "--max-output", "1G")
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert shell_code(process.wait(PATIENCE)) == 130


def test_a_reader_that_takes_its_time_does_not_stop_the_clock(running):
    """What nobody reads is not read from the worker either; the limits hold meanwhile."""
    process = running('local line = string.rep("y", 1023) while true do print(line) end', "--timeout", "1s", "--max-output", "1G")
    worker = worker_of(process)
    wait_until_gone(worker, PATIENCE)
    stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 250
    assert b"ran for more than 1s" in stderr
    assert len(stdout) < 4 << 20


def test_a_write_without_answer_is_told(moongate, canned):
    def answer(request):
        time.sleep(30)
        return {}

    server = canned(answer)
    script = moongate.write("shared.lua", f'-- @allow DeleteGateway\nprint("ready") delete_gateway("{GATEWAY}")')
    process = moongate.start(
        "--endpoint", server.endpoint, "--region", "us-east-1", "--allow", "DeleteGateway", "--untrusted", script, env=CREDENTIALS
    )  # fmt: skip
    try:
        read_line(process, process.stdout)
        deadline = time.monotonic() + PATIENCE
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert shell_code(process.returncode) == 130
    assert b"DeleteGateway was sent and has not been answered: its outcome is unknown" in stderr


# What it costs


def test_a_worker_costs_little_more_than_a_plain_run(moongate):
    """The figure is the benchmark's to print; this only notices when it is out by an order."""
    script = moongate.write("empty.lua", "")

    def median(*options):
        times = []
        for _ in range(7):
            begin = time.monotonic()
            assert moongate(*options, script).code == 0
            times.append(time.monotonic() - begin)
        return statistics.median(times)

    plain, locked = median(), median("--untrusted")
    print(f"a run {plain * 1000:.1f} ms, locked in {locked * 1000:.1f} ms")
    assert locked - plain < 1
