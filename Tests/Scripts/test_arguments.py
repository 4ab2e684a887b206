# What a header declares, a command line gives: own files and shared code get the same typed `args`, everything is checked
# before anything runs or is sent, and files are those that the operator named. Its secrets are in test_declared_secrets.py.
import json

import pytest

from moongate import CREDENTIALS

GATEWAY = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-12A3456B"
HEADER = """-- Shows what it is given.
-- @name given
-- @allow ListGateways ListHypervisors ListVirtualMachines
"""


@pytest.fixture(params=["own", "shared", "stdin"])
def script(moongate, request):
    """script(declarations, code, *words): runs a script with that header, as each kind of code there is."""

    def run(declarations, code, *words, options=("--local",), env=None):
        text = HEADER + "".join(f"-- @arg {line}\n" for line in declarations) + code
        if request.param == "stdin":
            return moongate(*options, "-", *words, env=env, stdin=text.encode())
        moongate.write("given.lua", text)
        untrusted = ("--untrusted",) if request.param == "shared" else ()
        return moongate(*options, *untrusted, "given.lua", *words, env=env)

    return run


TYPES = """
name string
n integer
x number
loud boolean
quiet boolean=true
age duration
since timestamp
state ONLINE|OFFLINE
maybe string?
sizes integer*
max_age duration=36h
title string="All of them"
""".strip().splitlines()


def test_each_type_arrives_as_the_value_it_says(script):
    code = """
    print(json.encode{ args.name, args.n, args.x, args.loud, args.quiet, args.age, args.state, args.max_age, args.title })
    print(args.since, args.since < now(), args.maybe, #args.sizes, args.sizes[2], args[1], args[2], args[3], ...)
    print(math.type(args.n), math.type(args.age))
    """
    result = script(
        TYPES, code, "--name", "a b", "--n=-3", "first", "--x", "2.5", "--loud", "--no-quiet", "--age", "1h30m",
        "--since", "2026-03-01T06:00:00Z", "--state=ONLINE", "--sizes", "1", "--sizes=-2", "--max-age", "90s",
        "--", "--name",
    )  # fmt: skip
    assert result.code == 0, result.stderr
    values, instant, kinds = result.stdout.splitlines()
    assert json.loads(values) == ["a b", -3, 2.5, True, False, 5400, "ONLINE", 90, "All of them"]
    assert instant.split("\t")[:8] == ["2026-03-01T06:00:00Z", "true", "nil", "2", "-2", "first", "--name", "nil"]
    assert kinds == "integer\tinteger"


def test_what_is_not_given_has_its_default_or_nothing(script):
    needed = [line for line in TYPES if line.split()[0] in ("loud", "quiet", "maybe", "sizes", "max_age", "title")]
    code = "print(args.loud, args.quiet, args.maybe, #args.sizes, args.max_age, args.title, args[1])"
    assert script(needed, code).stdout == "false\ttrue\tnil\t0\t129600\tAll of them\tnil\n"


@pytest.mark.parametrize(
    "words, message",
    [
        (["--agee", "7d"], "there is no --agee; did you mean --age?"),
        (["--state", "ONLIN"], "--state must be one of ONLINE, OFFLINE, not 'ONLIN'; did you mean ONLINE?"),
        (["--age", "7"], "--age takes a duration as in 90s, 7d12h or 2w, not '7'"),
        (["--age"], "--age needs a value"),
        (["--age", "--n"], "--age needs a value, and behind it stands --n; one that begins with -- is written --age=--n"),
        (["--n", "1.5"], "--n takes a whole number, not '1.5'"),
        (["--x", "0x10"], "--x takes a number, not '0x10'"),
        (["--loud=maybe"], "--loud takes true or false, not 'maybe'"),
        (["--no-loud=true"], "--no-loud takes no value"),
        (["--since", "yesterday"], "--since takes a time as in 2026-03-01T06:00:00Z or a date as in 2026-03-01, not 'yesterday'"),
        (["--n", "1", "--n", "2"], "--n is given twice"),
        (["-n", "1"], "there is no '-n': options begin with --, and words behind -- are no options"),
        (["--n", "1"], "--name (string) and --age (duration) are missing"),
    ],
)  # fmt: skip
def test_a_slip_is_told_before_anything_runs(script, words, message):
    kinds = ["name string", "n integer?", "x number?", "loud boolean", "age duration", "since timestamp?", "state ONLINE|OFFLINE?"]
    result = script(kinds, "print('ran')", *words)
    assert (result.code, result.stdout) == (252, "")
    assert f": {message}\n" in result.stderr
    assert "--help lists its arguments" in result.stderr


