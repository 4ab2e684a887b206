# The fault matrix: what its tests share, and the table of results that stands at the end of a run.
import pytest


@pytest.fixture
def figure(record_property):
    """Reports what was measured for a row: figure("G1", "p99 of 100: 12 ms")."""

    def report(number, text):
        record_property("figure", (number, text))

    return report


def pytest_terminal_summary(terminalreporter):
    """Row by row: by which test, and how that ended. Tests of other parts are run there, and named here."""
    from rows import As, Measured
    from table import ROWS

    outcomes, figures = {}, {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            if getattr(report, "when", None) in ("call", "setup") and "Faults/" in report.nodeid:
                outcomes[report.nodeid.partition("Faults/")[2]] = outcome
                for name, value in report.user_properties:
                    if name == "figure":
                        figures.setdefault(value[0], []).append(value[1])
    if not any("test_row" in name for name in outcomes):
        return
    terminalreporter.section("fault matrix")
    for row in ROWS:
        here, elsewhere = [], []
        for index, proof in enumerate(row.proofs):
            if isinstance(proof, Measured):
                elsewhere.append(proof.where)
                continue
            if isinstance(proof, As):
                elsewhere += proof.numbers
                continue
            name = getattr(proof, "test", f"Faults/test_table.py::test_row[{row.number}-{index}]")
            if not name.startswith("Faults/"):
                elsewhere.append(name.split("::")[1])
                continue
            name = name.partition("Faults/")[2]
            here += [end for test, end in outcomes.items() if test == name or test.startswith(name + "[")] or ["not run"]
        worst = next((end for end in ("failed", "error", "not run", "skipped") if end in here), None)
        words = [worst or f"{len(here)} passed"] if here else []
        words += ["by " + ", ".join(elsewhere)] if elsewhere else []
        words += figures.get(row.number, [])
        terminalreporter.write_line(f"{row.number:>4}  {row.what}: {'; '.join(words)}")
