"""The pictures in the documentation are made by a script, from the real program."""

import re
import subprocess
import sys
import xml.etree.ElementTree as tree

import pytest

from moongate import ROOT
from terminal import BINARY

SCRIPT = ROOT / "scripts/screenshots"
NAMES = ["session", "completion", "error", "block", "production"]


def text_of(path):
    root = tree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    rows = {}
    for element in root.iter("{http://www.w3.org/2000/svg}text"):
        rows.setdefault(element.get("y"), []).append(element.text)
    return "\n".join("".join(pieces) for pieces in rows.values())


@pytest.mark.parametrize("name, shown", [
    ("session", "zurich-backup-01"), ("error", "^^^^^^^^^^"), ("production", "Type its name, zurich-backup-01"),
])  # fmt: skip
def test_a_picture_is_well_formed_and_shows_the_screen(tmp_path, name, shown):
    subprocess.run(
        [sys.executable, SCRIPT, "--binary", BINARY, "--output", tmp_path, "--only", name], check=True, timeout=120)
    assert shown in text_of(tmp_path / f"{name}.svg")


def test_every_picture_is_there_and_shown_somewhere():
    pages = "".join(page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    for name in NAMES:
        assert "moongate" in text_of(ROOT / f"docs/images/{name}.svg")
        assert re.search(rf"!\[[^\]]+\]\([^)]*images/{name}\.svg\)", pages), name


def test_help_tells_what_it_does():
    done = subprocess.run([sys.executable, SCRIPT, "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "docs/images" in done.stdout and "--only" in done.stdout
