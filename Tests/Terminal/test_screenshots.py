"""The pictures in the documentation are made by a script, from the real program."""

import re
import subprocess
import sys
import xml.etree.ElementTree as tree

import pytest

from moongate import ROOT
from terminal import BINARY, script

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


def contrast(one, other):
    """How far two colours are apart (WCAG 2, "contrast ratio"): 1 to 21."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_pictures_can_be_read_on_dark_screens_and_on_light_ones():
    screenshots = script("screenshots")
    dark, light = screenshots.BACKGROUND, screenshots.LIGHT[screenshots.BACKGROUND]
    for name in NAMES:
        picture = (ROOT / f"docs/images/{name}.svg").read_text()
        assert screenshots.light_style() in picture, name
        colours = set(re.findall(r'<text [^>]*fill="(#\w+)"', picture)) | {screenshots.FOREGROUND}
        for colour in colours - {dark}:  # which stands on a colour, in reverse video
            # 4.5 is what WCAG 2 asks of text.
            assert contrast(colour, dark) >= 4.5, (name, colour)
            assert contrast(screenshots.LIGHT[colour], light) >= 4.5, (name, colour)
        if f'fill="{dark}"' in picture.partition("<g")[2]:
            back = set(re.findall(r'<rect x=[^>]*fill="(#\w+)"', picture.partition("<g")[2]))
            assert all(contrast(dark, c) >= 4.5 and contrast(light, screenshots.LIGHT[c]) >= 4.5 for c in back), name


def test_help_tells_what_it_does():
    done = subprocess.run([sys.executable, SCRIPT, "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "docs/images" in done.stdout and "--only" in done.stdout
