"""Who signed a snippet, and whose signatures are believed: `moongate snippet verify`, `sign` and `trust`."""

import fcntl
import itertools
import os
import random
import shutil
import subprocess
import time

import pexpect
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from moongate import BINARY
from people import snippet
from sshsig import Key, armor, signature

pytestmark = pytest.mark.skipif(
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


# Signing


@pytest.mark.parametrize("kind", TYPES)
def test_keys_that_people_have_sign_and_are_verified_here_and_by_ssh_keygen(moongate, keys, trusted, kind):
    moongate.write("x.lua", TEXT)
    trusted(f"alice {public(keys[kind])}\n")
    signed = moongate("snippet", "sign", "--key", keys[kind], "x.lua")
    assert signed.code == 0 and fingerprint(keys[kind]) in signed.stdout, signed.stderr
    result = moongate("snippet", "verify", "x.lua")
    assert result.code == 0 and result.stdout.startswith("'x.lua': signed by alice ("), result.stderr
    assert fingerprint(keys[kind]) in result.stdout
    peer = moongate.shell(
        "ssh-keygen -Y verify -n moongate-snippet -I alice -f home/.config/moongate/allowed_signers -s x.lua.sig <x.lua"
    )
    assert peer.code == 0, peer.stderr
    moongate.write("x.lua", TEXT + b" ")
    assert moongate("snippet", "verify", "x.lua").code == 251


@pytest.mark.parametrize("kind", ["rsa -b 2048", "rsa -b 3072", "rsa -b 4096"])
@pytest.mark.parametrize("algorithm", ["rsa-sha2-256", "rsa-sha2-512"])
def test_rsa_is_verified_with_both_hashes_but_not_with_sha1(keys, trusted, verify, kind, algorithm):
    key = Key(serialization.load_ssh_private_key(keys[kind].read_bytes(), None))
    trusted(f"alice {key.line}\n")
    assert verify(signature(key, TEXT, algorithm=algorithm)).code == 0
    assert "SHA-1" in verify(signature(key, TEXT, algorithm="ssh-rsa")).stderr


@pytest.mark.parametrize("private", [ed25519.Ed25519PrivateKey.generate, lambda: ec.generate_private_key(ec.SECP256R1())])
def test_security_keys_are_verified_when_they_were_touched(moongate, trusted, verify, private):
    """Made in software, as PROTOCOL.u2f says; ssh-keygen is the judge of that."""
    key = Key(private(), b"ssh:")
    trusted(f"alice {key.line}\n")
    assert verify(signature(key, TEXT)).code == 0
    peer = moongate.shell(
        "ssh-keygen -Y verify -n moongate-snippet -I alice -f home/.config/moongate/allowed_signers -s x.lua.sig <x.lua"
    )
    assert peer.code == 0, peer.stderr
    assert "without being touched" in verify(signature(key, TEXT, flags=0)).stderr
    good = signature(key, TEXT, counter=7)
    other = signature(key, TEXT, counter=8)
    assert good != other and verify(other, data=TEXT + b"x").code == 251


def test_an_agent_signs_with_a_key_that_is_not_there(moongate, keys, trusted, tmp_path):
    moongate.write("x.lua", TEXT)
    pub = moongate.write("only.pub", public(keys["ed25519"]) + "\n")
    trusted(f"alice {public(keys['ed25519'])}\n")
    socket = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(500):
            if socket.exists():
                break
            time.sleep(0.01)
        env = {"SSH_AUTH_SOCK": str(socket)}
        subprocess.run(["ssh-add", "-q", keys["ed25519"]], env={**os.environ, **env}, check=True)
        assert moongate("snippet", "sign", "x.lua", "--key", pub, env=env).code == 0
        assert moongate("snippet", "verify", "x.lua").code == 0
        assert moongate("snippet", "sign", "x.lua", "--key", pub).code == 253
    finally:
        agent.kill()
        agent.wait()


def test_a_passphrase_is_asked_for_at_the_terminal(moongate, trusted):
    moongate.write("x.lua", TEXT)
    key = moongate.folder / "locked"
    assert ssh_keygen("-q", "-t", "ed25519", "-N", "open sesame", "-f", key).returncode == 0
    trusted(f"alice {public(key)}\n")
    child = pexpect.spawn(
        str(BINARY), ["snippet", "sign", "x.lua", "--key", str(key)], env=moongate.environment(), cwd=str(moongate.folder),
        timeout=30,
    )
    child.expect("passphrase")
    child.sendline("open sesame")
    child.expect("signed with ssh-ed25519")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0 and moongate("snippet", "verify", "x.lua").code == 0
    # Without a terminal nobody waits for one.
    os.unlink(moongate.folder / "x.lua.sig")
    result = moongate("snippet", "sign", "x.lua", "--key", key)
    assert result.code == 253 and "nothing was signed" in result.stderr
    assert not (moongate.folder / "x.lua.sig").exists()


def test_ctrl_c_while_a_passphrase_is_asked_for_leaves_nothing(moongate, tmp_path):
    moongate.write("x.lua", TEXT)
    key = moongate.folder / "locked"
    assert ssh_keygen("-q", "-t", "ed25519", "-N", "open sesame", "-f", key).returncode == 0
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    child = pexpect.spawn(
        str(BINARY), ["snippet", "sign", "x.lua", "--key", str(key)],
        env=moongate.environment({"TMPDIR": str(scratch)}), cwd=str(moongate.folder), timeout=30,
    )
    child.expect("passphrase")
    assert list(scratch.iterdir())
    # A signal between ssh-keygen's prompt and its read is only noted, and the read waits: a person presses again.
    for _ in range(30):
        child.sendintr()
        if child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=1) == 0:
            break
    child.close()
    assert child.signalstatus == 2 and not list(scratch.iterdir())
    assert not (moongate.folder / "x.lua.sig").exists()


