"""What is drawn over the text at the prompt: colours, the pair of a bracket, ghosts. And that nothing else changes."""

import os
import re
import shlex
import time

import pytest

from terminal import BINARY, PROMPT, status_of, talk

KEYWORD, STRING, NUMBER, COMMENT, HOST, MISTAKE = "35", "32", "36", "2", "1;34", "31"
PAIR = "1;4"


def drawn(screen):
    """The characters of the last row with a prompt, with their looks."""
    rows = [row for row in screen.text(escapes=True).split("\n") if PROMPT.strip() in re.sub("\x1b\\[[0-9;]*m", "", row)]
    return runs(rows[-1]) if rows else []


def runs(row):
    """The characters of a row, each with the SGR parameters in force: `1;34` for bold and blue."""
    cells, bold, faint, under, reverse, colour = [], False, False, False, False, ""
    for match in re.finditer("\x1b\\[([0-9;]*)m|(.)", row):
        codes, character = match.groups()
        if character is not None:
            look = [name for name, on in (("1", bold), ("2", faint), ("4", under), ("7", reverse), (colour, colour)) if on]
            cells.append((character, ";".join(look)))
            continue
        for code in codes.split(";") or ["0"]:
            if code in ("", "0"):
                bold = faint = under = reverse = False
                colour = ""
            bold, faint = bold or code == "1", faint or code == "2"
            under, reverse = under or code == "4", reverse or code == "7"
            if code in ("39",):
                colour = ""
            elif re.fullmatch("3[0-7]", code):
                colour = code
    return cells


def look_of(screen, text):
    """The looks of a part of the typed row, `None` while it is not there."""
    cells = drawn(screen)
    row = "".join(character for character, _ in cells)
    place = row.find(text, len(PROMPT))
    return [look for _, look in cells[place : place + len(text)]] if place >= 0 else None


def wait_look(screen, text, look):
    screen.until(lambda: look_of(screen, text) == [look] * len(text), f"{text!r} drawn as {look!r}")


# ---- Colours ----


def test_keywords_strings_and_numbers_have_their_colours(screen):
    screen.type('local x = "a" .. 12')
    wait_look(screen, "local", KEYWORD)
    wait_look(screen, '"a"', STRING)
    wait_look(screen, "12", NUMBER)
    wait_look(screen, " x = ", "")
    # They stay when the line has run.
    screen.keys("Enter")
    screen.wait_rows(PROMPT + 'local x = "a" .. 12', PROMPT.strip())
    rows = [row for row in screen.text(escapes=True).split("\n") if "12" in row]
    assert ("l", KEYWORD) in runs(rows[-1]) and ("1", NUMBER) in runs(rows[-1])


@pytest.mark.parametrize(
    "text, part, look",
    [
        ("x = 1 -- why", "-- why", COMMENT),
        ("x = [[ long", "[[ long", STRING),
        ("get_gateway(x)", "get_gateway", HOST),
        ("t.get_gateway", "get_gateway", ""),
        ("x = $", "$", MISTAKE),
        ("x = 3x", "3x", MISTAKE),
        ("x = 0x1p4 + 1e-5", "1e-5", NUMBER),
        ("f(a))", "f(a)", ""),
        ("x = 'don", "'don", STRING),
        (".help", ".help", HOST),
        (".nonsense", ".nonsense", MISTAKE),
    ],
)
def test_what_else_is_coloured(screen, text, part, look):
    screen.type(text)
    wait_look(screen, part, look)


def test_a_string_that_its_line_cuts_off_is_a_mistake(screen):
    screen.type("if x then y = 'don")
    screen.keys("M-Enter")
    screen.until(lambda: screen.cursor()[0] == 0, "the cursor in a row of its own")
    wait_look(screen, "'don", MISTAKE)


def test_the_pair_of_the_bracket_at_the_cursor_is_marked(screen):
    screen.type("f(a[1])")
    screen.until(lambda: look_of(screen, "f(a[1])") == ["", PAIR, "", "", NUMBER, "", PAIR], "the outer pair")
    screen.keys("Left")
    screen.until(lambda: look_of(screen, "f(a[1])") == ["", PAIR, "", "", NUMBER, "", PAIR], "still the outer pair")
    screen.keys("Left")
    screen.until(lambda: look_of(screen, "f(a[1])") == ["", "", "", PAIR, NUMBER, PAIR, ""], "the inner pair")
    # Below the cursor's line nothing of it stays.
    screen.keys("C-e", "Enter")
    screen.until(lambda: screen.rows()[-1] == PROMPT.strip(), "the next prompt")
    rows = [row for row in screen.text(escapes=True).split("\n") if "f(a[" in re.sub("\x1b\\[[0-9;]*m", "", row)]
    assert all(PAIR not in look for _, look in runs(rows[0]))


def test_brackets_in_strings_pair_with_nothing_and_a_lone_closer_is_a_mistake(screen):
    screen.type("x = ')')")
    screen.until(lambda: look_of(screen, "')')") == [STRING, STRING, STRING, MISTAKE], "only the last one marked")


