# Keys of every type as ssh-keygen makes them, the lists that say whose signatures are believed, and a file to verify.
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sshsig import Key

needs_ssh_keygen = pytest.mark.skipif(
    not shutil.which("ssh-keygen"), reason="there is no ssh-keygen (Debian: openssh-client)"
)

TEXT = b"print(1)\n"
TYPES = ["ed25519", "ecdsa -b 256", "ecdsa -b 384", "ecdsa -b 521", "rsa -b 2048", "rsa -b 3072", "rsa -b 4096"]


def ssh_keygen(*words, **options):
    return subprocess.run(["ssh-keygen", *map(str, words)], capture_output=True, text=True, **options)


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    """A key of every type, by what ssh-keygen was told; the path of its private half."""
    folder = tmp_path_factory.mktemp("keys")
    made = {}
    for number, kind in enumerate(TYPES):
        made[kind] = folder / f"key{number}"
        assert ssh_keygen("-q", "-t", *kind.split(), "-N", "", "-C", kind, "-f", made[kind]).returncode == 0
    return made


def public(path):
    return path.with_suffix(".pub").read_text().strip()


def fingerprint(path):
    return ssh_keygen("-lf", path).stdout.split()[1]


def make(kind):
    return Key({"ed25519": ed25519.Ed25519PrivateKey.generate, "ec": lambda: ec.generate_private_key(ec.SECP256R1())}[kind]())


@pytest.fixture
def trusted(moongate):
    """Writes allowed_signers and revoked."""
    folder = moongate.home / ".config/moongate"
    folder.mkdir(parents=True)

    def write(signers="", revoked=None):
        for name, text in (("allowed_signers", signers), ("revoked", revoked)):
            if text is not None:
                (folder / name).write_text(text)
                (folder / name).chmod(0o600)
        return folder

    return write


@pytest.fixture
def verify(moongate):
    """Puts a file and its signature there, and verifies; None for no signature."""

    def verify(sig, data=TEXT, **options):
        moongate.write("x.lua", data)
        (moongate.folder / "x.lua.sig").unlink(missing_ok=True)
        if sig is not None:
            moongate.write("x.lua.sig", sig)
        return moongate("snippet", "verify", "x.lua", **options)

    return verify
