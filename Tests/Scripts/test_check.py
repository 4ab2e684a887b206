# moongate check: what it says of whole files, that its parser and Lua's compiler agree, and that the names it knows are the
# names that scripts find. The rules one by one: Tests/ScriptsTests/CheckTests.swift.
import json
import os
import random
import re

import pytest

import test_docs
from moongate import ROOT
from test_lua_suite import suite  # noqa: F401, the files of Lua's own tests

SCRIPTS = [*sorted((ROOT / "snippets").glob("**/*.lua")), *sorted((ROOT / "Tests/Scripts").glob("*.lua"))]


# Low noise


def test_the_scripts_of_the_repository_have_nothing_to_be_told(moongate):
    result = moongate("check", ROOT / "snippets", ROOT / "Tests/Scripts")
    assert (result.code, result.stdout) == (0, "")


# Blocks that show what must not be done, or a header alone.
MEANT = {
    "language.md": {"hidden-name"},
    "permissions.md": {"unused-permission"},
    "safety.md": {"not-allowed"},
    "check.md": {"unknown-member", "unknown-parameter", "unused-permission"},
    "scripts.md": {"unused-argument", "unused-permission"},
    "testing.md": {"undefined-global"},
}


@pytest.mark.parametrize("page", test_docs.PAGES, ids=lambda page: page.name)
def test_the_documentation_has_nothing_to_be_told(moongate, page):
    for line, words, text in test_docs.blocks(page):
        if words[:1] != ["lua"]:
            continue
        name = next((word for word in words[1:] if word.endswith(".lua")), "block.lua")
        moongate.write(name, text)
        told = [row for row in moongate("check", name).stdout.splitlines() if ": info: " not in row]
        told = [row for row in told if re.search(r"\[([\w-]+)\]$", row)[1] not in MEANT.get(page.name, ())]
        assert not told, f"{page.name}:{line}: {told}"


# Syntax

FRAGMENTS = [
    b"end", b"goto x", b"::x::", b"<const>", b"<close>", b" // ", b"[[", b"]]", b"[==[", b"0x", b"1e", b"0x1p4", b"..",
    b"...", b"break", b"local", b"=", b"==", b"(", b")", b"{", b"}", b'"', b"'", b"\\x4", b"\\u{", b"\\z", b"function",
    b"return", b"until", b"repeat", b"3.", b".5", b"~", b">>", b"::", b";", b",", b"not", b"--[[",
    b"local x <const> = 1 x = 2", b"local function f() x = 1 end", b"do goto c local z ::c:: end",
    b"for i = 1, 2 do ::c:: goto c end",
]  # fmt: skip


def mutated(random, texts):
    text = random.choice(texts)
    lines = text.split(b"\n")
    start = random.randrange(len(lines))
    text = b"\n".join(lines[start : start + random.randrange(1, 40)])
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        spans = [match.span() for match in re.finditer(rb"\w+|[^\w\s]|\s+", text)]
        if not spans:
            break
        (start, end), (a, b) = random.choice(spans), random.choice(spans)
        text = random.choice(
            [
                text[:start] + text[end:],
                text[:start] + random.choice(FRAGMENTS) + text[start:],
                text[:start] + random.choice(FRAGMENTS) + text[end:],
                text[:start] + text[a:b] + text[end:],
                text[:end] + b" " + text[start:],
                text[:start] + bytes([random.randrange(256)]) + text[start:],
            ]
        )
    return text


LOAD = """
for i = 1, #arg do
  local file = assert(io.open(arg[i], "rb"))
  -- As a script is read: neither a byte order mark nor a first line that names an interpreter is Lua's.
  local text = file:read("a"):gsub("^\\xEF\\xBB\\xBF", ""):gsub("^#[^\\r\\n]*", "")
  file:close()
  print(load(text, "=x", "t") and "yes" or "no")
end
"""


def agree(moongate, files):
    """Both judge the files of a folder: which of them are Lua."""
    moongate.write("load.lua", LOAD)
    names = [file.name for file in files]
    folder = files[0].parent
    verdicts = moongate("--grant", f"read={folder}", "load.lua", *files).stdout.split()
    assert len(verdicts) == len(names)
    found = json.loads(moongate("check", "--format", "json", folder).stdout)
    refused = {finding["file"].rpartition("/")[2] for finding in found if finding["rule"] == "syntax"}
    wrong = [name for name, verdict in zip(names, verdicts) if (verdict == "yes") == (name in refused)]
    assert not wrong, wrong
    return verdicts.count("yes")


def test_lua_and_the_parser_agree_on_mutated_files(moongate, tmp_path):
    texts = [path.read_bytes() for path in [*SCRIPTS, *ROOT.glob("Sources/Host/**/*.lua")]]
    choice = random.Random(5_4_4)
    folder = tmp_path / "mutated"
    folder.mkdir()
    for i in range(1500):
        (folder / f"{i:04}.lua").write_bytes(mutated(choice, texts))
    valid = agree(moongate, sorted(folder.iterdir()))
    assert 100 < valid < 1300


