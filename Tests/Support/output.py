# What a script writes to stdout, as bytes.
import subprocess

from moongate import BINARY, PATIENCE, default_signals


def run(moongate, code, *options, **more):
    result = subprocess.run(
        [BINARY, "--local", *options, moongate.write("s.lua", code)], cwd=moongate.folder, env=moongate.environment(),
        stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, preexec_fn=default_signals, **more)
    assert (result.returncode, result.stderr) == (0, b"")
    return result.stdout
