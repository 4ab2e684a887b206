# moongate stubs: definition files for lua-language-server hold the whole API, and a real language server, where there is one,
# finds no unknown name in any script of ours and every misspelt member.
import importlib.util
import json
import re
import subprocess
from pathlib import Path

import pytest

import test_docs
from moongate import ROOT

FACTS = ROOT / "Tests/Scripts/globals.golden"


@pytest.fixture
def stubs(moongate):
    result = moongate("stubs", "stubs")
    assert result.code == 0, result.stderr
    return {path.name: path.read_text() for path in (moongate.folder / "stubs").iterdir()}


def test_every_name_that_scripts_find_is_declared(moongate, stubs):
    text = "".join(stubs.values())
    names = test_docs.names(moongate)
    assert len(names) > 90
    for name in names:
        last = re.split("[.:]", name)[-1]
        pattern = rf"^(function (\w+[.:])*{last}\(|---@field {last} |(\w+\.)*{last} = )"
        assert re.search(pattern, text, re.M), name


def test_every_name_of_the_golden_list_is_there(stubs):
    for line in FACTS.read_text().splitlines():
        if line.startswith("moongate.") and not line.startswith("moongate.moongate"):
            assert re.search(rf"^{re.escape(line.split()[0])} = ", stubs["moongate.lua"], re.M), line


def test_every_operation_has_its_parameters_and_its_results(moongate, stubs):
    text = stubs["operations.lua"] + stubs["records.lua"]
    operations = [name for name in re.findall(r"^function (\w+)\(", stubs["operations.lua"], re.M)]
    assert len(operations) == 25
    for name in operations:
        page = moongate("doc", name).stdout
        members = re.findall(r"^ {2,8}([A-Z]\w+) {2,}", page, re.M)
        for member in members:
            assert f"---@field {member} " in text, f"{name}: {member}"


def test_nothing_is_declared_without_a_type(stubs):
    # What has no row of its own in StubTypes.swift.
    untyped = r"```\n---@param \.\.\. any\n---@return any\nfunction (\S+)\("
    assert re.findall(untyped, "".join(stubs.values())) == []


def test_the_files_are_lua_and_every_class_that_is_named_is_there(moongate, stubs):
    for name, text in stubs.items():
        assert text.startswith("---@meta\n")
    assert "[syntax]" not in moongate("check", "stubs").stdout
    text = "".join(stubs.values())
    declared = set(re.findall(r"^---@(?:class|alias) (moongate\.[\w.]+)", text, re.M))
    # Only annotations: descriptions speak of moongate.NAME too.
    used = set()
    for line in re.findall(r"^---@(?:field \w+|param \S+|return|type|overload|operator) ?(.*)$", text, re.M):
        kind = line.split(" ")[0]
        used |= set(re.findall(r"moongate\.\w[\w.]*\w", kind))
    assert used <= declared, used - declared


def test_they_belong_to_the_operator_alone(moongate, stubs):
    folder = moongate.folder / "stubs"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_without_a_folder_they_are_in_the_data_folder(moongate):
    result = moongate("stubs")
    folder = moongate.home / ".local/share/moongate/stubs"
    assert sorted(path.name for path in folder.iterdir()) == ["moongate.lua", "operations.lua", "records.lua"]
    assert json.loads(result.stdout)["workspace.library"] == [str(folder.resolve())]


# A language server


def server():
    spec = importlib.util.find_spec("ECY_exe")
    return spec and Path(spec.origin).parent / "bin/lua-language-server"


@pytest.fixture
def diagnose(moongate):
    if not server():
        pytest.skip("there is no lua-language-server: scripts/setup --tests installs one")

    def run(folder):
        luarc = moongate("stubs", "stubs").stdout
        (folder / ".luarc.json").write_text(luarc)
        logs = moongate.folder / "logs"
        words = [f"--check={folder}", "--checklevel=Warning", f"--logpath={logs}", f"--metapath={moongate.folder}/meta"]
        subprocess.run([server(), *words], capture_output=True, timeout=240, env=moongate.environment())
        found = logs / "check.json"
        assert found.exists(), "the language server wrote no result"
        return [
            (name.rpartition("/")[2], row["range"]["start"]["line"] + 1, row["code"], row["message"])
            for name, rows in json.loads(found.read_text() or "{}").items()
            for row in rows
        ]

    return run


def test_a_language_server_knows_every_name_and_finds_misspelt_ones(moongate, diagnose):
    folder = moongate.folder / "workspace"
    folder.mkdir()
    for path in (ROOT / "snippets").glob("*.lua"):
        (folder / path.name).write_bytes(path.read_bytes())
    for page in test_docs.PAGES:
        for line, words, text in test_docs.blocks(page):
            if words[:1] == ["lua"] and "norun" not in words:
                (folder / f"{page.stem}-{line}.lua").write_text(text)
    (folder / "bad.lua").write_text(
        "for vm in list_virtual_machines() do print(vm.LastBackup, vm.Name) end\n"
        "print(get_gateway(list_gateways():first()).SoftwareVersin)\n"
        "print(get_gatway)\n"
        "print(output.cvs)\n"
    )
    found = diagnose(folder)
    bad = {(line, code) for name, line, code, _ in found if name == "bad.lua"}
    assert {(1, "undefined-field"), (2, "undefined-field"), (3, "undefined-global"), (4, "undefined-field")} <= bad
    unknown = [row for row in found if row[0] != "bad.lua" and row[2] == "undefined-global"]
    assert not [row for row in unknown if not re.search(r"`test_|`setup`|`teardown`", row[3])], unknown
