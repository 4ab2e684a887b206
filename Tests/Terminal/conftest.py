# What every test of the shell needs.
import shutil

import pytest

from terminal import BINARY, Home, Screen


def pytest_collection_modifyitems(items):
    missing = None if BINARY else "MOONGATE_BINARY names no binary"
    missing = missing or (None if shutil.which("tmux") else "tmux is not installed")
    for item in items:
        if missing and "Terminal" in str(item.path):
            item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def open_screen(home):
    opened = []

    def open_one(**options):
        screen = Screen(home, **options)
        opened.append(screen)
        return screen

    yield open_one
    for screen in opened:
        screen.close()


@pytest.fixture
def screen(open_screen):
    screen = open_screen()
    screen.start()
    return screen