def test_the_key_is_the_named_one_then_the_configured_one_then_sshs_usual_one(moongate, keys):
    moongate.write("x.lua", TEXT)
    nothing = moongate("snippet", "sign", "x.lua")
    assert nothing.code == 253 and "ssh-keygen -t ed25519" in nothing.stderr
    ssh = moongate.home / ".ssh"
    ssh.mkdir()
    shutil.copy(keys["ecdsa -b 256"], ssh / "id_ecdsa")
    assert fingerprint(keys["ecdsa -b 256"]) in moongate("snippet", "sign", "x.lua").stdout
    config = moongate.home / ".config/moongate/config"
    config.parent.mkdir(parents=True)
    config.write_text(f"[trust]\nsigning_key = {keys['ed25519']}\n")
    assert fingerprint(keys["ed25519"]) in moongate("snippet", "sign", "x.lua").stdout
    named = moongate("snippet", "sign", "x.lua", "--key", keys["ecdsa -b 384"])
    assert fingerprint(keys["ecdsa -b 384"]) in named.stdout


def test_ssh_keygen_sees_no_credentials(moongate, keys, tmp_path):
    """Told by a program that ssh-keygen asks for the passphrase, and that it gives its own environment."""
    moongate.write("x.lua", TEXT)
    key = moongate.folder / "locked"
    assert ssh_keygen("-q", "-t", "ed25519", "-N", "open sesame", "-f", key).returncode == 0
    asked = tmp_path / "asked"
    askpass = tmp_path / "askpass"
    askpass.write_text(f"#!/bin/sh\nenv >{asked}\necho 'open sesame'\n")
    askpass.chmod(0o755)
    env = {"SSH_ASKPASS": str(askpass), "SSH_ASKPASS_REQUIRE": "force", "AWS_SECRET_ACCESS_KEY": "CANARY"}
    result = moongate("snippet", "sign", "x.lua", "--key", key, env=env)
    assert result.code == 0, result.stderr
    assert "CANARY" not in asked.read_text() and "SSH_ASKPASS" in asked.read_text()


# Failures


