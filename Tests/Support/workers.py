# Looking at the process in which shared code runs, from outside.
import os
import time
from pathlib import Path

import pytest

from moongate import PATIENCE, SANITIZER

GATEWAY = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-12A3456B"

# A sanitizer cannot live with seccomp and a bounded address space; its builds leave them out.
needs_seccomp = pytest.mark.skipif(bool(SANITIZER), reason="a sanitizer's build has no seccomp and no rlimits")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into a process that is not dumpable")


def worker_of(process):
    """The process id of the worker that a run has started."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if children:
            return int(children[0])
        time.sleep(0.01)
    raise TimeoutError("no worker was started")


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until_gone(pid, seconds):
    deadline = time.monotonic() + seconds
    while not is_gone(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.005)
