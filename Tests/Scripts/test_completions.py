# Completion of command lines: the hidden command that knows what may stand there, and bash, zsh and fish asking it.
import os
import shutil

import pexpect
import pytest

from moongate import BINARY, CREDENTIALS, PATIENCE

GATEWAY = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-12A3456B"
SCRIPT = """-- Reports.
-- @name report
-- @arg state ONLINE|OFFLINE    Only those
-- @arg max_age duration=7d     Oldest backup
-- @arg loud boolean            Tells more
-- @arg gateway gateway?        Only this gateway
-- @arg tag string*             Only with this tag
-- @arg hosts lines?            Names of hosts
error("a script must not run while its arguments are typed")
"""


@pytest.fixture
def complete(moongate):
    """complete(*words): what may stand in the place of the last; ":files" says that names of files may."""
    moongate.write("report.lua", SCRIPT)

    def run(*words, env=None):
        result = moongate("__complete", *words, env=env)
        assert (result.code, result.stderr) == (0, "")
        return [line.partition("\t")[0] for line in result.stdout.splitlines()]

    return run


@pytest.mark.parametrize(
    "words, expected",
    [
        (["ser"], [":files", "serve"]),
        (["--output", ""], ["table", "json", "jsonl", "csv", "yaml", "lua"]),
        (["--output=j"], ["--output=json", "--output=jsonl"]),
        (["--dry"], ["--dry-run"]),
        (["--por"], []),
        (["serve", "--por"], ["--port"]),
        (["serve", "--prof"], []),
        (["check", "--f"], ["--format"]),
        (["snippet", "list", "--reg"], []),
        (["snippet", "run", "--regio"], ["--region", "--regions"]),
        (["help", "ch"], ["check"]),
        (["--allow", "DeleteG"], ["DeleteGateway"]),
        (["--region", "eu-central"], ["eu-central-1"]),
        (["--regions", "eu-west-1,eu-central"], ["eu-west-1,eu-central-1"]),
        (["--seed", ""], [":files", "sample", "empty"]),
        (["--local", "--output", "csv", "completions", ""], ["bash", "zsh", "fish"]),
        (["run", "stale"], [":files", "stale-vms"]),
        (["stale-vms", "--ag"], ["--age"]),
        (["run", "report.lua", "--s"], ["--state"]),
        (["run", "report.lua", "--state", ""], ["ONLINE", "OFFLINE"]),
        (["run", "report.lua", "--state=OF"], ["--state=OFFLINE"]),
        (["./report.lua", "--state", "ONLINE", "--s"], []),
        (["./report.lua", "--tag", "a", "--ta"], ["--tag"]),
        (["./report.lua", "--lou"], ["--loud"]),
        (["./report.lua", "--no"], ["--no-loud"]),
        (["./report.lua", "--max-age", ""], []),
        (["./report.lua", "--max_age=7d", "--max"], []),
        (["./report.lua", "--hosts", ""], [":files"]),
        (["./report.lua", "--", "--s"], [":files"]),
        (["./nothing.lua", "--s"], [":files"]),
        (["nothing", "--s"], [":files"]),
        (["--nothing=", ""], [":files"]),
    ],
)
def test_what_may_stand_at_the_end_of_a_command_line(complete, words, expected):
    found = complete(*words)
    if expected[:1] == [":files"] and words[-1] == "":
        assert found[: len(expected)] == expected
    else:
        assert found == expected


def test_profiles_come_from_the_shared_files(complete, moongate):
    (moongate.home / ".aws").mkdir()
    (moongate.home / ".aws/config").write_text("[default]\n[profile dev]\n[profile prod-eu]\n")
    assert complete("--profile", "") == ["default", "dev", "prod-eu"]
    assert complete("--profiles", "dev,pro") == ["dev,prod-eu"]


def test_resources_are_live_and_shown_with_their_arns(moongate, complete, canned):
    gateways = [{"GatewayArn": GATEWAY, "GatewayDisplayName": "Berlin 1"}]
    server = canned(lambda request: {"Gateways": gateways})
    options = ["--endpoint", server.endpoint, "--region", "us-east-1"]
    words = [*options, "report.lua", "--gateway"]
    result = moongate("__complete", *words, "", env=CREDENTIALS)
    assert result.stdout.split("\t")[0] == "Berlin 1"
    assert GATEWAY in result.stdout
    assert complete(*words, "arn:", env=CREDENTIALS) == [GATEWAY]
    assert complete(*words[:-1], "--gateway=Ber", env=CREDENTIALS) == ["--gateway=Berlin 1"]
    assert {request.operation for request in server.requests} == {"ListGateways"}


def test_without_credentials_or_an_answer_it_is_quiet(complete, canned):
    assert complete("report.lua", "--gateway", "") == []
    assert complete("--endpoint", "http://127.0.0.1:1", "--region", "us-east-1", "report.lua", "--gateway", "", env=CREDENTIALS) == []
    assert complete("--profile", "nobody", "report.lua", "--gateway", "") == []


