# Snippets as operators share them: one publishes, another looks, is told who signed, and adds. What was added is in
# test_snippet_store.py.
import json
import os

import pytest

from people import SSH_KEYGEN, Person, sha256, snippet

TEXT = snippet()


# From one to another ------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not SSH_KEYGEN, reason="ssh-keygen is not installed")
def test_from_publishing_to_an_update_that_asks_for_more(alice, bob, team):
    key = alice.make_key()
    alice.publish(TEXT)
    assert {path.name for path in (team / "count").iterdir()} == {"1.0.0.lua", "1.0.0.lua.sig"}

    result = bob("--local", "run", "count")
    assert result.code == 252
    assert "the registry team has a snippet 'count', which was not added yet (moongate snippet show team/count" in result.line()

    # Bob does not know Alice's key: not verified is never the same as unsigned, whatever hash he names.
    result = bob.snippet("add", "count", "--hash", sha256(TEXT))
    assert result.code == 251 and "is not in allowed_signers" in result.line()

    # A key that he trusts is a yes where nobody can be asked.
    bob.trust("alice@example.com", key)
    assert bob.snippet("add", "count").stdout == "added count 1.0.0; moongate run count runs it\n"
    assert bob("--local", "count").stdout == "3\n"

    # One byte of his copy, of the same size and age.
    (copy,) = bob.store.glob("*.lua")
    before = copy.stat()
    copy.write_bytes(copy.read_bytes().replace(b"count())", b"count()]"))
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))
    result = bob("--local", "count")
    assert result.code == 251 and "is not what was added" in result.line()
    assert bob.snippet("verify").code == 1
    copy.write_bytes(TEXT.encode())
    assert bob.snippet("verify").code == 0

    # The signature that was kept with it: a byte of it, and all of it.
    (kept,) = bob.store.glob("*.sig")
    whole = kept.read_bytes()
    kept.write_bytes(whole.replace(b"U1NIU0lH", b"U1NIU0lI"))
    result = bob("--local", "count")
    assert result.code == 251 and "is not verified" in result.line()
    kept.unlink()
    result = bob("--local", "count")
    assert result.code == 251 and "was added as alice@example.com" in result.line()
    kept.write_bytes(whole)

    # A new version that only mends something goes by its signature.
    alice.publish(snippet(version="1.0.1"))
    result = bob.snippet("update")
    assert result.code == 0 and result.stdout.endswith("updated count 1.0.0 to count 1.0.1\n"), result.stderr
    assert "-" + "-- @version 1.0.0\n+-- @version 1.0.1\n" in result.stdout
    assert len(list(bob.store.glob("*.lua"))) == 1, "nothing of the version before is kept"

    # One that asks for more is asked about, though the key is trusted; without a terminal that is a no.
    text = snippet(version="1.1.0", allow="ListGateways DeleteGateway")
    alice.publish(text)
    result = bob.snippet("update")
    assert result.code == 251 and "permissions  + DeleteGateway (writes)" in result.stderr
    assert json.loads(bob.snippet("list", "--output", "json").stdout)[0]["version"] == "1.0.1"

    talk = bob.asked("snippet", "update").wait("+-- @allow ListGateways DeleteGateway").wait("ASKS FOR MORE")
    assert talk.wait("[n] no: ").answer("n").end() == 251
    talk = bob.asked("snippet", "update", "count").wait("[n] no: ").answer("y")
    assert talk.end() == 0 and "updated count 1.0.1 to count 1.1.0" in talk.seen
    assert bob("--local", "count").stdout == "3\n"


@pytest.mark.skipif(not SSH_KEYGEN, reason="ssh-keygen is not installed")
def test_adding_a_version_that_asks_for_more_is_an_update_that_does(alice, bob):
    """`add` once took it by its signature alone, where nobody could be asked: `update` refused the same."""
    bob.trust("alice@example.com", alice.make_key())
    alice.publish(TEXT)
    assert bob.snippet("add", "count").code == 0
    alice.publish(snippet(version="1.1.0", allow="ListGateways DeleteGateway"))
    result = bob.snippet("add", "count")
    assert result.code == 251 and "IT ASKS FOR MORE" in result.stderr
    assert json.loads(bob.snippet("list", "--output", "json").stdout)[0]["version"] == "1.0.0"
    alice.publish(snippet(version="1.2.0"))
    assert bob.snippet("add", "count").stdout.endswith("updated count 1.0.0 to count 1.2.0\n")


