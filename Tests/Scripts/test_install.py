# scripts/install: what it puts where, that it works when the sources are gone, and that uninstall leaves what was before.
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest

from moongate import BINARY, PATIENCE, ROOT

# All that an installation takes of the sources beside the program.
PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE"]
SOURCES = ["scripts", "docs", *PAGES]
SNIPPETS = sorted(path.stem for path in (ROOT / "snippets").glob("*.lua"))


def tree(folder):
    """Every file, folder and link below a folder, with mode and contents."""
    return {
        str(path.relative_to(folder)): (
            oct(path.lstat().st_mode),
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(folder.rglob("*"))
    }


def run(*words, **options):
    done = subprocess.run(
        list(map(str, words)), capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, **options)
    assert done.returncode == 0, done.stderr
    return done


def copy_of_sources(folder):
    folder.mkdir()
    for name in SOURCES:
        path = ROOT / name
        (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / name)
    return folder


def install(sources, *words, **options):
    return run(sources / "scripts/install", "--binary", BINARY, *words, **options)


@pytest.fixture
def prefix(tmp_path):
    """An installation whose sources are gone, in a folder that others have files in."""
    prefix = tmp_path / "prefix"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin/other").write_text("not ours\n")
    sources = copy_of_sources(tmp_path / "sources")
    install(sources, "--prefix", prefix)
    shutil.rmtree(sources)
    return prefix


@pytest.fixture
def installed(moongate, prefix):
    """Runs a command of a user who has the prefix in their PATH."""
    environment = moongate.environment({"PATH": f"{prefix}/bin:{os.environ['PATH']}"})

    def installed(*words, **options):
        return run(*words, cwd=moongate.folder, env=environment | options)

    return installed


def test_everything_is_where_it_is_looked_for(prefix):
    places = tree(prefix)
    for place in """
        bin/moongate share/man/man1/moongate.1 share/bash-completion/completions/moongate
        share/zsh/site-functions/_moongate share/fish/vendor_completions.d/moongate.fish
        share/moongate/stubs/moongate.lua share/moongate/manifest share/moongate/uninstall
        share/doc/moongate/LICENSE share/doc/moongate/README.md share/doc/moongate/docs/safety.md
        """.split():
        assert place in places, place
    # Who installs as root installs for everybody, whatever their umask.
    for place, (mode, _) in places.items():
        program = place in ("bin/moongate", "share/moongate/uninstall")
        assert place == "bin/other" or mode[-3:] == ("755" if program or mode.startswith("0o4") else "644"), place


def test_the_program_needs_nothing_of_its_sources(installed, prefix, moongate):
    trace = moongate.folder / "trace"
    code = "print(list_gateways():count())"
    done = installed("strace", "-f", "-e", "trace=%file", "-o", trace, "moongate", "--local", "-e", code)
    assert done.stdout == "3\n"
    opened = trace.read_text()
    assert f"{prefix}/bin/moongate" in opened, "strace has seen nothing"
    assert str(ROOT) not in opened and "/sources" not in opened


def test_every_snippet_of_the_library_comes_along(installed):
    listed = installed("moongate", "snippet", "search").stdout
    for name in SNIPPETS:
        assert re.search(rf"\b{name}\b", listed), name
    assert "zurich" in installed("moongate", "--local", "run", "inventory").stdout


def test_the_manual_page_is_one(installed, prefix):
    page = installed("man", "--warnings", "-l", prefix / "share/man/man1/moongate.1", MANWIDTH="80")
    assert "MOONGATE(1)" in page.stdout and "--dry-run" in page.stdout
    assert page.stderr == ""


def test_the_stubs_are_those_of_the_program(installed, prefix, moongate):
    installed("moongate", "stubs", moongate.folder / "stubs")
    stubs = {path.name: path.read_text() for path in (prefix / "share/moongate/stubs").iterdir()}
    assert stubs == {path.name: path.read_text() for path in (moongate.folder / "stubs").iterdir()}


def test_the_shells_find_their_completions(prefix, moongate):
    environment = moongate.environment(
        {"PATH": f"{prefix}/bin:{os.environ['PATH']}", "TERM": "dumb", "XDG_DATA_DIRS": f"{prefix}/share:/usr/share"})
    fish = run("fish", "-c", "complete -C 'moongate comple'", env=environment)
    assert fish.stdout.startswith("completions"), fish.stdout
    line = f"fpath=({prefix}/share/zsh/site-functions $fpath); autoload -U compinit; compinit -u -D; print -r $_comps[moongate]"
    assert run("zsh", "-f", "-c", line, env=environment).stdout == "_moongate\n"
    # bash-completion itself need not be installed: it reads the file of the command's name, and the file does the rest.
    bash = pexpect.spawn(
        "bash", ["--norc", "--noprofile"], env={**environment, "PS1": "> "}, encoding="utf-8", timeout=PATIENCE, echo=False)
    bash.sendline(f"bind 'set enable-bracketed-paste off'; source {prefix}/share/bash-completion/completions/moongate; echo rea''dy")
    bash.expect("ready")
    bash.send("echo; moongate comple\t--help\n")
    bash.expect("moongate completions bash")
    bash.close(force=True)


def test_uninstall_leaves_what_was_there_before(tmp_path):
    prefix = tmp_path / "prefix"
    (prefix / "share/man").mkdir(parents=True)
    (prefix / "share/man/index").write_text("somebody's\n")
    before = tree(prefix)
    sources = copy_of_sources(tmp_path / "sources")
    install(sources, "--prefix", prefix)
    assert len(tree(prefix)) > len(before) + 20
    shutil.rmtree(sources)
    done = run(prefix / "share/moongate/uninstall")
    assert done.stdout == f"removed what was installed below {prefix}\n"
    assert tree(prefix) == before


def test_uninstall_keeps_what_is_not_ours_and_says_so(prefix):
    mine = prefix / "share/moongate/mine.lua"
    mine.write_text("-- mine\n")
    done = run(prefix / "share/moongate/uninstall")
    assert done.stdout == f"removed what was installed below {prefix}\n"
    # What is above it stays too, and need not be told.
    assert done.stderr == f"uninstall: {prefix}/share/moongate stays: your own files are in it\n"
    assert set(tree(prefix)) == {"bin", "bin/other", "share", "share/moongate", "share/moongate/mine.lua"}


def test_an_installation_over_an_older_one_removes_what_is_no_more(tmp_path):
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    sources = copy_of_sources(tmp_path / "sources")
    (sources / "docs/old").mkdir()
    (sources / "docs/old/page.md").write_text("# Old\n")
    install(sources, "--prefix", prefix)
    assert (prefix / "share/doc/moongate/docs/old/page.md").exists()
    shutil.rmtree(sources / "docs/old")
    install(sources, "--prefix", prefix)
    assert not (prefix / "share/doc/moongate/docs/old/page.md").exists()
    install(sources, "--uninstall", "--prefix", prefix)
    assert tree(prefix) == {}


def test_destdir_is_put_before_every_path(tmp_path):
    stage = tmp_path / "stage"
    install(ROOT, "--prefix", "/opt/moongate/", env={**os.environ, "DESTDIR": str(stage)})
    assert (stage / "opt/moongate/bin/moongate").exists()
    assert str(stage) not in (stage / "opt/moongate/share/moongate/manifest").read_text()
    assert not Path("/opt/moongate").exists()


def test_paths_may_be_relative_and_the_script_behind_a_link(tmp_path):
    (tmp_path / "link").symlink_to(ROOT / "scripts/install")
    (tmp_path / "program").symlink_to(BINARY)
    environment = {**os.environ, "DESTDIR": "stage", "CDPATH": "/"}
    run("./link", "--binary", "program", "--prefix", "/usr", cwd=tmp_path, env=environment)
    assert (tmp_path / "stage/usr/bin/moongate").read_bytes() == Path(BINARY).read_bytes()
    pages = tmp_path / "pages"
    pages.mkdir()
    run(ROOT / "scripts/docs", "--binary", "program", "--output", "pages", cwd=tmp_path)
    assert {path.name for path in pages.iterdir()} == {"moongate.1", "lua-api.md"}


def test_links_between_the_installed_pages_lead_somewhere(prefix):
    pages = prefix / "share/doc/moongate"
    linked = {
        page.parent / link
        for page in pages.rglob("*.md")
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    }  # fmt: skip
    assert pages / "ARCHITECTURE.md" in linked
    assert [path for path in linked if not path.exists()] == []


def test_a_prefix_that_had_to_be_made_goes_too(tmp_path):
    install(ROOT, "--prefix", tmp_path / "new")
    run(tmp_path / "new/share/moongate/uninstall")
    assert not (tmp_path / "new").exists()


def refused(*words, **options):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=PATIENCE, **options)
    assert done.returncode == 1, done.stdout
    return done.stderr


