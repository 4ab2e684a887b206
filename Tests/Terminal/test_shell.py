"""A session of the shell: interrupts, the window and jobs, terminals, what its history keeps. Typing is in test_typing.py."""

import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import time

import pexpect
import pytest

from terminal import BINARY, DEADLINE, PROMPT, status_of, type_block


# ---- Ctrl-C and Ctrl-D ----


def test_ctrl_c_clears_the_block_and_then_says_how_to_leave(screen):
    type_block(screen)
    screen.wait_rows(PROMPT + "for i = 1, 2 do", "  print('row', i)", "  end")
    screen.keys("C-c")
    screen.until(lambda: screen.rows()[-2:] == ["  end", PROMPT.strip()], "a fresh prompt below the block")
    assert "To leave" not in screen.text()
    screen.keys("C-c")
    screen.wait_rows("To leave, press Ctrl-D or type exit().", PROMPT.strip())
    screen.keys("Up", "C-d")
    screen.wait("EXIT=0")


def test_words_that_end_other_shells_say_how_to_leave_this_one(screen):
    for word in ("quit", "exit"):
        screen.line(word)
        screen.wait_rows(PROMPT + word, "To leave, press Ctrl-D or type exit().", PROMPT.strip())
    screen.line(".quit")
    screen.wait("there is no command .quit; did you mean .exit?")


def test_ctrl_c_stops_a_loop_and_the_session_goes_on(screen):
    screen.line("kept = 41")
    screen.line("while true do end")
    time.sleep(0.5)
    screen.keys("C-c")
    screen.line("print('kept', kept + 1)")
    screen.wait("kept    42")


def test_exit_gives_its_code(screen):
    screen.line("exit(7)")
    screen.wait("EXIT=7")


# ---- The window and jobs ----


def test_a_block_survives_resizes(screen):
    screen.line("if true then")
    screen.line("x = '" + "w" * 100 + "'")
    screen.type("end")
    sizes = [(60, 24), (40, 24), (100, 30), (50, 20), (120, 40), (30, 24), (90, 12), (45, 40), (70, 10), (80, 24)]
    for width, height in sizes:
        screen.resize(width, height)
        time.sleep(0.3)
    screen.wait_rows(PROMPT + "if true then", "  x = '" + "w" * 73, "w" * 27 + "'", "  end")
    screen.keys("Enter")
    screen.line("print('length', #x)")
    screen.wait("length  100")


def test_a_resize_in_the_middle_of_a_text_leaves_nothing_behind(screen):
    # A space stands in the last column of every row, in each of these widths.
    text = "x= '" + "a " * 60 + "'"
    screen.type(text)
    screen.tmux("send-keys", "-N", "30", "Left")
    # What is drawn while the window changes cannot be right: the terminal is the first to know its new size.
    screen.until(lambda: screen.cursor()[0] == (len(PROMPT + text) - 30) % 80, "the cursor in the middle")
    for width in (60, 100, 60, 80):
        screen.resize(width, 24)
        whole = PROMPT + text
        screen.wait_rows(*[whole[start : start + width].rstrip() for start in range(0, len(whole), width)])
        time.sleep(0.5)
        assert screen.text().count("us-east-1>") == 1, screen.text()


def test_a_small_window_is_enough(open_screen):
    screen = open_screen(width=20, height=5)
    screen.line(f"{shlex.quote(BINARY)} --local; echo EXIT=$?")
    screen.until(lambda: screen.rows()[-1] == ">", "the short prompt")
    screen.type("x = '" + "y" * 300 + "'")
    screen.keys("Enter")
    screen.line("print(#x)")
    screen.wait("300")
    screen.keys("C-d")
    screen.wait("EXIT=0")


def test_stop_and_foreground(screen):
    screen.line("do")
    screen.type("x = 1")
    for _ in range(3):
        # The terminal forgets what was typed and not read yet.
        screen.wait_rows(PROMPT + "do", "  x = 1")
        screen.keys("C-z")
        screen.until(lambda: screen.rows()[-1] == "bash$", "bash's prompt")
        screen.line("fg")
        screen.wait_rows(PROMPT + "do", "  x = 1")
    screen.type("23 print('x is', x) end")
    screen.keys("Enter")
    screen.wait("x is    123")


@pytest.mark.parametrize("number, code", [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)])
def test_a_signal_at_the_prompt_ends_in_order(screen, home, number, code):
    screen.line("before = 1")
    screen.type("half a line")
    screen.wait_rows(PROMPT + "half a line")
    os.kill(screen.process(), number)
    screen.wait(f"EXIT={code}")
    assert home.entries() == ["before = 1"]
    screen.line("echo visible")
    screen.wait_rows("bash$ echo visible", "visible", "bash$")


