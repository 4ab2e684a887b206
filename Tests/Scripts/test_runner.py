# How the command reads and runs a script: where the source comes from, what it looks like, what it is given, where its
# output goes, and the status it ends with.
import pytest

from moongate import BINARY
from sanitizers import needs_signals

SHOW_ARGUMENTS = 'print(arg[0], #arg, ...)  for i = 1, #arg do io.write(arg[i], "|") end'


# Where the source comes from


@pytest.mark.parametrize("command", [["run"], []], ids=["run", "bare"])
def test_a_file_with_arguments(moongate, command):
    moongate.write("s.lua", SHOW_ARGUMENTS)
    result = moongate("--local", *command, "s.lua", "a", "b c")
    assert (result.code, result.stdout, result.stderr) == (0, "s.lua\t2\ta\tb c\na|b c|", "")


def test_what_follows_the_file_belongs_to_the_script(moongate):
    moongate.write("s.lua", SHOW_ARGUMENTS)
    result = moongate("--local", "s.lua", "-e", "--own", "--", "--region")
    assert (result.code, result.stdout) == (0, "s.lua\t4\t-e\t--own\t--\t--region\n-e|--own|--|--region|")


@pytest.mark.parametrize("option", ["--dry-run", "--read-only", "--max-writes=3", "--local", "--untrusted", "--region", "--profile=x", "--timeout", "--output"])
def test_a_safeguard_behind_the_file_is_not_swallowed(moongate, option):
    """`moongate tag.lua --dry-run` wrote 169 tags: the option was the script's, and nobody was told."""
    moongate.write("s.lua", SHOW_ARGUMENTS)
    result = moongate("--local", "s.lua", "a", option)
    assert (result.code, result.stdout) == (252, "")
    assert "put it before the script" in result.stderr
    result = moongate("--local", "s.lua", "--", "a", option)
    assert (result.code, result.stdout) == (0, f"s.lua\t2\ta\t{option}\na|{option}|")


@pytest.mark.parametrize(
    "words, message",
    [
        (["--local", "--port", "80", "-e", "print(1)"], "--port does nothing in a run; it belongs to moongate serve"),
        (["--local", "--filter", "x", "-e", "print(1)"], "--filter does nothing in a run; it belongs to moongate test"),
        (["--format", "tap", "-e", "print(1)"], "--format does nothing in a run; it belongs to moongate test and moongate check"),
        (["--fault", "error500=5%", "-e", "print(1)"], "--fault belongs to --local, or to moongate serve"),
        (["--seed", "empty", "-e", "print(1)"], "--seed belongs to --local, or to moongate serve"),
        (["check", "--dry-run", "x.lua"], "--dry-run does nothing in moongate check; it belongs to a run"),
        (["--local", "serve", "--ephemeral"], "--local does nothing in moongate serve; it belongs to a run, moongate test and moongate doctor"),
        (["test", "--shard", "1/2", "x_test.lua"], "--shard does nothing in moongate test; it belongs to a run"),
        (["snippet", "list", "--port", "1"], "--port does nothing in moongate snippet; it belongs to moongate serve"),
        (["snippet", "run", "inventory", "--fault", "x"], "--fault"),
    ],
)
def test_an_option_that_does_nothing_is_refused(moongate, words, message):
    """`moongate --port 80 x.lua` ran as if it had not been there."""
    result = moongate(*words)
    assert (result.code, result.stdout) == (252, "")
    assert message in result.stderr


def test_local_has_faults_too(moongate):
    code = "print(list_gateways():count())"
    result = moongate("--local", "--fault", "denied:ListGateways=always", "-e", code)
    assert result.code == 254 and "AccessDenied" in result.stderr
    assert moongate("--local", "--fault", "denied:GetGateway=always", "-e", code).code == 0


def test_an_option_is_written_out(moongate):
    """getopt_long takes every beginning of a name: --tr was --trust."""
    result = moongate("--local", "--tr", "-e", "print(1)")
    assert (result.code, result.stdout) == (252, "")
    assert "there is no option --tr; did you mean --trust?" in result.stderr


