# scripts/moongate: when it builds, and what it says meanwhile. The compiler, the linker and apt are stand-ins, so that a
# build takes no time or as long as a test wants; the script is the real one.
import os
import re
import shutil
import subprocess

import pytest

from moongate import PATIENCE, ROOT

STANDINS = {
    "swift": """
        [ "$1" = build ] || exit 0
        echo >>"$PLACE/builds"
        until [ ! -e "$PLACE/slow" ]; do sleep 0.1; done
        mkdir -p "$PLACE/.build-release/release"
        printf '#!/bin/sh\\necho started "$@"\\n' >"$PLACE/.build-release/release/moongate"
        chmod 755 "$PLACE/.build-release/release/moongate"
        """,
    "swiftc": """
        echo '"compilerVersion": "Swift version 6.2",'
        echo "\\"runtimeResourcePath\\": \\"$PLACE/tools/lib/swift\\""
        """,
    "clang": 'case $1 in -print-file-name=*) echo "$PLACE/${1#*=}" ;; esac',
    "strip": 'cp "$4" "$3"',
    "dpkg-query": "echo a 1",
}


@pytest.fixture
def sources(tmp_path):
    for folder in ["scripts", "Sources", "snippets", "tools/bin", "tools/lib/swift"]:
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "scripts/moongate", tmp_path / "scripts/moongate")
    archives = re.findall(r'"lib\S+-dev (\S+)"', (ROOT / "scripts/moongate").read_text())
    for file in ["Package.swift", "Package.resolved", "scripts/link-order.txt", *(f"lib{name}.a" for name in archives)]:
        (tmp_path / file).touch()
    programs = {tmp_path / "tools/bin" / name: text for name, text in STANDINS.items()}
    programs[tmp_path / "scripts/setup"] = ""
    for path, text in programs.items():
        path.write_text(f"#!/bin/sh\n{text}")
        path.chmod(0o755)
    return tmp_path


@pytest.fixture
def slow(sources):
    """A build that lasts for as long as this file is there, and minutes of 0.3 seconds."""
    script = sources / "scripts/moongate"
    assert "\nminute=60\n" in script.read_text()
    script.write_text(script.read_text().replace("\nminute=60\n", "\nminute=0.3\n"))
    (sources / "slow").touch()
    return sources / "slow"


def start(sources):
    environment = {**os.environ, "PLACE": str(sources), "PATH": f"{sources}/tools/bin:{os.environ['PATH']}"}
    return subprocess.Popen(
        [sources / "scripts/moongate", "word"], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process):
    stdout, stderr = process.communicate(timeout=PATIENCE)
    assert (process.returncode, stdout) == (0, "started word\n"), stderr
    return stderr


@pytest.mark.parametrize("path", ["Sources/new.swift", "scripts/link-order.txt", "scripts/moongate", "Package.swift"])
def test_what_is_newer_than_the_last_build_is_built(sources, path):
    assert finish(start(sources)) == "moongate: building (first time: a few minutes)…\n"
    assert finish(start(sources)) == ""
    (sources / path).touch()
    assert finish(start(sources)) == "moongate: building…\n"
    assert finish(start(sources)) == ""


def line_of(process):
    return process.stderr.readline()


def test_a_long_build_says_that_it_goes_on_and_another_start_that_it_waits(sources, slow):
    first = start(sources)
    assert "first time" in line_of(first)
    assert line_of(first) == "moongate: still building (1 min)…\n"
    assert line_of(first) == "moongate: still building (2 min)…\n"
    second = start(sources)
    assert line_of(second) == "moongate: another start is building; this one waits for it…\n"
    slow.unlink()
    finish(first)
    assert finish(second) == ""
    assert (sources / "builds").read_text() == "\n"


def test_what_tells_ends_with_a_build_that_is_stopped(sources, slow):
    process = start(sources)
    assert "first time" in line_of(process)
    assert "still building" in line_of(process)
    process.kill()
    slow.unlink()
    # Nobody holds its stderr any more.
    process.communicate(timeout=PATIENCE)