def test_a_name_that_the_header_does_not_declare_is_an_error(script):
    result = script(["age duration=7d"], "print(args.agee)")
    assert result.code == 252
    assert "the header declares no argument agee; did you mean age? (it declares age)" in result.stderr


# ---- resources ----


def test_a_resource_is_given_by_name_id_or_arn(script):
    listing = script([], "print(list_gateways():first().GatewayDisplayName, list_gateways():first().GatewayArn)")
    name, arn = listing.stdout.strip().split("\t")
    for word in (name, arn.rpartition("/")[2], arn):
        result = script(["gw gateway"], "print(args.gw)", "--gw", word)
        assert (result.code, result.stdout) == (0, arn + "\n"), result.stderr


def pages(gateways):
    def answer(request):
        if request.operation == "ListHypervisors":
            return {"Hypervisors": []}
        return {"Gateways": [{"GatewayArn": GATEWAY[:-1] + str(i), "GatewayDisplayName": n} for i, n in enumerate(gateways)]}

    return answer


@pytest.mark.parametrize(
    "words, message, requests",
    [
        (["--gw", "berlin"], "--gw: 2 gateways are named 'berlin'; give the ARN of one:", ["ListGateways"]),
        (["--gw", "munch"], "--gw: there is no gateway 'munch'; there is\n  munich", ["ListGateways"]),
        (["--gw", "munich", "--all", "munich", "--all", "munich", "--hv", "x"], "--hv: there is no hypervisor 'x'; there is none at all", ["ListGateways", "ListHypervisors"]),
        (["--gw", "arn:aws:s3:::bucket"], "--gw: 'arn:aws:s3:::bucket' is not an ARN of this service", []),
        (["--hv", GATEWAY, "--gw", "munich"], f"--hv takes a hypervisor, and '{GATEWAY}' is the ARN of a gateway", []),
        (["--gw", "munich", "--n", "x"], "--n takes a whole number, not 'x'", []),
        (["--gw", "munich", "--file", "not-there"], "--file: cannot open 'not-there': No such file or directory", []),
    ],
)  # fmt: skip
def test_each_kind_is_listed_once_and_only_when_all_else_is_right(moongate, canned, words, message, requests):
    server = canned(pages(["berlin", "berlin", "munich"]))
    path = moongate.write(
        "g.lua", HEADER + "-- @arg gw gateway\n-- @arg all gateway*\n-- @arg hv hypervisor?\n-- @arg n integer?\n-- @arg file lines?\nprint('ran')"
    )  # fmt: skip
    result = moongate("--endpoint", server.endpoint, "--region", "us-east-1", path, *words, env=CREDENTIALS)
    assert (result.code, result.stdout) == (252, "")
    assert message in result.stderr
    assert [request.operation for request in server.requests] == requests


# ---- files ----


def test_files_are_read_by_the_host_in_three_forms(script, moongate):
    moongate.write("hosts", "a\r\nb c\n\nd")
    moongate.write("plan.json", '{"a": [1, null], "e": []}')
    moongate.write("rows.csv", '\ufeffname,note\r\nx,"one, ""two""\nlines"\r\ny\r\n')
    code = """
    print(json.encode(args.hosts), json.encode(args.plan))
    print(json.encode(args.rows, { sort = true }), args.rows[2].note)
    """
    kinds = ["hosts lines", "plan json", "rows csv"]
    result = script(kinds, code, "--hosts", "hosts", "--plan", "plan.json", "--rows", "rows.csv")
    assert result.code == 0, result.stderr
    assert result.stdout.splitlines() == [
        '["a","b c","","d"]\t{"a":[1,null],"e":[]}',
        '[{"name":"x","note":"one, \\"two\\"\\nlines"},{"name":"y"}]\tnil',
    ]


