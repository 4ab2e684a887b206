# The product as a test sees it: a command that is run, and a local gateway that is started and stopped.
import json
import os
import selectors
import signal
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("MOONGATE_BINARY") or ROOT / ".build/debug/moongate").absolute()

# Long enough for a debug build on a machine that does something else too; a test that needs it has failed.
PATIENCE = 60

# Credentials that mean nothing to anybody.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}


# What a sanitizer's build of the product is told.
SANITIZER = {
    name: os.environ[name]
    for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "SWIFT_BACKTRACE")
    if name in os.environ
}


@dataclass
class Result:
    """What one run left behind. `code` is what a shell would call it: 128 + N for a death by signal N."""

    code: int
    stdout: str
    stderr: str

    def line(self):
        """The one line that stderr must consist of."""
        lines = self.stderr.splitlines()
        assert len(lines) == 1, f"expected one line on stderr, got {len(lines)}:\n{self.stderr}"
        return lines[0]


def shell_code(returncode):
    return 128 - returncode if returncode < 0 else returncode


def default_signals():
    # A test run that was started in the background ignores SIGINT, and children inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Command:
    """The command with a folder and a home of its own, and only the environment that a test gives it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.home = self.folder / "home"
        self.home.mkdir(exist_ok=True)

    def environment(self, extra=None):
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            # Without this a machine in EC2 would find credentials where the test says that there are none.
            "AWS_EC2_METADATA_DISABLED": "true",
            **SANITIZER,
            **(extra or {}),
        }

    def command(self, *arguments):
        return [BINARY, *map(str, arguments)]

    def __call__(self, *arguments, env=None, stdin=b"", timeout=PATIENCE):
        """Runs it to its end. `stdin` is bytes."""
        done = subprocess.run(
            [BINARY, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment(env),
            input=stdin,
            capture_output=True,
            timeout=timeout,
            preexec_fn=default_signals,
        )
        return Result(shell_code(done.returncode), done.stdout.decode(), done.stderr.decode())

    def start(self, *arguments, env=None, **options):
        """Starts it and returns the subprocess, for tests that do something meanwhile."""
        return subprocess.Popen(
            [BINARY, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            preexec_fn=default_signals,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )

    def shell(self, line, env=None):
        """Runs a bash command line in which $MOONGATE is the binary."""
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=self.environment({"MOONGATE": str(BINARY), **(env or {})}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
        )
        return Result(shell_code(done.returncode), done.stdout.decode(), done.stderr.decode())

    def write(self, name, text):
        """Writes a file into the folder; text or bytes, exactly as given."""
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path


def read_line(process, stream, seconds=PATIENCE):
    """The next line of a subprocess, within a deadline."""
    data = b""
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while not data.endswith(b"\n"):
            if not selector.select(deadline - time.monotonic()):
                raise TimeoutError(f"no line within {seconds} s; so far {data!r}")
            # One byte at a time from the descriptor: nothing after the line may be swallowed by a buffer.
            byte = os.read(stream.fileno(), 1)
            if not byte:
                raise EOFError(f"the process ended (status {process.wait()}) after {data!r}")
            data += byte
    return data.decode()


class LocalGateway:
    """`moongate serve` on a free port: a context manager that ends exactly the process it started."""

    def __init__(self, *arguments, port=0):
        self.arguments = ["serve", "--port", str(port), *map(str, arguments)]

    def start(self):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [BINARY, *self.arguments],
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", **SANITIZER},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            preexec_fn=default_signals,
        )
        return self

    def wait_ready(self):
        """Reads the line that says where it listens and with which key."""
        try:
            self.ready = json.loads(read_line(self.process, self.process.stdout))
        except Exception as error:
            raise RuntimeError(f"the local gateway did not become ready: {self.messages()}") from error
        self.endpoint = self.ready["endpoint"]
        self.region = self.ready["region"]
        self.access_key = self.ready["access_key_id"]
        self.secret_key = self.ready["secret_access_key"]
        return self

    def control(self, path, **fields):
        """Asks the control endpoint (`--control`); its answer."""
        request = urllib.request.Request(
            self.ready["control_endpoint"] + path,
            data=json.dumps(fields).encode(),
            headers={"Authorization": f"Bearer {self.ready['control_token']}"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def messages(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def stop(self):
        """SIGTERM; the status it ends with."""
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.kill()

    def __enter__(self):
        self.start()
        try:
            return self.wait_ready()
        except BaseException:
            self.kill()
            raise

    def __exit__(self, *error):
        status = self.stop()
        if not any(error):
            assert status == 0, f"serve should end with 0 on SIGTERM, not {status}"

    @property
    def environment(self):
        """What an AWS client needs in its environment to use this gateway."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }

    def client(self, *, models=None, attempts=1, **settings):
        """A boto3 client of this gateway. `settings` override its arguments and its Config; `models` is a folder whose
        description of the service counts instead of botocore's own."""
        import boto3
        from botocore.config import Config

        keys = dict(aws_access_key_id=self.access_key, aws_secret_access_key=self.secret_key)
        for name in list(settings):
            if name.startswith("aws_") or name == "region_name":
                keys[name] = settings.pop(name)
        config = Config(retries={"total_max_attempts": attempts, "mode": "standard"}, proxies={}, **settings)
        session = boto3.session.Session()
        if models:
            session._session.get_component("data_loader").search_paths.insert(0, str(models))
        return session.client(
            "backup-gateway", endpoint_url=self.endpoint, config=config, **{"region_name": self.region, **keys}
        )
