# What a public host makes of the project: its workflow runs what .ci/run runs, its forms are forms, and what they name is
# there. And the worked example of CONTRIBUTING.md, which must go on fitting the sources.
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from moongate import PATIENCE, ROOT

HOST = ROOT / ".github"
FORMS = sorted(path for path in (HOST / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")


def document(path):
    return yaml.safe_load(path.read_text())


# The workflow


@pytest.fixture
def workflow():
    found = document(HOST / "workflows/ci.yml")
    # YAML 1.1 takes the word `on` for true.
    found["on"] = found.pop(True)
    return found


def commands(workflow):
    return [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]


def test_every_script_that_the_workflow_names_is_there(workflow):
    named = {word for line in commands(workflow) for word in line.split() if re.match(r"(\./)?(\.ci|scripts|Tests|bench)/", word)}
    assert ".ci/run" in named
    for name in named:
        assert os.access(ROOT / name, os.X_OK), f"{name} cannot be run"


def test_it_checks_every_change_and_may_write_nothing(workflow):
    assert set(workflow["on"]) >= {"push", "pull_request"}
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"], "a job that hangs would run for six hours"
        for step in job["steps"]:
            assert len({"run", "uses"} & set(step)) == 1
            assert re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/checkout@v4"))


def test_it_runs_where_the_readme_says_that_it_runs(workflow):
    image = workflow["jobs"]["checks"]["container"]["image"]
    major, minor, system = re.fullmatch(r"swift:(\d+)\.(\d+)-(\w+)", image).groups()
    assert system == "bookworm" and "Debian 12" in (ROOT / "README.md").read_text()
    wanted = re.search(r"swift-tools-version: (\d+)\.(\d+)", (ROOT / "Package.swift").read_text()).groups()
    assert (int(major), int(minor)) >= tuple(map(int, wanted))


# The forms


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_for_what_a_form_can_ask(path):
    form = document(path)
    assert form["name"] and form["description"]
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    for field in form["body"]:
        assert field["type"] in ("markdown", "textarea", "input", "dropdown", "checkboxes")
        assert field["attributes"].get("label") or field["attributes"].get("value")
        assert field["type"] != "dropdown" or len(field["attributes"]["options"]) > 1


def test_the_commands_that_the_form_asks_for_are_there(moongate):
    labels = [field["attributes"].get("label", "") for field in document(HOST / "ISSUE_TEMPLATE/bug.yml")["body"]]
    lines = [label for label in labels if label.startswith("moongate ")]
    assert len(lines) == 2
    for line in lines:
        assert moongate(*line.split()[1:], "--help").code == 0, line


@pytest.mark.parametrize("path", [HOST / "PULL_REQUEST_TEMPLATE.md", *FORMS, ROOT / "SECURITY.md"], ids=lambda path: path.name)
def test_the_files_that_a_page_of_the_host_names_are_there(path):
    text = path.read_text()
    for name in re.findall(r"\b(?:docs/[\w-]+\.md|[A-Z]{4,}\.md|scripts/\w+)", text):
        assert (ROOT / name).exists(), name


# The worked example of CONTRIBUTING.md


def example():
    """The diff, as the page has it."""
    page = (ROOT / "CONTRIBUTING.md").read_text()
    (diff,) = re.findall(r"^```diff\n(.*?)^```$", page, re.M | re.S)
    return diff


def changed(diff):
    """The files that it changes."""
    return re.findall(r"^\+\+\+ b/(\S+)$", diff, re.M)


def copy(names, folder):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    return folder


def apply(sources, diff):
    done = subprocess.run(
        ["git", "apply", "--verbose", "-"], input=diff, cwd=sources, capture_output=True, text=True, timeout=PATIENCE,
        env={"PATH": os.environ["PATH"], "GIT_CEILING_DIRECTORIES": str(sources.parent)})  # fmt: skip
    assert done.returncode == 0, f"the example of CONTRIBUTING.md does not fit the sources any more:\n{done.stderr}"


def test_the_example_fits_the_sources(tmp_path):
    diff = example()
    assert len(changed(diff)) == 5
    sources = copy(changed(diff), tmp_path)
    apply(sources, diff)
    for name in changed(diff):
        assert (sources / name).read_text() != (ROOT / name).read_text(), name


# A whole build: some minutes.
@pytest.mark.skipif(not os.environ.get("MOONGATE_EXAMPLE"), reason="builds a copy of everything: scripts/test --long")
def test_the_example_is_an_operation_like_the_others(tmp_path, moongate):
    diff = example()
    sources = copy(["Sources", "snippets", "Tests", "Fuzz", "Package.swift", ".swift-format"], tmp_path / "moongate")
    apply(sources, diff)
    done = subprocess.run(
        ["swift", "format", "lint", "--strict", *changed(diff)], cwd=sources, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    # What Swift's package manager has fetched already need not be fetched again.
    build = sources / ".build"
    fetched = [f".build/{name}" for name in ("checkouts", "repositories", "workspace-state.json")] + ["Package.resolved"]
    copy([name for name in fetched if (ROOT / name).exists()], sources)
    done = subprocess.run(["swift", "build", "--quiet", "--product", "moongate"], cwd=sources, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    environment = moongate.environment()

    def run(*words):
        return subprocess.run([build / "debug/moongate", *words], env=environment, capture_output=True, text=True, timeout=PATIENCE)

    shown = re.findall(r"^\$ moongate --local -e '(.*get_gateway_health.*)'\n(.*)$", (ROOT / "CONTRIBUTING.md").read_text(), re.M)
    assert len(shown) == 2
    for code, printed in shown:
        done = run("--local", "-e", code)
        assert done.stdout + done.stderr == f"{printed}\n"
    page = run("doc", "get_gateway_health").stdout
    assert "GatewayArn" in page and "HEALTHY" in page
    done = subprocess.run(
        ["swift", "test", "--disable-xctest", "--quiet", "--filter", "ModelBasedTests|EveryOperationTests"], cwd=sources,
        capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0 and "Test run with" in done.stdout, done.stdout + done.stderr
