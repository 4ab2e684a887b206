# A tour of the program by somebody with secrets: an empty home, a umask that protects nothing, and a note of everything
# that is said. In the end it is looked at what lies there, who can read it, and whether a secret is in any of it.
import base64
import fnmatch
import json
import os
import re
import resource
import shutil
import stat
import subprocess
import time
import urllib.parse
from contextlib import contextmanager

import pexpect

from moongate import BINARY, PATIENCE, Command, Result, default_signals, shell_code

STRACE = shutil.which("strace")

# What others may read, by what it is; all else is its owner's alone. The reason is what a reader of the test asks.
SHARED = {
    "work/asked/*": "the operator named the file: it is as a shell's > would make it, and the umask decides",
    "work/*.sig*": "a signature goes with the script that it is of, to whoever gets that",
    "tmp/moongate-*/snippet.sig": "ssh-keygen makes it, in a folder that only its owner can enter",
    "team*": "a registry is there for its team to read",
}

# A call that makes a file or a folder, or says who may read it, as `strace -y` tells: folders by their names.
MADE = re.compile(
    r"(?:open|openat|creat|mkdir|mkdirat|mknod|mknodat|f?chmod|fchmodat)\((?:\w+<(?P<folder>[^>]*)>(?:, )?)?"
    r'(?:"(?P<name>(?:[^"\\]|\\.)*)")?(?:, [A-Z_|]*O_CREAT[A-Z_|]*)?, (?:S_IF\w+\|)?0(?P<mode>[0-7]+)\)'
)


def spellings(secret):
    """The ways in which a text may stand in a file: as it is, in JSON, in an address, in base64 at any offset, in hex."""
    raw = secret.encode()
    yield raw
    yield json.dumps(secret)[1:-1].encode()
    yield urllib.parse.quote(secret, safe="").encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for offset in range(3):
        # Without the digits that its neighbours change too.
        text = base64.b64encode(b"\0" * offset + raw)
        yield text[4 if offset else 0 : -4]