@pytest.mark.skipif(not SSH_KEYGEN, reason="ssh-keygen is not installed")
def test_a_revoked_key_or_hash_stops_what_was_added(alice, bob):
    key = alice.make_key()
    bob.trust("alice@example.com", key)
    alice.publish(TEXT)
    assert bob.snippet("add", "count").code == 0
    revoked = bob.configuration / "revoked"
    for line, words in [(key, "is revoked"), (f"sha256:{sha256(TEXT)} eats gateways\n", "eats gateways")]:
        revoked.write_text(line)
        result = bob("--local", "count")
        assert result.code == 251 and words in result.line()
        assert "count: " in bob.snippet("verify").line()
    # What is revoked is left by a new beginning, which the update says.
    alice.publish(snippet(version="1.0.1"))
    result = bob.snippet("update")
    assert result.code == 251 and "To have count 1.0.1 in its place: moongate snippet remove count, and then" in result.line()
    revoked.write_text("")
    assert bob("--local", "count").code == 0


@pytest.mark.skipif(not SSH_KEYGEN, reason="ssh-keygen is not installed")
def test_another_signer_is_told_and_asked_about(alice, bob, tmp_path, team):
    carol = Person(tmp_path / "carol", team=team)
    bob.trust("alice@example.com", alice.make_key())
    bob.trust("carol@example.com", carol.make_key())
    alice.publish(TEXT)
    assert bob.snippet("add", "count").code == 0
    carol.publish(snippet(version="1.0.1"))
    result = bob.snippet("update")
    assert result.code == 251
    assert "ANOTHER SIGNER  it was alice@example.com" in result.stderr and "and is carol@example.com" in result.stderr


@pytest.mark.skipif(not SSH_KEYGEN, reason="ssh-keygen is not installed")
def test_another_signer_of_what_is_required_is_told_and_asked_about(alice, bob, tmp_path, team):
    """Only that of the snippet itself was once looked at."""
    carol = Person(tmp_path / "carol", team=team)
    bob.trust("alice@example.com", alice.make_key())
    bob.trust("carol@example.com", carol.make_key())
    for version, author in (("1.0.0", alice), ("1.1.0", carol)):
        author.publish(snippet(name="lib", version=version, body="return 1"))
        alice.publish(snippet(version=version, more=f"-- @require lib@{version}\n", body="print(require('lib'))"))
        result = bob.snippet(*(["add", "count"] if version == "1.0.0" else ["update"]))
    assert result.code == 251 and "ANOTHER SIGNER  of lib: it was alice@example.com" in result.stderr


@pytest.mark.skipif(not SSH_KEYGEN, reason="ssh-keygen is not installed")
@pytest.mark.parametrize("spoil", [lambda sig: b"", lambda sig: sig[:-40], lambda sig: b"x" * (10 << 20)])
def test_a_signature_that_is_none_is_never_taken_for_unsigned(alice, bob, team, spoil):
    bob.trust("alice@example.com", alice.make_key())
    hash = alice.publish(TEXT)
    signature = team / "count/1.0.0.lua.sig"
    signature.write_bytes(spoil(signature.read_bytes()))
    assert bob.snippet("add", "count", "--hash", hash).code in (251, 252)
    assert not bob.lock.exists()


# Without a signature ------------------------------------------------------------------------------------------------


def test_what_nobody_signed_needs_its_hash_where_nobody_can_be_asked(alice, bob):
    hash = alice.publish(TEXT, "--unsigned")
    result = bob.snippet("add", "count")
    assert result.code == 251 and f"--hash sha256:{hash}" in result.stderr and "it is unsigned" in result.stderr
    assert bob.snippet("add", "count", "--hash", "0" * 64).code == 251
    assert bob.snippet("add", "count", "--hash", f"sha256:{hash}").code == 0
    assert bob("--local", "count").stdout == "3\n"
    assert (bob.store.stat().st_mode & 0o777, bob.lock.stat().st_mode & 0o777) == (0o700, 0o600)


def test_of_several_each_is_named_by_its_hash(alice, bob):
    texts = [snippet(name="one"), snippet(name="two"), snippet(name="three")]
    hashes = [word for text in texts for word in ("--hash", alice.publish(text, "--unsigned"))]
    result = bob.snippet("add", "one", "two", "three", *hashes[:4])
    assert result.code == 251 and "three 1.0.0 is not what --hash names" in result.stderr
    assert bob.snippet("add", "one", "two", "three", *hashes).stdout.startswith("one 1.0.0 is added already\n")
    assert len(json.loads(bob.snippet("list", "--output", "json").stdout)) == 3


