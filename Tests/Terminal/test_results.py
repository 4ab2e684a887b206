"""What a typed line prints: values, tables, listings page by page, long texts a screen at a time."""

import pytest

from terminal import PROMPT, status_of, talk

MARK = "-- more (Space, Enter, q) --"


def numbers(rows):
    return [row for row in rows if row.isdigit()]


# ---- A screen at a time ----


def test_a_text_of_one_screen_is_printed_at_once(screen):
    screen.keys("C-l")
    screen.line("('x\\n'):rep(22) .. 'end'")
    screen.wait_rows("end", PROMPT.strip())
    assert MARK not in screen.text()


@pytest.fixture
def paging(screen):
    """A screen with the first page of a text of 100 lines."""
    screen.line("t = {} for i = 1, 100 do t[i] = i end")
    screen.line("table.concat(t, '\\n')")
    screen.wait(MARK, last=True)
    return screen


def test_a_longer_text_waits_for_a_key_after_each_screen(paging):
    assert paging.rows()[:23] == [str(n) for n in range(1, 24)]
    paging.keys("Space")
    paging.wait_rows(*[str(n) for n in range(24, 47)], MARK)
    paging.keys("Enter")
    paging.wait_rows("46", "47", MARK)
    paging.keys("Space", "Space", "Space")
    paging.wait_rows("99", "100", PROMPT.strip())


@pytest.mark.parametrize("key", ["q", "C-c", "C-d"])
def test_a_page_is_left_by_a_key_and_its_mark_goes_with_it(paging, key):
    paging.keys(key)
    paging.wait_rows("23", PROMPT.strip())
    paging.line("print(1 + 1)")
    paging.wait_rows("2", PROMPT.strip())


def test_the_next_page_is_as_long_as_the_window_has_become(paging):
    paging.resize(20, 10)
    paging.keys("Space")
    paging.wait_rows(*[str(n) for n in range(24, 33)], "more")


def test_a_page_can_be_stopped_and_gone_on_with(paging):
    paging.keys("C-z")
    paging.wait("bash$", last=True)
    paging.line("stty -a | tr ' ' '\\n' | grep -x -e icanon -e echo -e isig | sort | tr '\\n' ' '")
    paging.wait("echo icanon isig")
    paging.line("fg")
    paging.wait(MARK, last=True)
    paging.keys("q")
    paging.wait(PROMPT.strip(), last=True)


@pytest.mark.parametrize("signal", ["TERM", "HUP", "INT"])
def test_a_signal_at_the_mark_leaves_the_terminal_as_it_was(paging, signal):
    paging.tmux("run-shell", f"kill -{signal} {paging.process()}")
    if signal == "INT":
        paging.wait(PROMPT.strip(), last=True)
        paging.keys("C-d")
    paging.wait("EXIT=")
    # dash, unlike bash, edits nothing and repairs nothing.
    paging.line("exec sh -c 'stty -a | tr \" \" \"\\n\" | grep -x -e icanon -e echo -e isig | sort | tr \"\\n\" \" \"; cat'")
    paging.wait("echo icanon isig")


def test_keys_of_a_sequence_page_and_others_do_nothing(paging):
    paging.keys("x", "F5", "Left")
    paging.keys("Down")
    paging.wait_rows("23", "24", MARK)
    paging.keys("NPage")
    paging.wait_rows("46", "47", MARK)


def test_a_line_longer_than_the_screen_is_paged_too(screen):
    screen.line("('x'):rep(3000)")
    screen.wait(MARK, last=True)
    assert screen.rows()[:23] == ["x" * 80] * 23
    screen.keys("Space")
    screen.wait_rows("x" * (3000 % 80), PROMPT.strip())


def test_help_is_paged_at_the_prompt(screen):
    screen.line("help()")
    screen.wait(MARK, last=True)
    screen.keys("q")
    screen.wait(PROMPT.strip(), last=True)


def test_nothing_waits_on_a_plain_terminal(home):
    child = talk(home, TERM="dumb")
    child.send("help()\r")
    child.expect_exact("help(get_gateway) explains one of them.")
    child.send("\x04")
    assert status_of(child) == 0
