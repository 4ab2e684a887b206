"""What a line costs and sends, and what is looked at again and again: .time, .trace, .watch."""

import json
import re
import shlex
import sys
import time

import pytest

from canned_server import GATEWAY, CannedServer, Raw
from terminal import BINARY, DEADLINE, PROMPT, talk

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}


def at_prompt(screen):
    return re.search(r"us-east-1(/\d+)?>$", screen.rows()[-1])


@pytest.fixture
def against(open_screen):
    """A shell that talks to a canned server."""
    servers = []

    def open_one(answer, width=160, **options):
        server = CannedServer(answer)
        servers.append(server)
        screen = open_screen(width=width, height=50, **{**KEYS, **options})
        screen.line(f"{shlex.quote(BINARY)} --region us-east-1 --endpoint {server.endpoint}")
        screen.until(lambda: at_prompt(screen), "the prompt")
        return screen, server

    yield open_one
    for server in servers:
        server.close()


def run(screen, line):
    """The rows that a line prints."""
    screen.keys("C-l")
    screen.line(line)
    screen.until(lambda: len(screen.rows()) > 1 and at_prompt(screen), line)
    return screen.rows()[1:-1]


# ---- .time ----


def test_time_tells_how_long_a_line_took(screen):
    assert run(screen, ".time") == [".time is off"]
    run(screen, ".time on")
    (row,) = run(screen, "sleep(0.2)")
    assert 0.2 <= float(re.fullmatch(r"(\d+\.\d+) s", row)[1]) < DEADLINE
    run(screen, ".time off")
    assert run(screen, "print(1)") == ["1"]
    assert run(screen, ".time never") == [".time takes off, on or verbose"]


def test_time_verbose_counts_what_the_server_saw(against):
    """Two pages, the first of which is asked for three times."""
    refusals = [Raw(json.dumps({"__type": "ThrottlingException", "message": "slow"}), status=400), Raw("", status=503)]
    sent = []

    def answer(request):
        if refusals:
            return refusals.pop(0)
        page = {"Gateways": [GATEWAY], **({} if request.json.get("NextToken") else {"NextToken": "second"})}
        sent.append(len(json.dumps(page)))
        return page

    screen, server = against(answer)
    run(screen, ".time verbose")
    (row,) = run(screen, "for g in list_gateways() do end")
    assert [request.operation for request in server.requests] == ["ListGateways"] * 4
    out = sum(len(request.body) for request in server.requests)
    found = re.fullmatch(
        r"[\d.]+ s, CPU [\d.]+ s, 4 requests, 2 retries, 1 throttle, 2 pages, 0 cache hits, (\d+) bytes out, (\d+) in", row)
    assert found, row
    assert int(found[1]) == out
    assert int(found[2]) >= sum(sent)
    (row,) = run(screen, "x = 1")
    assert row.endswith("0 requests, 0 retries, 0 throttles, 0 pages, 0 cache hits, 0 bytes out, 0 in")


def test_time_verbose_counts_what_completion_asked_for_and_had(against):
    screen, server = against(lambda request: {"Gateways": [GATEWAY]})
    run(screen, ".time verbose")
    for _ in range(2):
        screen.type("get_gateway(")
        screen.keys("Tab")
        screen.wait("bgw-12A3456B")
        screen.keys("C-u", "C-l")
    (row,) = run(screen, "x = 1")
    assert len(server.requests) == 1
    assert ", 1 request, 0 retries, 0 throttles, 1 page, 1 cache hit, " in row


# ---- .trace ----


