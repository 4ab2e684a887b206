"""Typing, blocks, pastes, interrupts and terminals."""

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

from terminal import BINARY, DEADLINE, PROMPT, status_of, talk


# ---- Typing ----


def test_a_line_can_be_edited_before_it_runs(screen):
    screen.type("print('a', 1)")
    screen.keys("Left", "BSpace", "2", "Home")
    screen.type("x = 7; ")
    screen.keys("End", "Enter")
    screen.wait_rows(PROMPT + "x = 7; print('a', 2)", "a\t2".expandtabs(8), PROMPT.strip())


def test_a_local_is_there_on_the_next_lines(screen):
    for line in ["local n = 0", "function up() n = n + 1 end", "up() up()", "local n2 <const> = n * 10"]:
        screen.type(line)
        screen.keys("Enter")
    screen.type("print(n, n2, _G.n)")
    screen.keys("Enter")
    screen.wait("2\t20\tnil".expandtabs(8))
    screen.type("n2 = 1")
    screen.keys("Enter")
    screen.wait("attempt to assign to const variable 'n2'")


def test_words_and_rows_are_cut_and_put_back(screen):
    screen.type("print(1, 2)")
    screen.keys("C-u")
    screen.wait_rows(PROMPT.strip())
    screen.keys("C-y")
    screen.wait_rows(PROMPT + "print(1, 2)")
    screen.keys("Home", "M-d")
    screen.wait_rows(PROMPT + "(1, 2)")


def test_unknown_keys_type_nothing(screen):
    screen.keys("F5", "S-F3", "C-r", "C-v", "M-x", "M-3", "C-Space")
    screen.type("x = 1")
    screen.wait_rows(PROMPT + "x = 1")


def test_wide_characters_keep_the_cursor_in_its_place(screen):
    screen.type("x = '漢字é'")
    screen.keys("Left", "Left", "Left", "Left")
    screen.type("!")
    screen.wait_rows(PROMPT + "x = '!漢字é'")
    screen.until(lambda: screen.cursor()[0] == len(PROMPT) + len("x = '!"), "the cursor behind the mark")


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_the_echo_is_off_before_the_prompt_is_drawn(home):
    """libedit draws the prompt and then takes the terminal's echo away: what was typed in between stood there twice, and
    Ctrl-D was no key."""
    log = home.path / "strace"
    child = pexpect.spawn(
        "strace", ["-qq", "-s", "200", "-e", "trace=ioctl,write", "-o", str(log), BINARY, "--local"],
        env=home.environment(NO_COLOR="1"), timeout=DEADLINE, encoding="utf-8", dimensions=(24, 80))
    child.expect_exact(PROMPT)
    child.send("print('a line', 'ran')\r")
    child.expect_exact("a line\tran")
    child.expect_exact(PROMPT)
    child.send("\x04")
    assert status_of(child) == 0
    echoes, prompts = True, []
    for line in log.read_text().splitlines():
        if "TCSETS" in line:
            echoes = "|ECHO|" in line
        elif line.startswith("write(1,") and PROMPT in line:
            prompts.append(echoes)
    assert prompts == [False, False]


# ---- Blocks ----


def type_block(screen):
    screen.line("for i = 1, 2 do")
    screen.line("print('row', i)")
    screen.type("end")


def test_a_block_runs_once_and_comes_back_whole(screen):
    type_block(screen)
    screen.keys("Enter")
    # Its last row went back to the depth of its first.
    screen.wait(PROMPT + "for i = 1, 2 do\n  print('row', i)\nend\nrow     1\nrow     2\n" + PROMPT.strip())
    screen.keys("Up")
    screen.wait_rows(PROMPT + "for i = 1, 2 do", "  print('row', i)", "end")
    screen.keys("Up", "Up", "End", "Left", "Left", "Left", "BSpace", "3", "Enter")
    screen.wait("row     3")


def test_a_block_survives_a_restart(screen):
    type_block(screen)
    screen.keys("Enter", "C-d")
    screen.wait("EXIT=0")
    screen.keys("C-l")
    screen.start()
    screen.keys("Up")
    screen.wait_rows(PROMPT + "for i = 1, 2 do", "  print('row', i)", "end")
    screen.keys("Up", "Up")
    screen.until(
        lambda: screen.rows()[screen.cursor()[1]] == PROMPT + "for i = 1, 2 do", "the cursor in the first row")


@pytest.mark.parametrize("key", ["M-Enter", "C-j"])
def test_a_new_row_without_running(screen, key):
    screen.type("x = 1")
    screen.keys(key)
    screen.type("print('x is', x)")
    screen.wait_rows(PROMPT + "x = 1", "print('x is', x)")
    screen.keys("Enter")
    screen.wait("x is    1")


# ---- Paste ----


@pytest.mark.parametrize("mode", ["emacs", "vi"])
def test_a_paste_of_ten_lines_with_tabs_runs_nothing_until_enter(home, open_screen, mode):
    (home.path / ".editrc").write_text("bind -v\n" if mode == "vi" else "")
    screen = open_screen()
    screen.start()
    rows = ["for i = 1, 2 do", *(f"\tprint('pasted', i, {number})" for number in range(8)), "end"]
    screen.paste("\n".join(rows) + "\n")
    shown = [row.expandtabs(8) for row in rows]
    screen.wait_rows(PROMPT + shown[0], *shown[1:])
    # Nor did its tabs complete anything.
    time.sleep(0.3)
    screen.wait_rows(PROMPT + shown[0], *shown[1:])
    screen.keys("Enter")
    screen.wait("pasted\t1\t0".expandtabs(8), "pasted\t2\t7".expandtabs(8))