def test_on_a_terminal_its_source_is_seen_before_the_answer_is_taken(alice, bob):
    alice.publish(TEXT, "--unsigned")
    talk = bob.asked("snippet", "add", "count").wait("| print(list_gateways():count())").wait("it is unsigned")
    assert talk.wait("[n] no: ").answer("").end() == 251
    assert not bob.lock.exists()
    talk = bob.asked("snippet", "add", "count").wait("[n] no: ").answer("s").wait("print(list_").wait("[n] no: ")
    assert talk.answer("y").end() == 0
    assert bob("--local", "count").code == 0


@pytest.mark.parametrize("fill", [".", " .", ". ", "long"])
def test_an_authors_words_do_not_pass_for_a_row_of_the_question(bob, team, fill):
    """A summary that filled its row once went on at the beginning of the next, where ours say who signed."""
    lead = len("count 1.0.0: ")
    filler = (fill * 200)[: 200 - lead] if fill != "long" else "x" * (200 - lead)
    text = TEXT.replace("How many gateways there are.", f"{filler}  signed by  alice@example.com")
    (team / "count.lua").write_text(text)
    talk = bob.asked("snippet", "add", "count").wait("hash  ").wait("it is unsigned").wait("[n] no: ")
    assert talk.answer("n").end() == 251
    facts = talk.seen[talk.seen.rindex("count 1.0.0: ") :]
    rows = [line[i : i + 200] for line in facts.split("\r\n") for i in range(0, len(line), 200)]
    assert [row for row in rows if row.startswith("  signed by")] == ["  signed by  nobody: it is unsigned"]
    assert "alice@example.com" in facts


@pytest.mark.parametrize(
    "trick", ["-- \u202e evil", "-- \x1b[2J", "-- a\rprint(1)", "-- \ue000", "-- a\u200bb", "-- \0", b"-- \xff\xfe",
     "-- a\U000e0141b", "-- a\u3164b", "-- a\ufe0fb", "-- a\u2800b"]
)
def test_a_source_that_looks_like_something_else_is_shown_and_not_added(bob, team, trick):
    source = TEXT.encode() + (trick if isinstance(trick, bytes) else trick.encode()) + b"\n"
    (team / "count.lua").write_bytes(source)
    shown = bob.snippet("show", "team/count")
    assert shown.code == 0 and ("\\u{" in shown.stdout or "\\xFF\\xFE" in shown.stdout)
    assert shown.stdout.replace("\n", "").isprintable() and shown.stdout.isascii()
    result = bob.snippet("add", "count", "--hash", sha256(source))
    assert result.code in (251, 252) and "count.lua:6: " in result.stderr


def test_what_is_shown_is_what_would_be_added(bob, team):
    """Of a name in a folder and beside it, the folder was once shown, and the file beside it added."""
    (team / "count").mkdir()
    (team / "count/1.0.0.lua").write_text(TEXT)
    (team / "count.lua").write_text(snippet(version="2.0.0", body="print('the higher')"))
    assert "the higher" in bob.snippet("show", "count").stdout
    assert "the higher" not in bob.snippet("show", "count@1.0.0").stdout


# Publishing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, said",
    [
        (TEXT.replace("-- @name count\n", ""), "its header lacks @name;"),
        (TEXT.replace("-- @version 1.0.0\n", ""), "its header lacks @version;"),
        (TEXT.replace("-- @allow ListGateways\n", ""), "its header lacks @allow"),
        (TEXT.replace("--- How many gateways there are.\n", ""), "its header lacks a first line"),
        (TEXT.replace("ListGateways", "ListGatewayz"), "did you mean ListGateways?"),
    ],
)
def test_what_is_published_says_what_it_is(alice, team, text, said):
    result = alice.snippet("publish", alice.write("x.lua", text), "team", "--unsigned")
    assert result.code == 252 and said in result.stderr
    assert not list(team.iterdir())


def test_what_check_calls_an_error_is_not_published(alice, team):
    path = alice.write("x.lua", snippet(body="list_gateways{ MaxResult = 1 }"))
    result = alice.snippet("publish", path, "team", "--unsigned")
    assert result.code == 1 and "MaxResults" in result.stderr and "is not published" in result.stderr
    assert not list(team.iterdir())


