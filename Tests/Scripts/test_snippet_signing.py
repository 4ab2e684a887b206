"""Signing a snippet: `moongate snippet sign` with the keys that people have, as ssh-keygen is the judge of it."""

import os
import shutil
import subprocess
import time

import pexpect
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from moongate import BINARY
from sanitizers import needs_signals
from ssh_keys import TEXT, TYPES, fingerprint, needs_ssh_keygen, public, ssh_keygen
from ssh_keys import keys, trusted, verify  # noqa: F401, fixtures
from sshsig import Key, signature

pytestmark = needs_ssh_keygen


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


@needs_signals
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
