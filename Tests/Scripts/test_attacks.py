# Hostile scripts: whatever they do, the process ends by its own decision, and Ctrl-C ends what does not end.
import signal
import subprocess

import pytest

from moongate import ROOT, shell_code

ATTACKS = next(
    (folder / "shared/attacks" for folder in ROOT.parents if (folder / "shared/attacks").is_dir()), None
)

# What Debian's Lua 5.4.4 cannot survive in the operator's own code; each crashes in the library itself.
CRASHES = {
    "A02_gmatch_matchdepth_stack_overflow": "string.gmatch loses count of its depth after an error",
}

# How long a script may go on before it is interrupted, and then between interruptions.
PATIENCE = 3


def scripts():
    if not ATTACKS:
        print("SKIPPED: the attack scripts are not here")
        return []
    return sorted(ATTACKS.glob("*.lua"))


@pytest.mark.skipif(not ATTACKS, reason="the attack scripts are not here")
@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.stem)
def test_an_attack_ends(moongate, script):
    if script.stem in CRASHES:
        pytest.skip(CRASHES[script.stem])
    process = moongate.start("--local", "--max-memory", "256M", script)
    interruptions = 0
    try:
        while True:
            try:
                stdout, stderr = process.communicate(timeout=PATIENCE)
                break
            except subprocess.TimeoutExpired:
                # The third ends even what runs in C and looks at no hook.
                assert interruptions < 4, "three interruptions did not end it"
                process.send_signal(signal.SIGINT)
                interruptions += 1
    finally:
        process.kill()
    code = shell_code(process.returncode)
    assert code in (0, 1, 130, 250), f"ended with {code}:\n{stderr[-2000:].decode(errors='replace')}"
    assert b"Fatal error" not in stderr and b"AddressSanitizer" not in stderr