@pytest.mark.parametrize(
    "words, said",
    [
        (["list-gateways"], "that is a function of Lua: moongate -e 'show(list_gateways())'"),
        (["--local", "list_gateways"], "that is a function of Lua: moongate -e 'show(list_gateways())'"),
        (["get-gateway"], "Lua has that, and moongate doc get_gateway tells of it"),
        (["local"], "did you mean --local?"),
        (["--local", "--age", "30d", "stale.lua"], "what a script takes stands behind its file, as in stale.lua --age"),
    ],
)
def test_what_stands_in_the_wrong_place_is_told_where_it_belongs(moongate, words, said):
    result = moongate(*words)
    assert (result.code, result.stdout) == (252, "") and said in result.stderr


def test_a_date_that_is_not_there_is_told_what_takes_it(moongate):
    result = moongate("--local", "-e", 'list_virtual_machines():filter(function(vm) return vm.LastBackupDate < ago("7d") end):count()')
    assert result.code == 252 and 'older_than(vm.LastBackupDate, "7d") takes nil for old' in result.stderr


def test_code_on_the_command_line(moongate):
    result = moongate("--local", "-e", "print(1 + 1)")
    assert (result.code, result.stdout, result.stderr) == (0, "2\n", "")


def test_empty_code(moongate):
    result = moongate("--local", "-e", "")
    assert (result.code, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("command", [["run"], []], ids=["run", "bare"])
def test_a_script_from_a_pipe(moongate, command):
    result = moongate("--local", *command, "-", "a", stdin=SHOW_ARGUMENTS.encode())
    assert (result.code, result.stdout) == (0, "-\t1\ta\na|"), result.stderr


def test_a_file_that_is_its_own_command(moongate):
    path = moongate.write("own", f"#!{BINARY}\nprint('hello from', (...))\n").rename(moongate.folder / "own.lua")
    path.chmod(0o755)
    result = moongate.shell("./own.lua you")
    assert (result.code, result.stdout, result.stderr) == (0, "hello from\tyou\n", "")


def test_a_script_in_another_folder(moongate):
    (moongate.folder / "sub").mkdir()
    moongate.write("sub/s.lua", "print(arg[0])")
    assert moongate("--local", "sub/s.lua").stdout == "sub/s.lua\n"


# What it looks like


@pytest.mark.parametrize(
    "source, output",
    [
        pytest.param(b"", "", id="empty"),
        pytest.param(b"-- nothing", "", id="comment without newline"),
        pytest.param(b"-- nothing\n", "", id="comment"),
        pytest.param(b"#!/usr/bin/env moongate", "", id="shebang only"),
        pytest.param(b"#!/usr/bin/env moongate\nprint(1)\n", "1\n", id="shebang"),
        pytest.param(b"#!/usr/bin/env moongate\r\nprint(1)\r\n", "1\n", id="shebang CRLF"),
        pytest.param(b"print(1)\r\nprint(2)\r\n", "1\n2\n", id="CRLF"),
        pytest.param(b"\xef\xbb\xbfprint(1)\n", "1\n", id="BOM"),
        pytest.param(b"\xef\xbb\xbf", "", id="BOM only"),
        pytest.param(b"\xef\xbb\xbf#!/usr/bin/env moongate\nprint(1)\n", "1\n", id="BOM shebang"),
        pytest.param(b"print(1)", "1\n", id="no final newline"),
        pytest.param(b"print('\xff\x00')\n".replace(b"\x00", b"\\0"), None, id="not UTF-8"),
    ],
)
@pytest.mark.parametrize("door", ["file", "pipe"])
def test_sources_of_every_shape(moongate, source, output, door):
    if output is None:  # bytes are bytes
        source, output = source.replace(b"print(", b"print(#"), "2\n"
    if door == "file":
        result = moongate("--local", moongate.write("s.lua", source))
    else:
        result = moongate("--local", "-", stdin=source)
    assert (result.code, result.stdout, result.stderr) == (0, output, "")


@pytest.mark.parametrize("first", ["#!/usr/bin/env moongate\n", "\ufeff#!x\r\n", "-- a comment\n"])
def test_lines_are_counted_from_the_top_of_the_file(moongate, first):
    moongate.write("s.lua", first + "local x = 1\nerror('here')\n")
    result = moongate("--local", "s.lua")
    assert result.code == 1
    assert "s.lua:3: here" in result.stderr


# Where its output goes


def test_print_is_stdout_and_the_rest_is_stderr(moongate):
    code = "print('out') io.write('more', 1, '\\n') warn('careful') io.stderr:write('err\\n')"
    result = moongate("--local", "-e", code)
    assert (result.code, result.stdout) == (0, "out\nmore1\n")
    assert "careful" in result.stderr and "err\n" in result.stderr


def test_output_comes_before_the_error_that_ends_the_run(moongate):
    result = moongate.shell("$MOONGATE --local -e 'print(1) io.write(2) error(\"stop\")' 2>&1")
    assert result.stdout.startswith("1\n2")
    assert "stop" in result.stdout


def test_the_reader_goes_away(moongate):
    line = "$MOONGATE --local -e 'for i = 1, 1e6 do print(i) end' | head -1; echo ${PIPESTATUS[0]}"
    result = moongate.shell(line)
    assert (result.stdout, result.stderr) == ("1\n141\n", "")


# A story: a table, CSV, or the report of a script that ended with a code of its own went to a full disk, and nobody was
# told: the code was the one of a success, or of the finding that the report was about.
@pytest.mark.parametrize("command", [
    "--local -e 'print(1)'",
    "--local -e 'print(1) exit(3)'",
    "--local -e 'for i = 1, 1e5 do print(i) end'",
    "--local --output table -e 'show(list_virtual_machines())'",
    "--local --output csv -e 'show(list_virtual_machines())'",
    "--local --output yaml -e 'show(list_virtual_machines())'",
    "--local run silent-gateways",
    "--help",
    "doc --man",
    "snippet search gateway",
])  # fmt: skip
def test_what_a_full_disk_lost_is_no_success(moongate, command):
    result = moongate.shell(f"$MOONGATE {command} > /dev/full")
    assert result.code == 255
    assert result.stderr.count("cannot write to stdout: ") == 1, result.stderr


def test_a_script_that_ends_with_a_message_says_it_too(moongate):
    result = moongate.shell("$MOONGATE -e 'print(1) exit(2, \"two found\")' > /dev/full")
    assert result.code == 255
    assert result.stderr == "two found\nmoongate: cannot write to stdout: No space left on device\n"


def test_many_arguments(moongate):
    """A new coroutine's stack holds some 40 values; 2,000 arguments once ran over its end."""
    result = moongate("--local", "-e", "print(#arg, select('#', ...), arg[5000])", *range(1, 5001))
    assert (result.code, result.stdout) == (0, "5000\t5000\t5000\n")


def test_standard_input_is_the_scripts(moongate):
    result = moongate("--local", "-e", "print(io.read()) for l in io.lines() do print('[' .. l .. ']') end",
                      stdin=b"first\nsecond\nthird")  # fmt: skip
    assert (result.code, result.stdout) == (0, "first\n[second]\n[third]\n"), result.stderr


# The status it ends with


@pytest.mark.parametrize(
    "code, status",
    [
        ("exit(0)", 0), ("exit()", 0), ("exit(7)", 7), ("exit(125)", 125),
        ("print(pcall(exit, 3))", 3), ("coroutine.wrap(function() exit(4) end)()", 4),
        ("error('no')", 1), ("error()", 1), ("error(nil)", 1), ("error({})", 1), ("error(42)", 1),
        ("local t = nil; t.x = 1", 1), ("return 5", 0), ("return false", 0),
    ],
)  # fmt: skip
def test_the_status_is_the_scripts_own(moongate, code, status):
    result = moongate("--local", "-e", code)
    assert result.code == status
    assert result.stdout == ""
    assert (result.stderr != "") == ("error" in code or "nil" in code)


def test_exit_with_a_message(moongate):
    result = moongate("--local", "-e", "exit(9, 'nothing to do')")
    assert (result.code, result.stdout, result.line()) == (9, "", "nothing to do")


def test_output_before_exit_is_not_lost(moongate):
    result = moongate("--local", "-e", "io.write('kept') exit(2)")
    assert (result.code, result.stdout) == (2, "kept")


def test_an_error_keeps_its_status_when_it_is_raised_again(moongate):
    code = """
      local ok, e = pcall(get_gateway, "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-0DD0DD0D")
      print(e.code, e.operation, e.http_status)
      error(e)
    """
    result = moongate("--local", "-e", code)
    assert (result.code, result.stdout) == (254, "ResourceNotFoundException\tGetGateway\t400\n")
    assert "ResourceNotFoundException" in result.stderr


def test_an_error_that_the_script_handles_is_none(moongate):
    result = moongate("--local", "-e", "local ok, e = pcall(get_gateway) print(ok, e.code)")
    assert (result.code, result.stdout, result.stderr) == (0, "false\tParamValidation\n", "")


# The command itself


def test_version(moongate):
    result = moongate("--version")
    assert result.code == 0
    assert result.stdout.startswith("moongate ") and result.stdout.count("\n") == 1


def test_help(moongate):
    result = moongate("--help")
    assert (result.code, result.stderr) == (0, "")
    for word in ("run", "serve", "--local", "--profile", "--region", "--endpoint"):
        assert word in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_help_lists_every_command(moongate):
    text = moongate("--help").stdout
    for line in ("[run] NAME [args]", "test FILE|FOLDER...", "check FILE", "snippet [COMMAND]", "serve", "stubs", "doc", "completions", "help"):
        assert f"moongate {line}" in text or line in text
    assert moongate("help").stdout == text


@pytest.mark.parametrize(
    "command, own, others",
    [
        ("run", "--dry-run", "--junit"), ("check", "--rules", "--region"), ("test", "--junit", "--dry-run"),
        ("serve", "--port", "--profile"), ("snippet", "--fingerprint", "--region"), ("stubs", "--norc", "--region"),
    ],
)  # fmt: skip
def test_a_command_tells_its_own_options(moongate, command, own, others):
    """Each printed all there is, so that --junit seemed to be an option of serve."""
    result = moongate(command, "--help")
    assert (result.code, result.stderr) == (0, "")
    assert f"moongate {command}" in result.stdout or command == "run"
    assert f" {own}" in result.stdout and f" {others} " not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80 or command == "snippet"
    assert moongate("help", command).stdout == result.stdout


def test_help_into_a_closed_pipe(moongate):
    assert moongate.shell("$MOONGATE --help | true").stderr == ""


@pytest.mark.parametrize("options", [["--no-such-option"], ["-e"], ["serve", "--port", "high"], ["run"]])
def test_a_wrong_option_is_a_usage_error(moongate, options):
    result = moongate(*options)
    assert (result.code, result.stdout) == (252, "")
    assert options[-1].lstrip("-") in result.stderr


@pytest.mark.parametrize("size", ["17179869185G", "9223372036854775808", "8193G", "1K", "0", "-1M", "1.5G", "G", "+1G", ""])
def test_a_size_that_is_none_is_a_usage_error(moongate, size):
    """The first came round to 1 GiB."""
    result = moongate("--max-memory", size, "-e", "print(1)")
    assert (result.code, result.stdout) == (252, "")
    assert "--max-memory takes" in result.stderr


@needs_signals
@pytest.mark.parametrize("code", ["while true do end", "sleep(60)", "while true do pcall(error) end"])
def test_a_run_that_takes_longer_than_its_timeout_is_ended(moongate, code):
    result = moongate("--timeout", "500ms", "-e", code)
    assert result.code == 250
    assert "took longer than 0.5 s" in result.stderr


@pytest.mark.parametrize("text", ["1", "soon", "0s", "-1s"])
def test_a_timeout_is_a_duration(moongate, text):
    assert moongate("--timeout", text, "-e", "").code == 252
