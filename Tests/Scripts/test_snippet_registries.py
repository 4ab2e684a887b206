# Where snippets come from: folders, git checkouts, an index over https. None of them is believed.
import json
import os
import shutil
import socket
import subprocess
import time

import pytest

from canned_server import Raw
from faults import Authority
from people import Person, sha256, snippet

TEXT = snippet()


# A folder -----------------------------------------------------------------------------------------------------------


def test_what_is_no_snippet_is_refused_by_its_name_and_the_rest_is_listed(bob, team, tmp_path):
    """Names are the odd ones that people and attackers make; nothing hangs, and nothing outside the folder is read."""
    (team / "count.lua").write_text(TEXT)
    (team / "README.md").write_text("a team's own")
    (tmp_path / "outside.lua").write_text(snippet(name="outside"))
    (team / "outside.lua").symlink_to(tmp_path / "outside.lua")
    (team / "folder").symlink_to(tmp_path)
    os.mkfifo(team / "pipe.lua")
    os.mkfifo(team / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    home = os.getcwd()
    os.chdir(team)  # a socket's name may have 107 bytes
    listener.bind("socket.lua")
    os.chdir(home)
    (team / "Upper.lua").write_text(snippet(name="upper"))
    (team / "a b\n\x1b[2J.lua").write_text(TEXT)
    (team / "other-name.lua").write_text(TEXT)
    (team / "large.lua").write_text(snippet(name="large") + "-- more\n" * 40_000)
    (team / "signed.lua").write_text(snippet(name="signed"))
    (team / "signed.lua.sig").symlink_to(tmp_path / "outside.lua")
    (team / "kept").mkdir()
    (team / "kept/2.0.0.lua").write_text(snippet(name="kept", version="1.0.0"))
    (team / "kept/latest.lua").write_text(snippet(name="kept"))
    result = bob.snippet("search", "--output", "json")
    listener.close()
    names = [row["name"] for row in json.loads(result.stdout) if row["registry"] == "team"]
    assert names == ["count"]
    for file, why in [
        ("outside.lua", "a symbolic link"), ("folder", "a symbolic link"), ("pipe.lua", "a named pipe"),
        ("pipe ", "a named pipe"), ("socket.lua", "no regular file"), ("Upper.lua", "is not called as"),
        ("a b\\u{A}\\u{1B}[2J.lua", "is not called as"), ("other-name.lua", "says that it is count 1.0.0"),
        ("large.lua", "is larger than 256 KiB"), ("signed.lua.sig", "a symbolic link"),
        ("kept/2.0.0.lua", "says that it is kept 1.0.0"), ("kept/latest.lua", "is not called as"),
    ]:  # fmt: skip
        assert any(file in line and why in line for line in result.stderr.splitlines()), (file, result.stderr)
    assert "README" not in result.stderr and "\x1b" not in result.stderr


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "..", "team/../outside", "team/count/1.0.0", "-x", "a" * 65])
def test_a_name_leads_nowhere_else(bob, name):
    assert bob.snippet("add", "--", name).code == 252


