# The goals in figures. Where a test would be at the mercy of the machine, it asserts something generous and reports what it
# measured; what wants a release build is measured by hand, and docs/performance.md has it.
from rows import As, Measured, Row

GOAL = "Faults/test_goals.py::"

GOAL_ROWS = [
    Row("G1", "Ctrl-C to the prompt in 100 ms at the 99th of 100", "Faults/test_prompt.py::test_ctrl_c_to_the_prompt"),
    Row("G2", "shared code is gone 250 ms after its time", GOAL + "test_shared_code_is_gone_after_its_time"),
    Row("G3", "a worker costs 10 ms", "Scripts/test_worker_ends.py::test_a_worker_costs_little_more_than_a_plain_run"),
    Row("G4", "every attack is contained", *(
        f"Scripts/test_attacks.py::test_as_{kind}_code_an_attack_comes_to_what_it_says" for kind in ("own", "shared"))),
    Row("G5", "memory, answers and output have their limits", As(("M36",)), "Scripts/test_worker_ends.py::test_memory_has_a_limit",
        "Scripts/test_worker_ends.py::test_output_has_a_limit", "Scripts/test_interrupt.py::test_the_default_limit_holds"),
    Row("G6", "patterns are at most 10 % slower than Lua's own", Measured("by hand, on a release build: docs/performance.md")),
    Row("G7", "the hook costs at most 5 % of a script that calls the service",
        Measured("by hand, on a release build: docs/performance.md")),
    Row("G8", "planted secrets: no hit", As(("A66", "A70"))),
    Row("G9", "no leak after 10,000 errors through functions of Swift", As(("A17",)),
        Measured("and the part asan of scripts/test, with a leak check at the end of every test of Swift's")),
    Row("G10", "no finding of a sanitizer", Measured("the parts asan and tsan of scripts/test")),
    Row("G11", "no finding of a fuzzer", As(("A117",))),
    Row("G12", "a network fault ends one second after an attempt's time at most",
        "Interop/test_faults.py::test_no_silence_lasts_longer_than_an_attempt"),
    Row("G13", "3.1 s to connect, 20 s an attempt, and as many attempts as there are", As(("M3", "M13"))),
    Row("G14", "retries by AWS's own rules", "AWSCoreTests/RetryTests.swift::delaysDoubleAreJitteredAndCapped",
        "AWSCoreTests/RetryTests.swift::anEmptyQuotaStopsRetriesAndPlainSuccessRefillsIt"),
    Row("G15", "300 writes a second, each on the disk; none lost", As(("M41", "M42")), GOAL + "test_writes_a_second"),
    Row("G16", "a start after a crash in one second, with 100,000 virtual machines",
        GOAL + "test_a_start_after_a_crash_with_many_resources"),
    Row("G17", "no line of two sessions is lost", As(("M47", "A71"))),
    Row("G18", "no forged signature is taken", As(("A57",))),
    Row("G19", "a session grows by less than 10 MiB", As(("A116",))),
]  # fmt: skip