def test_a_pipe_in_the_place_of_a_script_is_not_waited_for(complete, moongate):
    os.mkfifo(moongate.folder / "pipe.lua")
    assert complete("./pipe.lua", "--s") == [":files"]


def test_an_unknown_shell_is_refused(moongate):
    assert moongate("completions", "zhs").code == 252
    assert "did you mean zsh?" in moongate("completions", "zhs").stderr
    assert moongate("completions").code == 252


# ---- The shells themselves ----


@pytest.fixture
def path(moongate):
    """The command is found by its name, as operators have it."""
    folder = moongate.folder / "bin"
    folder.mkdir()
    (folder / "moongate").symlink_to(BINARY)
    return moongate.environment({"PATH": f"{folder}:{os.environ['PATH']}", "TERM": "dumb"})


def in_bash(moongate, path, line):
    """What Tab types behind a line in bash."""
    bash = pexpect.spawn(
        "bash", ["--norc", "--noprofile"], cwd=str(moongate.folder), env={**path, "PS1": "ready> "}, encoding="utf-8",
        timeout=PATIENCE, dimensions=(40, 200), echo=False,
    )  # fmt: skip
    bash.expect("ready> ")
    bash.sendline("bind 'set enable-bracketed-paste off'; bind 'set completion-ignore-case off'; source <(moongate completions bash); echo so''urced")
    bash.expect("sourced\r\n")
    # What is typed is run as an argument of echo, so that the line can be read back.
    bash.send(f"{line}\t")
    bash.send("\x01: <\x05>\n")
    bash.sendline("fc -ln -1 | cat")
    bash.expect(r"\t ?: <(.*)>\r\n")
    bash.close(force=True)
    return bash.match[1]


@pytest.mark.parametrize(
    "line, typed",
    [
        ("moongate comple", "moongate completions "),
        ("moongate --outp", "moongate --output "),
        ("moongate --output=y", "moongate --output=yaml "),
        ("moongate run repo", "moongate run report.lua "),
        ("moongate run report.lua --state OFF", "moongate run report.lua --state OFFLINE "),
        ("moongate run report.lua --state=OFF", "moongate run report.lua --state=OFFLINE "),
        ("moongate --local run report.lua --gateway arn:aws:backup", "moongate --local run report.lua --gateway arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-"),
    ],
)  # fmt: skip
def test_bash_completes(moongate, path, line, typed):
    moongate.write("report.lua", SCRIPT)
    assert in_bash(moongate, path, line).startswith(typed)


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed; scripts/setup --tests installs it")
@pytest.mark.parametrize(
    "line, typed",
    [
        ("moongate comple", "moongate completions "),
        ("moongate run report.lua --state OFF", "moongate run report.lua --state OFFLINE "),
        ("moongate run report.lua --state=OFF", "moongate run report.lua --state=OFFLINE "),
        ("moongate run repo", "moongate run report.lua "),
    ],
)
def test_zsh_completes(moongate, path, line, typed):
    moongate.write("report.lua", SCRIPT)
    zsh = pexpect.spawn(
        "zsh", ["-f", "-i"], cwd=str(moongate.folder), env={**path, "PS1": "ready> "}, encoding="utf-8", timeout=PATIENCE,
        dimensions=(40, 200),
    )  # fmt: skip
    zsh.expect("ready> ")
    zsh.sendline("PS1='at''> '; autoload -U compinit; compinit -u -D; source <(moongate completions zsh); show() { print -r -- \"=<$BUFFER>\"; }; zle -N show; bindkey '^X^X' show")
    zsh.expect("at> ")
    zsh.send(f"{line}\t\x18\x18")
    zsh.expect("=<(.*)>")
    zsh.close(force=True)
    assert zsh.match[1].startswith(typed)


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed; scripts/setup --tests installs it")
@pytest.mark.parametrize(
    "line, found",
    [
        ("moongate comple", "completions"),
        ("moongate run report.lua --state OFF", "OFFLINE"),
        ("moongate run report.lua --state=OFF", "--state=OFFLINE"),
        ("moongate run report.lua --max", "--max-age\tOldest backup"),
        ("moongate run repo", "report.lua"),
    ],
)
def test_fish_completes(moongate, path, line, found):
    moongate.write("report.lua", SCRIPT)
    output, status = pexpect.run(
        "fish --no-config -c 'moongate completions fish | source; complete -C \"$LINE\"'", cwd=str(moongate.folder),
        env={**path, "LINE": line}, withexitstatus=True, timeout=PATIENCE, encoding="utf-8",
    )  # fmt: skip
    assert status == 0, output
    assert found in output.replace("\r\n", "\n").split("\n")
