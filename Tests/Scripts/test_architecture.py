# ARCHITECTURE.md and CONTRIBUTING.md are true: the files, folders and targets that they speak of are those of the tree, and targets
# import what Package.swift says, no less and no more.
import re

import pytest

from moongate import ROOT

PACKAGE = (ROOT / "Package.swift").read_text()
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
TOPS = ("Sources", "Tests", "Fuzz", "bench", "docs", "scripts", "snippets", ".ci")


@pytest.fixture(scope="module")
def files():
    below = {str(path.relative_to(ROOT)) for top in TOPS for path in (ROOT / top).rglob("*")}
    return below | {path.name for path in ROOT.iterdir()}


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_is_named_is_there(name, files):
    missing = []
    for word in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", (ROOT / name).read_text()):
        path = word.strip().rstrip("/")
        is_path = path.split("/")[0] in TOPS and " " not in path
        if not (is_path or re.fullmatch(r"[\w+….-]+(/[\w+….-]+)*\.(swift|c|h|lua|py|txt|golden)", path)):
            continue
        # NAME and … stand for any; a word that begins with + for a file beside the one before it.
        pattern = re.sub(r"\\?…|NAME|<Topic>|<topic>", "[^/]*", re.escape(path))
        begin = "" if path.startswith("+") else "(^|/)"
        if not any(re.search(f"{begin}{pattern}$", file) for file in files):
            missing.append(word)
    assert not missing, missing


def test_every_target_and_every_folder_is_told_of():
    named = set(re.findall(r"\.(?:target|systemLibrary|executableTarget)\(\s*name: \"(\w+)\"", PACKAGE))
    targets = {path.name for path in (ROOT / "Sources").iterdir() if path.is_dir()}
    assert targets == named - {"Library", "TestSupport", "Fuzz"}
    folders = {path.name for path in (ROOT / "Sources").glob("*/*") if path.is_dir()} - {"include"}
    assert len(folders) > 30
    assert sorted(name for name in targets | folders if not re.search(rf"\b{name}\b", ARCHITECTURE)) == []


# Of the toolchain.
SWIFTS_OWN = {"Glibc", "Synchronization", "Testing"}


def targets():
    """Each target with Swift in it: its folder, and what Package.swift lets it import."""
    for body in re.findall(r"\.(?:target|executableTarget|testTarget)\((.*?)(?=\n    \.|\n  \]|\n\})", PACKAGE, re.S):
        name = re.search(r'name: "(\w+)"', body)[1]
        listed = re.search(r"dependencies: \[(.*?)\](?=,?\s)", body, re.S)
        products = re.findall(r'\.product\(name: "(\w+)"', listed[1]) if listed else []
        plain = re.findall(r'"(\w+)"', re.sub(r"\.product\([^)]*\)", "", listed[1])) if listed else []
        path = re.search(r'path: "([^"]+)"', body)
        folder = ROOT / (path[1] if path else ("Tests/" if name.endswith("Tests") else "Sources/") + name)
        if any(folder.rglob("*.swift")):
            yield pytest.param(folder, {*products, *plain}, id=name)


@pytest.mark.parametrize("folder, declared", list(targets()))
def test_a_target_imports_what_the_package_says(folder, declared):
    imported = set()
    for path in folder.rglob("*.swift"):
        imported |= set(re.findall(r"^(?:@testable )?import (?:(?:struct|class|enum|func) )?(\w+)", path.read_text(), re.M))
    imported -= SWIFTS_OWN
    assert (sorted(imported - declared), sorted(declared - imported)) == ([], [])
