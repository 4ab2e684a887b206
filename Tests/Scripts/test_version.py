# What moongate says of itself: one line, and with --verbose a list of everything that is in it; and that all who tell a
# version tell the same.
import re
import subprocess

import pytest

from moongate import BINARY, ROOT

NAMES = """
    Lua libedit ncurses libbsd libmd SQLite PCRE2 expat libstdc++ Swift swift-nio swift-atomics swift-collections OpenSSL
    libcurl
""".split()


def rows(moongate, **options):
    """Version and origin by library, and the lines above."""
    result = moongate("--version", "--verbose", **options)
    assert (result.code, result.stderr) == (0, "")
    own, commit, *lines = result.stdout.splitlines()
    table = [re.fullmatch(r"(\S+) +(not told|\S+) +(.+)", line).groups() for line in lines]
    return [own, commit], {name: (version, origin) for name, version, origin in table}


def test_the_version_is_one_line_with_the_commit_where_the_build_knows_it(moongate):
    line = moongate("--version").stdout
    told = re.fullmatch(r"moongate \d+\.\d+\.\d+( \(commit (\w{12})\))?\n", line)
    assert told, line
    commit = moongate("--version", "--verbose").stdout.splitlines()[1]
    assert commit.startswith(f"commit {told[2]}" if told[2] else "commit not known"), commit


# The one place where the version is written is Sources/AWSCore/Calls/Version.swift.
def test_the_changelog_and_the_manual_page_tell_this_version(moongate):
    number = moongate("--version").stdout.split()[1]
    sections = re.findall(r"^## \[(.+?)\](.*)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert sections[0] == ("Unreleased", "")
    assert sections[1][0] == number
    versions = [tuple(map(int, name.split("."))) for name, _ in sections[1:]]
    assert versions == sorted(versions, reverse=True)
    for name, date in sections[1:]:
        assert re.fullmatch(r" - \d{4}-\d\d-\d\d", date), f"[{name}] wants its date, as in 2026-11-27"
    date = sections[1][1].removeprefix(" - ")
    assert f'"{date}" "Moongate {number}"' in moongate("doc", "--man").stdout


def test_every_library_is_listed_with_its_version(moongate):
    (own, commit), libraries = rows(moongate)
    assert own == moongate("--version").stdout.rstrip()
    assert re.fullmatch(r"commit (\w{40}|not known to this build)", commit)
    assert list(libraries) == NAMES
    for name in ("Lua", "SQLite", "PCRE2", "expat", "OpenSSL", "libcurl"):
        assert re.fullmatch(r"\d+\.\d+(\.\d+\w*)?", libraries[name][0]), name
    for _, origin in libraries.values():
        assert re.match("(static|shared)", origin), origin


def test_the_list_is_what_the_dynamic_linker_brings(moongate):
    shared = subprocess.run(["ldd", BINARY], capture_output=True, text=True).stdout
    for name, (_, origin) in rows(moongate)[1].items():
        if file := re.fullmatch(r"shared, (lib\S+)", origin):
            assert file[1] in shared, name
        elif origin.startswith("static"):
            assert not re.search(rf"\b(lib)?{re.escape(name.lower())}[\d.-]*\.so", shared), name


@pytest.mark.parametrize("name, file", [("OpenSSL", "libcrypto.so.3"), ("libcurl", "libcurl.so.4")])
def test_a_library_that_cannot_be_opened_is_told(moongate, name, file):
    folder = moongate.folder / "libraries"
    folder.mkdir()
    (folder / file).write_bytes(b"none")
    version, origin = rows(moongate, env={"LD_LIBRARY_PATH": str(folder)})[1][name]
    assert version == "none" and "cannot be opened (" in origin and file in origin


def test_verbose_belongs_to_version(moongate):
    for words in (["--verbose"], ["--verbose", "-e", "print(1)"], ["serve", "--verbose"]):
        result = moongate(*words)
        assert (result.code, result.stdout) == (252, "")
        assert "--verbose does nothing in" in result.stderr and "it belongs to --version" in result.stderr


def test_the_readme_says_how_to_ask(moongate):
    assert "--version --verbose" in (ROOT / "README.md").read_text()