def test_a_paste_taller_than_the_window_is_a_chip_and_runs_whole(screen):
    screen.line("n = 0")
    screen.paste("n = n + 1\n" * 200)
    screen.wait_rows(PROMPT + "⟦text 1: 200 lines⟧")
    screen.keys("C-a", "C-e")
    screen.type(" n = n + 1")
    screen.keys("Enter")
    screen.line("print('n is', n)")
    screen.wait("n is    201")


@pytest.mark.parametrize("mode", ["emacs", "vi"])
@pytest.mark.parametrize("key", ["BSpace", "C-h", "DC", "C-w"])
def test_a_chip_is_deleted_whole_and_comes_back(open_screen, home, mode, key):
    if mode == "vi":
        (home.path / ".editrc").write_text("bind -v\n")
    screen = open_screen()
    screen.start()
    screen.line("n = 0")
    screen.paste("n = n + 1\n" * 200)
    screen.wait_rows(PROMPT + "⟦text 1: 200 lines⟧")
    screen.type(" n = n * 2")
    screen.keys(*["C-b"] * 10)
    if key == "DC":
        # From anywhere in it.
        screen.keys("C-b", "C-b")
    screen.keys(key)
    screen.wait_rows(PROMPT + " n = n * 2")
    screen.keys("C-_")
    screen.wait_rows(PROMPT + "⟦text 1: 200 lines⟧ n = n * 2")
    screen.keys("Enter")
    screen.line("print('n is', n)")
    screen.wait("n is    400")


@pytest.mark.parametrize("mode", ["emacs", "vi"])
def test_backspace_deletes_one_character_and_the_rest_stays(open_screen, home, mode):
    if mode == "vi":
        (home.path / ".editrc").write_text("bind -v\n")
    screen = open_screen()
    screen.start()
    screen.type("print('wörld')")
    screen.keys("C-b", "C-b", "C-b", "BSpace", "C-h", "BSpace")
    screen.wait_rows(PROMPT + "print('wd')")
    assert screen.cursor()[0] == len(PROMPT + "print('w")
    screen.keys("C-a", "BSpace", "Enter")
    screen.wait_rows("wd", PROMPT.strip())


@pytest.mark.parametrize("length", [3000, 5000])
def test_thousands_of_characters_do_not_crash(screen, length):
    screen.paste("x = '" + "y" * length)
    screen.wait(f"⟦text 1: {length + 5} characters⟧")
    screen.keys("C-a", "C-e")
    screen.type("z" * 100 + "'")
    screen.keys("Enter")
    screen.line("print('length', #x)")
    screen.wait(f"length  {length + 100}")


def test_three_thousand_typed_characters_arrive_whole(screen):
    screen.type("x = '" + "y" * 3000 + "'")
    screen.keys("Enter")
    screen.line("print('length', #x)")
    screen.wait("length  3000")


def test_ctrl_c_ends_a_paste_that_is_still_arriving(home):
    """The terminal forgot the end of the paste, and the shell took what was typed next for more of it."""
    child = talk(home)
    child.send("\x1b[200~x = 1\r")
    time.sleep(0.3)
    child.send("\x03")
    child.send("y = 2\r")  # a rest of the paste: never run
    time.sleep(1)
    child.send("print('typed after', x, y)\r")
    child.expect_exact("typed after\tnil\tnil")
    child.send("\x04")
    assert status_of(child) == 0


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


# ---- vi ----


def test_vi_mode_through_editrc(home, open_screen):
    (home.path / ".editrc").write_text("bind -v\n")
    screen = open_screen()
    screen.start()
    screen.type("print('old', 1)")
    screen.keys("Escape")
    time.sleep(0.3)
    screen.type("0whr2")
    screen.keys("Escape")
    time.sleep(0.3)
    screen.type("0d$iprint('new', 2)")
    screen.keys("Left", "Left", "Right", "Right", "Enter")
    screen.wait("new     2")
    type_block(screen)
    screen.keys("Enter")
    screen.wait("row     2")
    screen.keys("Escape")
    time.sleep(0.3)
    screen.type("k")
    screen.wait_rows(PROMPT + "for i = 1, 2 do", "  print('row', i)", "end")
    screen.keys("C-c", "C-d")
    screen.wait("EXIT=0")


def test_vi_keys_that_crash_libedit(home):
    (home.path / ".editrc").write_text("bind -v\n")
    child = talk(home, dimensions=(5, 20))
    child.sendline("print('ready')")
    child.expect("ready")
    for _ in range(40):
        for keys in ("\x1b[F", "\x1b[3~", "\x1b", "$", "x", "i", "\x1b", "~", "R", ".", ":", "i", "word " * 20, "\x03"):
            child.send(keys)
            if keys == "\x1b":
                time.sleep(0.06)
            child.expect([pexpect.TIMEOUT, ".+"], timeout=0)
    child.send("\x03")
    child.expect_exact("To leave")
    child.send("\x04")
    assert status_of(child) == 0


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
