"""What is said of a line that fails: the row with the culprit underlined, what the service answered, and what to do."""

import json
import shlex

import pytest

from canned_server import ACCOUNT, CannedServer, Raw
from moongate import CREDENTIALS
from terminal import BINARY, PROMPT


def error_of(screen, *lines):
    """What stands between the last of the lines that are typed and the next prompt."""
    screen.keys("C-l")
    screen.wait_rows(screen.rows()[-1] if screen.rows()[-1].endswith(">") else PROMPT.strip())
    for line in lines:
        screen.line(line)
    screen.until(lambda: "error: " in screen.text() and screen.rows()[-1].endswith(">"), "an error and a prompt")
    rows = screen.rows()
    first = max(i for i, row in enumerate(rows) if row.startswith("error: "))
    return rows[first:-1]


# ---- Lua's own errors ----

MARKED = {
    "an unknown function": (
        "get_gatway(_)",
        "attempt to call a nil value (global 'get_gatway')", "get_gatway", "did you mean get_gateway?"),
    "an unknown global that is indexed": (
        "gateways.x", "attempt to index a nil value (global 'gateways')", "gateways", "did you mean list_gateways?"),
    "the second of two like it": (
        "y = 1 t = { x = y } print(t.x, t.y.x)", "attempt to index a nil value (field 'y')", "y", None),
    "a refused argument": (
        "string.format('%d', 'x')", "bad argument #2 to 'format' (number expected, got string)", "format", None),
    "a mistyped member": (
        "get_gateway(list_gateways():first()).HypervisorArn",
        "Gateway has no HypervisorArn; did you mean HypervisorId?", "HypervisorArn", None),
    "a mistyped parameter": (
        "list_gateways{ MaxReslts = 1 }:first()", "did you mean MaxResults?", "MaxReslts", None),
    "not equal as other languages write it": (
        "x = 1 != 2", "unexpected symbol near '!'", "!", 'Lua writes ~= for "not equal", and not for "not"'),
    "a method without its arguments": (
        "json:encode", "function arguments expected near <eof>", "", "a method is called with (): write object:method()"),
    "the second of the same token": ("x = 1 == 1 == = 2", "unexpected symbol near '='", "=", None),
    "a constant that is set": (
        "local k <const> = 1; k = 2", "attempt to assign to const variable 'k'", "k", None),
    "an error within a coroutine": (
        "coroutine.wrap(function() get_gatway() end)()",
        "error: attempt to call a nil value (global 'get_gatway')", "get_gatway", "did you mean get_gateway?"),
    "a function without a name": (
        "table.sort({ 3, 1 }, function(a) return a.x end)", "attempt to index a number value (local 'a')", "a",
        None),
    "a loop over a table": (
        "t = {} for x in t do end", "attempt to call a table value (for iterator 'for iterator')", "t",
        "write for key, value in pairs(t), or for item in items(t)"),
    "a quote of a word processor": (
        "print('“', “arn”)", "unexpected symbol near '“'", "“", '“ is not a quote of Lua; write "'),
    "a single one": ("print(‘arn)", "unexpected symbol near '‘'", "‘", "‘ is not a quote of Lua; write '"),
    "a dash": ("x = 5 – 3", "unexpected symbol near '–'", "–", "– is not a minus of Lua; write -"),
    "a space that does not break": (
        "x =\u00A05", "unexpected symbol near", None, "this is a space that does not break (U+00A0); write a plain one"),
    "another foreign character": ("x = §", "unexpected symbol near '§'", "§", None),
    "wide characters before it": (
        "x = '漢字é' .. get_gatway()",
        "attempt to call a nil value (global 'get_gatway')", "get_gatway", "did you mean get_gateway?"),
}  # fmt: skip


def columns(text):
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)


@pytest.mark.parametrize("line, message, culprit, hint", MARKED.values(), ids=MARKED.keys())
def test_the_culprit_is_underlined(open_screen, line, message, culprit, hint):
    screen = open_screen(width=120)
    screen.start()
    rows = error_of(screen, line)
    assert message in rows[0]
    if culprit is not None:
        assert rows[1] == "  1 | " + line
        # The last one: in these lines it is the one that is wrong.
        before = line[: line.rindex(culprit)] if culprit else line
        assert rows[2] == " " * (6 + columns(before)) + "^" * max(1, len(culprit))
    assert rows[-1] == f"hint: {hint}" or hint is None


@pytest.mark.parametrize(
    "line, hint",
    [
        ('get_gateway("zurich-backup-01")',
         'Tab completes an ARN by its name; or list_gateways():find{ GatewayDisplayName = "zurich-backup-01" }'),
        ("get_virtual_machine{ ResourceArn = 'a \"b\"' }",
         r'Tab completes an ARN by its name; or list_virtual_machines():find{ Name = "a \"b\"" }'),
        ('list_tags_for_resource("zurich")', "Tab completes an ARN by its name"),
        ('get_gateway("")', "Tab completes an ARN by its name"),
        ('get_gateway("arn:aws:s3:::bucket")', None),
    ])  # fmt: skip
