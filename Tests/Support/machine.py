# A machine that has little room, or no luck: a small disk, a preloaded library, a terminal of one's own.
import contextlib
import fcntl
import os
import select
import shutil
import signal
import subprocess
import termios
import time
from pathlib import Path

import pytest

from moongate import BINARY, PATIENCE, default_signals

# What is asked of a service under a fault: three, in the sample world.
COUNT = "print(list_gateways():count())"


class SmallDisk:
    """A tmpfs that only the processes of its mount namespace see; this process sees it at `path`."""

    def __init__(self, folder, size):
        folder.mkdir()
        self.inside = folder
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs -o size={size} none "$0" && echo mounted && exec sleep 600',
             folder], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.is_mounted = self.holder.stdout.readline() == "mounted\n"
        self.path = Path(f"/proc/{self.holder.pid}/root{folder}")

    @property
    def command(self):
        """What stands before a command that shall see the disk."""
        return ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", f"--wdns={os.getcwd()}"]

    def fill(self):
        """Writes until nothing more fits; the file that took the room."""
        filler = self.path / "filler"
        with open(filler, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 512)
        return filler

    def close(self):
        self.holder.kill()
        self.holder.wait()


@contextlib.contextmanager
def small_disk(folder, size="300k"):
    disk = SmallDisk(folder, size) if os.geteuid() == 0 and shutil.which("nsenter") else None
    if not disk or not disk.is_mounted:
        pytest.skip("only root can mount a small disk, and not in every container")
    try:
        yield disk
    finally:
        disk.close()


def unlucky(folder, **environment):
    """The environment of a process whose calls fail as Tests/Support/unlucky.c says."""
    compiler = shutil.which("clang") or shutil.which("cc")
    library = folder / "unlucky.so"
    source = Path(__file__).with_name("unlucky.c")
    subprocess.run([compiler, "-std=c11", "-O1", "-shared", "-fPIC", "-o", library, source], check=True)
    return {"LD_PRELOAD": str(library), **environment}


class Pty:
    """A process with a terminal of its own, whose settings can be looked at after it has gone."""

    def __init__(self, words, environment, folder, rows=24, columns=80, prefix=(), umask=None):
        self.master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, rows.to_bytes(2, "little") + columns.to_bytes(2, "little") + bytes(4))
        self.before = termios.tcgetattr(self.slave)
        self.seen = b""

        def own_terminal():
            default_signals()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if umask is not None:
                os.umask(umask)

        self.process = subprocess.Popen(
            [*prefix, BINARY, *map(str, words)], stdin=self.slave, stdout=self.slave, stderr=self.slave, cwd=folder,
            env=environment, start_new_session=True, preexec_fn=own_terminal,
        )  # fmt: skip

    def wait_for(self, text, seconds=30):
        """Reads until this text has come; what came since the last wait."""
        deadline = time.monotonic() + seconds
        while text.encode() not in self.seen:
            if not select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError(f"no {text!r} within {seconds} s, only {self.seen[-2000:]!r}")
            try:
                self.seen += os.read(self.master, 65536)
            except OSError:
                raise EOFError(f"the end instead of {text!r}, after {self.seen[-2000:]!r}") from None
        before, _, self.seen = self.seen.partition(text.encode())
        return before

    def send(self, text):
        os.write(self.master, text.encode())

    def hang_up(self):
        os.close(self.master)
        self.master = -1

    def wait(self, seconds=PATIENCE):
        """How it ended, as a shell would say it. What it still writes is read: a terminal's buffer is small."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it goes on: {self.seen[-2000:]!r}"
            if self.master >= 0 and select.select([self.master], [], [], 0.01)[0]:
                self.seen += os.read(self.master, 65536)
            elif self.master < 0:
                time.sleep(0.01)
        code = self.process.returncode
        return 128 - code if code < 0 else code

    def family(self):
        """Processes of its session that are still there."""
        done = subprocess.run(["ps", "-s", str(self.process.pid), "-o", "pid=,args="], capture_output=True, text=True)
        return done.stdout.split("\n")[:-1]

    def modes_are_as_before(self):
        return termios.tcgetattr(self.slave)[:4] == self.before[:4]

    def close(self):
        for line in self.family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line.split()[0]), signal.SIGKILL)
        self.process.wait()
        for descriptor in (self.master, self.slave):
            if descriptor >= 0:
                os.close(descriptor)
