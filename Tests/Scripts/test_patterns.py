# The pattern matcher is ours; what it gives is what Lua's gives.
import os
import random
import subprocess

import pytest

from moongate import BINARY, ROOT

SCRIPT = ROOT / "Tests/Scripts/random_patterns.lua"
ROUNDS = 4000


# The second has a name of its own, so that every process that collects the tests finds the same ones.
@pytest.mark.parametrize(
    "seed", [1, pytest.param(int(os.environ.get("MOONGATE_SEED", random.randrange(1 << 30))), id="random")]
)
def test_random_patterns_give_what_luas_own_matcher_gives(seed):
    print(f"MOONGATE_SEED={seed}")
    theirs, ours = (
        subprocess.run([*command, SCRIPT, str(seed), str(ROUNDS)], capture_output=True, check=True).stdout.splitlines()
        for command in (["lua5.4"], [BINARY])
    )
    assert len(theirs) > 8 * ROUNDS
    call = None
    for their_line, our_line in zip(theirs, ours, strict=True):
        if not their_line.startswith((b"true", b"false")):
            call = their_line
        assert our_line == their_line, f"seed {seed}: {call!r}"


TOO_COMPLEX = "pattern too complex"


def test_a_match_that_failed_leaves_nothing_behind(moongate):
    """An iterator used again after an error overflowed the C stack, in every release of Lua up to 5.4.8."""
    code = """
      local step = string.gmatch(('a'):rep(400000), ('a?'):rep(400000))
      for i = 1, 3 do print(select(2, pcall(step))) end
      print(pcall(string.find, ('a'):rep(400000), ('(a'):rep(31) .. ('a?'):rep(400000)))
    """
    result = moongate("-e", code)
    assert result.code == 0 and result.stdout.count(TOO_COMPLEX) == 4, result.stdout + result.stderr
