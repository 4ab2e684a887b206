# Snippets that were added: the lock that says what was agreed to, the copies in the store, and that only those bytes ever
# run. How they get there is in test_snippets.py.
import fcntl
import json
import os
import threading

import pytest

from people import SSH_KEYGEN, sha256, snippet

TEXT = snippet()


# The lock -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def pinned(alice, bob):
    """Bob, who has added `count`."""
    alice.publish(TEXT, "--unsigned")
    bob.added("count", TEXT)
    return bob


def test_one_byte_anywhere_in_the_lock_refuses_to_run(pinned):
    whole = pinned.lock.read_bytes()
    places = [whole.index(word) for word in (b"sha256", b"1.0.0", b"unsigned", b"ListGateways", b"calls", b"\n")]
    for place in [*places, len(whole) - 1]:
        pinned.lock.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        changed = pinned.lock.read_bytes()
        result = pinned("--local", "count")
        assert result.code == 251 and "is not as moongate wrote it" in result.line(), place
        assert pinned.snippet("remove", "count").code == 251
        assert pinned.lock.read_bytes() == changed, "a damaged lock is never overwritten"
    pinned.lock.write_bytes(whole)
    assert pinned("--local", "count").code == 0


@pytest.mark.parametrize("name", ["lock", "bytes"])
def test_a_link_in_the_place_of_a_file_of_the_store_is_refused(pinned, name):
    path = pinned.lock if name == "lock" else next(pinned.store.glob("*.lua"))
    elsewhere = path.rename(pinned.folder / "elsewhere")
    path.symlink_to(elsewhere)
    result = pinned("--local", "count")
    assert result.code == 251 and "a symbolic link, which is not used" in result.line()


def test_a_store_that_others_can_write_to_is_not_used(pinned, alice):
    pinned.store.chmod(0o777)
    result = pinned.snippet("remove", "count")
    assert result.code == 251 and "nobody else can write to" in result.line()
    # Nor is anything run of it: whoever can write there says what was agreed to.
    result = pinned("--local", "count")
    assert result.code == 251 and "nobody else can write to" in result.line()


def test_a_lower_version_is_never_added_again(pinned, alice, team):
    newer = snippet(version="1.2.0")
    alice.publish(newer, "--unsigned")
    assert pinned.snippet("update", "--hash", sha256(newer)).code == 0
    for step in ("pinned", "removed"):
        result = pinned.snippet("add", "count@1.0.0", "--hash", sha256(TEXT))
        assert result.code == 251 and "a lower version is never added again" in result.line(), step
        pinned.snippet("remove", "count")
    # Nor by a registry that has lost the newer one.
    pinned.added("count", newer)
    (team / "count/1.2.0.lua").unlink()
    assert pinned.snippet("update").stdout == "count 1.2.0 is the newest\n"


def test_other_bytes_under_the_same_version_are_refused(pinned, team):
    text = snippet(body="print(1)")
    (team / "count/1.0.0.lua").write_text(text)
    for words in (["add", "count", "--hash", sha256(text)], ["update"]):
        result = pinned.snippet(*words)
        assert result.code == 251 and "a change must have a version of its own" in result.line()
    assert pinned("--local", "count").stdout == "3\n"


