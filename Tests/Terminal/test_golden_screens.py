"""Whole screens, text and cursor, as Tests/Terminal/screens has them; and the README's session is one of them.

MOONGATE_GOLDEN=write writes them anew; the difference belongs in the review."""

import os
import time

import pytest

from moongate import ROOT
from pages import VARYING_ON_SCREENS, masked
from terminal import PROMPT, script

SCREENSHOTS = script("screenshots")
SCREENS = ROOT / "Tests/Terminal/screens"


def seen(screen):
    """The screen from the greeting on, or whole where that is gone, and the cursor."""
    rows = screen.rows()
    first = next((i for i, row in enumerate(rows) if row.startswith("Moongate ")), 0)
    column, row = screen.cursor()
    text = "\n".join(rows[first:]) + f"\ncursor: column {column}, row {row - first}\n"
    return masked(text, VARYING_ON_SCREENS)


def settled(screen):
    """Waits until nothing is drawn any more."""
    before = None
    while (now := (screen.text(), screen.cursor())) != before:
        before = now
        time.sleep(0.4)


def check(screen, name):
    settled(screen)
    path, now = SCREENS / f"{name}.txt", seen(screen)
    if os.environ.get("MOONGATE_GOLDEN") == "write":
        path.write_text(now)
    assert now == path.read_text(), f"{name} is not as in {path}"


def play(screen, texts):
    for rows in texts:
        prompts = screen.text().count(PROMPT.strip())
        for row in rows:
            screen.line(row)
        screen.until(
            lambda: screen.text().count(PROMPT.strip()) > prompts and screen.rows()[-1] == PROMPT.strip(), rows)


def test_the_session_in_the_readme_is_what_the_shell_shows(open_screen):
    screen = open_screen(width=100, height=70)
    screen.start()
    (session,) = SCREENSHOTS.sessions(ROOT / "README.md")
    play(screen, SCREENSHOTS.typed(session))
    check(screen, "readme")
    assert [masked(line, VARYING_ON_SCREENS) for line in session] == shown(screen)


@pytest.mark.parametrize("page", ["guide", "shell"])
def test_a_session_in_the_documentation_is_what_the_shell_shows(open_screen, page):
    sessions = SCREENSHOTS.sessions(ROOT / f"docs/{page}.md")
    assert sessions
    for session in sessions:
        screen = open_screen(width=100, height=70)
        screen.start()
        play(screen, SCREENSHOTS.typed(session))
        settled(screen)
        assert [masked(line, VARYING_ON_SCREENS) for line in session] == shown(screen)[-len(session):]


def shown(screen):
    """What stands on the screen before the last prompt."""
    return seen(screen).splitlines()[:-2]


def test_errors(open_screen):
    screen = open_screen(width=100, height=50)
    screen.start()
    play(screen, [
        ["get_gatway(_)"], ["x = 1 != 2"], ["list_gateways{ MaxReslts = 5 }"], ["for i = 1, 2 do", "i.name.x = 1", "end"],
        ['get_gateway("arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-00000000")'],
    ])  # fmt: skip
    check(screen, "errors")


def test_a_block_under_the_cursor(open_screen):
    screen = open_screen(width=60, height=20)
    screen.start()
    screen.line("for _, name in ipairs{ '東京', 'zürich' } do")
    screen.type("print(name)")
    screen.keys("Enter")
    screen.type("end")
    screen.keys("Up", "Up", "Home", "C-Right")
    check(screen, "block")


@pytest.mark.parametrize("width", [80, 60])
def test_the_overview_of_help(open_screen, width):
    screen = open_screen(width=width, height=70)
    screen.start()
    play(screen, [["help()"]])
    check(screen, f"help-{width}")