def test_no_failure_is_taken_for_unsigned(trusted, verify):
    """Unknown key, other namespace, revoked, expired, over another file, empty, 10 MB."""
    alice, mallory = make("ed25519"), make("ec")
    good = signature(alice, TEXT)
    yesterday = time.strftime("%Y%m%dZ", time.gmtime(time.time() - 2 * 86400))
    tomorrow = time.strftime("%Y%m%dZ", time.gmtime(time.time() + 2 * 86400))
    line = f"alice {alice.line}\n"
    cases = [
        ("unknown key", line, "", signature(mallory, TEXT), mallory.fingerprint),
        ("other namespace", line, "", signature(alice, TEXT, namespace=b"git"), "made for 'git'"),
        ("not for snippets", f'alice namespaces="git" {alice.line}\n', "", good, "does not let the key of 'alice'"),
        ("revoked key", line, f"{alice.fingerprint} stolen\n", good, "'stolen'"),
        ("expired", f'alice valid-before="{yesterday}" {alice.line}\n', "", good, "expired at"),
        ("not yet", f'alice valid-after="{tomorrow}" {alice.line}\n', "", good, "not valid before"),
        ("another file", line, "", signature(alice, b"print(2)\n"), "not over these bytes"),
        ("empty", line, "", b"", "the file is empty"),
        ("10 MB", line, "", b"A" * (10 << 20), "larger than"),
        ("15 MB of armor", line, "", armor(bytes(10 << 20)), "larger than"),
        ("another format", line, "", b"-----BEGIN PGP SIGNATURE-----\n", "does not begin with"),
    ]
    for name, signers, revoked, sig, words in cases:
        trusted(signers, revoked)
        result = verify(sig)
        assert (result.code, result.stdout) == (251, ""), name
        assert "'x.lua': not verified: " in result.stderr and words in result.stderr, name
        assert "not signed" not in result.stderr, name
    trusted(line, "")
    assert verify(good).code == 0
    result = verify(None)
    assert result.code == 251 and result.line() == "moongate: 'x.lua': not signed"


def test_a_revoked_snippet_is_refused_with_line_and_reason(trusted, verify):
    import hashlib

    alice = make("ed25519")
    folder = trusted(f"alice {alice.line}\n", f"# list\n{hashlib.sha256(TEXT).hexdigest()}  deletes all tags\n")
    for sig in (signature(alice, TEXT), None):
        line = verify(sig).line()
        assert line.endswith(f"these bytes are revoked: 'deletes all tags' ({folder}/revoked:2)")


@pytest.mark.parametrize("name", ["allowed_signers", "revoked"])
def test_a_file_that_somebody_else_can_write_decides_nothing(moongate, trusted, verify, name):
    alice = make("ed25519")
    good = signature(alice, TEXT)
    folder = trusted(f"alice {alice.line}\n", "")
    file = folder / name

    def refused(words):
        result = verify(good)
        assert result.code == 253 and words in result.stderr and result.stdout == "", result.stderr

    assert verify(good).code == 0
    file.chmod(0o620)
    refused("others can write to it")
    file.chmod(0o602)
    refused("others can write to it")
    file.chmod(0o600)
    folder.chmod(0o770)
    refused(f"others can write to the folder {folder}")
    folder.chmod(0o700)
    moongate.home.chmod(0o777)
    refused(f"others can write to the folder {moongate.home}")
    moongate.home.chmod(0o700)
    # Above the home folder nobody looks, as sshd does not.
    moongate.folder.chmod(0o777)
    assert verify(good).code == 0
    if os.geteuid() == 0:
        os.chown(file, 1, 1)
        refused("it belongs to somebody else")
        os.chown(file, 0, 0)
    # A link is followed, and the same holds where it leads.
    elsewhere = moongate.folder / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    file.rename(elsewhere / name)
    file.symlink_to(elsewhere / name)
    refused(f"others can write to the folder {moongate.folder}")
    moongate.folder.chmod(0o700)
    assert verify(good).code == 0
    elsewhere.chmod(0o777)
    refused(f"others can write to the folder {elsewhere}")
    elsewhere.chmod(0o700)
    file.unlink()
    os.mkfifo(file)
    refused("it is no regular file")
    file.unlink()
    file.mkdir()
    refused("it is no regular file")
    file.rmdir()
    file.symlink_to(file)
    refused("Too many levels of symbolic links")


@pytest.mark.parametrize("name", ["allowed_signers", "revoked"])
@pytest.mark.parametrize("text", [b"nonsense\n", b"\xff\xfe\n", b"a" * (2 << 20)])
def test_a_file_that_cannot_be_understood_decides_nothing(trusted, verify, name, text):
    alice = make("ed25519")
    folder = trusted(f"alice {alice.line}\n", "")
    before = (folder / name).read_bytes()
    (folder / name).write_bytes(before + text)
    result = verify(signature(alice, TEXT))
    assert result.code == 253 and str(folder / name) in result.stderr and result.stdout == ""