def test_what_lies_in_the_place_of_a_version_is_not_replaced(alice, team):
    """A file that no listing has, as its header is broken, was once overwritten."""
    (team / "count").mkdir()
    (team / "count/1.0.0.lua").write_text("-- @nmae count\n")
    result = alice.snippet("publish", alice.write("published.lua", TEXT), "team", "--unsigned")
    assert result.code == 251 and "is there already, and is not replaced" in result.line()
    assert (team / "count/1.0.0.lua").read_text() == "-- @nmae count\n"


def test_a_version_is_published_once_and_none_below_it(alice):
    alice.publish(snippet(version="1.2.0"), "--unsigned")
    for version, said in (("1.2.0", "has count 1.2.0 already"), ("1.1.9", "a lower version is not published")):
        path = alice.write("x.lua", snippet(version=version))
        result = alice.snippet("publish", path, "team", "--unsigned")
        assert result.code == 251 and said in result.line()


# Names and words ----------------------------------------------------------------------------------------------------


def test_what_is_not_there_is_answered_with_what_is_near(alice, bob):
    alice.publish(TEXT, "--unsigned")
    for words, said in [
        (["add", "coumt"], "did you mean count?"),
        (["add", "taem/count"], "did you mean team?"),
        (["add", "count@9.9.9"], "no registry has count@9.9.9"),
        (["add", "Count"], "a snippet is named as in"),
        (["remove", "count"], "'count' was not added"),
        (["ad"], "did you mean add?"),
        (["search", "orphens"], "did you mean orphans?"),
    ]:
        result = bob.snippet(*words)
        assert said in result.stderr, (words, result.stderr)


def test_search_and_list_are_json_for_programs(alice, bob):
    alice.publish(TEXT, "--unsigned")
    (row,) = json.loads(bob.snippet("search", "how many gateways", "--output", "json").stdout)
    assert row == {
        "name": "count", "version": "1.0.0", "registry": "team", "signature": "none",
        "summary": "How many gateways there are.",
    }  # fmt: skip
    assert json.loads(bob.snippet("list", "--output", "json").stdout) == []


# What is not good is said ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not SSH_KEYGEN, reason="ssh-keygen is not installed")
def test_search_says_what_a_signature_is_worth(alice, bob, team):
    """It once said `yes` wherever a signature lay."""

    def signature():
        rows = json.loads(bob.snippet("search", "--output", "json").stdout)
        assert rows[-1]["signature"] == "bundled"
        return next(row["signature"] for row in rows if row["name"] == "count")

    key = alice.make_key()
    alice.publish(TEXT)
    assert signature() == "unknown key"
    bob.trust("alice@example.com", key)
    assert signature() == "alice@example.com"
    (bob.configuration / "revoked").write_text(key)
    assert signature() == "revoked"
    (bob.configuration / "revoked").unlink()
    (team / "count/1.0.0.lua").write_text(TEXT + "-- more\n")
    assert signature() == "NOT VERIFIED: other bytes"


@pytest.mark.skipif(not SSH_KEYGEN, reason="ssh-keygen is not installed")
def test_info_shows_everything_of_what_is_not_verified(alice, bob, team):
    """Whoever has to decide whom to trust once saw the refusal and nothing else."""
    key = alice.make_key()
    text = snippet(more="-- @limit calls=20000\n-- @secret password The password\n")
    alice.publish(text)
    everything = ["ListGateways", "20000", "password", f"sha256:{sha256(text)}", "ssh-ed25519 SHA256:"]

    def told(*verdict):
        result = bob.snippet("info", "count")
        assert result.code == 251
        for words in [*everything, *verdict]:
            assert words in result.stdout, (words, result.stdout)

    told("NOT VERIFIED, UNKNOWN KEY", "moongate snippet trust SHA256:")
    bob.trust("alice@example.com", key)
    (bob.configuration / "revoked").write_text(f"sha256:{sha256(text)} eats gateways\n")
    told("REVOKED", "eats gateways")
    (bob.configuration / "revoked").unlink()
    assert bob.snippet("add", "count").code == 0
    (bob.configuration / "revoked").write_text(key.strip() + " stolen\n")
    told("REVOKED", "stolen", "its copy in the store")
