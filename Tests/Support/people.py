# People who share snippets: each has a home of their own, a key, and the same team folder as registry.
import hashlib
import shutil
import subprocess

import pexpect

from moongate import PATIENCE, Command

SSH_KEYGEN = shutil.which("ssh-keygen")


def snippet(name="count", version="1.0.0", allow="ListGateways", body="print(list_gateways():count())", more=""):
    """The text of a snippet."""
    return f"--- How many gateways there are.\n-- @name {name}\n-- @version {version}\n{more}-- @allow {allow}\n{body}\n"


def sha256(text):
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()


class Person(Command):
    """The command as one person runs it; `registries` are places by name."""

    def __init__(self, folder, **registries):
        folder.mkdir()
        super().__init__(folder)
        self.configuration = self.home / ".config/moongate"
        self.configuration.mkdir(parents=True)
        self.configure(**registries)
        self.store = self.home / ".local/share/moongate/snippets"
        self.lock = self.store / "snippets.lock"

    def configure(self, text="", **registries):
        sections = [f"[registry {name}]\nurl = {place}\n" for name, place in registries.items()]
        (self.configuration / "config").write_text("".join(sections) + text)

    def snippet(self, *arguments, **options):
        return self("snippet", *arguments, **options)

    def make_key(self):
        """An ssh key, where ssh looks for one; its public half."""
        folder = self.home / ".ssh"
        folder.mkdir(mode=0o700)
        subprocess.run(
            [SSH_KEYGEN, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", folder / "id_ed25519"], check=True
        )
        return (folder / "id_ed25519.pub").read_text()

    def trust(self, who, key):
        """As `moongate snippet trust` writes it."""
        with (self.configuration / "allowed_signers").open("a") as file:
            file.write(f'{who} namespaces="moongate-snippet" {key}')

    def publish(self, text, *options, registry="team"):
        path = self.write("published.lua", text)
        result = self.snippet("publish", path, registry, *options)
        assert result.code == 0, result.stderr
        return sha256(text)

    def added(self, reference, text):
        """Adds an unsigned snippet by its hash."""
        result = self.snippet("add", reference, "--hash", f"sha256:{sha256(text)}")
        assert result.code == 0, result.stderr

    def asked(self, *arguments):
        """Runs it on a terminal, for whoever answers there."""
        return Conversation(self, arguments)


class Conversation:
    """A command on a terminal of its own."""

    def __init__(self, person, arguments):
        program, *rest = person.command(*arguments)
        self.seen = ""
        self.child = pexpect.spawn(
            str(program), rest, env=person.environment({"TERM": "dumb"}), cwd=str(person.folder),
            encoding="utf-8", timeout=PATIENCE, dimensions=(200, 200),
        )  # fmt: skip

    def wait(self, words):
        self.child.expect_exact(words)
        self.seen += self.child.before + words
        return self

    def answer(self, text):
        self.child.sendline(text)
        return self

    def end(self):
        """Waits for its end; the exit code."""
        self.child.expect(pexpect.EOF)
        self.seen += self.child.before
        self.child.close()
        return self.child.exitstatus