def test_a_terminal_that_goes_away_ends_the_session(home):
    """Without a controlling terminal there is no SIGHUP: the shell asked a terminal that was gone, over and over."""
    master, slave = os.openpty()
    process = subprocess.Popen(
        [BINARY, "--local"], env=home.environment(), stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    seen = b""
    while b"us-east-1" not in seen:
        seen += os.read(master, 4096)
    os.write(master, b"sleep '1s'\r")
    time.sleep(0.5)
    os.close(master)
    try:
        assert process.wait(DEADLINE) == 129
    finally:
        process.kill()


def test_the_terminal_is_as_it_was(open_screen):
    screen = open_screen()
    screen.line("stty -a > $HOME/before")
    for leave in ("C-d", None):
        screen.start()
        screen.line("print('some', 'work')")
        screen.wait("some    work")
        screen.keys(leave) if leave else os.kill(screen.process(), signal.SIGTERM)
        screen.wait("EXIT=")
        screen.line("stty -a | cmp - $HOME/before && echo 'as it' was")
        screen.wait("as it was")
        screen.keys("C-l")


# ---- Terminals and locales ----


@pytest.mark.parametrize("changes", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_no_colour_where_none_is_wanted(home, changes):
    child = pexpect.spawn(
        BINARY, ["--local"], env=home.environment(**changes), timeout=DEADLINE, encoding="utf-8", dimensions=(24, 80))
    child.expect_exact(PROMPT)
    before = child.before
    child.send("print('dumb', 'works')\r")
    child.expect_exact("dumb\tworks")
    child.send("\x04")
    rest = child.read()
    assert not re.search("\x1b\\[[0-9;]*m", before)
    if changes.get("TERM") == "dumb":
        assert "\x1b" not in before + rest
    child.close()
    assert child.exitstatus == 0


def test_the_c_locale_works(open_screen):
    screen = open_screen(LC_ALL="C")
    screen.start()
    screen.line("print('é漢', 1)")
    screen.wait("é漢")
    screen.keys("C-d")
    screen.wait("EXIT=0")


def test_a_terminal_without_a_name_is_a_plain_one(home):
    environment = home.environment()
    del environment["TERM"]
    child = pexpect.spawn(BINARY, ["--local"], env=environment, timeout=DEADLINE, encoding="utf-8", dimensions=(24, 80))
    child.expect_exact(PROMPT)
    child.send("print('no', 'name')\r")
    child.expect_exact("no\tname")
    child.send("\x04")
    rest = child.before + child.read()
    assert "\x1b" not in rest
    child.close()
    assert child.exitstatus == 0


def test_a_closed_input_is_told(open_screen):
    screen = open_screen()
    screen.line(f"{shlex.quote(BINARY)} --local <&-; echo EXIT=$?")
    screen.wait("moongate: cannot read script '-': Bad file descriptor", "EXIT=252")


def test_a_script_may_name_the_shell_as_its_interpreter(home):
    script = home.path / "count.lua"
    script.write_text("#!/usr/bin/env -S moongate --local run\nprint('gateways', list_gateways():count())\n")
    script.chmod(0o755)
    folder = home.path / "bin"
    folder.mkdir()
    (folder / "moongate").symlink_to(BINARY)
    done = subprocess.run(
        [script], capture_output=True, text=True, timeout=DEADLINE,
        env=home.environment(PATH=f"{folder}:{os.environ['PATH']}"))
    assert (done.stdout, done.returncode) == ("gateways\t3\n", 0), done.stderr


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_the_prompt_is_ready_without_the_network(home):
    log = home.path / "strace"
    child = pexpect.spawn(
        "strace", ["-f", "-qq", "-e", "trace=socket,connect,sendto,sendmsg", "-o", str(log), BINARY],
        env=home.environment(AWS_REGION="eu-central-1", AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY="x"),
        timeout=DEADLINE, encoding="utf-8", dimensions=(24, 80))
    child.expect(">(\x1b\\[0m)? ")
    for text in ("get_gateway{", "}\x7f\x7f", "\x15", "print('a line', 'ran')\r"):
        child.send(text)
        time.sleep(0.2)
    child.expect_exact("a line\tran")
    child.send("\x04")
    assert status_of(child) == 0
    assert "AF_INET" not in log.read_text()


def test_without_a_terminal_there_is_no_shell(home):
    done = subprocess.run(
        [BINARY, "--local"], input="print('from', 'a pipe')", capture_output=True, text=True,
        env=home.environment(), timeout=DEADLINE)
    assert "moongate local" not in done.stdout
    assert "from\ta pipe" in done.stdout


# ---- What a typed line may do ----


@pytest.mark.parametrize(
    "options, outcome, name",
    [([], "HypervisorArn", "new-name"), (["--read-only"], "UpdateHypervisor: ReadOnly: ", "vcenter-zurich")],
)
def test_a_typed_line_may_write_unless_nothing_may(home, options, outcome, name):
    child = pexpect.spawn(
        BINARY, ["--local", *options], env=home.environment(TERM="dumb"), timeout=DEADLINE, encoding="utf-8",
        dimensions=(24, 200))
    child.expect_exact(PROMPT)
    child.send("update_hypervisor(list_hypervisors():first(), { Name = 'new-name' })\r")
    child.expect_exact(outcome)
    child.expect_exact(PROMPT)
    child.send("print('it is ' .. list_hypervisors():first().Name)\r")
    child.expect_exact("it is " + name)
    child.expect_exact(PROMPT)
    child.send("\x04")
    child.read()
    child.close()
    assert child.exitstatus == 0


# ---- History ----


def test_secrets_are_recalled_and_not_written(screen, home):
    lines = ["password = 'hunter2'", "k = 'AKIAIOSFODNN7EXAMPLE'", "plain = 1"]
    for line in lines:
        screen.line(line)
    screen.keys("Up", "Up", "Up")
    screen.wait_rows(PROMPT + lines[0])
    screen.keys("C-c", "C-d")
    screen.wait("EXIT=0")
    assert home.entries() == ["plain = 1"]
    assert stat.S_IMODE(home.history.stat().st_mode) == 0o600


def test_a_linked_history_is_refused_and_the_session_works(home, open_screen):
    home.history.parent.mkdir(parents=True)
    target = home.path / "target"
    target.write_text("untouched")
    home.history.symlink_to(target)
    screen = open_screen()
    screen.start()
    screen.wait("The history is not kept")
    screen.line("print('still', 'here')")
    screen.wait("still   here")
    assert target.read_text() == "untouched"


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, *sys.argv[1:]]))