def test_the_configuration_says_where_the_files_are(moongate, trusted, verify):
    alice = make("ed25519")
    folder = trusted()
    (moongate.home / "signers").write_text(f"alice {alice.line}\n")
    config = folder / "config"
    config.write_text("[trust]\nallowed_signers = ~/signers\n")
    assert verify(signature(alice, TEXT)).code == 0
    config.write_text("[trust]\nallowed_signers = ~/signers\nrevoked = ~/revoked\n")
    missing = verify(signature(alice, TEXT))
    assert missing.code == 253 and "revoked is not there" in missing.stderr
    (moongate.home / "revoked").write_text(alice.fingerprint)
    assert verify(signature(alice, TEXT)).code == 251
    for line, words in [
        ("allowed_signers = signers", "by its whole path"),
        ("allowed_signer = ~/signers", "did you mean allowed_signers?"),
    ]:
        config.write_text(f"[trust]\n{line}\n")
        result = verify(signature(alice, TEXT))
        assert result.code == 253 and f"{config}:2: " in result.stderr and words in result.stderr


# The same verdict as ssh-keygen's


def stamp(seconds, utc=True):
    return time.strftime("%Y%m%d%H%M%SZ" if utc else "%Y%m%d%H%M%S", (time.gmtime if utc else time.localtime)(seconds))


# How many files of one line, chosen by chance, beside those with each option; each costs up to four processes.
FILES = int(os.environ.get("MOONGATE_SIGNERS", "30"))


