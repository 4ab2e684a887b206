# Files of ours that lie there open to others, as a copy or an older tool may have left them: each is made private, or
# refused with its name and what to do, and never used as it is. What new files are like is in Tests/Interop/test_tour.py.
import stat

import pexpect
import pytest

from moongate import BINARY, PATIENCE
from people import Person, snippet

STATE, CONFIGURATION, DATA = ".local/state/moongate", ".config/moongate", ".local/share/moongate"
WRITE = "update_gateway_information(list_gateways():first(), { GatewayDisplayName = 'x' })"
MODES = [0o644, 0o664, 0o666, 0o606, 0o622]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def put(moongate, name, text, mode):
    path = moongate.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("loose", MODES)
def test_the_history_is_made_private(moongate, loose):
    path = put(moongate, f"{STATE}/history", "", loose)
    child = pexpect.spawn(
        str(BINARY), ["--local"], cwd=moongate.folder, env=moongate.environment({"TERM": "xterm"}), timeout=PATIENCE)
    child.expect("us-east-1>")
    child.send("x = 1\r")
    child.expect("us-east-1>")
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert mode(path) == 0o600 and "x = 1" in path.read_text()


@pytest.mark.parametrize("loose", MODES)
def test_the_store_is_made_private(moongate, loose):
    """It was used as it was, with the key of the tokens in it for everybody."""
    moongate("--local", "--data", "data", "-e", WRITE, "--allow", "UpdateGatewayInformation")
    path = moongate.folder / "data/gateway.sqlite3"
    path.chmod(loose)
    assert moongate("--local", "--data", "data", "-e", "print(list_gateways():count())").stdout == "3\n"
    assert mode(path) == 0o600


@pytest.mark.parametrize("loose", MODES)
def test_the_lock_with_the_control_token_is_made_private(moongate, loose):
    (moongate.folder / "data").mkdir()
    path = moongate.write("data/gateway.lock", "")
    path.chmod(loose)
    assert moongate("--local", "--data", "data", "-e", "").code == 0
    assert mode(path) == 0o600


@pytest.mark.parametrize("loose", MODES)
def test_a_key_of_logins_that_others_know_is_refused(moongate, loose):
    moongate("--local", "--data", "data", "-e", "")
    path = moongate.folder / "data/gateway.key"
    path.chmod(loose)
    result = moongate("--local", "--data", "data", "-e", "print(1)")
    assert result.code != 0 and result.stdout == ""
    assert f"chmod 600 data/gateway.key" in result.stderr
    assert mode(path) == loose


@pytest.mark.parametrize("loose", [0o666, 0o664, 0o622])
def test_an_audit_log_that_others_write_to_is_not_used(moongate, loose):
    path = put(moongate, f"{STATE}/audit.log", "theirs\n", loose)
    result = moongate("--local", "--allow", "UpdateGatewayInformation", "-e", WRITE)
    assert "audit.log" in result.stderr and path.read_text() == "theirs\n"


@pytest.mark.parametrize("loose", [0o666, 0o664, 0o622])
def test_an_init_file_that_others_write_to_is_not_run(moongate, loose):
    put(moongate, f"{CONFIGURATION}/init.lua", "print('theirs')\n", loose)
    child = pexpect.spawn(
        str(BINARY), ["--local"], cwd=moongate.folder, env=moongate.environment({"TERM": "xterm"}), timeout=PATIENCE)
    child.expect("us-east-1>")
    assert b"init.lua" in child.before and b"theirs" not in child.before
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()


@pytest.mark.parametrize("loose", [0o666, 0o664, 0o622])
def test_keys_that_others_can_add_to_are_not_believed(tmp_path, loose):
    (tmp_path / "team").mkdir()
    bob = Person(tmp_path / "bob", team=tmp_path / "team")
    put(bob, f"{CONFIGURATION}/allowed_signers", "", loose)
    bob.write("count.lua", snippet())
    bob.write("count.lua.sig", "-----BEGIN SSH SIGNATURE-----\n")
    result = bob.snippet("verify", "./count.lua")
    assert result.code != 0 and "allowed_signers" in bob.snippet("trust").stderr + result.stderr + result.stdout


@pytest.mark.parametrize("loose", [0o777, 0o775, 0o722])
def test_a_store_of_snippets_that_others_write_to_is_not_used(tmp_path, loose):
    (tmp_path / "team").mkdir()
    bob = Person(tmp_path / "bob", team=tmp_path / "team")
    bob.publish(snippet(), "--unsigned")
    bob.added("team/count", snippet())
    bob.store.chmod(loose)
    result = bob("--local", "count")
    assert result.code != 0 and result.stdout == "" and str(bob.store).rpartition("/")[2] in result.stderr