def put_in_the_way(path):
    """A folder in the place of a file: nobody can remove it as a file, not even root."""
    path.unlink()
    path.mkdir()
    return path


def test_an_uninstall_that_fails_can_be_begun_again(tmp_path):
    install(ROOT, "--prefix", tmp_path / "new")
    obstacle = put_in_the_way(tmp_path / "new/share/zsh/site-functions/_moongate")
    assert "_moongate" in refused(tmp_path / "new/share/moongate/uninstall")
    obstacle.rmdir()
    run(tmp_path / "new/share/moongate/uninstall")
    assert not (tmp_path / "new").exists()


def test_an_upgrade_that_fails_forgets_nothing(tmp_path):
    prefix, sources = tmp_path / "prefix", copy_of_sources(tmp_path / "sources")
    (sources / "docs/old.md").write_text("# Old\n")
    install(sources, "--prefix", prefix)
    (sources / "docs/old.md").unlink()
    obstacle = put_in_the_way(prefix / "share/doc/moongate/docs/old.md")
    assert "old.md" in refused(sources / "scripts/install", "--binary", BINARY, "--prefix", prefix)
    obstacle.rmdir()
    obstacle.write_text("# Old\n")
    run(prefix / "share/moongate/uninstall")
    assert not prefix.exists()


