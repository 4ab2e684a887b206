"""Whose signatures are believed: `moongate snippet verify` and `trust`. Signing is in test_snippet_signing.py."""

import fcntl
import itertools
import os
import random
import time

import pexpect
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from moongate import BINARY
from people import snippet
from ssh_keys import TEXT, fingerprint, make, needs_ssh_keygen, public, ssh_keygen
from ssh_keys import keys, trusted, verify  # noqa: F401, fixtures
from sshsig import Key, armor, signature

pytestmark = needs_ssh_keygen


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
