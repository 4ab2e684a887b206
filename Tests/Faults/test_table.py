# The fault matrix, row by row, through the real binary. table.py has the rows; what needs more than a row is a test of
# its own, here or in another part, which its row names.
import ast
import functools
import os
import re
import subprocess
import sys
import time

import pytest

from faults import checked
from moongate import CREDENTIALS, ROOT
from rows import As, By, Ran, Served
from table import ACCEPTANCE, GOALS, MATRIX, ROWS

TESTS = ROOT / "Tests"
CASES = [
    pytest.param(proof, id=f"{row.number}-{index}")
    for row in ROWS
    for index, proof in enumerate(row)
    if isinstance(proof, (Served, Ran))
]
NAMED = [pytest.param(proof, id=f"{row.number}-{proof.test}") for row in ROWS for proof in row if isinstance(proof, By)]


def test_every_number_of_the_documents_has_a_row():
    numbers = [row.number for row in ROWS]
    assert len(numbers) == len(set(numbers)), "a number has one row"
    assert set(numbers) == set(ACCEPTANCE) | set(MATRIX) | set(GOALS)
    named = {number for row in ROWS for proof in row if isinstance(proof, As) for number in proof.numbers}
    assert named <= set(numbers)


@pytest.mark.parametrize("case", CASES)
def test_row(moongate, canned, case):
    began = time.monotonic()
    if isinstance(case, Served):
        result = served(moongate, canned, case)
    else:
        result = ran(moongate, case)
    took = time.monotonic() - began
    checked(result)
    assert result.code == case.exit, result
    assert case.out is None or result.stdout == case.out, result
    for word in case.err:
        assert word in result.stderr, result
    assert case.err or case.out is None or not result.stderr, result
    assert took < case.seconds


def served(moongate, canned, case):
    answers = case.answer if callable(case.answer) else lambda request, number: case.answer

    def answer(request):
        return answers(request, len(server.requests))

    server = canned(answer)
    result = moongate(
        "--endpoint", server.endpoint, "--region", "eu-central-1", *case.options, "-e", case.code,
        # The later rules of retries have the same counts and a first delay of 50 ms, not of a second.
        env={**CREDENTIALS, "AWS_MAX_ATTEMPTS": "2", "AWS_NEW_RETRIES_2026": "true", **case.env},
    )  # fmt: skip
    assert len(server.requests) == case.requests, result
    return result


def ran(moongate, case):
    for name, content in case.files.items():
        moongate.write(name, content)
    if case.shell:
        return moongate.shell(case.shell, env=case.env)
    return moongate(*case.words, env=case.env)


# MARK: The tests that rows name


@functools.cache
def collected(folder):
    """The ids of all tests of a part, as pytest finds them."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist", TESTS / folder],
        cwd=TESTS, capture_output=True, text=True, timeout=120,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return {line.removeprefix("Tests/") for line in done.stdout.splitlines() if "::" in line}


@pytest.mark.parametrize("proof", NAMED)
def test_the_test_that_a_row_names_is_there(proof):
    path, _, name = proof.test.partition("::")
    assert (TESTS / path).is_file()
    text = (TESTS / path).read_text()
    if proof.is_swift:
        assert re.search(rf"@Test\b[^{{}}]*\bfunc {name}\(", text, re.S)
        return
    functions = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    function, _, case = name.partition("[")
    assert function in functions and function.startswith("test_")
    if case:
        assert proof.test in collected(path)
