# Somebody at a terminal: starts a program on one, waits for what it draws, types.
import os
import pty
import re
import select
import termios
import time

ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07")


class Typist:
    def __init__(self, command, environment, folder, patience=60):
        self.drawn, self.patience = b"", patience
        self.began = time.perf_counter()
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            # High, so that nothing is shown a page at a time.
            termios.tcsetwinsize(0, (200, 100))
            os.chdir(folder)
            os.execvpe(command[0], command, environment)

    def read(self, seconds):
        """What is drawn within so many seconds; nothing when that is nothing, or the end."""
        if not select.select([self.descriptor], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.descriptor, 1 << 16)
        except OSError:  # the other end is closed
            data = b""
        self.drawn += data
        return data

    def wait(self, words):
        """Until these stand in what is drawn from here on; the seconds since the start."""
        end = time.monotonic() + self.patience
        while words not in ESCAPES.sub(b"", self.drawn):
            if not self.read(1) and time.monotonic() > end:
                raise TimeoutError(f"{words!r} does not come: {self.drawn[-500:]!r}")
        self.drawn = b""
        return time.perf_counter() - self.began

    def type(self, text):
        os.write(self.descriptor, text)

    def settle(self, seconds=0.3):
        """Until nothing more is drawn."""
        while self.read(seconds):
            pass
        self.drawn = b""

    def leave(self):
        """Ctrl-D; what it left on the terminal, and what it used."""
        self.type(b"\x04")
        text = b""
        while data := self.read(self.patience):
            text += data
        _, status, usage = os.wait4(self.pid, 0)
        os.close(self.descriptor)
        return text, os.waitstatus_to_exitcode(status), usage