def test_two_that_add_at_once_both_have_theirs_pinned(alice, bob):
    texts = [snippet(name=f"n{i}") for i in range(4)]
    for text in texts:
        alice.publish(text, "--unsigned")
    with open(os.devnull):
        threads = [threading.Thread(target=bob.added, args=(f"n{i}", texts[i])) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    names = [row["name"] for row in json.loads(bob.snippet("list", "--output", "json").stdout)]
    assert names == ["n0", "n1", "n2", "n3"]


def test_a_change_waits_for_the_one_that_is_under_way(pinned):
    folder = os.open(pinned.store, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    process = pinned.start("snippet", "remove", "count")
    assert pinned("--local", "count").code == 0, "reading waits for nobody"
    assert process.poll() is None
    os.close(folder)
    assert process.wait(60) == 0
    process.stdout.close(), process.stderr.close()


@pytest.mark.skipif(not SSH_KEYGEN, reason="ssh-keygen is not installed")
def test_the_same_bytes_are_signed_for_one_snippet_and_unsigned_for_another(alice, bob, team):
    """A signature that was added later once made what had been pinned without it refuse to run."""
    lib = snippet(name="lib", body="return 1")
    first = snippet(name="first", more="-- @require lib@1.0.0\n", body="print(require('lib'))")
    second = snippet(name="second", more="-- @require lib@1.0.0\n", body="print(require('lib'))")
    for text in (lib, first, second):
        alice.publish(text, "--unsigned")
    hashes = [word for text in (lib, first) for word in ("--hash", sha256(text))]
    assert bob.snippet("add", "first", *hashes).code == 0
    bob.trust("alice@example.com", alice.make_key())
    assert alice.snippet("sign", team / "lib/1.0.0.lua").code == 0
    bob.added("second", second)
    for name in ("first", "second"):
        assert bob("--local", name).stdout == "1\n", name
    assert bob.snippet("remove", "first").code == 0
    assert bob("--local", "second").stdout == "1\n"
    assert bob.snippet("remove", "second").code == 0
    assert [path.name for path in bob.store.iterdir()] == ["snippets.lock"]


@pytest.mark.parametrize("command", ["add", "update"])
@pytest.mark.parametrize("spoil", [lambda copy: copy.write_text("print(1)\n"), lambda copy: copy.unlink()])
def test_a_damaged_copy_is_told_and_repaired(pinned, team, command, spoil):
    """`add` once said "is added already", `update` "is the newest", and `list` nothing."""
    row = lambda: json.loads(pinned.snippet("list", "--output", "json").stdout)[0]  # noqa: E731
    assert row()["copy"] == "whole"
    (copy,) = pinned.store.glob("*.lua")
    text = copy.read_text()
    spoil(copy)
    assert row()["copy"] == "DAMAGED"
    result = pinned.snippet(command, "count")
    assert result.code == 251 and "the copy of count 1.0.0 is damaged" in result.stderr

    # Other bytes than those that were agreed to mend nothing.
    published = team / "count/1.0.0.lua"
    published.write_text(text + "-- more\n")
    assert pinned.snippet(command, "count", "--hash", sha256(text)).code == 251
    published.write_text(text)
    result = pinned.snippet(command, "count", "--hash", sha256(text))
    assert result.code == 0 and result.stdout == "repaired count 1.0.0\n", result.stderr
    assert row()["copy"] == "whole" and pinned("--local", "count").stdout == "3\n"


def test_a_broken_line_in_revoked_blocks_neither_list_nor_remove(pinned):
    (pinned.configuration / "revoked").write_text("SHA256:nonsense\n")
    assert pinned("--local", "count").code == 253
    assert json.loads(pinned.snippet("list", "--output", "json").stdout)[0]["name"] == "count"
    assert pinned.snippet("remove", "count").stdout == "removed count\n"


def test_words_say_what_is_so(pinned):
    assert "from       team, the copy of count in the store" in pinned.snippet("info", "count").stdout
    assert "from       the library of moongate\n" in pinned.snippet("info", "failed-backups").stdout
    result = pinned.snippet("trust", "SHA256:abc", "--as", "alice@example.com")
    assert result.code == 252 and "is no fingerprint of a key" in result.stderr
    assert "moongate snippet search shows what there is" in pinned("--local", "nothing-like-it").stderr


# Running ------------------------------------------------------------------------------------------------------------


def test_a_name_is_a_snippet_and_never_a_file_of_the_folder(pinned):
    pinned.write("count", "print('the file')")
    pinned.write("other", "print('the file')")
    assert pinned("--local", "count").stdout == "3\n"
    assert pinned("--local", "run", "count").stdout == "3\n"
    assert pinned("--local", "snippet", "run", "count").stdout == "3\n"
    result = pinned("--local", "./count")
    assert result.stdout == "the file\n"
    result = pinned("--local", "coumt")
    assert result.code == 252 and "did you mean count?" in result.line()
    assert pinned("--local", "other").code == 252


def test_what_comes_with_the_program_runs_without_being_added(bob):
    result = bob("--local", "orphans")
    assert result.code == 2 and json.loads(result.stdout), result.stderr
    assert bob.snippet("info", "orphans").stdout.startswith("orphans 1.")
    assert not bob.store.exists(), "looking writes nothing"


def test_a_file_of_a_registry_or_of_the_store_is_a_snippet(pinned, team):
    """It would be own code otherwise, with every right of its reader."""
    (copy,) = pinned.store.glob("*.lua")
    link = pinned.folder / "mine.lua"
    link.symlink_to(team / "count/1.0.0.lua")
    for path in (copy, team / "count/1.0.0.lua", link):
        assert pinned("--local", path).stdout == "3\n"
    (team / "count/1.0.1.lua").write_text(snippet(version="1.0.1", body="print(io)"))
    result = pinned("--local", team / "count/1.0.1.lua")
    assert result.code == 251 and "was not added as it is" in result.line()


def test_a_link_out_of_a_registry_does_not_make_own_code_of_what_it_leads_to(pinned, team, tmp_path):
    """Where the path ends says nothing: whoever writes in the registry says where it ends, and may say otherwise a
    moment after the bytes were read. Such a link once ran as own code."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "evil.lua").write_text("print(io)")
    (team / "link.lua").symlink_to(outside / "evil.lua")
    (team / "sub").symlink_to(outside)
    (team / "back").mkdir()
    (pinned.folder / "mine.lua").symlink_to(team / "link.lua")
    for path in ("link.lua", "sub/evil.lua", "back/../link.lua", "./back/.././sub/../outside/evil.lua"):
        result = pinned("--local", f"{team}/{path}")
        assert result.code == 251 and "was not added as it is" in result.line(), path
    assert pinned("--local", "mine.lua").code == 251
    # Beside the registry, everything is one's own.
    assert pinned("--local", f"{team}/../outside/evil.lua").stdout.startswith("table: ")


def test_a_file_of_a_registry_is_no_module_of_own_code(pinned, team):
    """`require` would run it with every right of its reader."""
    (team / "evil.lua").write_text("print(io)")
    pinned.write("own.lua", f"print(pcall(require, '{team.name}.evil'))")
    link = pinned.folder / "team"
    if not link.exists():
        link.symlink_to(team)
    result = pinned("--local", "own.lua")
    assert "table:" not in result.stdout and "is in the store of snippets or in a registry" in result.stdout


def test_own_code_cannot_write_into_the_store(pinned):
    """Whoever can write there says what was agreed to."""
    pinned.write("own.lua", f"io.open('{pinned.lock}', 'w')")
    result = pinned("--local", "--grant", f"write={pinned.home}", "own.lua")
    assert result.code == 1 and "code never opens" in result.stderr or result.code == 251, result.stderr
    assert pinned("--local", "count").code == 0


def test_it_runs_locked_in_and_by_its_header(bob, team):
    arn = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-3E8A51F0"
    text = snippet(body=f"print(io, os.getenv, pcall(delete_gateway, '{arn}'))")
    (team / "count.lua").write_text(text)
    bob.added("count", text)
    result = bob("--local", "--allow", "DeleteGateway", "--audit", "audit.log", "count")
    assert result.stdout.startswith("nil\tnil\tfalse\t") and "NotAllowed" in result.stdout
    line = json.loads((bob.folder / "audit.log").read_text().splitlines()[0])
    assert (line["author"], line["script"], line["sha256"]) == ("snippet", "count 1.0.0", sha256(text))


def test_an_error_names_the_snippet_and_its_line(alice, bob):
    text = snippet(body="error('no luck')")
    alice.publish(text, "--unsigned")
    bob.added("count", text)
    result = bob("--local", "count")
    assert result.code == 1
    assert result.stderr.startswith("moongate: count:5: no luck\n")
    assert result.stderr.endswith(f"\nmoongate: that was count 1.0.0, sha256:{sha256(text)}\n")