def test_trace_shows_each_request_with_its_signature_masked(against):
    screen, server = against(lambda request: {"Gateways": [GATEWAY]}, width=250)
    run(screen, "for g in list_gateways() do end")
    run(screen, ".trace on")
    rows = run(screen, "for i = 1, 2 do list_gateways():first() end")
    attempts = [row for row in rows if row.startswith("debug: ListGateways: attempt ")]
    assert len(attempts) == 2 == len(server.requests) - 1
    assert attempts[0] == f"debug: ListGateways: attempt 1 of 3: POST {server.endpoint}/"
    signatures = re.findall(r"authorization: AWS4-HMAC-SHA256 Credential=(\S+?)/\S+ .*Signature=(\S+)", "\n".join(rows))
    real = [re.search("Signature=(.*)", request.headers["Authorization"])[1] for request in server.requests[1:]]
    assert signatures == [("…MPLE", signature[:8] + "…") for signature in real]
    for secret in [*real, KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"]]:
        assert secret not in "\n".join(rows)
    assert run(screen, ".trace") == [".trace is on"]
    run(screen, ".trace off")
    assert run(screen, "list_gateways():first().GatewayType") == ["BACKUP_VM"]


# ---- .watch ----

TICK = "n = 0 function tick() n = n + 1 return {{Name = 'a', State = 's' .. n}, {Name = 'b', State = 'same'}} end"


def state(screen):
    found = re.findall(r"a  +\*?s(\d+)", screen.text())
    return [int(number) for number in found]


def test_watch_repaints_in_place_and_marks_what_changed(screen):
    screen.line(TICK)
    screen.line(".watch 0.5 tick()")
    screen.until(lambda: state(screen) and state(screen)[0] >= 3, "the third picture")
    # One picture, not one below the other.
    assert len(state(screen)) == 1
    lines = screen.text(escapes=True).split("\n")
    changed = next(line for line in lines if "same" not in line and re.search(r"s\d", line) and line.startswith("a"))
    assert re.search("\x1b\\[7ms\\d+", changed), changed
    assert "\x1b[7m" not in next(line for line in lines if "same" in line and line.rstrip().endswith("same"))
    assert re.search(r"\d\d:\d\d:\d\d  every 0.5 s, Ctrl-C ends: tick\(\)", screen.text())
    screen.keys("C-c")
    screen.until(lambda: screen.rows()[-1] == PROMPT.strip(), "the prompt")
    assert len(state(screen)) == 1  # the last picture stays
    assert "^C" not in screen.text()
    screen.line("print('still', 'here')")
    screen.wait("still   here")


def test_watch_marks_with_stars_where_no_colour_is_wanted(open_screen):
    screen = open_screen(NO_COLOR="1")
    screen.start()
    screen.line(TICK)
    screen.line(".watch 0.5 tick()")
    screen.until(lambda: re.search(r"a +\*s\d", screen.text()), "a star")
    assert "\x1b[7m" not in screen.text(escapes=True)
    screen.type("q")
    screen.wait_rows(PROMPT.strip())


def test_watch_prints_one_after_another_on_a_dumb_terminal(home):
    child = talk(home, TERM="dumb")
    child.send(".watch 0.5 #'abc'\r")
    for _ in range(3):
        child.expect(r"every 0.5 s, Ctrl-C ends: #'abc'\r\n3\r\n")
    child.sendintr()
    child.expect_exact("> ")
    assert "\x1b" not in child.before
    child.close()


def test_watch_goes_on_when_the_service_fails_and_shows_why(against):
    answers = [Raw(json.dumps({"__type": "ResourceNotFoundException", "message": "Not yet."}), status=400)]
    screen, server = against(lambda request: answers.pop(0) if answers else {"Gateway": {**GATEWAY, "Name": "x"}})
    screen.line(f".watch 0.5 get_gateway('{GATEWAY['GatewayArn']}')")
    screen.wait("error: GetGateway: ResourceNotFoundException: Not yet.")
    screen.wait("BACKUP_VM")
    assert "Not yet." not in screen.text()
    screen.keys("C-c")
    screen.until(lambda: at_prompt(screen), "the prompt")
    assert {request.operation for request in server.requests} == {"GetGateway"}


def test_ctrl_c_ends_a_look_that_hangs(against):
    screen, server = against(lambda request: server.closing.wait())
    screen.line(".watch list_gateways()")
    server.wait_for_requests(1)
    screen.keys("C-c")
    screen.until(lambda: at_prompt(screen), "the prompt")


@pytest.mark.parametrize(
    "argument, message",
    [
        ("delete_gateway('x')", "DeleteGateway changes something, and watching would send it again and again"),
        ("5 call('TagResource', {})", "TagResource changes something"),
        ("x = = 1", "expected near '='"),
        ("x = 1", "expected near '='"),
        ("error('boom')", "boom"),
        ("", "what is to be watched? .watch 5 get_gateway(arn)"),
        ("5", "what is to be watched? .watch 5 get_gateway(arn)"),
        ("0.1 x", ".watch looks every half second at most"),
    ])  # fmt: skip
def test_what_cannot_be_watched_ends_at_once(screen, argument, message):
    assert message in "\n".join(run(screen, ".watch " + argument))


def test_an_error_in_what_is_watched_is_told_as_the_prompt_tells_it(screen):
    rows = run(screen, ".watch nosuch()")
    assert "error: attempt to call a nil value (global 'nosuch')" in rows
    assert any(row.endswith("| nosuch()") for row in rows) and any(row.strip() == "^^^^^^" for row in rows)
    assert "stdin:" not in screen.text() and "traceback" not in screen.text()


def test_a_picture_larger_than_the_window_is_cut(open_screen):
    screen = open_screen(width=60, height=10)
    screen.start()
    screen.line("n = 0 function many() n = n + 1 local t = {} for i = 1, 30 do t[i] = {Row = i, N = n} end return t end")
    screen.line(".watch 0.5 many()")
    screen.until(lambda: "… 24 more rows" in screen.text() and "Row" in screen.text() and re.search(r"\b[4-9]  +1\b|1  +[4-9]", screen.text()), "the fourth")
    assert screen.text().count("more rows") == 1
    screen.keys("C-c")
    screen.wait_rows(PROMPT.strip())


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, *sys.argv[1:]]))