# ---- The same text and cursor as without ----

# Widths at which lines wrap, and what is typed: names of keys in lists, texts in strings.
EDITS = {
    "in the middle": ["print('one', 2)", ["Left"] * 8, "abc"],
    "at the beginning of a row that wraps": ["x = 'abcdef (ghi) klm, nop' .. 'qrs tuv' -- wxyz", ["C-a"], "local "],
    "one by one before rows that wrap": ["for a in list_gateways() do print(a, 'b', \"c\", 12, a.b) end", ["C-a"], ["x", "y", " "]],
    "wide characters": ["x = '漢字漢字漢字漢字漢字漢字漢字漢字漢字é'", ["Left"] * 6, "kana かな", ["C-a"], "y漢"],
    "a wide character that does not fit": ["x = '1234567890", "漢" * 20 + "'", ["C-a"], "a", "b", "c"],
    "wide ones before what is typed": ["fd mno pqr stu vwx yz", "漢abc def ghi jkl mno", ["C-a", "Right", "Right"], "漢", "o", "k", "a", "p"],
    "cut": ["local function f(a, b) return a + b end print(f(1, 2), 'xyz')", ["C-a", "C-d", "C-d", "M-d"], ["C-e", "C-w", "BSpace"]],
    "a block": ["for i = 1, 2 do", ["Enter"], "print('row', i)", ["Enter"], "x = 'long enough to wrap at forty columns'",
                ["Up", "Home"], "local y = '漢' ", ["Up", "End", "Left"], "x"],
    "joined and split rows": ["if a then", ["Enter"], "b()", ["Up", "End"], ["M-Enter"], "c('漢')", ["Home", "BSpace"]],
    "undone": ["print('one') -- two", ["C-a"], "x = 5 ", ["C-_", "C-_"]],
    "redrawn": ["x = 'a' .. 12", ["C-l"], "3"],
    "a tab": [["M-Enter"], "x = 1", ["Home"], ["Tab"], "y = '漢'"],
}


def edit(screen, steps):
    for step in steps:
        screen.keys(*step) if isinstance(step, list) else screen.type(step)
        time.sleep(0.1)


def started(screen):
    """Starts the shell in a window of any width; the prompt is as long as it has room for."""
    screen.line(f"clear; {shlex.quote(BINARY)} --local")
    screen.until(lambda: screen.rows()[-1].endswith(">"), "the prompt")
    return screen.rows()[-1]


def settled(screen, prompt):
    """Rows and cursor when nothing changes any more, from the row of the prompt on."""
    last = None
    for _ in range(100):
        rows, (x, y) = screen.rows(), screen.cursor()
        first = max(index for index, row in enumerate(rows) if row.startswith(prompt))
        now = rows[first:], (x, y - first)
        if now == last:
            return now
        last = now
        time.sleep(0.15)


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("name", EDITS)
def test_text_and_cursor_are_those_of_the_plain_run(open_screen, home, name, width):
    seen = []
    for changes in ({"NO_COLOR": "1"}, {}):
        screen = open_screen(width=width, **changes)
        prompt = started(screen)
        edit(screen, EDITS[name])
        seen.append(settled(screen, prompt))
    assert seen[0] == seen[1]


def test_without_colours_no_look_and_no_ghost_is_drawn(home):
    for changes in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        child = talk(home, **changes)
        for text in ("local x = 'a'", "print(get_gateway)", "loc"):
            for character in text:
                child.send(character)
                time.sleep(0.02)
            child.send("\r")
        leave(child)
        written = child.read()
        assert not re.search("\x1b\\[[0-9;]*m", written), changes
        assert "\x1b" not in written or changes != {"TERM": "dumb"}
        child.close()


def leave(child):
    # The terminal throws away what was typed before Ctrl-C and not yet read.
    child.send("\x03")
    time.sleep(0.3)
    child.send("\x04")


# ---- Ghosts ----


def remembered(screen, *lines):
    for line in lines:
        screen.line(line)
        screen.until(lambda: screen.rows()[-1] == PROMPT.strip(), "the prompt")


def test_the_history_goes_on_behind_the_text(screen):
    remembered(screen, "first = 'one'", "second = 'two'")
    screen.type("fir")
    wait_look(screen, "st = 'one'", "2")
    assert screen.cursor()[0] == len(PROMPT) + 3
    screen.type("x")
    screen.wait_rows(PROMPT + "firx")
    screen.keys("BSpace")
    wait_look(screen, "st = 'one'", "2")
    screen.keys("Left")
    screen.wait_rows(PROMPT + "fir")


@pytest.mark.parametrize("key", ["Right", "C-f", "End", "C-e"])
def test_the_ghost_is_taken_at_the_end(screen, key):
    remembered(screen, "first = 'one'")
    screen.type("fir")
    wait_look(screen, "st = 'one'", "2")
    screen.keys(key)
    wait_look(screen, "'one'", STRING)
    screen.until(lambda: screen.cursor()[0] == len(PROMPT) + len("first = 'one'"), "the cursor at the end")


