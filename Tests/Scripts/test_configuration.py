"""The operator's own configuration, ~/.config/moongate/config, and the codes that a run ends with."""

import json
import signal

import pytest

from canned_server import ACCOUNT, Raw
from moongate import CREDENTIALS, read_line, shell_code

GW = f"{ACCOUNT}:gateway/bgw-12A3456B"
ROWS = 'show({ { Name = "a" } })'


@pytest.fixture
def configure(moongate):
    """Writes the file; its path."""

    def configure(text, folder=None):
        path = (folder or moongate.home / ".config") / "moongate/config"
        path.parent.mkdir(parents=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return configure


def test_it_says_what_a_flag_would(moongate, configure):
    configure("# mine\n[moongate]\noutput = csv ; as --output\nmax_writes = 1\n")
    assert moongate("--local", "-e", ROWS).stdout.splitlines() == ["Name", "a"]
    write = 'update_hypervisor(list_hypervisors():first(), { Name = "n" })'
    result = moongate("--local", "--allow", "UpdateHypervisor", "-e", f"{write} {write}")
    assert result.code == 250 and "1 write is all that --max-writes lets this run send" in result.stderr


def test_a_flag_wins(moongate, configure):
    configure("[moongate]\noutput = csv\nmax_writes = 0\n")
    assert json.loads(moongate("--local", "--output", "json", "-e", ROWS).stdout) == [{"Name": "a"}]
    write = 'update_hypervisor(list_hypervisors():first(), { Name = "n" })'
    assert moongate("--local", "--allow", "UpdateHypervisor", "--max-writes", "1", "-e", write).code == 0


def test_it_is_where_xdg_says(moongate, configure, tmp_path):
    configure("[moongate]\noutput = csv\n", tmp_path / "other")
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "other")}
    assert moongate("--local", "-e", ROWS, env=environment).stdout.splitlines() == ["Name", "a"]
    assert moongate("--local", "-e", ROWS).stdout.startswith("[")


def test_norc_passes_over_it(moongate, configure):
    configure("[moongate]\nnonsense = 1\n")
    assert moongate("--norc", "--local", "-e", "print(1)").stdout == "1\n"


def test_sections_of_other_parts_are_theirs(moongate, configure):
    configure("[registry team]\nurl = https://example.com\n[trust]\nallowed_signers = ~/signers\n[moongate]\noutput = csv\n")
    assert moongate("--local", "-e", ROWS).stdout.splitlines() == ["Name", "a"]