# ---- Whatever is longer than the window waits ----

MARK = "-- more (Space, Enter, q) --"


def test_what_a_dot_command_prints_waits_at_each_screen(open_screen, home):
    screen = open_screen(height=20)
    home.history.parent.mkdir(parents=True)
    home.history.write_text("".join(json.dumps({"text": f"x = {n}"}) + "\n" for n in range(60)))
    screen.start()
    for number in range(30):
        screen.line(str(number))
    screen.line("error(('long '):rep(700))")
    for line in [".help", ".region", ".history 100", ".results", ".error"]:
        screen.keys("C-l")
        screen.line(line)
        screen.until(lambda: screen.rows()[-1] == MARK, line)
        screen.keys("q")
        screen.until(lambda: at_prompt(screen), f"the prompt after {line}")
        assert MARK not in screen.text()
    screen.keys("C-l")
    screen.line(".region")
    screen.until(lambda: screen.rows()[-1] == MARK, "a page of regions")
    screen.keys("Space")
    screen.until(lambda: at_prompt(screen), "the prompt")
    assert "  us-west-2" in screen.text()


def test_permissions_wait_in_a_small_window(open_screen):
    screen = open_screen(width=40, height=12)
    screen.start(prompt="local/us-east-1>")
    screen.line(".permissions")
    screen.until(lambda: screen.rows()[-1] == MARK, "the mark")
    screen.keys("q")
    screen.until(lambda: at_prompt(screen), "the prompt")


# ---- .help ----


def test_help_tells_of_one_command_and_names_the_nearest(screen):
    assert run(screen, ".help edit") == ["  .edit [N|session] Opens an entry, or the session, in your editor."]
    assert run(screen, ".help .exit") == run(screen, ".help exit") == ["  .exit  Ends the session, as Ctrl-D does."]
    assert run(screen, ".help histroy") == ["there is no command .histroy; did you mean .history?"]
    assert run(screen, ".help xyz") == ["there is no command .xyz; .help lists them"]


def test_tab_puts_a_space_behind_a_command_that_takes_arguments(screen):
    screen.type(".out")
    screen.keys("Tab")
    screen.type("ya")
    screen.keys("Tab")
    screen.wait_rows(PROMPT + ".output yaml")
    screen.keys("C-u")
    screen.type(".exi")
    screen.keys("Tab")
    screen.type("!")
    screen.wait_rows(PROMPT + ".exit!")
    screen.keys("C-u")
    screen.type(".help reca")
    screen.keys("Tab")
    screen.wait_rows(PROMPT + ".help recall")


# ---- .check ----


def test_check_reads_a_script_and_runs_nothing(open_screen, tmp_path):
    screen = open_screen(width=160)
    screen.start()
    script = tmp_path / "report.lua"
    script.write_text("print(list_gateways():frist())\n")
    rows = run(screen, f".check {script}")
    assert rows[0] == "error: a listing has no frist; did you mean first? [unknown-field]"
    assert rows[2:5] == ["  1 | print(list_gateways():frist())", "                            ^^^^^", "help: write first"]
    assert rows[-1] == "1 error in 1 file"
    script.write_text("print(list_gateways():first())\n")
    assert run(screen, f".check {script}") == ["nothing to say"]
    assert "takes a script or a folder" in run(screen, ".check")[0]


def test_the_command_shows_findings_in_colour(screen, tmp_path):
    script = tmp_path / "x.lua"
    script.write_text("print(list_gateways():frist())\n")
    screen.keys("C-d")
    screen.until(lambda: "EXIT=0" in screen.text(), "the end of the shell")
    screen.keys("C-l")
    screen.line(f"{shlex.quote(BINARY)} check {script}")
    screen.until(lambda: "1 error in 1 file" in screen.text(), "the findings")
    assert "error: a listing has no frist; did you mean first? [unknown-field]" in screen.text()
    assert "␛" not in screen.text()
