# The pages that the program makes, docs/moongate.1 and docs/lua-api.md: they are what it says today, man reads the one without
# complaint, what it says of variables and commands is so, and every operation and helper is in the other.
import re
import shutil
import signal
import subprocess

import pytest

from moongate import BINARY, PATIENCE, ROOT

PAGES = {"docs/moongate.1": "--man"}
MANUAL = (ROOT / "docs/moongate.1").read_text()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_the_program_says(moongate, page):
    made = moongate("doc", PAGES[page])
    assert (made.code, made.stderr) == (0, "")
    assert made.stdout == (ROOT / page).read_text(), f"{page} is stale: scripts/docs writes it anew"


def test_one_command_writes_them_anew():
    before = {page: (ROOT / page).stat().st_mtime_ns for page in PAGES}
    done = subprocess.run([ROOT / "scripts/docs", "--binary", BINARY], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    assert all((ROOT / page).stat().st_mtime_ns > before[page] for page in PAGES)
    assert not list((ROOT / "docs").glob("*.new"))


@pytest.mark.parametrize("words", [["--man", "now"], ["now", "ago"]])
def test_doc_takes_a_name_or_a_form(moongate, words):
    result = moongate("doc", *words)
    assert (result.code, result.stdout) == (252, "")
    assert "doc takes" in result.stderr


# The manual page


READERS = [["man", "--warnings", "-l"], ["groff", "-ww", "-man", "-Tutf8"], ["mandoc", "-Tlint", "-W", "warning"]]


@pytest.mark.parametrize("reader", READERS, ids=lambda words: words[0])
def test_it_is_set_without_a_complaint(reader):
    if not shutil.which(reader[0]):
        pytest.skip(f"there is no {reader[0]}: scripts/setup --tests installs it")
    done = subprocess.run(
        [*reader, ROOT / "docs/moongate.1"], capture_output=True, text=True, timeout=PATIENCE,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MANPAGER": "cat"},
    )  # fmt: skip
    complaints = done.stderr + (done.stdout if reader[0] == "mandoc" else "")
    assert (done.returncode, complaints) == (0, "")


def plain(roff):
    """What a reader sees of it."""
    for written, seen in (("\\-", "-"), ("\\(aq", "'"), ("\\(ti", "~"), ("\\(ga", "`"), ("\\(ha", "^"), ("\\&", ""), ("\\%", ""), ("\\e", "\\")):
        roff = roff.replace(written, seen)
    return re.sub(r"\\f[BIR]", "", roff)


def section(title):
    return re.search(rf'^\.SH "{title}"\n(.*?)(?=^\.SH|\Z)', MANUAL, re.M | re.S)[1]


def test_it_has_every_option_and_every_exit_code_of_help(moongate):
    text = plain(MANUAL)
    page = moongate("--help").stdout
    options = re.findall(r"^  .{4}(--[\w-]+)", page, re.M)
    assert len(options) > 50
    assert [name for name in options if f"{name}" not in text] == []
    codes = re.findall(r"\b(\d+(?:-\d+)?) [a-z]", page.partition("Exit codes: ")[2].replace("\n", " "))
    assert len(codes) > 10
    assert [code for code in codes if not re.search(rf"^{code}$", plain(section("EXIT STATUS")), re.M)] == []


def test_it_names_every_variable_that_the_program_asks_for():
    # Those of schedulers are told by their schedulers' names; these are handed to children, or a shell's own.
    others = r"MOONGATE_(PROGRAM|KEY|FILE)|AWS_BATCH_.*|SLURM_.*|HOME|PATH|PWD"
    asked = set()
    for path in [*ROOT.glob("Sources/**/*.swift"), *ROOT.glob("Sources/**/*.c")]:
        text = path.read_text()
        asked |= set(re.findall(r'"((?:AWS|MOONGATE|XDG|SSH)_[A-Z0-9_]+)"', text))
        asked |= set(re.findall(r'\b(?:getenv|variable)\("([A-Z_]+)"', text))
    assert len(asked) > 50
    told = set(re.findall(r"\w+", plain(section("ENVIRONMENT"))))
    assert sorted(name for name in asked - told if not re.fullmatch(others, name)) == []


def examples():
    return [plain(line) for block in re.findall(r"^\.RS 4\n(.*?)^\.RE", section("EXAMPLES"), re.M | re.S) for line in block.splitlines()]


@pytest.mark.parametrize("line", examples())
def test_its_examples_run(moongate, line):
    """With a local gateway in the place of the account that they speak of."""
    moongate.write("rename.lua", '-- @allow UpdateHypervisor, ListHypervisors\nupdate_hypervisor(list_hypervisors():first(), { Name = "a" })\n')
    local = re.sub(r"--profile \S+", "--local", line).replace("moongate", '"$MOONGATE"')
    if " serve " in line:
        server = moongate.start(*re.sub("--port [0-9]+", "--port 0", line).split()[1:])
        assert server.stdout.readline().startswith(b'{"endpoint":')
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=PATIENCE)
        assert server.returncode == 0
    else:
        result = moongate.shell(local)
        # A snippet of the library ends with 2 where there is something to report.
        assert result.code in (0, 2) and "moongate: " not in result.stderr, result.stderr