@pytest.mark.parametrize(
    "text, line, said",
    [
        ("[moongate]\nproducton = prod\n", 2, "there is no setting 'producton'; did you mean production?"),
        ("[moongate]\nnonsense = 1\n", 2, "there is no setting 'nonsense'; there are history, max_writes, output and production"),
        ("[moongate]\nmax writes = 1\n", 2, "there is no setting 'max writes'; did you mean max_writes?"),
        ("\n[moongat]\n", 2, "there is no section [moongat]; did you mean moongate?"),
        ("[profile prod]\nregion = x\n", 1, "there is no section [profile prod]; there are moongate, registry and trust"),
        ("[moongate]\noutput = xml\n", 2, "output is one of "),
        ("[moongate]\n\nmax_writes = many\n", 3, "max_writes is a number, not 'many'"),
        ("[moongate]\nmax_writes = -1\n", 2, "max_writes is a number, not '-1'"),
        ("[moongate]\nhistory = maybe\n", 2, "history is on or off, not 'maybe'"),
        ("output = csv\n", 1, "Expected a section definition"),
        ("[moongate\n", 1, "Section definition must end with ']'"),
        ("[moongate]\noutput\n", 2, "Expected an '=' sign"),
        (b"[moongate]\n\xff\x00\x1b[31m = 1\n", 2, "there is no setting "),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_with_its_line(moongate, configure, text, line, said):
    path = configure(text)
    result = moongate("--local", "-e", "print(1)")
    assert (result.code, result.stdout) == (253, "")
    assert result.line().startswith(f"moongate: {path}:{line}: {said}"), result.stderr
    assert "\x1b" not in result.stderr


def test_a_file_that_cannot_be_read_is_no_configuration(moongate):
    (moongate.home / ".config/moongate/config").mkdir(parents=True)
    result = moongate("--local", "-e", "print(1)")
    assert (result.code, result.stdout) == (253, "")
    assert "cannot be read: not a regular file" in result.line()


# A story: benchmarks of AWS's tools set both variables so, and moongate refused to start there.
def test_the_null_device_is_a_file_that_says_nothing(moongate):
    null = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    result = moongate("-e", "print(session.region)", env=null | {"AWS_REGION": "eu-west-1"})
    assert (result.code, result.stdout, result.stderr) == (0, "eu-west-1\n", "")


def test_other_commands_need_none(moongate, configure):
    configure("nonsense")
    assert moongate("doc", "exit").code == 0
    assert moongate("--help").code == 0


# The codes of design: one table


ENDINGS = {
    "the end": (["--local", "-e", "print(1)"], 0),
    "an error of the script": (["--local", "-e", "error('no')"], 1),
    "exit(n)": (["--local", "-e", "exit(2)"], 2),
    "the greatest exit(n)": (["--local", "-e", "exit(125)"], 125),
    "a limit of time": (["--local", "--timeout", "100ms", "-e", "sleep(60)"], 250),
    "a limit of memory": (["--local", "--max-memory", "8M", "-e", "local t = {} while true do t[#t + 1] = {} end"], 250),
    "a limit of writes": (["--local", "--max-writes", "0", "--allow", "DeleteGateway", "-e", f'delete_gateway("{GW}")'], 250),
    "no permission": (["--local", "-e", f'delete_gateway("{GW}")'], 251),
    "read-only": (["--local", "--read-only", "-e", f'delete_gateway("{GW}")'], 251),
    "an option that is none": (["--nonsense"], 252),
    "parameters that are none": (["--local", "-e", "get_gateway{}"], 252),
    "a file that is not there": (["--local", "nowhere.lua"], 252),
    "no credentials": (["--region", "us-east-1", "-e", "list_gateways():first()"], 253),
    "no region": (["-e", "list_gateways():first()"], 253),
    "a profile that is not there": (["--profile", "nobody", "-e", "print(1)"], 253),
    "an error of the service": (["--local", "-e", f'get_gateway("{GW}")'], 254),
}  # fmt: skip


@pytest.mark.parametrize("arguments, code", ENDINGS.values(), ids=ENDINGS.keys())
def test_the_code_says_how_it_ended(moongate, arguments, code):
    result = moongate(*arguments)
    assert result.code == code, result.stderr
    assert "Traceback" not in result.stderr and "Fatal" not in result.stderr


def test_the_network_is_255(moongate):
    result = moongate(
        "--endpoint", "http://127.0.0.1:9", "--region", "us-east-1", "-e", "list_gateways():first()",
        env={**CREDENTIALS, "AWS_MAX_ATTEMPTS": "1"},
    )  # fmt: skip
    assert result.code == 255, result.stderr


def test_an_error_of_the_service_keeps_its_code_whatever_its_status(moongate, canned):
    server = canned(lambda request: Raw('{"__type":"AccessDeniedException","Message":"no"}', 400))
    result = moongate(
        "--endpoint", server.endpoint, "--region", "us-east-1", "-e", f'get_gateway("{GW}")', env=CREDENTIALS)
    assert result.code == 254 and "AccessDeniedException" in result.stderr


def test_kill_int_is_130_and_a_reader_that_leaves_is_141(moongate):
    process = moongate.start("--local", "-e", "io.stderr:write('ready\\n') while true do end")
    try:
        assert read_line(process, process.stderr) == "ready\n"
        process.send_signal(signal.SIGINT)
        assert shell_code(process.wait(30)) == 130
    finally:
        process.kill()
    result = moongate.shell("$MOONGATE --local -e 'while true do print(1) end' | head -1; echo ${PIPESTATUS[0]}")
    assert (result.stdout, result.stderr) == ("1\n141\n", "")