@pytest.mark.parametrize(
    "kind, content, message",
    [
        ("lines", b"\xff\n", "'f' is not UTF-8 text"),
        ("json", b'{"a":\n 1,,}', "'f' is not JSON: "),
        ("csv", b"", "'f' is empty; its first line names the columns"),
        ("csv", b"a,a\n", "'f' has a column without a name, or two of one name, in its first line"),
        ("csv", b"a\n\n1,2\n", "'f' has 2 cells in line 3, and its first line names 1"),
        ("csv", b'a\n"x', "'f' has a quote in line 2 that is not closed"),
        ("lines", b"x" * (9 << 20), "'f' is too large: the files of a command line may have 8 MiB together"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_should_be_is_refused(moongate, kind, content, message):
    moongate.write("f", content)
    path = moongate.write("s.lua", HEADER + f"-- @arg f {kind}\nprint('ran')")
    result = moongate("--local", path, "--f", "f")
    assert (result.code, result.stdout) == (252, "")
    assert message in result.stderr


def test_credentials_are_no_file_to_read_or_write(moongate):
    folder = moongate.home / ".aws"
    folder.mkdir()
    (folder / "credentials").write_text("[default]\n")
    (moongate.folder / "link").symlink_to(folder / "credentials")
    path = moongate.write("s.lua", HEADER + "-- @arg f lines?\n-- @arg out output?\nprint('ran')")
    for words in (["--f", "home/.aws/credentials"], ["--f", "link"], ["--out", "home/.aws/config"], ["--out", "link"]):
        result = moongate("--local", path, *words)
        assert (result.code, result.stdout) == (252, ""), words
        assert "belongs to your credentials or to moongate, which code never opens" in result.stderr


def test_an_output_goes_to_the_file_that_was_named_or_to_stdout(script, moongate):
    code = """
    output.csv({ { a = 1 } }, { "a" }, { to = args.out })
    chart.bar({ { "x", 1 } }, 1, 2):svg(args.picture)
    print(tostring(args.out), args.picture)
    """
    kinds = ["out output?", "picture output?"]
    result = script(kinds, code, "--out", "rows.csv", "--picture", "chart.svg")
    assert (result.code, result.stdout) == (0, "output file\toutput file\n"), result.stderr
    assert (moongate.folder / "rows.csv").read_bytes() == b"a\r\n1\r\n"
    assert (moongate.folder / "chart.svg").read_text().startswith("<svg")
    code = "output.csv({ { a = 1 } }, { 'a' }, { to = args.out }) print(args.out)"
    for words in ([], ["--out", "-"]):
        assert script(kinds, code, *words).stdout == "a\r\n1\r\nnil\n"


def test_an_output_is_whole_or_not_there(script, moongate):
    moongate.write("rows.csv", "as it was")
    code = """
    local n = 0
    output.csv(function() n = n + 1; if n > 5000 then error("enough") end; return { a = ("x"):rep(50) } end, { "a" }, { to = args.out })
    """
    result = script(["out output"], code, "--out", "rows.csv")
    assert result.code == 1
    assert sorted(path.name for path in moongate.folder.iterdir() if path.is_file() and path.name != "given.lua") == ["rows.csv"]
    assert (moongate.folder / "rows.csv").read_text() == "as it was"


def test_a_file_that_cannot_be_written_is_told_before_the_run(script, moongate):
    for word, reason in (("nowhere/rows.csv", "No such file or directory"), ("home", "'home' is a folder")):
        result = script(["out output"], "print('ran')", "--out", word)
        assert (result.code, result.stdout) == (252, "")
        assert reason in result.stderr


def test_shared_code_writes_no_more_than_it_may_print(moongate):
    path = moongate.write(
        "s.lua", HEADER + "-- @arg out output\noutput.csv(function() return { a = ('x'):rep(1000) } end, { 'a' }, { to = args.out })"
    )  # fmt: skip
    result = moongate("--local", "--max-output", "1M", "--untrusted", path, "--out", "rows.csv")
    assert result.code == 250
    assert "wrote more than 1 MiB into files; --max-output raises that" in result.stderr
    assert not (moongate.folder / "rows.csv").exists()
    assert not [path for path in moongate.folder.iterdir() if path.name.startswith(".")]


def test_what_was_named_opens_no_other_file(script):
    for target in ("'x.csv'", "{}", "1", "setmetatable({}, {})"):
        result = script(["out output?"], f"output.csv({{}}, {{ 'a' }}, {{ to = {target} }})")
        assert result.code in (251, 252), target


# ---- help, and scripts without a header ----


def test_help_tells_all_of_the_header_in_80_columns_and_runs_nothing(script):
    result = script(["age duration=7d Age of the last backup", "gw gateway* Only these"], "print('ran')", "--help", options=())
    assert (result.code, result.stderr) == (0, "")
    assert "ran" not in result.stdout
    for part in ("Shows what it is given.", "--age DURATION", "default 7d", "Only these", "a gateway by ARN, id or name", "ListGateways"):
        assert part in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_all_sections_of_help_are_indented(script):
    text = script([], "-- @limit time=30m\nprint(1)", "--help").stdout
    assert "Limits that it raises as shared code\n  time 30m\n" in text


def test_a_script_without_a_header_has_its_words_as_they_are(moongate):
    path = moongate.write("plain.lua", "-- A remark.\nprint(..., rawget(_G, 'args'))")
    assert moongate("--local", path, "--help").stdout == "--help\tnil\n"
    path = moongate.write("tagged.lua", HEADER + "print(...)")
    assert moongate("--local", path, "--", "--x", "y").stdout == "--x\ty\n"
    assert moongate("--local", path, "--", "--help").stdout == "--help\n"
    assert "Shows what it is given." in moongate("--local", path, "--help").stdout


@pytest.mark.parametrize(
    "words, message",
    [
        (["--ag", "7d"], "there is no --ag; did you mean --age?"),
        (["--region", "eu-central-1"], "--region is Moongate's own option: put it before the script, as in moongate --region eu-central-1 run "),
        (["--output=csv"], "--output is Moongate's own option: put it before the script, as in moongate --output csv run "),
        (["--secret"], "as in moongate --secret NAME=FROM run "),
        (["30d"], "it takes no word '30d'; its arguments are options, as in --age"),
        (["--", "--age"], "it takes no word '--age'"),
        (["--gate", "7d"], "there is no --gate\n"),
    ],
)
def test_what_a_script_does_not_take_is_refused(script, words, message):
    """`stale-vms 30d` reported by the default of seven days, and `--region` was dropped."""
    result = script(["age duration=7d", "data string?"], "local function f(...) return ... end\nprint(args.age, f(1))", *words)
    assert (result.code, result.stdout) == (252, "")
    assert message in result.stderr
    assert "--help lists its arguments" in result.stderr


def test_a_script_s_own_option_wins(script):
    assert script(["output string"], "print(args.output)", "--output", "x").stdout == "x\n"


@pytest.mark.parametrize("use", ["args[1]", "#args", "...", "arg[1]", "table.unpack(args)"])
def test_words_go_to_a_script_that_reads_them(script, use):
    result = script(["age duration=7d"], f"print({use})", "x")
    assert result.code == 0, result.stderr


def test_a_header_without_arguments_takes_no_options(script):
    result = script([], "print(1)", "--x")
    assert (result.code, result.stdout) == (252, "")
    assert "there is no --x" in result.stderr
    assert "it takes no word 'y'" in script([], "print(1)", "y").stderr


def test_a_gateway_s_name_for_a_hypervisor_is_told(script):
    result = script(["hypervisor hypervisor"], "print(args.hypervisor)", "--hypervisor", "zurich-backup-01")
    assert result.code == 252
    assert "there is no hypervisor 'zurich-backup-01'; that is the name of a gateway; there is\n  " in result.stderr
    assert "given.lua: --hypervisor" in result.stderr or "-: --hypervisor" in result.stderr
    assert "--help lists its arguments" in result.stderr


def test_a_script_for_a_newer_program_is_refused_in_one_sentence(script):
    result = script(["a string", "b new_type"], "-- @newtag x\n-- @requires moongate >= 99.0.0\nprint('ran')")
    assert (result.code, result.stdout) == (252, "")
    assert "this script needs moongate 99.0.0 or newer, and this is moongate " in result.line()


def test_help_keeps_a_command_in_the_description_as_it_is_written(moongate):
    """Each line was filled for itself, so that a command lost its indentation and was broken in two."""
    command = "  moongate run x --folder /DC1/vm/Prod --role arn:aws:iam::123456789012:role/Backup > jobs.sh"
    moongate.write("x.lua", f"--- Does.\n--\n-- As in\n-- {command}\n-- and more.\n-- @name x\n-- @limit calls=20000\n")
    page = moongate("run", "./x.lua", "--help")
    assert f"\nAs in\n{command}\nand more.\n" in page.stdout
    assert "Limits that it raises as shared code\n  20000 calls\n" in page.stdout
