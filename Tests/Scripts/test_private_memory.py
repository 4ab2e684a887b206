# What lies in memory stays there: a process that holds keys leaves no core dump, and no other process of the same user
# may look into it.
import os
import subprocess

import pytest

from moongate import BINARY, PATIENCE, SANITIZER, read_line

# Root may look everywhere, so there the question is asked as somebody else.
USER = 65534 if os.geteuid() == 0 else os.geteuid()


def owner_of_memory(process):
    """The kernel gives the files of a process that may not be dumped to root (proc(5), "/proc/pid")."""
    return os.stat(f"/proc/{process.pid}/status").st_uid


def start(*command):
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **SANITIZER}
    return subprocess.Popen(
        [str(word) for word in command], user=USER, env=environment, cwd="/", stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def test_the_memory_is_nobody_elses():
    other = start("sh", "-c", "echo ready; exec sleep 60")
    try:
        product = start(BINARY, "serve", "--port", "0", "--ephemeral")
    except PermissionError:
        other.kill()
        pytest.skip(f"user {USER} may not run {BINARY}")
    try:
        for process in (other, product):
            read_line(process, process.stdout)
        assert owner_of_memory(other) == USER, "this test could not tell the difference"
        assert owner_of_memory(product) == 0
    finally:
        for process in (other, product):
            process.kill()
            process.wait(PATIENCE)
            process.stdout.close()