def test_a_name_in_the_place_of_an_arn_is_told_how_to_find_the_arn(open_screen, line, hint):
    screen = open_screen(width=200)
    screen.start()
    rows = error_of(screen, line)
    assert "Arn must be an ARN like arn:aws:backup-gateway:" in rows[0]
    assert [row for row in rows if row.startswith("hint: ")] == ([f"hint: {hint}"] if hint else [])


def test_a_block_shows_the_row_that_failed_and_functions_who_called_them(screen):
    rows = error_of(screen, "for i = 1, 2 do", "local y = i", "print(y.name.x)", "end")
    assert rows == [
        "error: attempt to index a number value (local 'y')", "  3 |   print(y.name.x)", "              ^"]
    for line in ["function inner(vm) return vm.Path.x end", "function outer() local r = inner{} return r end"]:
        screen.line(line)
    rows = error_of(screen, "x = outer()")
    assert rows[0] == "error: attempt to index a nil value (field 'Path')"
    assert rows[1] == "  1 | function inner(vm) return vm.Path.x end"
    assert rows[3] == "called from" and len(rows) == 7
    assert "function" in rows[4] or "inner" in rows[4]
    assert rows[6].endswith("what was typed")
    assert not any("[C]" in row or "moongate:" in row for row in rows)


def test_a_tab_and_a_long_line_keep_the_caret_in_its_place(open_screen):
    screen = open_screen(width=60)
    screen.start()
    screen.keys("C-l")
    screen.paste("\tx = 1 ; " + "y = 2 ; " * 20 + "get_gatway() ; " + "z = 3 ; " * 20)
    screen.keys("Enter")
    screen.wait("hint: did you mean get_gateway?")
    rows = screen.rows()
    row, caret = rows[-4], rows[-3]
    assert row.startswith("  1 | …") and row.endswith("…") and len(row) < 60
    assert row[caret.index("^"):].startswith("get_gatway") and caret.strip() == "^" * len("get_gatway")


THROWN = {
    "nothing": ("error(nil)", "error: nil"),
    "a number": ("error(42)", "error: 42"),
    "a text": ("error('my own words')", "error: my own words"),
    "a table": ("error{ code = 2, why = 'so' }", 'error: { code = 2, why = "so" }'),
    "an object that can be shown":
        ("error(setmetatable({}, { __tostring = function() return 'shown' end }))", "error: shown"),
    "an object that cannot":
        ("error(setmetatable({}, { __tostring = function() error('x') end }))",
         "error: (the error object could not be shown)"),
    "what would drive a terminal": (r"error('a\27[31mb')", "error: a␛[31mb"),
}  # fmt: skip


@pytest.mark.parametrize("line, message", THROWN.values(), ids=THROWN.keys())
def test_whatever_is_thrown_is_told_readably(open_screen, line, message):
    screen = open_screen(width=120)
    screen.start()
    assert error_of(screen, line)[0] == message


