# The library: what comes with the program is what lies in snippets/, passes its check and its tests, and runs the same as shared
# and as own code. What each prints is held by docs/library.md (test_docs.py).
import csv
import io
import json
import re

import pytest

from moongate import ROOT

SNIPPETS = sorted(ROOT.glob("snippets/*.lua"))
TESTS = sorted(ROOT.glob("snippets/tests/*_test.lua"))
ROLE = "arn:aws:iam::123456789012:role/Backup"
# What a snippet cannot do without, and the options before it.
OPTIONS = {
    "rotate-credentials": ["--dry-run", "--secret", "password=env:PASSWORD"],
    "replace-gateway": ["--dry-run"],
}
NEEDED = {
    "rotate-credentials": ["--hypervisor", "vcenter-zurich", "--username", "svc-backup"],
    "replace-gateway": ["--old", "tokyo-backup-01", "--key", "AAAAA-BBBBB"],
    "moved-vms": ["--hypervisor", "vcenter-tokyo"],
    "tag-audit": ["--tag", "owner", "--of", "gateway"],
    "on-demand-backup": ["--folder", "/Łódź/vm/Dev", "--role", ROLE],
}


def listed(file, pattern):
    return re.findall(pattern, (ROOT / file).read_text())


def test_the_library_is_what_lies_in_its_folder(moongate):
    names = [path.stem for path in SNIPPETS]
    assert len(names) >= 11
    assert listed("snippets/Library.swift", r'LibrarySnippet\(name: "([^"]+)"') == names
    package = (ROOT / "Package.swift").read_text()
    assert re.findall(r'"([^"]+)"', package.partition("let library = [")[2].partition("]")[0]) == names
    assert [path.name.removesuffix("_test.lua") for path in TESTS] == names, "each has its tests"
    page = (ROOT / "docs/library.md").read_text()
    assert set(re.findall("^## (.+)$", page, re.M)) >= set(names), "and its example in docs/library.md"


def test_the_library_passes_its_check(moongate):
    result = moongate("check", ROOT / "snippets")
    assert (result.code, result.stdout) == (0, ""), result.stdout


@pytest.mark.parametrize("tests", TESTS, ids=lambda path: path.stem)
def test_it_does_what_its_tests_say(moongate, tests):
    result = moongate("test", tests)
    assert result.code == 0, result.stdout


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: path.stem)
def test_it_says_what_it_is_for(moongate, snippet):
    page = moongate("run", snippet.stem, "--help")
    assert page.code == 0 and "Exit code: " in page.stdout and "\nExamples\n" in page.stdout
    assert max(len(line) for line in page.stdout.splitlines() if not line.startswith("  moongate ")) <= 80
    text = snippet.read_text().splitlines()
    assert len([line for line in text if not line.startswith("--")]) <= 110, "short enough to be copied from"


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: path.stem)
def test_it_refuses_words_that_it_does_nothing_with(moongate, snippet):
    result = moongate("--local", snippet.stem, *NEEDED.get(snippet.stem, []), "30d")
    assert (result.code, result.stdout) == (252, "")
    assert "it takes no word '30d'" in result.stderr


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: path.stem)
def test_it_runs_the_same_as_shared_and_as_own_code(moongate, snippet):
    def seen(*words):
        options = ["--local", "--output", "table", *OPTIONS.get(snippet.stem, [])]
        result = moongate(*options, *words, *NEEDED.get(snippet.stem, []), env={"PASSWORD": "correct horse"})
        assert result.code in (0, 2), result.stderr
        # Dates and ages go with the clock.
        return result.code, re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.]*|\d+d \d+h|\d+", "#", result.stdout)

    assert seen("run", snippet.stem) == seen(snippet)


def test_ten_thousand_machines_are_within_their_limits(moongate):
    result = moongate("--local", "--vms", 10_000, "--output", "csv", "run", "stale-vms", "--age", "0s")
    assert result.code == 2, result.stderr
    assert len(list(csv.DictReader(io.StringIO(result.stdout)))) == 10_000
    result = moongate("--local", "--vms", 10_000, "run", "inventory")
    assert result.code == 0, result.stderr
    assert len(list(csv.DictReader(io.StringIO(result.stdout)))) == 10_005


def test_a_report_that_is_not_whole_leaves_the_old_one(moongate):
    (moongate.folder / "fleet.csv").write_text("old")
    result = moongate("--local", "--max-calls", 2, "run", "inventory", "--report", "fleet.csv")
    assert result.code == 250
    assert (moongate.folder / "fleet.csv").read_text() == "old"
    assert moongate("--local", "run", "inventory", "--report", "fleet.csv").code == 0
    assert len(list(csv.DictReader((moongate.folder / "fleet.csv").open(newline="")))) == 255


def test_what_bandwidth_schedule_exports_is_a_file_that_it_reads(moongate):
    limits = ROOT / "snippets/tests/limits.json"
    world = ["--local", "--data", moongate.folder / "world", "--allow", "PutBandwidthRateLimitSchedule"]
    assert moongate(*world, "run", "bandwidth-schedule", "--file", limits, "--apply").code == 0
    assert moongate(*world, "run", "bandwidth-schedule", "--export", "set.json").code == 0
    exported = json.loads((moongate.folder / "set.json").read_text())
    assert exported["zurich-backup-01"][0]["StartHourOfDay"] == 6
    assert moongate(*world, "run", "bandwidth-schedule", "--file", "set.json").code == 0
    # Of two gateways with one name the second is told by its id, and its entry there goes before that of the name. An export
    # beside a file was empty.
    made = 'create_gateway{ActivationKey="AAAAA-BBBBB", GatewayDisplayName="zurich-backup-01", GatewayType="BACKUP_VM"}'
    assert moongate(*world, "--allow", "CreateGateway", "-e", made).code == 0
    command = ["run", "bandwidth-schedule", "--file", limits, "--export", "set.json"]
    assert moongate(*world, *command).code == 2
    assert len(json.loads((moongate.folder / "set.json").read_text())) == 4
    assert moongate(*world, "run", "bandwidth-schedule", "--file", "set.json").code == 0


def test_the_picture_of_a_timeline_is_written_where_the_command_line_says(moongate):
    result = moongate("--local", "run", "backup-timeline", "--per", "day", "--svg", "backups.svg")
    assert result.code == 0, result.stderr
    assert (moongate.folder / "backups.svg").read_text().startswith("<svg")