def copied(files, folder):
    folder.mkdir()
    for file in files:
        (folder / file.name).write_bytes(file.read_bytes())
    return sorted(folder.iterdir())


@pytest.mark.parametrize("folder, pattern", [("../shared/attacks", "*.lua"), ("Sources/Host", "**/*.lua")])
def test_lua_and_the_parser_agree_on(moongate, tmp_path, folder, pattern):
    found = sorted((ROOT / folder).glob(pattern))
    if not found:
        pytest.skip(f"{folder} is not here")
    agree(moongate, copied(found, tmp_path / "files"))


def test_lua_and_the_parser_agree_on_the_tests_of_lua(moongate, tmp_path, suite):
    agree(moongate, copied(sorted(suite.glob("*.lua")), tmp_path / "suite"))


# The names that scripts find

GOLDEN = (ROOT / "Tests/Scripts/globals.golden").read_text().split("\n")
NAMES = [line.split()[0] for line in GOLDEN if line.split() and not line.startswith("moongate.")]
LIBRARIES = {}
for name in NAMES:
    if "." in name:
        LIBRARIES.setdefault(name.split(".")[0], set()).add(name.split(".")[1])


def listed(text):
    return set(re.split(r", | and ", text))


@pytest.mark.parametrize("library", sorted(LIBRARIES))
def test_the_names_in_a_library_of_lua_are_those_that_there_are(moongate, library):
    moongate.write("x.lua", f"print({library}.qqqqqqqqq)")
    told = moongate("check", "x.lua").stdout
    assert listed(re.search(r"it has (.*) \[unknown-field\]", told)[1]) == LIBRARIES[library]


def test_every_global_is_known_and_no_other(moongate):
    moongate.write("x.lua", "\n".join(f"print({name})" for name in NAMES) + "\nprint(require, moongate)")
    assert moongate("check", "x.lua").stdout == ""
    for line in GOLDEN:
        if line.startswith("moongate."):
            moongate.write("y.lua", f"print({line.split()[0]})\nprint({line.split()[0].partition('.')[2]})")
            assert moongate("check", "y.lua").stdout == ""


def test_what_shared_code_has_not_is_what_it_has_not(moongate):
    there = moongate("--untrusted", "--local", ROOT / "Tests/Scripts/globals.lua").stdout.split("\n")
    there = {line.split()[0] for line in there if line.split()}
    named = {line.split()[0] for line in GOLDEN if line.split()}
    moongate.write("x.lua", "\n".join(f"print({name})" for name in sorted(named)))
    found = json.loads(moongate("check", "--snippet", "--format", "json", "x.lua").stdout)
    names = sorted(named)
    absent = {names[f["line"] - 1] for f in found if f["rule"] == "not-in-shared-code"}
    # A table that is not there takes what is in it along.
    assert absent == {name for name in named - there if name in absent or name.split(".")[0] not in absent}
    assert not absent & there


OPTIONS = {
    "wait": 'wait(get_gateway, "x", { qqqqqqqqq = 1 })',
    "wait_until": "wait_until(print, { qqqqqqqqq = 1 })",
    "parallel": "parallel({}, print, { qqqqqqqqq = 1 })",
    "progress": "progress({}, { qqqqqqqqq = 1 })",
    "show": 'show({}, { "x" }, { qqqqqqqqq = 1 })',
    "output.csv": 'output.csv({}, { "x" }, { qqqqqqqqq = 1 })',
    "output.format": 'output.format("csv", {}, { "x" }, { qqqqqqqqq = 1 })',
    "json.encode": "json.encode({}, { qqqqqqqqq = 1 })",
    "chart.bar": 'chart.bar({}, "a", "b", { qqqqqqqqq = 1 })',
    "chart.histogram": 'chart.histogram({}, "a", { qqqqqqqqq = 1 })',
    "chart.spark": 'chart.spark({}, "a", { qqqqqqqqq = 1 })',
    "chart.timeline": 'chart.timeline({}, "a", "b", { qqqqqqqqq = 1 })',
    "chart:text": "chart.spark({ 1 }):text{ qqqqqqqqq = 1 }",
    "changes:run": 'changes("x"):run{ qqqqqqqqq = 1 }',
    "connect": "connect{ qqqqqqqqq = 1 }",
    "fleet": "fleet{ qqqqqqqqq = 1 }",
}