def generated_files(alice, bob):
    """Lines of allowed_signers as people write them, and as they do not."""
    dice = random.Random(57)
    now = time.time()
    principals = [
        "alice@example.com", "*@example.com", "bob@example.com", "*", "?lice@example.com", '"alice@example.com"',
        "bob@example.com,alice@example.com", "*,!alice@example.com", "ALICE@example.com", "!*", "alice@example.com,",
    ]
    options = [
        "", 'namespaces="moongate-snippet"', 'namespaces="git"', 'namespaces="git,moongate-*"', 'NAMESPACES="*"',
        'namespaces="*,!moongate-snippet"', "cert-authority", 'namespaces="moongate-snippet",cert-authority',
        f'valid-before="{stamp(now + 5400)}"', f'valid-before="{stamp(now - 5400)}"', f'valid-after="{stamp(now - 5400)}"',
        f'valid-after="{stamp(now + 5400)}"', f'valid-after="{stamp(now - 5400)}",valid-before="{stamp(now + 5400)}"',
        f'valid-before="{stamp(now + 5400, False)}"', f'valid-after="{stamp(now + 5400, False)}"',
        f'valid-before="{stamp(now - 5400, False)}"', 'valid-before="20990101"', 'valid-before="209901010000Z"',
        'valid-after="20990101",namespaces="moongate-snippet"', 'namespaces="a\\"b"', "namespaces=git", 'namespaces="git',
        "nonsense", 'valid-before="soon"', 'namespaces="a",namespaces="b"', "cert-authority,", ",",
    ]
    spaces = [" ", "  ", "\t"]
    kinds = [alice.line, alice.line + " a comment", bob.line, "ssh-ed25519 AAAA", alice.line[:-4], "ssh-rsa " + alice.line.split()[1]]

    def line(principal, option, kind):
        space = dice.choice(spaces)
        return dice.choice(["", "", " "]) + space.join(filter(None, [principal, option, kind]))

    singles = list(itertools.product(principals, options[:13], kinds[:1])) + list(itertools.product(principals[:3], options, kinds))
    for parts in dice.sample(singles, min(len(singles), FILES)):
        yield [line(*parts)]
    for parts in itertools.product(principals[:1], options, kinds[:2]):
        yield [line(*parts)]
    for _ in range(FILES // 2):
        lines = [line(dice.choice(principals), dice.choice(options[:20]), dice.choice(kinds[:3])) for _ in range(dice.randint(2, 3))]
        yield lines + dice.choice([[], ["# a comment"], [""]])


def test_allowed_signers_means_what_it_means_to_ssh_keygen(moongate, trusted, verify, monkeypatch):
    """Whoever ssh-keygen believes for some name is believed here, and nobody else. Here a file with a line that cannot be
    read decides nothing; ssh-keygen passes over it where the line is about somebody else."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    env = {"TZ": "Europe/Berlin"}
    alice, bob = make("ed25519"), make("ec")
    good = signature(alice, TEXT)
    verify(good)
    folder = trusted()
    count = {0: 0, 251: 0, 253: 0}
    for lines in generated_files(alice, bob):
        trusted("\n".join(lines) + "\n")
        ours = moongate("snippet", "verify", "x.lua", env=env)
        words = ["-Y", "verify", "-n", "moongate-snippet", "-f", folder / "allowed_signers", "-s", "x.lua.sig"]
        is_theirs = any(
            ssh_keygen(*words, "-I", name, cwd=moongate.folder, input=TEXT.decode(), env={**os.environ, **env}).returncode == 0
            for name in ("alice@example.com", "bob@example.com", "ALICE@example.com")
        )
        count[ours.code] += 1
        if ours.code == 253 and len(lines) > 1:
            continue
        assert is_theirs == (ours.code == 0), (lines, ours.stdout + ours.stderr)
    assert min(count.values()) >= 15, count
    time.tzset()


# Trusting a key


def test_a_key_is_trusted_by_the_fingerprint_that_one_was_told(moongate, keys, verify):
    key = keys["ed25519"]
    pub = moongate.write("alice.pub", public(key) + "\n")
    moongate.write("x.lua", TEXT)
    assert moongate("snippet", "sign", "x.lua", "--key", key).code == 0
    assert moongate("snippet", "verify", "x.lua").code == 251
    asked = moongate("snippet", "trust", pub, "--as", "alice@example.com")
    assert asked.code == 251 and fingerprint(key) in asked.stderr and "--fingerprint SHA256:" in asked.stderr
    other = moongate("snippet", "trust", pub, "--as", "alice@example.com", "--fingerprint", fingerprint(keys["rsa -b 2048"]))
    assert other.code == 251 and "another key than the one that --fingerprint names" in other.stderr
    file = moongate.home / ".config/moongate/allowed_signers"
    assert not file.exists()
    # The signature holds the key too.
    words = ["snippet", "trust", "x.lua.sig", "--as", "alice@example.com", "--until", "2099-01-01", "--fingerprint", fingerprint(key)]
    assert moongate(*words).code == 0
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700
    assert file.read_text() == (
        f'alice@example.com namespaces="moongate-snippet",valid-before="20990101000000Z" {" ".join(public(key).split()[:2])}\n'
    )
    result = moongate("snippet", "verify", "x.lua")
    assert result.code == 0 and "alice@example.com" in result.stdout and "valid until 2099-01-01" in result.stdout
    believed = file.read_text()
    assert moongate(*words).code == 0 and file.read_text() == believed
    words[words.index("2099-01-01")] = "2098-01-01"
    again = moongate(*words)
    assert again.code == 252 and "already, line 1, for 'alice@example.com'" in again.stderr
    listed = moongate("snippet", "trust")
    assert listed.stdout == f"alice@example.com  ssh-ed25519 {fingerprint(key)}  until 2099-01-01T00:00:00Z\n"


def test_a_fingerprint_stands_for_the_key_of_a_registrys_signature(moongate, keys, tmp_path):
    """As the refusal of an unknown key says it."""
    team = tmp_path / "team"
    team.mkdir()
    config = moongate.home / ".config/moongate/config"
    config.parent.mkdir(parents=True)
    config.write_text(f"[registry team]\nurl = {team}\n")
    for kind, version in (("rsa -b 2048", "1.0.0"), ("ed25519", "1.0.1")):
        moongate.write("x.lua", snippet("one", version, body="print(1)"))
        assert moongate("snippet", "publish", "x.lua", "team", "--key", keys[kind]).code == 0
    refused = moongate("snippet", "add", "one")
    wanted = fingerprint(keys["ed25519"])
    assert refused.code == 251 and f"moongate snippet trust {wanted} --as NAME" in refused.stderr
    assert moongate("snippet", "trust", wanted, "--as", "alice").stdout == f"{wanted} signs snippets as alice for ever\n"
    assert moongate("snippet", "add", "one").code == 0 and moongate("--local", "one").stdout == "1\n"


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 251), ("", 251), ("\x04", 251)])
def test_at_a_terminal_the_fingerprint_is_shown_and_asked_about(moongate, keys, answer, code):
    pub = moongate.write("alice.pub", public(keys["ed25519"]) + "\n")
    child = pexpect.spawn(
        str(BINARY), ["snippet", "trust", str(pub), "--as", "alice"], env=moongate.environment(), cwd=str(moongate.folder),
        timeout=30,
    )
    child.expect_exact(fingerprint(keys["ed25519"]))
    child.expect_exact("[n] no: ")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code
    assert (moongate.home / ".config/moongate/allowed_signers").exists() == (code == 0)


def test_what_cannot_be_trusted_says_why(moongate, keys, trusted):
    key = keys["ed25519"]
    pub = moongate.write("alice.pub", public(key) + "\n")
    weak = Key(rsa.generate_private_key(65537, 1024))
    cases = [
        ([pub], "--as NAME"),
        ([pub, "--as", "*"], "signs as anyone"),
        ([pub, "--as", "a b"], "one owner's name"),
        ([pub, "--as", "a", "--until", "2020-01-01"], "has passed"),
        ([pub, "--as", "a", "--until", "tomorrow"], "takes a date"),
        ([key, "--as", "a"], "is no public key; whoever has the private one keeps it"),
        ([fingerprint(key), "--as", "a"], "no registry has a signature by SHA256:"),
        (["nowhere.pub", "--as", "a"], "there is no such file"),
        ([moongate.write("weak.pub", weak.line), "--as", "a"], "1024 bits"),
        ([pub, pub, "--as", "a"], "one key at a time"),
    ]
    for words, message in cases:
        result = moongate("snippet", "trust", *words, "--fingerprint", fingerprint(key))
        assert result.code in (251, 252) and message in result.stderr, result.stderr
    trusted("", f"{fingerprint(key)} stolen\n")
    revoked = moongate("snippet", "trust", pub, "--as", "a", "--fingerprint", fingerprint(key))
    assert revoked.code == 251 and "is revoked: 'stolen'" in revoked.stderr


def test_the_list_says_what_is_not_as_it_seems(moongate, trusted):
    a, b, c, d = (make("ed25519") for _ in range(4))
    trusted(
        f'* {a.line}\nbob valid-before="20200101Z" {b.line}\ncarol cert-authority {c.line}\ndave {d.line}\n',
        f"{d.fingerprint} left\n",
    )
    rows = moongate("snippet", "trust").stdout.splitlines()
    assert rows[0].startswith("*  ssh-ed25519") and "signs in every name" in rows[1]
    assert rows[2].startswith("bob  ") and "expired at 2020-01-01T00:00:00Z" in rows[3]
    assert rows[4].startswith("carol  ") and "certificates, which are not supported" in rows[5]
    assert rows[6].startswith("dave  ") and "revoked: 'left'" in rows[7]
    assert rows[8].startswith("revoked: 1 key or snippet, list of 20")


def test_two_that_trust_at_once_both_have_their_line(moongate, keys, trusted):
    """One that read the file before the other wrote it once took the other's line away."""
    trusted("")
    signers = moongate.home / ".config/moongate/allowed_signers"
    folder = os.open(signers.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    key = keys["ed25519"]
    pub = moongate.write("alice.pub", public(key) + "\n")
    process = moongate.start("snippet", "trust", pub, "--as", "alice@example.com", "--fingerprint", fingerprint(key))
    assert moongate("snippet", "trust").code == 0, "reading waits for nobody"
    assert process.poll() is None
    signers.write_text(f"bob@example.com {public(keys['rsa -b 3072'])}\n")
    os.close(folder)
    assert process.wait(60) == 0
    process.stdout.close(), process.stderr.close()
    assert [line.split()[0] for line in signers.read_text().splitlines()] == ["bob@example.com", "alice@example.com"]


def test_trust_follows_a_link_and_keeps_what_is_there(moongate, keys, trusted):
    folder = trusted()
    dotfiles = moongate.folder / "dotfiles"
    dotfiles.mkdir(mode=0o700)
    (dotfiles / "signers").write_text("# mine")
    (folder / "allowed_signers").unlink()
    (folder / "allowed_signers").symlink_to(dotfiles / "signers")
    pub = moongate.write("alice.pub", public(keys["ed25519"]) + "\n")
    assert moongate("snippet", "trust", pub, "--as", "a", "--fingerprint", fingerprint(keys["ed25519"])).code == 0
    assert (folder / "allowed_signers").is_symlink()
    assert (dotfiles / "signers").read_text().startswith("# mine\na namespaces=")


# The command


def test_the_command_says_what_there_is(moongate):
    for words in (["snippet"], ["snippet", "--help"]):
        result = moongate(*words)
        assert result.code == 0 and "moongate snippet sign FILE…" in result.stdout
    one = moongate("snippet", "sign", "--help")
    assert one.code == 0 and "sign FILE…" in one.stdout and "trust" not in one.stdout
    wrong = moongate("snippet", "verfy")
    assert wrong.code == 252 and "did you mean verify?" in wrong.stderr
    empty = moongate("snippet", "sign")
    assert empty.code == 252 and "usage: moongate snippet sign FILE…" in empty.stderr
