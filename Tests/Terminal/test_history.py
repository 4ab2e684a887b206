"""What was typed: recalled, searched, listed, and shared between sessions. In an editor it is in test_editor.py."""

import json
import re
import stat
import sys
import time

import pexpect
import pytest

from terminal import DEADLINE, PROMPT, talk


def entry(text, label="local/us-east-1", ok=True, when=1_700_000_000, **more):
    return json.dumps({"time": when, "label": label, "ok": ok, **more, "text": text}, ensure_ascii=False)


def write_history(home, *entries):
    home.history.parent.mkdir(parents=True, exist_ok=True)
    home.history.write_text("".join(line + "\n" for line in entries))


# ---- Smart Enter and whole blocks ----

BLOCK = ["for g in list_gateways() do", "print(g.GatewayDisplayName)", "end"]
BLOCK_ROWS = [PROMPT + BLOCK[0], "  " + BLOCK[1], BLOCK[2]]


def test_a_block_runs_once_and_comes_back_whole_after_a_restart_too(screen, home):
    for line in BLOCK:
        screen.line(line)
    screen.wait_rows(*BLOCK_ROWS, "zurich-backup-01", "tokyo-backup-01", "spare-01", PROMPT.strip())
    screen.keys("C-l", "Up")
    screen.wait_rows(*BLOCK_ROWS)
    # Up moves by rows inside the block; its first row is edited, and Enter runs it from there.
    screen.keys("Up", "Up", "End")
    for _ in " do":
        screen.keys("BSpace")
    screen.type(":take(1) do")
    screen.keys("Enter")
    screen.wait_rows(PROMPT + "for g in list_gateways():take(1) do", *BLOCK_ROWS[1:], "zurich-backup-01", PROMPT.strip())
    screen.keys("C-d")
    screen.wait("EXIT=0")
    screen.keys("C-l")
    screen.start()
    screen.keys("Up", "Up", "Up")
    screen.keys("Up")
    screen.wait_rows(*BLOCK_ROWS)
    assert [text.count("\n") for text in home.entries()] == [2, 2]


@pytest.mark.parametrize("text", ["x = = 1", "print('no end", "end", "for for"])
def test_what_no_more_text_can_mend_is_told_at_once(screen, text):
    screen.keys("C-l")
    screen.line(text)
    screen.until(lambda: screen.rows()[-1] == PROMPT.strip() and len(screen.rows()) > 2, "an error and a fresh prompt")


@pytest.mark.parametrize("text", ["x = {", "print(", "s = [[", "s = 'a\\", "if true then", "x ="])
def test_what_more_text_can_end_goes_on(screen, text):
    screen.keys("C-l")
    screen.line(text)
    screen.until(lambda: screen.cursor()[1] == 1 and screen.cursor()[0] < 10, "the cursor in a second row")


# ---- Recall ----


def test_of_equal_lines_the_newest_is_recalled(screen):
    for line in ["a = 1", "b = 2", "a = 1"]:
        screen.line(line)
        screen.wait_rows(PROMPT + line, PROMPT.strip())
    for expected in ["a = 1", "b = 2"]:
        screen.keys("Up")
        screen.wait_rows(PROMPT + expected)
    screen.keys("Up")
    time.sleep(0.3)
    screen.wait_rows(PROMPT + "b = 2")


# ---- Ctrl-R ----

OLD = ["print('Привет', 1)", "x = 7", "for i = 1, 2 do\n  print('row', i)\nend", "print('привет', 2)"]


@pytest.fixture
def searching(home, open_screen):
    write_history(home, *map(entry, OLD))

    def open_one(**options):
        screen = open_screen(**options)
        screen.start()
        return screen

    return open_one


def test_ctrl_r_finds_in_any_case_and_script(searching):
    screen = searching()
    screen.keys("C-r")
    screen.wait_rows("(search) '':")
    screen.type("ПРИ")
    screen.wait_rows("(search) 'ПРИ': print('привет', 2)")
    screen.until(lambda: screen.cursor()[0] == len("(search) 'ПРИ': print('"), "the cursor at what was found")
    screen.keys("C-r")
    screen.wait_rows("(search) 'ПРИ': print('Привет', 1)")
    screen.keys("C-r")
    screen.wait_rows("(not found) 'ПРИ': print('Привет', 1)")
    screen.keys("C-s")
    screen.wait_rows("(search) 'ПРИ': print('привет', 2)")
    screen.keys("BSpace", "BSpace", "BSpace")
    screen.type("row")
    screen.wait_rows("(search) 'row': for i = 1, 2 do", "  print('row', i)", "end")
    screen.keys("Enter")
    screen.wait_rows(PROMPT + "for i = 1, 2 do", "  print('row', i)", "end", "row     1", "row     2", PROMPT.strip())


@pytest.mark.parametrize("key", ["C-g", "Escape"])
def test_what_was_typed_comes_back(searching, key):
    screen = searching()
    screen.type("half a line")
    screen.keys("Left", "Left", "Left", "Left", "C-r")
    screen.type("row")
    screen.wait("(search) 'row'")
    screen.keys(key)
    screen.wait_rows(PROMPT + "half a line")
    screen.until(lambda: screen.cursor()[0] == len(PROMPT + "half a "), "the cursor where it was")


