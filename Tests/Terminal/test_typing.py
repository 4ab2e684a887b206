"""What is typed and how it is edited: lines, blocks, pastes, and the keys of vi."""

import shutil
import time

import pexpect
import pytest

from terminal import BINARY, DEADLINE, PROMPT, status_of, talk, type_block


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
