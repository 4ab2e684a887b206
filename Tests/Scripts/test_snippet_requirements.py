# Snippets that require others: pinned together, within what the one that requires them may do, and nothing else is found.
import pytest

from people import sha256, snippet

LIB = snippet(name="lib", allow="ListGateways", body="return { count = function() return list_gateways():count() end }")
MAIN = snippet(more="-- @require lib@1.0.0\n", body="print(require('lib').count(), require('lib') == require('lib'))")


def add(bob, *texts):
    hashes = [word for text in texts for word in ("--hash", sha256(text))]
    return bob.snippet("add", "count", *hashes)


def place(team, *texts):
    for text in texts:
        name = text.split("@name ")[1].split("\n")[0]
        version = text.split("@version ")[1].split("\n")[0]
        (team / name).mkdir(exist_ok=True)
        (team / name / f"{version}.lua").write_text(text)


def test_a_required_snippet_is_pinned_with_it(bob, team):
    place(team, LIB, MAIN)
    # Nobody signed either: both are seen, or named.
    result = add(bob, MAIN)
    assert result.code == 251 and sha256(LIB) in result.stderr and "requires" in result.stderr
    assert add(bob, MAIN, LIB).code == 0
    assert bob("--local", "count").stdout == "3\ttrue\n"

    # What the registry does later does not matter, and one byte of it is as bad as one of the snippet itself.
    (team / "lib/1.0.0.lua").unlink()
    assert bob("--local", "count").stdout == "3\ttrue\n"
    copy = bob.store / f"{sha256(LIB)}.lua"
    copy.write_text(LIB.replace("count()", "count() + 1"))
    result = bob("--local", "count")
    assert result.code == 251 and "is not what was added" in result.line()
    copy.write_text(LIB)
    (bob.configuration / "revoked").write_text(f"sha256:{sha256(LIB)}\n")
    result = bob("--local", "count")
    assert result.code == 251 and "these bytes are revoked" in result.line()
    (bob.configuration / "revoked").unlink()
    assert bob.snippet("remove", "count").code == 0
    assert not list(bob.store.glob("*.lua"))


def test_only_what_is_required_is_found(bob, team):
    place(team, LIB, snippet(body="print(pcall(require, 'lib'))"))
    (bob.home / ".local/share/moongate/modules").mkdir(parents=True)
    (bob.home / ".local/share/moongate/modules/lib.lua").write_text("return 'own code'")
    bob.write("lib.lua", "return 'own code'")
    assert add(bob, snippet(body="print(pcall(require, 'lib'))")).code == 0
    result = bob("--local", "count")
    assert result.stdout.startswith("false\t") and "the script's header does not @require it" in result.stdout


def test_a_requirement_runs_with_the_others_rights(bob, team):
    """It is allowed less than the snippet, never more."""
    wide = LIB.replace("ListGateways", "ListGateways DeleteGateway")
    place(team, wide, MAIN)
    result = add(bob, MAIN, wide)
    assert result.code == 251 and "may do what count may not: DeleteGateway" in result.line()


@pytest.mark.parametrize(
    "texts, said",
    [
        ([MAIN], "team has no lib@1.0.0"),
        ([MAIN, LIB.replace("1.0.0", "1.0.1")], "team has no lib@1.0.0"),
        (
            [MAIN, LIB.replace("-- @allow", "-- @require count@1.0.0\n-- @allow")],
            "go round in a circle: count → lib → count",
        ),
        (
            [
                MAIN.replace("-- @require", "-- @require mid@1.0.0\n-- @require"), LIB,
                LIB.replace("1.0.0", "2.0.0"), snippet(name="mid", more="-- @require lib@2.0.0\n"),
            ],
            "it requires lib in two versions",
        ),
    ],
)  # fmt: skip
def test_requirements_that_cannot_be_are_refused(bob, team, texts, said):
    place(team, *texts)
    result = add(bob, texts[0])
    assert result.code == 251 and said in result.line()


def test_another_registry_that_offers_the_name_does_not_slip_in(bob, team, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    bob.configure(other=other, team=team)
    place(team, MAIN)
    place(other, LIB)
    result = add(bob, MAIN, LIB)
    assert result.code == 251 and "requirements come from the same registry" in result.line()


def test_other_bytes_under_a_version_that_was_required_before_are_refused(bob, team):
    other = snippet(name="other", more="-- @require lib@1.0.0\n", body="print(require('lib').count())")
    changed = LIB.replace("count()", "count() + 1")
    place(team, LIB, MAIN, other)
    assert add(bob, MAIN, LIB).code == 0
    place(team, changed)
    result = bob.snippet("add", "other", "--hash", sha256(other), "--hash", sha256(changed))
    assert result.code == 251 and "other bytes under the same version of lib" in result.line()


def test_a_long_chain_of_requirements_is_refused_before_it_is_followed(bob, team):
    """A chain was once followed to its end, however long, on the stack."""
    chain = [snippet(name=f"n{i}", more=f"-- @require n{i + 1}@1.0.0\n") for i in range(40)]
    place(team, snippet(more="-- @require n0@1.0.0\n"), *chain)
    result = bob.snippet("add", "count")
    assert result.code == 251 and "it requires more than 32 snippets" in result.line()


def test_an_update_shows_what_changed_in_a_requirement(bob, team):
    place(team, LIB, MAIN)
    assert add(bob, MAIN, LIB).code == 0
    lib, main = LIB.replace("1.0.0", "1.1.0").replace("count()", "count() + 0"), MAIN.replace("1.0.0", "1.1.0")
    place(team, lib, main)
    result = bob.snippet("update")
    assert result.code == 251 and "+++ lib 1.1.0" in result.stdout and "count() + 0 end" in result.stdout
    assert bob.snippet("update", "--hash", sha256(main), "--hash", sha256(lib)).code == 0
    assert bob("--local", "count").stdout == "3\ttrue\n"
