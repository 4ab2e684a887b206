"""Random keys, pastes and window sizes: no crash, no hang, and a terminal that is afterwards what it was before.

MOONGATE_SEED repeats a run, as far as timing lets it; MOONGATE_FUZZ_SECONDS is how long each mode is tried.
"""

import fcntl
import os
import random
import select
import struct
import subprocess
import termios
import time

import pytest

from terminal import BINARY, DEADLINE

SECONDS = float(os.environ.get("MOONGATE_FUZZ_SECONDS", "5"))
SEED = int(os.environ.get("MOONGATE_SEED", random.randrange(1 << 32)))

# Not Ctrl-Z and Ctrl-\\: nobody is there to continue what the first stops, and the second ends the session on purpose. Ctrl-S
# comes with its Ctrl-Q: while a line runs it stops the output, and a full input queue would keep any later Ctrl-Q from the
# terminal.
LEFT_OUT = (0x13, 0x1A, 0x1C)
CONTROLS = [bytes([code]) for code in range(32) if code not in LEFT_OUT] + [b"\x7f", b"\x13\x11"]
ARROWS = [b"\x1b[" + final for final in (b"A", b"B", b"C", b"D", b"H", b"F", b"3~", b"5~", b"6~", b"1;5C", b"1;3D", b"15~")]
# Nothing that loops, leaves, or asks for more than the local gateway has.
WORDS = [
    "x = 1", "for i = 1, 2 do ", "end", "if x then ", "print(x)", "list_gateways()", "get_gateway{", "get_", "'a", '"', "[[", "]]",
    "-- why", "(", ")", "}", "local function f(a, b) ", "return", "x.y:z", "0x1p4", ".help", ".history", ".nonsense", "help(", "?",
    "漢字", "かな", "e\u0301", "é", "👩\u200d🚀", "\t", "$0^3", "dd", "cw", "u", "p", "y$", "i", "A", "R", "/x", "n",
]


class Terminal:
    """The program on a pseudo-terminal whose other end stays open, so that its modes can be looked at afterwards."""

    def __init__(self, home, *options, **changes):
        self.ours, self.theirs = os.openpty()
        self.resize(24, 80)
        self.modes = termios.tcgetattr(self.theirs)
        self.output = b""
        self.process = subprocess.Popen(
            [BINARY, *options], stdin=self.theirs, stdout=self.theirs, stderr=self.theirs, env=home.environment(**changes),
            preexec_fn=self.own, cwd=home.path)

    def own(self):
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def resize(self, rows, columns):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, text):
        """Types, and reads what is written meanwhile: neither side may have to wait for the other."""
        end = time.monotonic() + DEADLINE
        while text and self.is_running() and time.monotonic() < end:
            readable, writable, _ = select.select([self.ours], [self.ours], [], 1)
            if readable:
                self.output = (self.output + os.read(self.ours, 65536))[-200_000:]
            if writable:
                text = text[os.write(self.ours, text[:512]) :]

    def read(self, quiet):
        """Reads until nothing has come for `quiet` seconds."""
        while select.select([self.ours], [], [], quiet)[0]:
            self.output = (self.output + os.read(self.ours, 65536))[-200_000:]

    def is_running(self):
        return self.process.poll() is None

    def close(self):
        if self.is_running():
            self.process.kill()
            self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


def event(rnd):
    """One key, paste or other size of the window."""
    kind = rnd.random()
    if kind < 0.30:
        return rnd.choice(CONTROLS)
    if kind < 0.45:
        return b"\x1b" + bytes([rnd.choice([code for code in range(128) if code not in (0x03, *LEFT_OUT)])])
    if kind < 0.60:
        return rnd.choice(ARROWS)
    if kind < 0.64:
        size = rnd.choice([1, 20, 200, 3000, 6000])
        text = "".join(rnd.choice(WORDS + ["\r", "\r", "abc ", "\x07"]) for _ in range(size // 4 + 1))
        return b"\x1b[200~" + text.encode() + (b"\x1b[201~" if rnd.random() < 0.98 else b"")
    if kind < 0.66:
        return rnd.randint(5, 60), rnd.randint(20, 200)
    if kind < 0.70:
        return rnd.choice([b"\r", b"\n", b"\x1b\r"])
    if kind < 0.85:
        return rnd.choice(WORDS).encode()
    return rnd.choice("abcdefghijklmnopqrstuvwxyz0123456789 .,;:=()[]{}'\"_-+*/<>~#%&|!?$@^`\\漢é").encode()


def check_alive(terminal, number, told):
    """The prompt answers. Ctrl-C ends whatever was going on, Ctrl-Q lets a terminal that Ctrl-S stopped go on."""
    word = f"alive-{number}"
    end = time.monotonic() + 4 * DEADLINE
    while terminal.is_running() and time.monotonic() < end:
        terminal.send(b"\x11\x03")
        terminal.read(0.3)
        terminal.send(f"print('ali' .. 've-{number}')\r".encode())
        wait = time.monotonic() + 5
        while time.monotonic() < wait:
            terminal.read(0.05)
            if word.encode() in terminal.output:
                return
            if not terminal.is_running():
                break
    # A Ctrl-D of before may have arrived now; how it ended is looked at by the caller.
    if not terminal.is_running():
        return
    waits = open(f"/proc/{terminal.process.pid}/wchan").read()
    pytest.fail(f"the prompt does not answer (it waits in {waits}); {told()}")


@pytest.mark.parametrize("mode", ["emacs", "vi"])
def test_random_keys_end_in_order(home, mode):
    (home.path / ".editrc").write_text("bind -v\n" if mode == "vi" else "")
    rnd = random.Random(f"{SEED} {mode}")
    recent = []
    count = sessions = 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        terminal = Terminal(home, "--local", "--read-only", EDITOR="true", VISUAL="true", PAGER="true")

        def told():
            return (f"MOONGATE_SEED={SEED} ({mode}), after {count} keys; the last ones: {recent[-60:]!r}\n"
                    f"{terminal.output[-6000:].decode(errors='replace')}")

        sessions += 1
        terminal.read(1)
        while terminal.is_running() and time.monotonic() < end:
            for _ in range(200):
                # Alone, so that it is painted, or with others, as from a fast keyboard.
                burst = [event(rnd) for _ in range(rnd.choice([1, 1, 1, 4, 20]))]
                count += len(burst)
                recent = (recent + burst)[-200:]
                for key in burst:
                    terminal.resize(*key) if isinstance(key, tuple) else terminal.send(key)
                terminal.read(rnd.choices([0, 0.001, 0.005, 0.06], [4, 4, 4, 1])[0])
                if not terminal.is_running() or time.monotonic() > end:
                    break
            # Ctrl-D may have ended it, in order.
            if terminal.is_running():
                check_alive(terminal, count, told)
        if terminal.is_running():
            check_alive(terminal, f"{count}-last", told)
            terminal.send(b"\x04")
            terminal.read(0.5)
        try:
            status = terminal.process.wait(4 * DEADLINE)
        except subprocess.TimeoutExpired:
            pytest.fail(f"Ctrl-D does not end it; {told()}")
        terminal.read(0.1)
        assert status == 0, told()
        assert b"AddressSanitizer" not in terminal.output, told()
        assert termios.tcgetattr(terminal.theirs) == terminal.modes, told()
        terminal.close()
    print(f"{mode}: {count} keys in {sessions} sessions, MOONGATE_SEED={SEED}")
    assert count > 10
