# The pages that the program makes, docs/moongate.1 and docs/lua-api.md: they are what it says today, man reads the one without
# complaint, what it says of variables and commands is so, and every operation and helper is in the other.
import json
import re
import shutil
import signal
import subprocess

import pytest

import test_docs
from moongate import BINARY, PATIENCE, ROOT

PAGES = {"docs/moongate.1": "--man", "docs/lua-api.md": "--markdown"}
MANUAL = (ROOT / "docs/moongate.1").read_text()
REFERENCE = (ROOT / "docs/lua-api.md").read_text()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_the_program_says(moongate, page):
    made = moongate("doc", PAGES[page])
    assert (made.code, made.stderr) == (0, "")
    assert made.stdout == (ROOT / page).read_text(), f"{page} is stale: scripts/docs writes it anew"


def test_one_command_writes_them_anew(tmp_path):
    command = [ROOT / "scripts/docs", "--binary", BINARY, "--output", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    assert {f"docs/{path.name}": path.read_text() for path in tmp_path.iterdir()} == {
        page: (ROOT / page).read_text() for page in PAGES
    }


@pytest.mark.parametrize("words", [["--man", "now"], ["--markdown", "now"], ["now", "ago"]])
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


# The reference of the Lua API


def entries():
    """Each entry by its name."""
    return dict(re.findall(r"^#{3,4} (\S+)\n(.*?)(?=^#{2,4} |\Z)", REFERENCE, re.M | re.S))


def test_every_name_that_scripts_find_has_an_entry_with_an_example(moongate):
    names = test_docs.names(moongate)
    assert len(names) > 90
    told = entries()
    assert [name for name in names if "```lua\n" not in told.get(name, "")] == []


def test_every_operation_tells_what_it_takes_gives_and_wants(moongate):
    told = entries()
    operations = re.findall(r"^\| \[`(\w+)`\]\(#\w+\) \| (?:Read|Write|Tagging, Write) ", REFERENCE, re.M)
    assert len(operations) == 25
    for name in operations:
        page = moongate("doc", name).stdout
        access = re.search(r"^IAM action  (backup-gateway:\w+) \((.+)\)$", page, re.M)
        entry = told[name]
        assert f"`{access[1]}`, access level {access[2]}" in entry, name
        assert [code for code in re.findall(r"\w+Exception", page) if f"`{code}`" not in entry] == [], name
        parameters = re.search(r"^Parameters\n((?:  .*\n)+)", page, re.M)
        for member in re.findall(r"^  ([A-Z]\w+) ", parameters[1] if parameters else "", re.M):
            assert f"| `{member}` |" in entry, f"{name}: {member}"
        assert ("--allow" in entry) == (access[2] != "Read"), name


def test_every_structure_has_a_section_that_says_who_takes_and_gives_it():
    records = re.search(r"^## Records\n(.*?)^## ", REFERENCE, re.M | re.S)[1]
    sections = re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", records, re.M | re.S)
    assert len(sections) >= 10
    for name, text in sections:
        assert re.search(r"^(Taken|Given) by \[`\w+`\]\(#\w+\)", text, re.M), name
        assert f"](#{name.lower()})" in REFERENCE, name


# What raises an error with a code that an entry names, and the options that it takes.
DELETION = 'local todo = changes("x") todo.delete_gateway(list_gateways():first()) todo:run()'
ID = 'wait(parse_arn, "arn:aws:s:r:a:k/e", { field = "id", is = 1, %s })'
RAISED = [
    ("changes:run", "NotAllowed", DELETION, []),
    ("changes:run", "ReadOnly", DELETION, ["--read-only"]),
    ("changes:run", "Limit", DELETION, ["--allow", "DeleteGateway", "--max-writes", "0"]),
    ("chart:svg", "NotAllowed", 'chart.spark{ 1, 2 }:svg("picture.svg")', []),
    ("connect", "NotAllowed", 'connect{ endpoint = "https://example.com" }', []),
    ("connect", "Configuration", 'connect{ profile = "nowhere" }', []),
    ("secret", "NotAllowed", 'secret("password")', ["--untrusted"]),
    ("session.whoami", "NotAllowed", "session.whoami()", []),
    ("wait", "WaitTimeout", ID % "every = 0.01, timeout = 0.02", []),
    ("wait", "WaitFailed", ID % 'never = "e"', []),
    ("wait_until", "WaitTimeout", "wait_until(function() end, { every = 0.01, timeout = 0.02 })", []),
    *(
        (f"output.{form}", "NotAllowed", f'output.{form}({{}}, nil, {{ to = "rows" }})', [])
        for form in ("table", "json", "jsonl", "csv", "yaml", "lua")
    ),
]


@pytest.mark.parametrize("name, code, script, options", RAISED)
def test_a_helper_raises_what_its_entry_says(moongate, name, code, script, options):
    assert f"`{code}`" in entries()[name].partition("[Errors]")[2].partition("\n")[0]
    moongate.write("raise.lua", f"local _, e = pcall(function() {script} end) print(json.encode(e.code))")
    result = moongate("--local", *options, "raise.lua")
    assert result.code == 0, result.stderr
    assert json.loads(result.stdout) == code