def test_two_registries_with_one_name_are_told_apart(bob, team, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    bob.configure(team=team, other=other)
    (team / "count.lua").write_text(TEXT)
    (other / "count.lua").write_text(snippet(version="9.0.0"))
    result = bob.snippet("add", "count")
    assert result.code == 252 and "team/count and other/count are different snippets" in result.line()
    bob.added("team/count", TEXT)
    # The other's higher version is no update of this one, and does not take its place.
    assert bob.snippet("update").stdout == "count 1.0.0 is the newest\n"
    result = bob.snippet("add", "other/count", "--hash", sha256(snippet(version="9.0.0")))
    assert result.code == 251 and "is pinned from the registry team" in result.line()


@pytest.mark.parametrize(
    "text, said",
    [
        ("[registry]\nurl = /x\n", "a registry's name has small letters"),
        ("[registry bundled]\nurl = /x\n", "the library that comes with moongate is called so"),
        ("[registry a]\n", "needs url = "),
        ("[registry a]\nurl = relative\n", "url is a folder by its whole path"),
        ("[registry a]\nurl = http://example.com/index.json\n", "is read over https"),
        ("[registry a]\nurl = https://u:p@example.com/\n", "url is a folder by its whole path"),
        ("[registry a]\nurl = https://u:p@example.com/\n", "not 'https://•••@example.com/'"),
        ("[registry a]\nurl = /x\u202e\n", "not '/x\\u{202E}'"),
        ("[registry a\0]\nurl = /x\n", "[registry a\\u{0}]: "),
        ("[trust]\nrevoked = /x\u202e\n", "revoked is a file by its whole path"),
        ("[registry a]\nurl = /x\n[registry a]\nurl = /y\n", "there is a [registry a] already"),
        ("[registry a]\nurll = /x\n", "did you mean url?"),
    ],
)
def test_a_registry_that_cannot_be_one_is_told_with_its_line(bob, text, said):
    bob.configure(text)
    result = bob.snippet("list")
    assert result.code == 253 and said in result.line() and "/config:" in result.line()


def test_a_folder_that_is_gone_does_not_hide_the_others(bob, tmp_path):
    bob.configure(gone=tmp_path / "gone")
    result = bob.snippet("search", "orphans")
    assert result.code == 0 and "orphans" in result.stdout and "the registry gone is not there" in result.line()


# A git checkout -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_a_checkout_tells_its_commit_and_is_pulled_only_when_asked(bob, team, tmp_path):
    settings = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com"}
    settings |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}

    def git(*words, folder=team):
        done = subprocess.run(["git", "-C", folder, *words], env={**os.environ, **settings}, capture_output=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().strip()

    git("init", "-q", "-b", "main")
    (team / "count.lua").write_text(TEXT)
    git("add", "."), git("commit", "-qm", "one")
    copy = tmp_path / "copy"
    git("clone", "-q", team, copy)
    bob.configure(team=copy)
    for packed in (False, True):
        if packed:
            git("pack-refs", "--all", folder=copy)
        assert f"git main at {git('rev-parse', 'HEAD')[:12]}" in bob.snippet("info", "count").stdout
    bob.added("count", TEXT)

    # What a checkout brings along is not run: neither by a look, nor by the pull that was asked for.
    for hook in ("post-merge", "post-checkout", "reference-transaction"):
        (copy / f".git/hooks/{hook}").write_text("#!/bin/sh\ntouch %s\n" % (tmp_path / "hook-ran"))
        (copy / f".git/hooks/{hook}").chmod(0o755)
    newer = snippet(version="1.0.1")
    (team / "count.lua").write_text(newer)
    git("commit", "-qam", "two")
    assert bob.snippet("update").stdout == "count 1.0.0 is the newest\n"
    result = bob.snippet("update", "--pull", "--hash", sha256(newer))
    assert result.code == 0 and "updated count 1.0.0 to count 1.0.1" in result.stdout, result.stderr
    assert not (tmp_path / "hook-ran").exists()


# An index over https ------------------------------------------------------------------------------------------------


@pytest.fixture
def website(canned, team, tmp_path, bob):
    """The team's folder behind a web server with a certificate of an authority of its own."""
    publisher = Person(tmp_path / "publisher", team=team)
    publisher.publish(TEXT, "--unsigned")
    authority = Authority(tmp_path)

    class Website:
        files = {}

        def answer(self, request):
            if request.path in self.files:
                return self.files[request.path]
            file = team / request.path.lstrip("/")
            return Raw(file.read_bytes()) if file.is_file() else Raw(status=404)

    site = Website()
    site.team, site.publisher = team, publisher
    site.server = canned(site.answer, tls=authority.server())
    site.configuration = f"[registry web]\nurl = {site.server.endpoint}/\nca_bundle = {authority.bundle}\n"
    bob.configure(site.configuration)
    return site


def test_an_index_over_https_is_a_registry(website, bob):
    assert json.loads(bob.snippet("search", "gateways there", "--output", "json").stdout)[0]["registry"] == "web"
    bob.added("web/count", TEXT)
    assert bob("--local", "count").stdout == "3\n"
    website.publisher.publish(snippet(version="1.1.0"), "--unsigned")
    assert bob.snippet("update", "--hash", sha256(snippet(version="1.1.0"))).code == 0


def test_a_server_of_an_unknown_authority_is_not_spoken_to(website, bob):
    bob.configure(website.configuration.split("ca_bundle")[0])
    result = bob.snippet("add", "web/count", "--hash", sha256(TEXT))
    assert result.code == 255 and "certificate" in result.stderr
    assert not website.server.requests


def test_the_index_is_not_believed(website, bob):
    index = json.loads((website.team / "index.json").read_text())
    row = index["snippets"][0]

    def add(**changes):
        website.files["/index.json"] = Raw(json.dumps({"snippets": [{**row, **changes}]}))
        return bob.snippet("add", "web/count", "--hash", sha256(TEXT))

    evil = snippet(body="print('evil')")
    website.files["/evil.lua"] = Raw(evil)
    for changes, code, said in [
        ({"sha256": sha256(evil)}, 251, "other bytes than those of its hash"),
        ({"size": 5}, 251, "other bytes than those of its hash"),
        ({"size": 1 << 40}, 251, "is larger than 256 KiB"),
        ({"file": "evil.lua", "sha256": sha256(evil), "size": len(evil)}, 251, "is not what --hash names"),
        ({"version": "7.0.0"}, 251, "says that it is count 1.0.0"),
        ({"file": "../secret.lua"}, 252, "entry 1 cannot be used"),
        ({"file": "https://elsewhere.example/x.lua"}, 252, "entry 1 cannot be used"),
        ({"name": "../count"}, 252, "entry 1 cannot be used"),
        ({"signature": "gone.sig"}, 255, "answers with status 404"),
    ]:
        result = add(**changes)
        assert result.code == code and said in result.stderr, (changes, result.stderr)
    assert not bob.lock.exists()
    assert add().code == 0


@pytest.mark.parametrize(
    "answer, said",
    [
        (Raw(status=302, headers={"Location": "https://elsewhere.example/"}), "a redirect is not followed"),
        (Raw(b"x" * (5 << 20)), "more than"),
        (Raw("<html>sign in</html>"), "is no index of snippets"),
        (Raw(status=500), "answers with status 500"),
    ],
)
def test_an_answer_that_is_no_index_is_told(website, bob, answer, said):
    website.files["/index.json"] = answer
    result = bob.snippet("add", "web/count", "--hash", sha256(TEXT))
    assert result.code == 255 and said in result.stderr, result.stderr


def test_without_the_network_the_last_index_tells_what_there_was(website, bob):
    assert bob.snippet("search", "count").code == 0
    kept = bob.store / "index-web.json"
    os.utime(kept, (time.time() - 3 * 3600 - 60,) * 2)
    website.server.close()
    result = bob.snippet("search", "gateways there")
    assert "count" in result.stdout and "this is its index of 3h1m ago" in result.stderr


def test_plain_http_is_for_this_machine_only(canned, bob, team):
    (team / "index.json").write_text('{"snippets": []}')
    server = canned(lambda request: Raw((team / "index.json").read_bytes()))
    bob.configure(web=f"{server.endpoint}/index.json")
    assert bob.snippet("search").code == 0 and len(server.requests) == 1
