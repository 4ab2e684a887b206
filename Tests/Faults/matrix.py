# The rows of the fault matrix: the network, what answers there, the local gateway's disk, the files and signals of this
# machine. M and the number of the document.
from answers import *  # noqa: F403
from faults import CONFIGURATION, SERVICE
from rows import CREATE, GET, LIST, MAY_CREATE, Ran, Row, Served

OK = 0
UNKNOWN = "The outcome is unknown"


def broken(answer, *words):
    """A connection that breaks: a read is sent again, a write is not, and says that its outcome is unknown."""
    return (
        Served(answer, requests=2, err=("2 attempts)", *words)),
        Served(answer, code=CREATE, options=MAY_CREATE, err=(UNKNOWN, *words)),
    )


def senseless(answer, *words):
    """An answer in full that nobody can read: sent again for a read, which is all that is known of it."""
    return (
        Served(answer, requests=2, err=("2 attempts)", *words)),
        Served(answer, code=CREATE, options=MAY_CREATE, err=(UNKNOWN, *words)),
    )


def final(answer, *words):
    """Nothing that an attempt more would mend."""
    return Served(answer, err=words)


def shown(members, code, out):
    """A gateway with these members, what is asked of it, and what that prints."""
    return Served(gateway_with(members), f"local gateway = {GET[6:-len('.GatewayDisplayName)')]} {code}", OK, out=out)


def refused(answer, *words):
    """JSON that is none, or not what it must be; twice, since half an answer looks the same."""
    return Served(answer, requests=2, err=words)