def test_another_key_edits_what_was_found(searching):
    screen = searching()
    screen.keys("C-r")
    screen.type("x = ")
    screen.wait_rows("(search) 'x = ': x = 7")
    screen.keys("End")
    screen.type("8 print('x', x)")
    screen.wait_rows(PROMPT + "x = 78 print('x', x)")
    screen.keys("Up")
    screen.wait_rows(PROMPT + OLD[0])  # what is older than what was found
    # The search begins again with what was searched for last.
    screen.keys("C-c", "C-r", "C-r")
    screen.wait_rows("(search) 'x = ': x = 7")
    screen.keys("C-c", "C-c")
    screen.wait_rows("To leave, press Ctrl-D or type exit().", PROMPT.strip())


def test_a_search_in_vi_mode(home, searching):
    (home.path / ".editrc").write_text("bind -v\n")
    screen = searching()
    screen.keys("C-r")
    screen.type("row")
    screen.wait("(search) 'row'")
    screen.keys("C-g", "Escape")
    time.sleep(0.3)
    screen.type("/x = ")
    screen.wait_rows("(search) 'x = ': x = 7")
    screen.keys("Enter")
    screen.wait_rows(PROMPT + "x = 7", PROMPT.strip())


def test_a_search_in_a_small_window(searching):
    screen = searching(width=60, height=5)
    screen.resize(20, 5)
    time.sleep(0.3)
    screen.keys("C-r")
    screen.type("приветt")
    screen.until(lambda: "t':" in screen.text(), "the end of what is looked for")
    screen.keys("BSpace", "Enter")
    screen.wait("привет  2")


# ---- .history ----


def list_of(screen, argument):
    screen.keys("C-l")
    screen.line(".history " + argument)
    screen.until(lambda: screen.rows()[-1] == PROMPT.strip() and len(screen.rows()) > 2, "a list")
    return screen.rows()[1:-1]


def test_the_list_can_be_narrowed(home, open_screen):
    write_history(
        home,
        entry("list_gateways()", label="prod/eu-west-1", seconds=0.213),
        entry("get_gateway('x')", label="prod/eu-west-1", ok=False, seconds=64),
        entry("no json")[:-5],
        entry("for g in x do\n  Привет()\nend", ok=False),
        entry("x\x1b[31m = 1"))
    screen = open_screen(width=120)
    screen.start()
    rows = list_of(screen, "prod")
    assert re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "TIME", "\n".join(rows)) == (
        "1  TIME  prod/eu-west-1  ok        0.213 s  list_gateways()\n"
        "2  TIME  prod/eu-west-1  failed  1 min 4 s  get_gateway('x')")
    failed = list_of(screen, "failed")
    assert [row.split()[0] for row in failed] == ["2", "3"]
    assert failed[1].endswith("for g in x do ↵ Привет() ↵ end")
    assert [row.split()[0] for row in list_of(screen, "/привет|^LIST/")] == ["1", "3"]
    assert list_of(screen, "prod failed /list/") == ["the history has no such entry"]
    assert list_of(screen, "/(/") == ["/(/ is no regular expression: missing closing parenthesis (at character 2)"]
    assert "[31m = 1" in list_of(screen, "/31m/")[0]
    screen.line(".recall 3")
    screen.wait_rows(PROMPT + "for g in x do", "  Привет()", "end")
    screen.keys("C-c")
    screen.line(".recall 99")
    screen.wait("the history has no entry 99; it has 1 to ")
    screen.line(".recall -9223372036854775808")
    screen.wait("the history has no entry -9223372036854775808")


def test_how_long_a_line_took_and_how_it_ended_is_kept(screen, home):
    screen.line("sleep(0.2)")
    screen.wait_rows(PROMPT + "sleep(0.2)", PROMPT.strip())
    screen.line("error('boom')")
    screen.wait("boom")
    screen.until(lambda: len(home.history.read_text().splitlines()) == 2, "two entries")
    first, second = map(json.loads, home.history.read_text().splitlines())
    assert (first["ok"], second["ok"]) == (True, False)
    assert first["label"] == "local/us-east-1"
    assert 0.2 <= first["seconds"] < DEADLINE
    assert time.time() - DEADLINE < first["time"] <= time.time()


# ---- Many entries, several sessions ----


def test_two_sessions_writing_1000_lines_each_lose_none(home):
    sessions = [talk(home, TERM="dumb") for _ in range(2)]
    for start in range(0, 1000, 50):
        for name, session in zip("ab", sessions):
            session.send("".join(f"{name} = {number}\r" for number in range(start, start + 50)))
        for name, session in zip("ab", sessions):
            session.expect_exact(f"{name} = {start + 49}\r")
    for session in sessions:
        session.send("\x04")
        session.expect(pexpect.EOF)
    texts = home.entries()
    for name in "ab":
        assert [text for text in texts if text.startswith(name)] == [f"{name} = {number}" for number in range(1000)]
    assert stat.S_IMODE(home.history.stat().st_mode) == 0o600


def test_50_000_entries_are_there_at_the_first_up(home, open_screen):
    write_history(home, *(entry(f"x = {number}\nprint(x)") for number in range(50_000)))
    screen = open_screen()
    screen.start()
    screen.keys("Up")
    screen.wait_rows(PROMPT + "x = 49999", "print(x)")
    screen.keys("C-c", "C-r")
    screen.type("x = 0")
    screen.wait_rows("(search) 'x = 0': x = 0", "print(x)")


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, *sys.argv[1:]]))
