# Faults of the machine: its disk, its clock, calls that are cut short, the files that are there already. Its memory is in
# test_load.py.
import json
import os
import re
import subprocess
import time

import pytest

from machine import COUNT, Pty, small_disk, unlucky
from moongate import BINARY, PATIENCE, read_line
from terminal import PROMPT, Home

TAG = """
  local arn = list_gateways():first().GatewayArn
  local done, failed = 0, 0
  for i = 1, %d do
    local ok, e = pcall(tag_resource, arn, { Tags = {{ Key = "k" .. i %% 40, Value = ("x"):rep(200) .. i }} })
    if ok then done = done + 1 else failed = failed + 1 last = e end
  end
  print(done, failed, last and last.code)
"""


# MARK: The local gateway's disk


def test_a_full_disk_of_the_local_gateway(moongate, tmp_path):
    """Errors while nothing fits, and then all that was answered is there and writing works again."""
    with small_disk(tmp_path / "disk", "300k") as disk:
        process = subprocess.Popen(
            [*disk.command, BINARY, "serve", "--port", "0", "--data", disk.inside / "data", "--seed", "empty"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=moongate.environment(),
        )  # fmt: skip
        try:
            ready = json.loads(read_line(process, process.stdout))
            environment = {
                "AWS_ACCESS_KEY_ID": ready["access_key_id"], "AWS_SECRET_ACCESS_KEY": ready["secret_access_key"],
                "AWS_REGION": ready["region"], "AWS_MAX_ATTEMPTS": "1",
            }  # fmt: skip

            def run(code):
                result = moongate(
                    "--allow", "CreateGateway", "--allow", "TagResource", "--endpoint", ready["endpoint"], "-e", code,
                    env=environment,
                )  # fmt: skip
                assert result.code == 0, result
                return result.stdout.split()

            create = """
              local made, code = 0, nil
              for i = 1, %d do
                local ok, e = pcall(create_gateway, { ActivationKey = "AAAAA", GatewayDisplayName = "g" .. i, GatewayType = "BACKUP_VM" })
                if ok then made = made + 1 else code = e.code end
              end
              print(made, code)
            """
            assert run(create % 3) == ["3", "nil"]
            filler = disk.fill()
            made, code = run(create % 200)
            assert code == "InternalServerException", code
            assert run(COUNT) == [str(3 + int(made))]
            filler.unlink()
            assert run(create % 3) == ["3", "nil"]
            assert run(COUNT) == [str(6 + int(made))]
            process.terminate()
            assert process.wait(PATIENCE) == 0
            again = subprocess.run(
                [*disk.command, BINARY, "--local", "--data", disk.inside / "data", "-e", COUNT],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, env=moongate.environment(), timeout=PATIENCE,
            )  # fmt: skip
            assert (again.stdout, again.stderr) == (f"{6 + int(made)}\n", "")
        finally:
            process.kill()
            process.communicate()


def test_every_write_is_on_the_disk_before_it_is_answered(moongate, tmp_path, figure):
    """As the kernel saw it: each commit of twenty syncs what it wrote."""
    trace = tmp_path / "trace"
    process = subprocess.Popen(
        ["strace", "-f", "-e", "trace=fsync,fdatasync", "-o", trace, BINARY, "serve", "--port", "0", "--data",
         tmp_path / "data"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=moongate.environment(),
    )  # fmt: skip
    try:
        ready = json.loads(read_line(process, process.stdout))
        before = len(re.findall("sync", trace.read_text()))
        result = moongate(
            "--allow", "TagResource", "--endpoint", ready["endpoint"], "-e", TAG % 20,
            env={"AWS_ACCESS_KEY_ID": ready["access_key_id"], "AWS_SECRET_ACCESS_KEY": ready["secret_access_key"],
                 "AWS_REGION": ready["region"]},
        )  # fmt: skip
        assert result.stdout == "20\t0\tnil\n", result
        syncs = len(re.findall("sync", trace.read_text())) - before
    finally:
        # strace's own end does not end what it traces.
        subprocess.run(["pkill", "-P", str(process.pid)])
        process.kill()
        process.communicate()
    assert syncs >= 20
    figure("M42", f"{syncs} syncs for 20 writes")


@pytest.mark.parametrize(
    "content", [b"not a database", b"SQLite format 3\0" + b"x" * 50, b""], ids=["text", "a part of one", "nothing"]
)
def test_what_is_no_world_of_ours_is_refused_and_left_alone(moongate, tmp_path, content):
    data = tmp_path / "data"
    assert moongate("--local", "--data", data, "-e", COUNT).code == 0
    [store] = [path for path in data.iterdir() if path.read_bytes()[:6] == b"SQLite"]
    store.write_bytes(content)
    result = moongate("--local", "--data", data, "-e", COUNT)
    if not content:
        # A file of no bytes is what a crash leaves before the first one: nothing is lost by making it anew.
        assert result.code in (0, 253), result
        return
    assert result.code == 253 and str(store.name) in result.line(), result
    assert store.read_bytes() == content


# MARK: History


@pytest.fixture
def prompt(tmp_path):
    """A shell on a terminal, at its prompt: the terminal, and what it said before."""
    home, opened = Home(tmp_path / "home"), []

    def prompt(**changes):
        environment = home.environment(**changes)
        for name in [name for name, value in environment.items() if value is None]:
            del environment[name]
        terminal = Pty(["--local", "--no-color"], environment, tmp_path)
        opened.append(terminal)
        return terminal, terminal.wait_for(PROMPT).decode(errors="replace")

    prompt.home = home
    yield prompt
    for terminal in opened:
        terminal.close()


def works(terminal):
    terminal.send("print('wor' .. 'ks')\r")
    terminal.wait_for("works\r\n")
    terminal.wait_for(PROMPT)


def damage(path, how):
    path.parent.mkdir(parents=True)
    if how == "directory":
        path.mkdir()
    elif how == "FIFO":
        os.mkfifo(path)
    elif how == "symlink":
        path.with_name("target").write_text("precious\n")
        path.symlink_to("target")
    elif how == "1 GB":
        path.touch(mode=0o600)
        os.truncate(path, 1 << 30)
    elif how == "no UTF-8":
        path.write_bytes(b"\xff\xfe\n" * 1000)
    else:
        path.write_bytes(b'{"text":"half')


@pytest.mark.parametrize("how", ["directory", "FIFO", "symlink", "1 GB", "no UTF-8", "half a line"])
def test_a_history_that_is_none(prompt, how):
    """The session works, and what was there stays there."""
    path = prompt.home.history
    damage(path, how)
    terminal, said = prompt()
    works(terminal)
    terminal.send("\x1b[A\r")  # up, and again
    terminal.wait_for("works\r\n")
    terminal.wait_for(PROMPT)
    terminal.send(".history\r")
    terminal.wait_for(PROMPT)
    terminal.send("\x04")
    assert terminal.wait() == 0
    warnings = said.count("The history is not kept")
    assert warnings == (how in ("directory", "FIFO", "symlink"))
    if how == "symlink":
        assert path.with_name("target").read_text() == "precious\n" and path.is_symlink()
    if how in ("no UTF-8", "half a line"):
        assert b"'wor'" in path.read_bytes() and path.read_bytes()[:2] in (b"\xff\xfe", b'{"')


def test_a_history_that_somebody_holds_is_not_waited_for(prompt):
    """It was, for ever: a session that was stopped while it wrote, or a backup's lock, kept every prompt from coming back."""
    import fcntl

    terminal, _ = prompt()
    with open(prompt.home.history) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        terminal.send("print('wor' .. 'ks')\r")
        terminal.wait_for("works\r\n")
        said = terminal.wait_for(PROMPT, 15).decode()
    assert "The history is not kept from here on" in said and "is locked by another program" in said
    works(terminal)


def test_a_full_disk_of_the_history(tmp_path, prompt):
    """One warning, the session goes on, and what was in the file is in it."""
    with small_disk(tmp_path / "disk", "64k") as disk:
        home = Home(disk.inside)
        terminal = Pty(["--local"], home.environment(TERM="dumb"), tmp_path, prefix=disk.command)
        try:
            terminal.wait_for(PROMPT)
            works(terminal)
            history = disk.path / "state/moongate/history"
            before = history.read_bytes()
            disk.fill()
            with open(history, "ab") as file:  # its own block, too
                file.write(b"\n" * (-len(before) % 4096))
            full = history.read_bytes()
            terminal.send("print('wor' .. 'ks')\r")
            terminal.wait_for("works\r\n")
            assert b"The history is not kept from here on" in terminal.wait_for(PROMPT)
            terminal.send("print('wor' .. 'ks')\r")
            terminal.wait_for("works\r\n")
            assert b"history" not in terminal.wait_for(PROMPT)
            assert history.read_bytes() == full
        finally:
            terminal.close()


@pytest.mark.parametrize("home", [None, "/dev/null/nowhere", "/proc", ""], ids=["none", "nowhere", "read-only", "empty"])
def test_a_home_that_is_none(prompt, home):
    """None of these can be made, not even by root."""
    terminal, said = prompt(
        HOME=home, XDG_STATE_HOME=None, XDG_CONFIG_HOME=None, XDG_DATA_HOME=None, XDG_CACHE_HOME=None
    )
    assert said.count("The history is not kept") == (home in ("/dev/null/nowhere", "/proc"))
    works(terminal)
    terminal.send("\x04")
    assert terminal.wait() == 0


@pytest.mark.parametrize(
    "changes",
    [{"TERM": "dumb"}, {"LC_ALL": "C"}, {"LC_ALL": "xx_YY.nonsense"}, {"TERM": "nonsense"}, {"LC_ALL": None, "LANG": None}],
    ids=str,
)
def test_a_terminal_of_every_kind(prompt, changes):
    terminal, _ = prompt(**changes)
    works(terminal)


def test_a_terminal_one_column_wide(tmp_path):
    terminal = Pty(["--local", "--no-color"], Home(tmp_path / "home").environment(), tmp_path, rows=5, columns=1)
    try:
        time.sleep(1)
        terminal.send("exit(7)\r")
        assert terminal.wait() == 7
    finally:
        terminal.close()


def test_the_history_is_its_owners_alone(tmp_path):
    """Under a umask of 0, and where a file lies open to all already."""
    home = Home(tmp_path / "home")
    for exists in (False, True):
        if exists:
            home.history.chmod(0o644)
        terminal = Pty(["--local", "--no-color"], home.environment(), tmp_path, umask=0)
        try:
            terminal.wait_for(PROMPT)
            works(terminal)
            assert home.history.stat().st_mode & 0o777 == 0o600
        finally:
            terminal.close()


# MARK: Calls that are interrupted, and a clock that jumps


def test_calls_that_are_interrupted_and_cut_short(moongate, tmp_path):
    """One system call in three, in client and server alike."""
    bad = unlucky(tmp_path, UNLUCKY_IO="1")
    result = moongate("--local", "--data", tmp_path / "data", "-e", f"for i = 1, 20 do {COUNT} end", env=bad)
    assert (result.code, result.stdout, result.stderr) == (0, "3\n" * 20, "")
    result = moongate(
        "--local", "--data", tmp_path / "data", "--allow", "TagResource", "--audit", tmp_path / "log", "-e", TAG % 20,
        env=bad,
    )  # fmt: skip
    assert result.stdout == "20\t0\tnil\n", result
    assert all(json.loads(line) for line in (tmp_path / "log").read_text().splitlines())
    moongate.write("script.lua", "for i = 1, 200 do print(io.read(), ('x'):rep(1000)) end")
    result = moongate("script.lua", stdin=b"".join(b"line %d\n" % i for i in range(200)), env=bad)
    assert result.stdout == "".join(f"line {i}\t{'x' * 1000}\n" for i in range(200)), result.stderr
    result = moongate(
        "--grant", f"write={tmp_path}", "-e", f"output.csv({{{{a = ('x'):rep(100000)}}}}, {{'a'}}, {{to = '{tmp_path}/out'}})",
        env=bad,
    )  # fmt: skip
    assert result.code == 0 and (tmp_path / "out").read_text() == "a\n" + "x" * 100000 + "\n", result.stderr


def test_calls_of_the_prompt_that_are_interrupted(prompt, tmp_path):
    terminal, _ = prompt(**unlucky(tmp_path, UNLUCKY_IO="1"))
    for _ in range(20):
        works(terminal)
    assert len(prompt.home.entries()) == 20


@pytest.mark.parametrize("jump", ["-3600", "3600", "4000000000"], ids=["back", "on", "to the year 2153"])
def test_a_clock_that_jumps(moongate, tmp_path, jump):
    """Waits and limits go by a clock that does not."""
    bad = unlucky(tmp_path, UNLUCKY_CLOCK=jump)
    code = f"""
      sleep(0.3)
      {COUNT}
      local ok, e = pcall(wait_until, function() return false end, {{ every = 0.1, timeout = 0.5 }})
      print(e.code, tostring(now()):match("^%d%d%d%d%-") ~= nil)
    """
    began = time.monotonic()
    result = moongate("--local", "--timeout", "50s", "-e", code, env=bad)
    assert (result.code, result.stdout) == (0, "3\nWaitTimeout\ttrue\n"), result
    result = moongate("--timeout", "1s", "-e", "sleep(1000)", env=bad)
    assert result.code == 250, result
    assert time.monotonic() - began < 30