@pytest.mark.parametrize("function", sorted(OPTIONS))
def test_the_options_of_a_function_are_those_that_it_takes(moongate, function):
    """A run's own words, and those of check, name the same options."""
    code = OPTIONS[function]
    said = moongate("--local", "-e", f"local ok, e = pcall(function() {code} end) print(e.message)").stdout
    moongate.write("x.lua", code)
    told = re.search(r"; it has (.*) \[unknown-option\]", moongate("check", "x.lua").stdout)[1]
    words = listed(told)
    assert all(re.search(rf"\b{word}\b", said) for word in words), said
    there = re.search(r"; (?:it has|there is|it takes) ([\w, ]+)$", said.strip())
    assert function == "changes:run" or listed(there[1]) == words


# The command

BAD = "for vm in list_virtual_machines() do\n  print(vm.LastBackup)\nend\n"


def test_a_finding_is_a_line_with_its_place_and_its_rule(moongate):
    moongate.write("x.lua", BAD)
    result = moongate("check", "x.lua")
    assert result.code == 1 and result.stderr == ""
    assert result.stdout == (
        "x.lua:2:12: error: a VirtualMachine has no LastBackup; did you mean LastBackupDate? [unknown-member]\n"
    )


def test_people_see_the_row_and_what_to_write(moongate):
    moongate.write("x.lua", BAD)
    result = moongate("check", "--format", "human", "x.lua")
    assert "  2 |   print(vm.LastBackup)\n                 ^^^^^^^^^^\nhelp: write LastBackupDate\n" in result.stdout
    assert result.stderr == "1 error in 1 file\n"


def test_json_is_one_array(moongate):
    moongate.write("x.lua", BAD)
    assert json.loads(moongate("check", "x.lua", "--format", "json").stdout) == [
        {
            "file": "x.lua", "line": 2, "column": 12, "end_line": 2, "end_column": 22, "rule": "unknown-member",
            "severity": "error", "message": "a VirtualMachine has no LastBackup; did you mean LastBackupDate?",
            "suggestion": "LastBackupDate",
        }
    ]  # fmt: skip
    moongate.write("y.lua", "print(1)")
    assert json.loads(moongate("check", "y.lua", "--format", "json").stdout) == []


def test_infos_alone_are_no_reason_to_fail(moongate):
    moongate.write("x.lua", "local unused = 1")
    result = moongate("check", "x.lua")
    assert result.code == 0 and "info: unused is never read" in result.stdout


def test_folders_and_standard_input_are_read(moongate):
    (moongate.folder / "a/b").mkdir(parents=True)
    (moongate.folder / "a/.hidden").mkdir()
    for name in "a/one.lua", "a/b/two.lua", "a/.hidden/three.lua", "a/four.txt":
        (moongate.folder / name).write_text(BAD)
    assert [row.split(":")[0] for row in moongate("check", "a").stdout.splitlines()] == ["a/b/two.lua", "a/one.lua"]
    assert moongate("check", "-", stdin=BAD.encode()).stdout.startswith("stdin:2:12: error: ")


@pytest.mark.parametrize("words", [[], ["missing.lua"], ["--format", "xml", "x.lua"], ["empty"]])
def test_what_cannot_be_looked_at_is_wrong_usage(moongate, words):
    (moongate.folder / "empty").mkdir()
    assert moongate("check", *words).code == 252


def test_a_file_whose_name_is_no_text_is_not_passed_over(moongate):
    # Its folder was checked without it, and CI was content.
    folder = moongate.folder / "odd"
    folder.mkdir()
    (folder / "good.lua").write_text("print(1)")
    with open(os.fsencode(folder) + b"/b\xffd.lua", "w") as file:
        file.write("x = = 1")
    result = moongate("check", folder)
    assert (result.code, result.stdout) == (252, "")
    assert "its name is not UTF-8" in result.stderr


def test_nothing_of_a_script_runs(moongate):
    moongate.write("x.lua", 'print("run") io.open("there", "w"):close()')
    result = moongate("check", "x.lua")
    assert result.stdout == "" and not (moongate.folder / "there").exists()


def test_a_name_cannot_drive_the_terminal(moongate):
    moongate.write("x.lua", 'print(output["\x1b[2Jx"])')
    for form in "plain", "human":
        assert "\x1b" not in moongate("check", "--format", form, "x.lua").stdout


def test_any_bytes_are_looked_at(moongate):
    choice = random.Random(7)
    for i in range(20):
        (moongate.folder / "x.lua").write_bytes(bytes(choice.randrange(256) for _ in range(300)))
        assert moongate("check", "x.lua").code == 1


def test_the_page_has_the_table_of_rules(moongate):
    page = (ROOT / "docs/check.md").read_text()
    rows = [re.split(r"  +", row, maxsplit=2) for row in moongate("check", "--rules").stdout.splitlines()]
    assert len(rows) > 20
    for rule, severity, summary in rows:
        assert f"| `{rule}` | {severity} | {summary} |" in page, rule


def test_a_run_of_a_file_with_a_bad_header_names_check(moongate):
    moongate.write("x.lua", "-- @alow x\n-- @versoin 1\nprint(1)")
    assert "moongate check x.lua tells what else is wrong" in moongate("x.lua").line()