def test_one_word_of_the_ghost_is_taken(screen):
    remembered(screen, "alpha = beta")
    screen.type("al")
    wait_look(screen, "pha = beta", "2")
    screen.keys("M-f")
    wait_look(screen, "alpha", "")
    wait_look(screen, " = beta", "2")
    screen.keys("M-f")
    wait_look(screen, "alpha = beta", "")


@pytest.mark.parametrize("key", ["Enter", "C-c"])
def test_no_ghost_stays_behind(screen, key):
    remembered(screen, "print('ghost')")
    screen.type("print('gh")
    wait_look(screen, "ost')", "2")
    screen.type("i')" if key == "Enter" else "i")
    screen.keys(key)
    screen.until(lambda: screen.rows()[-1] == PROMPT.strip(), "the next prompt")
    screen.type("print('gh")
    wait_look(screen, "ost')" if key == "C-c" else "i')", "2")
    screen.keys("C-c")
    screen.wait_rows(PROMPT + "print('gh", PROMPT.strip())


def test_a_ghost_is_cut_to_the_window(open_screen):
    screen = open_screen(width=40, height=8)
    prompt = started(screen)
    screen.line("text = '" + "0123456789" * 15 + "'")
    screen.until(lambda: screen.rows()[-1] == prompt, "the next prompt")
    screen.type("text")
    # The row of the text and two more.
    screen.wait("…")
    rows = screen.rows()
    first = max(index for index, row in enumerate(rows) if row.startswith(prompt + " text"))
    assert [len(row) for row in rows[first:]] == [40, 40, 40] and rows[-1].endswith("…")
    assert screen.cursor() == (len(prompt + " text"), first)
    screen.keys("End")
    screen.until(lambda: screen.rows()[-1].endswith("'"), "the whole text")


def test_a_secret_is_no_ghost(screen):
    remembered(screen, "password = 'hunter2'", "passage = 1")
    screen.type("pass")
    wait_look(screen, "age = 1", "2")
    screen.type("w")
    screen.wait_rows(PROMPT + "passw")


def test_a_dot_command_says_what_it_takes(screen):
    screen.type(".history ")
    screen.until(lambda: set(look_of(screen, screen.rows()[-1][len(PROMPT) + 9 :]) or ["?"]) == {"2"}, "its arguments")
    assert len(screen.rows()[-1]) > len(PROMPT) + 9


def test_a_ghost_goes_with_the_window(screen):
    remembered(screen, "first = 'a text that is long enough to wrap somewhere'")
    screen.type("first")
    screen.wait("somewhere'")
    for width in (60, 40, 50, 80):
        screen.resize(width, 24)
        screen.wait("= 'a text")
    screen.type("x")
    screen.wait_rows(PROMPT + "firstx")


# ---- Undo ----


@pytest.mark.parametrize("keys", [["C-_"], ["C-x", "C-u"]])
def test_what_was_done_can_be_undone(screen, keys):
    screen.type("one two")
    screen.keys("C-w")
    screen.wait_rows(PROMPT + "one")
    screen.keys(*keys)
    screen.wait_rows(PROMPT + "one two")
    screen.keys(*keys)
    screen.wait_rows(PROMPT + "one")
    screen.keys(*keys)
    screen.wait_rows(PROMPT.strip())


def test_a_text_from_a_larger_window_comes_back_as_a_chip(screen):
    screen.paste("x = {\n" + "".join(f"  {number},\n" for number in range(14)) + "}")
    screen.wait("  13,")
    screen.type("y")
    screen.wait("}y")
    screen.resize(80, 6)
    screen.wait_rows(PROMPT + "⟦text 1: 16 lines⟧")
    screen.keys("C-_")
    screen.wait_rows(PROMPT + "⟦text 2: 16 lines⟧")
    assert "13," not in screen.text()


# ---- Cost ----

# CPU time of a key, in milliseconds: bounds far above what is measured (a release build takes 1.4), for slow machines.
# A debug build does not inline.
BOUND = 5 if "release" in BINARY else 100


def test_a_key_in_a_block_of_200_lines_costs_little(home):
    child = talk(home, dimensions=(210, 80))
    block = "".join(f"local v{i} = get_gateway('sgw-{i:08}') -- row {i}\n" for i in range(200))
    child.send("\x1b[200~" + block + "\x1b[201~")
    child.expect_exact("row 199")
    keys = 100

    def drain():
        while True:
            try:
                child.read_nonblocking(65536, 0.05)
            except Exception:
                return

    def cpu():
        fields = open(f"/proc/{child.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    drain()
    before = cpu()
    for index in range(keys):
        child.send(("x", "\x7f", "\x1b[D", "\x1b[A")[index % 4])
        drain()
    cost = (cpu() - before) / keys
    print(f"{cost:.2f} ms of CPU a key")
    leave(child)
    assert status_of(child) == 0
    assert cost < BOUND