def test_a_plain_terminal_gets_no_colour_and_others_do(open_screen):
    for changes, coloured in ({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False):
        screen = open_screen(**changes)
        screen.start()
        screen.line("get_gatway()")
        screen.wait("hint: did you mean get_gateway?")
        rows = [row for row in screen.text(escapes=True).split("\n") if "error:" in row]
        assert ("\x1b[" in rows[0]) == coloured, rows


# ---- Failed calls ----


def refusal(code, message, status=400):
    return lambda request: Raw(json.dumps({"__type": code, "message": message}), status=status)


@pytest.fixture
def open_against(open_screen):
    servers = []

    def open_one(answer, **options):
        server = CannedServer(answer)
        servers.append(server)
        screen = open_screen(width=160, **{**CREDENTIALS, "AWS_MAX_ATTEMPTS": "2", **options})
        screen.line(f"{shlex.quote(BINARY)} --region us-east-1 --endpoint {server.endpoint}")
        screen.until(lambda: screen.rows()[-1].endswith("us-east-1>"), "the prompt")
        return screen, server

    yield open_one
    for server in servers:
        server.close()


HINTS = {
    "a denied call": (
        refusal("AccessDeniedException", "User is not authorized."),
        "GetGateway: AccessDeniedException: User is not authorized.",
        "an IAM policy has to allow backup-gateway:GetGateway to who you are: session.whoami()"),
    "an expired token": (
        refusal("ExpiredTokenException", "The security token included in the request is expired"),
        "GetGateway: ExpiredTokenException: ", "these keys are over: renew them"),
    "throttling": (
        refusal("ThrottlingException", "Rate exceeded"), "GetGateway: ThrottlingException: Rate exceeded",
        "the service wants fewer calls a second"),
    "a resource that is not there": (
        refusal("ResourceNotFoundException", "No such gateway."), "GetGateway: ResourceNotFoundException: No such",
        "list_gateways() shows what is there in this region"),
    "the service's own failure": (
        refusal("InternalServerException", "Oops.", 500), "GetGateway: InternalServerException: Oops.",
        "it is not your mistake"),
}  # fmt: skip


@pytest.mark.parametrize("answer, message, hint", HINTS.values(), ids=HINTS.keys())
def test_a_failed_call_shows_code_request_status_attempts_line_and_hint(open_against, answer, message, hint):
    screen, server = open_against(answer)
    line = f'get_gateway("{ACCOUNT}:gateway/bgw-12A3456B")'
    rows = error_of(screen, line)
    assert rows[0].startswith(f"error: {message}")
    assert "  1 | " + line in rows and "      " + "^" * len("get_gateway") in rows
    facts = next(row for row in rows if row.startswith("  HTTP "))
    assert "request id 11111111-2222-3333-4444-555555555555" in facts
    assert f"from 127.0.0.1:{server.port}" in facts
    assert (f"{len(server.requests)} attempts" in facts) == (len(server.requests) > 1)
    assert rows[-1].startswith(f"hint: {hint}")


def test_dot_error_shows_everything_and_pcall_gives_the_table(open_against):
    screen, _ = open_against(refusal("AccessDeniedException", "User is not authorized."))
    call = f'get_gateway("{ACCOUNT}:gateway/bgw-12A3456B")'
    error_of(screen, call)
    screen.line(".error")
    screen.wait("code", "AccessDeniedException", "retryable", "http_status", "stack traceback:")
    shown = dict(row.split(None, 1) for row in screen.rows() if len(row.split(None, 1)) == 2)
    assert shown["code"] == "AccessDeniedException" and shown["http_status"] == "400"
    assert shown["operation"] == "GetGateway" and shown["attempts"] == "1" and shown["retryable"] == "false"
    screen.line(f"ok, e = pcall(get_gateway, '{ACCOUNT}:gateway/bgw-12A3456B')")
    screen.line("print('caught', ok, e.code, e.http_status, e.retryable, e.request_id)")
    screen.wait("caught\tfalse\tAccessDeniedException\t400\tfalse".expandtabs(8))


def test_a_token_that_nobody_fetched_names_the_command_that_does(home, open_screen):
    config = home.path / "aws-config"
    config.write_text(
        "[profile prod]\nregion = us-east-1\nsso_session = corp\nsso_account_id = 123456789012\n"
        "sso_role_name = Operator\n[sso-session corp]\nsso_region = us-east-1\n"
        "sso_start_url = https://example.com/start\n")
    screen = open_screen(width=200, AWS_CONFIG_FILE=str(config), AWS_EC2_METADATA_DISABLED="true")
    screen.line(f"{shlex.quote(BINARY)} --profile prod --endpoint http://127.0.0.1:9")
    screen.until(lambda: screen.rows()[-1].endswith("us-east-1/123456789012>"), "the prompt")
    rows = error_of(screen, "list_gateways():first()")
    assert "nobody has signed in" in " ".join(" ".join(rows).split())
    assert rows[-1] == "hint: aws sso login --profile prod"


def test_a_connection_that_is_refused_and_no_credentials_say_what_to_look_at(open_screen):
    for settings, said in (CREDENTIALS, "nothing listens there"), ({}, "session.explain() shows where"):
        screen = open_screen(width=160, AWS_EC2_METADATA_DISABLED="true", AWS_MAX_ATTEMPTS="1", **settings)
        screen.line(f"{shlex.quote(BINARY)} --region us-east-1 --endpoint http://127.0.0.1:9")
        screen.until(lambda: screen.rows()[-1].endswith("us-east-1>"), "the prompt")
        assert any(row.startswith(f"hint: {said}") for row in error_of(screen, "list_gateways():first()"))


def test_no_secret_is_repeated_by_an_error(open_screen):
    screen = open_screen(width=120)
    screen.start()
    for line in ['update_hypervisor(1, { Password = "hunter2", Nmae = "x" })', 'password = "hunter2" !']:
        rows = error_of(screen, line)
        screen.line(".error")
        screen.until(lambda: screen.rows()[-1] == PROMPT.strip(), "the prompt")
        assert not any("hunter2" in row for row in rows + screen.rows()[screen.rows().index(rows[0]):]), screen.text()


def test_no_secret_is_repeated_where_an_error_is_broken_into_lines(open_screen, home):
    (home.path / "config/moongate").mkdir(parents=True)
    (home.path / "config/moongate/init.lua").write_text('vc_password = "correct horse battery staple"\n')
    screen = open_screen(width=44)
    screen.start(prompt="local/us-east-1>")
    screen.line('password = "my other one is not so long"')
    screen.line("mine, theirs = password, vc_password")
    for name in "mine", "theirs":
        rows = error_of(screen, f'error("the vCenter says no to root with " .. {name})')
        assert not {"horse", "staple", "other", "long"} & set(" ".join(rows).split()), rows


def test_scripts_keep_their_one_line(moongate):
    result = moongate("--local", "-e", "get_gatway()")
    assert result.stderr.startswith("moongate: -e:1: attempt to call a nil value (global 'get_gatway')\n")
    assert "^" not in result.stderr