NETWORK_ROWS = [
    Row("M1", "a port that refuses is named, after all attempts",
        Ran(("--endpoint", "http://127.0.0.1:1", "--region", "x-1", "-e", GET), exit=255,
            err=("cannot connect to 127.0.0.1:1: Connection refused", "2 attempts)"),
            env={"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "AWS_MAX_ATTEMPTS": "2",
                 "AWS_NEW_RETRIES_2026": "true"})),
    Row("M2", "a host that no resolver knows is named, with the setting it came from",
        "Interop/test_faults.py::test_a_host_that_does_not_exist_is_named_with_the_setting_it_came_from"),
    Row("M3", "a port that swallows connections has its 3.1 seconds an attempt",
        "Faults/test_network.py::test_a_port_that_swallows_connections"),
    Row("M4", "a certificate that is self-signed, for another host or over: no request, no second try, which check it was",
        "Interop/test_tls_and_proxies.py::test_a_certificate_that_fails_a_check_gets_no_request"),
    Row("M5", "an old TLS, TLS to a port without, a CA file that is not there",
        "Faults/test_network.py::test_an_old_tls_is_refused",
        "Interop/test_tls_and_proxies.py::test_a_server_that_does_not_speak_tls_says_so",
        "Interop/test_tls_and_proxies.py::test_a_bundle_that_cannot_be_used_is_named"),
    Row("M6", "a reset before the answer", *broken(RESET, "Connection reset by peer")),
    Row("M7", "a reset in the middle of the body", *broken(sends(length(5000) + BODY[:50], reset=True), "broke")),
    Row("M8", "a body shorter than its length", *broken(sends(length(5000) + BODY), "broke")),
    Row("M9", "a body longer than its length", *senseless(sends(length(10) + BODY), "not a whole JSON object")),
    Row("M10", "chunks that are cut, and chunks that are none",
        *broken(sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n400\r\n" + BODY), "broke"),
        *broken(sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"), "broke")),
    Row("M11", "no length, and the connection ends early",
        *senseless(sends(HEAD + b"\r\n" + BODY[:50]), "not a whole JSON object"),
        *broken(sends(HEAD + b"\r\n"), "no length")),
    Row("M12", "a length beyond all sense is refused by its header, not waited for",
        final(stalls(length(99_999_999_999)), "32 MiB"),
        final(stalls(HEAD + b"Content-Length: 99999999999999999999\r\n\r\n"), "32 MiB")),
    Row("M13", "silence, drips, a header without end: over after 20 seconds an attempt",
        "Interop/test_faults.py::test_no_silence_lasts_longer_than_an_attempt"),
    Row("M14", "a header line of 2 MB is too large, and no lack of memory",
        final(sends(HEAD + b"X: " + b"a" * 2_000_000 + b"\r\n\r\n{}"), "header of more than 64 KiB")),
    Row("M15", "200,000 header fields",
        final(sends(HEAD + b"".join(b"X-%d: y\r\n" % i for i in range(200_000)) + b"\r\n{}"), "64 KiB")),
    Row("M16", "what is no HTTP, or not quite",
        final(sends(HEAD + b"X-A: a\0b\r\nContent-Length: 2\r\n\r\n{}"), "does not speak HTTP", "may not be an AWS endpoint"),
        final(sends(b"HTTP/1.1 abc OK\r\n\r\n{}"), "does not speak HTTP", "may not be an AWS endpoint"),
        final(sends(b"<html>not http</html>"), "does not speak HTTP"),
        final(sends(b"\0\0\x12\4\0\0\0\0\0" + b"\0" * 18), "does not speak HTTP")),
    Row("M17", "a redirect is named and never followed",
        final(redirect("http://169.254.169.254/latest/meta-data/", 302), "redirects to 169.254.169.254"),
        final(redirect("file:///etc/passwd"), "redirects to"),
        final(redirect("/"), "redirects to"),
        "Faults/test_network.py::test_nothing_goes_where_a_redirect_leads"),
    Row("M18", "100 Continue, and then the end", *broken(sends(b"HTTP/1.1 100 Continue\r\n\r\n"), "broke")),
    Row("M19", "a second answer behind the first is never taken for the next request's",
        Served(TWO_ANSWERS, f"{GET}; {GET}", OK, requests=2, out="dc1-gateway\n" * 2)),
    Row("M20", "a connection that closes between requests is not noticed, and no write goes twice",
        Served(CLOSED_AFTER, f"for i = 1, 20 do {GET} end", OK, requests=20, out="dc1-gateway\n" * 20,
               env={"AWS_MAX_ATTEMPTS": "1"}),
        Served(CLOSED_AFTER_CREATING, f"for i = 1, 20 do {CREATE} end", OK, requests=20, out=None, options=MAY_CREATE,
               env={"AWS_MAX_ATTEMPTS": "1"}),
        # After a connection was good for a read: libcurl would send a write over it, and once more over a new one.
        Served(by_operation(GetGateway={"Gateway": GATEWAY}, CreateGateway=None), f"{GET}; {CREATE}", requests=2,
               out="dc1-gateway\n", options=MAY_CREATE, err=(UNKNOWN,))),
    Row("M21", "the server's own errors, and a proxy's page: status and request are told, the page is not printed",
        *(Served(error("Broken", status), exit=SERVICE, requests=2, err=("Broken", "boom", f"HTTP {status}",
                 "11111111-2222-3333-4444-555555555555")) for status in (500, 502, 503, 504)),
        *(Served(error("Broken", status), CREATE, SERVICE, requests=1, options=MAY_CREATE, err=("Broken",))
          for status in (502, 504)),
        Served(Raw(HTML, 502), requests=2, err=("HTTP 502", "HTML page")),
        Served(Raw(HTML, 502), CREATE, options=MAY_CREATE, err=("HTML page", UNKNOWN))),
    Row("M22", "a server that says to come back in three years is not waited for",
        Served(error("ServiceUnavailable", 503, Retry_After="99999999"), exit=SERVICE, requests=2, err=("boom",)),
        "Interop/test_faults.py::test_a_hint_when_to_come_back_is_no_way_to_keep_a_client_waiting"),
    Row("M23", "throttling in every spelling is sent again",
        *(Served(first(error(code, status), then={"Gateway": GATEWAY}), exit=OK, requests=2, out="dc1-gateway\n")
          for code, status in [("ThrottlingException", 400), ("ThrottlingException", 429),
                               ("com.amazonaws.backupgateway#ThrottlingException", 400)])),
    Row("M24", "a clock that is wrong: one attempt with the server's time, and a line that says so",
        "Interop/test_faults.py::test_a_wrong_clock_costs_one_attempt"),
    Row("M25", "a token that is over: one renewal, and then where it came from",
        "Interop/test_faults.py::test_credentials_that_were_renewed_are_read_again",
        Served(error("ExpiredTokenException", 403), exit=CONFIGURATION,
               err=("ExpiredTokenException", "came from environment variables; renew them there"))),
    Row("M26", "an empty body is no empty list", *senseless(Raw(b"", 200), "a body that is empty")),
    Row("M27", "JSON that is cut, or has something behind it",
        refused(Raw(BODY[:-10]), "not a whole JSON object"),
        refused(Raw(BODY + b"x"), "not a whole JSON object"),
        refused(Raw(BODY + BODY), "not a whole JSON object")),
    Row("M28", "200,000 levels of arrays",
        Served(Raw(b'{"Gateways":' + b"[" * 200_000 + b"]" * 200_000 + b"}"), LIST, requests=2, err=("deep",))),
    Row("M29", "bytes that are no UTF-8, half a surrogate pair, a raw control character",
        *(refused(gateway_with(text), "not a whole JSON object")
          for text in (b'"GatewayDisplayName":"\xff\xfe\xc0\x80"', '"x":"\\ud800"', b'"x":"a\x01b"'))),
    Row("M30", "UTF-16 is no JSON", refused(Raw(BODY.decode().encode("utf-16")), "not a whole JSON object")),
    Row("M31", "a key twice is refused: nobody can say which of the two counts",
        final(gateway_with('"LastSeenTime":1,"LastSeenTime":2'), "duplicate member"),
        final(gateway_with('"x":1,"x":2'), "duplicate member"),
        Served(Raw('{"NextToken":"a","Gateways":[],"NextToken":"b"}'), LIST, err=("duplicate member",))),
    Row("M32", "numbers beyond numbers",
        *(refused(gateway_with(f'"LastSeenTime":{number}'), "not a whole JSON object") for number in ("NaN", "Infinity")),
        refused(gateway_with('"LastSeenTime":1e400'), "number out of range"),
        shown('"x":123456789012345678901234567890,"y":-0', "print(gateway.x, gateway.y)", "1.2345678901235e+29\t0\n")),
    Row("M33", "null for a list is none; a list that is an object, a token that is a number",
        Served(Raw('{"Gateways":null,"NextToken":null}'), LIST, OK, out="0\n"),
        # It counted as an empty list, and a report of what has no backup said that all is well.
        Served(Raw('{"Gateways":{"0":{}}}'), LIST, err=("Gateways is no list",)),
        Served(Raw('{"Gateways":"none"}'), LIST, err=("Gateways is no list",)),
        # It was called the script's own mistake, after the first page.
        Served(Raw('{"Gateways":[],"NextToken":5}'), LIST, err=("NextToken is no text",))),
    Row("M34", "members that nobody knows yet are kept",
        shown('"future":{"a":[1,{"b":null}]}', "print(gateway.future.a[1])", "1\n"),
        "Interop/test_client.py::test_members_that_a_newer_service_sends_are_kept"),
    Row("M35", "times beyond the years 1 to 9999, and texts, stay what was sent",
        *(shown(f'"LastSeenTime":{time}', "print(gateway.LastSeenTime, type(gateway.LastSeenTime))", out)
          for time, out in [("9.2e18", "9.2e+18\tnumber\n"), ("-1e15", "-1e+15\tnumber\n"),
                            ('"2026-01-01"', "2026-01-01\tstring\n")])),
    Row("M36", "400,000 items in a page of 31 MB are read; more than 32 MiB are refused",
        Served(many_items(400_000), "print(#list_gateways():pages()().Gateways)", OK, out="400000\n", seconds=90),
        Served(many_items(450_000), LIST, err=("body of more than 32 MiB",))),
    Row("M37", "a token that was there before, also two pages ago",
        Served(with_tokens(lambda number: "same"), LIST, requests=2, err=("RepeatedToken",)),
        Served(with_tokens(lambda number: "ab"[number % 2]), LIST, requests=3, err=("RepeatedToken",))),
    Row("M38", "new tokens without end: shared code has its calls, and Ctrl-C ends it between two pages",
        "Scripts/test_attacks.py::test_a_listing_that_never_ends_is_stopped[new tokens-250-500 calls]",
        "Faults/test_network.py::test_ctrl_c_ends_a_listing_without_end"),
    Row("M39", "256 MB in 260 kB of gzip, which nobody asked for, is no JSON",
        Served(gzip_bomb(), requests=2, err=("not a whole JSON object",))),
    Row("M40", "a proxy that is not there, and one that wants a password, are named without theirs",
        "Interop/test_tls_and_proxies.py::test_a_proxy_that_is_not_there_is_named_without_its_password",
        "Interop/test_tls_and_proxies.py::test_a_proxy_that_refuses_is_named_without_its_password"),
]  # fmt: skip

LOAD, MACHINE = "Faults/test_load.py::", "Faults/test_machine.py::"

MACHINE_ROWS = [
    Row("M41", "kill -9 of the local gateway while it writes: whatever was answered is there",
        "Interop/test_durability.py::test_no_answered_write_is_lost", "Interop/test_durability.py::test_kill_and_reopen"),
    Row("M42", "power fails: a write is on the disk before it is answered",
        MACHINE + "test_every_write_is_on_the_disk_before_it_is_answered"),
    Row("M43", "the local gateway's disk is full: errors, nothing half done, and work when there is room again",
        MACHINE + "test_a_full_disk_of_the_local_gateway"),
    Row("M44", "the disk of history, audit log and reports is full: one warning, or a file that is as it was",
        MACHINE + "test_a_full_disk_of_the_history", "Scripts/test_output.py::test_a_full_disk_is_told",
        "Scripts/test_permissions.py::test_a_log_that_cannot_be_written_is_told_once"),
    Row("M45", "a home that is read-only, nowhere or not named", MACHINE + "test_a_home_that_is_none"),
    Row("M46", "a history that is damaged, huge, no text, a folder, a pipe or a link",
        MACHINE + "test_a_history_that_is_none", MACHINE + "test_a_history_that_somebody_holds_is_not_waited_for",
        "ShellTests/HistoryTests.swift::damagedLinesCostOnlyThemselves",
        "Terminal/test_shell.py::test_a_linked_history_is_refused_and_the_session_works"),
    Row("M47", "two sessions and one history", "Terminal/test_history.py::test_two_sessions_writing_1000_lines_each_lose_none"),
    Row("M48", "two local gateways and one folder",
        "Interop/test_durability.py::test_a_second_gateway_on_the_same_data_refuses"),
    Row("M49", "a world of a newer version, of another program, of a part of itself",
        MACHINE + "test_what_is_no_world_of_ours_is_refused_and_left_alone",
        *(f"LocalGatewayTests/StoreTests.swift::{name}" for name in (
            "aNewerStoreIsRefused", "anotherProgramsDatabaseIsRefused", "aTruncatedStoreIsRefused", "aTextFileIsRefused"))),
    Row("M50", "Ctrl-C at the prompt, in a loop, in a call, in a page",
        "Terminal/test_interrupt_at_the_prompt.py::test_one_interrupt_returns_to_the_prompt_and_keeps_what_was_set",
        "Terminal/test_interrupt_at_the_prompt.py::test_at_an_edited_prompt_it_clears_the_block_and_on_an_empty_one_says_how_to_leave",
        "Terminal/test_paging.py::test_a_page_is_left_by_a_key_and_its_mark_goes_with_it",
        "Scripts/test_interrupt.py::test_one_interrupt_stops",
        "Scripts/test_interrupt.py::test_one_interrupt_stops_a_request_that_hangs"),
    Row("M51", "SIGTERM, SIGHUP, a terminal that goes", "Faults/test_signals.py::test_it_ends",
        "Terminal/test_paging.py::test_a_signal_at_the_mark_leaves_the_terminal_as_it_was"),
    Row("M52", "a reader that has seen enough",
        Ran(shell="\"$MOONGATE\" -e 'for i = 1, 1e6 do print(i) end' | head -1; echo ${PIPESTATUS[0]}", out="1\n141\n"),
        "Scripts/test_runner.py::test_the_reader_goes_away"),
    Row("M53", "stop, go on, another size",
        "Terminal/test_shell.py::test_stop_and_foreground", "Terminal/test_shell.py::test_a_block_survives_resizes",
        "Terminal/test_paging.py::test_a_page_can_be_stopped_and_gone_on_with"),
    Row("M54", "every allocation may fail", "LuaRuntimeTests/BoundaryTests.swift::everyAllocationMayFail",
        LOAD + "test_little_memory_is_an_error_and_no_crash"),
    Row("M55", "system calls that are interrupted, reads and writes that are cut short",
        MACHINE + "test_calls_that_are_interrupted_and_cut_short",
        MACHINE + "test_calls_of_the_prompt_that_are_interrupted"),
    Row("M56", "too few descriptors",
        Ran(shell="ulimit -n 8; \"$MOONGATE\" -e 'print(1)'", out="1\n"),
        # swift-nio took it for a mistake of ours, and ended the process with an illegal instruction.
        Ran(shell="ulimit -n 8; \"$MOONGATE\" --local -e 'print(1)'", exit=CONFIGURATION, err=("ulimit -n",)),
        Ran(shell="ulimit -n 8; \"$MOONGATE\" serve --ephemeral", exit=255, err=("ulimit -n",)),
        Ran(shell="ulimit -n 4; \"$MOONGATE\" --region x-1 --endpoint http://127.0.0.1:1 -e 'list_gateways():count()'",
            exit=255, err=("ListGateways",), env={"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"}),
        LOAD + "test_more_clients_than_descriptors"),
    Row("M57", "numbers are the same in every locale",
        *(Ran(("-e", "print(1.5, string.format('%.2f', 2.5), tonumber('1.5'), ('I'):lower(), 'a' < 'B')"),
              out="1.5\t2.50\t1.5\ti\tfalse\n", env={"LANG": locale, "LC_ALL": locale, "LC_NUMERIC": locale})
          for locale in ("", "C", "tr_TR.UTF-8", "de_DE.UTF-8", "xx_YY.nonsense"))),
    Row("M58", "a clock that jumps, years beyond 2038, time zones that are none",
        MACHINE + "test_a_clock_that_jumps",
        Ran(("-e", "print(os.date('!%Y', 5e9), timestamp('2200-01-01T00:00:00Z').epoch)"), out="2128\t7258118400\n"),
        Ran(("-e", "print(os.date('%H', 0), timestamp('2026-01-01T00:00:00Z'):format('%H', 'Europe/Berlin'))"),
            out="00\t01\n", env={"TZ": ":/nonexistent"})),
]  # fmt: skip