@pytest.mark.parametrize("line", ["file ../mine", "file /mine", "folder share/../..", "file bin/../../mine"])
def test_a_list_that_leads_out_of_the_prefix_is_refused(prefix, line):
    manifest = prefix / "share/moongate/manifest"
    manifest.write_text(f"{manifest.read_text()}{line}\n")
    before = tree(prefix)
    assert f"has '{line}', which leads out of the prefix" in refused(prefix / "share/moongate/uninstall")
    assert "leads out of the prefix" in refused(ROOT / "scripts/install", "--binary", BINARY, "--prefix", prefix)
    assert tree(prefix) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_believes_no_list_of_somebody_else(prefix):
    os.chown(prefix / "share/moongate/manifest", 65534, 65534)
    assert "belongs to nobody" in refused(prefix / "share/moongate/uninstall")
    assert "belongs to nobody" in refused(ROOT / "scripts/install", "--binary", BINARY, "--prefix", prefix)
    assert (prefix / "bin/moongate").exists()


def test_a_program_of_that_name_which_is_not_ours_is_left_alone(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/moongate").write_text("another\n")
    before = tree(tmp_path)
    said = refused(ROOT / "scripts/install", "--binary", BINARY, "--prefix", tmp_path)
    assert f"{tmp_path}/bin/moongate is there, and not from here: move it away" in said
    assert tree(tmp_path) == before


def test_a_share_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "prefix").mkdir()
    (tmp_path / "prefix/share").symlink_to("../elsewhere")
    said = refused(ROOT / "scripts/install", "--binary", BINARY, "--prefix", tmp_path / "prefix")
    assert f"a link leads from {tmp_path}/prefix/share/moongate to {tmp_path}/elsewhere/moongate" in said


def test_a_prefix_that_takes_nothing_is_told_before_anything_is_built(tmp_path):
    sources = copy_of_sources(tmp_path / "sources")
    (sources / "scripts/moongate").write_text("#!/bin/sh\necho it builds >&2; exit 1\n")
    said = refused(sources / "scripts/install", "--prefix", "/dev/null/here")
    assert said.startswith("install: cannot put anything into /dev/null: choose another --prefix")
    assert refused(sources / "scripts/install", "--prefix", tmp_path / "new") == "it builds\n"


def test_what_is_left_to_do_is_said(tmp_path):
    prefix, path = tmp_path / "prefix", os.environ["PATH"]
    done = install(ROOT, "--prefix", prefix)
    assert f"{prefix}/bin is not in your PATH" in done.stdout
    assert f'export PATH="{prefix}/bin:$PATH"\n' in done.stdout
    assert f"fpath=({prefix}/share/zsh/site-functions $fpath)\n" in done.stdout
    done = install(ROOT, "--prefix", prefix, env={**os.environ, "PATH": f"{prefix}/bin:{path}"})
    assert "PATH" not in done.stdout


@pytest.mark.parametrize(
    "words, said",
    [
        (["--prefix", "here"], "--prefix is a whole path"),
        (["--prefix=~/.local"], f"write --prefix {os.environ['HOME']}/.local"),
        (["--prefix"], "--prefix needs an argument"),
        (["--nonsense"], "unknown argument '--nonsense'"),
        (["--uninstall", "--prefix", "/nonexistent"], "nothing is installed below /nonexistent"),
        (["--binary", "/nonexistent"], "there is no program /nonexistent"),
    ],
)
def test_what_cannot_be_done_is_said(words, said):
    done = subprocess.run([ROOT / "scripts/install", *words], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1 and done.stderr.startswith("install: ") and said in done.stderr