class Tour(Command):
    """The command as somebody runs it who protects nothing. `secrets` are texts by what they are."""

    def __init__(self, folder, secrets):
        super().__init__(folder)
        for name in ("work", "work/asked", "tmp", "logs"):
            (self.folder / name).mkdir()
        self.work, self.asked, self.tmp = self.folder / "work", self.folder / "work/asked", self.folder / "tmp"
        self.secrets = secrets
        self.said = {}
        self.given = {}
        self.may_hold = set()
        self.variables = {}

    def give(self, path, content, mode=0o600):
        """A file that was there before, for its owner only."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in path.relative_to(self.folder).parents:
            if folder.name:
                (self.folder / folder).chmod(0o700)
        path.write_text(content)
        path.chmod(mode)
        self.given[path] = (content, mode)
        return path

    def environment(self, extra=None):
        return super().environment({"TMPDIR": str(self.tmp), "TERM": "xterm", **self.variables, **(extra or {})})

    @property
    def is_traced(self):
        return any((self.folder / "logs").glob("[0-9]*"))

    def words(self, arguments):
        """The command, with a note of each file and folder that it makes, however short it lies there."""
        log = self.folder / "logs" / str(len(self.said))
        traced = "trace=open,openat,creat,mkdir,mkdirat,mknod,mknodat,bind,chmod,fchmod,fchmodat,execve"
        words = [STRACE, "-f", "-y", "-qq", "-s", "4096", "-e", traced, "-e", "signal=none", "-o", str(log)] if STRACE else []
        return [*words, str(BINARY), *map(str, arguments)]

    def note(self, what, text):
        self.said[f"{len(self.said)} {what}"] = text if isinstance(text, bytes) else text.encode()

    def run(self, *arguments, env=None, stdin=b"", code=0):
        """Runs it to its end; any code is right for None."""
        done = subprocess.run(
            self.words(arguments), cwd=self.work, env=self.environment(env), input=stdin, capture_output=True,
            timeout=PATIENCE, preexec_fn=unprotected,
        )  # fmt: skip
        result = Result(shell_code(done.returncode), done.stdout.decode(), done.stderr.decode())
        self.note(f"{arguments} stdout", done.stdout)
        self.note(f"{arguments} stderr", done.stderr)
        assert code is None or result.code == code, f"{arguments}: {result}"
        return result

    @contextmanager
    def running(self, *arguments, env=None):
        """It runs meanwhile, and is ended by SIGTERM unless it has ended by then."""
        log = self.folder / "logs" / f"out{len(self.said)}"
        with open(log, "w+b") as out:
            process = subprocess.Popen(
                [BINARY, *map(str, arguments)], cwd=self.work, env=self.environment(env), stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, preexec_fn=unprotected,
            )  # fmt: skip
            process.output = log
            try:
                yield process
                process.terminate()
                process.wait(PATIENCE)
            finally:
                process.kill()
                process.wait()
            self.note(str(arguments), log.read_bytes())

    @contextmanager
    def terminal(self, *arguments, env=None, dimensions=(50, 200)):
        """On a terminal; what was on its screen is noted."""
        program, *words = self.words(arguments)
        child = pexpect.spawn(
            program, words, cwd=str(self.work), env=self.environment(env), dimensions=dimensions, timeout=PATIENCE,
            preexec_fn=unprotected,
        )  # fmt: skip
        path = self.folder / "logs" / f"screen{len(self.said)}"
        with open(path, "wb") as screen:
            child.logfile_read = screen
            try:
                yield child
                child.expect(pexpect.EOF)
            finally:
                child.close(force=True)
        self.note(f"screen of {arguments}", path.read_bytes())

    # What is there in the end -------------------------------------------------------------------------------------

    def left(self):
        """Every file and folder that is there, by its name in the tour; the notes are ours."""
        for path in sorted(self.folder.rglob("*")):
            name = str(path.relative_to(self.folder))
            if not name.startswith("logs"):
                yield name, path

    def assert_private(self):
        """Everything is its owner's alone, and what was there before is as it was."""
        loose = []
        for name, path in self.left():
            status = path.lstat()
            assert status.st_uid == os.geteuid() and not stat.S_ISLNK(status.st_mode), name
            wanted = {0o700} if stat.S_ISDIR(status.st_mode) else {0o600, self.given.get(path, (0, 0o600))[1]}
            if stat.S_IMODE(status.st_mode) not in wanted and not self.is_shared(path):
                loose.append(f"{stat.S_IMODE(status.st_mode):o} {name}")
        # The folders that the tour made for itself.
        loose = [one for one in loose if one.split()[1] not in ("home", "work", "work/asked", "tmp")]
        assert loose == [], loose
        for path, (content, mode) in self.given.items():
            if path not in self.may_hold:
                assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == (content, mode), path
        assert list(self.tmp.iterdir()) == [], "something was left in the folder for temporary files"

    def assert_made_private(self):
        """No file was open to others even for a moment. How many there were, for somebody who wonders whether any was
        looked at."""
        loose, count = [], 0
        for log in (self.folder / "logs").glob("[0-9]*"):
            there = set()
            for line in log.read_text(errors="replace").splitlines():
                found = MADE.search(line)
                assert " bind(" not in line or "AF_UNIX" not in line, f"a socket that has a name: {line}"
                if not found or not line.rstrip().rpartition(" = ")[2][0].isdigit():
                    continue
                path = os.path.normpath(os.path.join(found["folder"] or "", found["name"] or ""))
                count += 1
                # SQLite would make a file that is there already.
                was_there, _ = path in there and "O_EXCL" not in line, there.add(path)
                if int(found["mode"], 8) & 0o077 and not was_there and not self.is_shared(path):
                    loose.append(line)
        assert loose == [], loose
        return count

    def is_shared(self, path):
        name = os.path.relpath(path, self.folder)
        return name.startswith("..") or any(fnmatch.fnmatch(name, one) for one in SHARED)

    def assert_silent(self):
        """No secret is in anything that was said or written, but where the operator had put it."""
        found = []
        for what, secret in self.secrets.items():
            marks = [mark for mark in spellings(secret) if len(mark) >= 6]
            for place, text in self.said.items():
                found += [f"{what} in {place}" for mark in marks if mark in text]
            for name, path in self.left():
                if path.is_file() and path not in self.given and path not in self.may_hold:
                    text = path.read_bytes()
                    found += [f"{what} in {name}" for mark in marks if mark in text]
        assert found == [], found


def unprotected():
    default_signals()
    os.umask(0)
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def wait_for(condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to that")
