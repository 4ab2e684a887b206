# The command against a service, a network or a middlebox that misbehaves: how often it sends, how it ends, and that
# it says in one line what happened. TLS and proxies are in test_tls_and_proxies.py.
import email.utils
import json
import re
import time
from datetime import datetime, timedelta, timezone

import pytest

from canned_server import Raw
from client import GET, GOOD, OK, SECRET, command
from client import run  # noqa: F401, a fixture
from faults import CONFIGURATION, NETWORK, SERVICE, TOKEN, checked, drips, sends, stalls
from moongate import CREDENTIALS, PATIENCE, Result, shell_code

BODY = json.dumps(GOOD).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
HTML = "<html><body>Please sign in to Coffee Wifi</body></html>"


@pytest.fixture
def run_together(moongate, canned):
    """Runs GET against each answer at the same time, so that waiting costs once: a list of result and server."""

    def run_together(answers, **environment):
        runs = []
        for answer in answers:
            server = canned(lambda request, answer=answer: answer)
            process = moongate.start(
                *command(server.endpoint, GET),
                env={**CREDENTIALS, "AWS_SESSION_TOKEN": TOKEN, **environment},
            )
            runs.append((process, server))
        results = []
        try:
            for process, server in runs:
                out, err = process.communicate(timeout=PATIENCE)
                result = Result(shell_code(process.returncode), out.decode(), err.decode())
                results.append((checked(result), server))
        finally:
            for process, _ in runs:
                process.kill()
                process.wait()
        return results

    return run_together


def error(code, message="boom", status=400, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Raw(json.dumps({"__type": code, "message": message}), status, headers)


def redirect(status):
    return Raw(b"", status, {"Location": "http://127.0.0.1:9/latest/meta-data/"})


# What the server answers, always; how many requests arrive when two attempts are allowed; the exit code; words that the
# line on stderr has.
FAULTS = {
    # A connection that breaks may hold next time.
    "reset_before_headers": (sends(b"", reset=True), 2, NETWORK, ["Connection reset by peer"]),
    "closed_without_an_answer": (None, 2, NETWORK, ["broke", "closed without an answer"]),
    "closed_after_100_continue": (sends(b"HTTP/1.1 100 Continue\r\n\r\n"), 2, NETWORK, ["broke"]),
    "closed_after_101_switching_protocols": (
        sends(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), 2, NETWORK, ["broke"]
    ),
    "reset_mid_body": (
        sends(HEAD + b"Content-Length: 5000\r\n\r\n" + BODY[:50], reset=True), 2, NETWORK, ["broke"]
    ),
    "truncated_content_length": (
        sends(HEAD + b"Content-Length: 5000\r\n\r\n" + BODY), 2, NETWORK, ["broke"]
    ),
    "truncated_chunk": (
        sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n400\r\n" + BODY), 2, NETWORK, ["broke"]
    ),
    "garbage_chunk": (
        sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"), 2, NETWORK, ["broke"]
    ),
    "half_a_body_without_length": (sends(HEAD + b"\r\n" + BODY[:50]), 2, NETWORK, ["not a whole JSON object"]),
    "no_body_without_length": (sends(HEAD + b"\r\n"), 2, NETWORK, ["broke", "no length"]),
    # So may an answer that makes no sense.
    "html_200": (Raw(HTML, 200), 2, NETWORK, ["HTTP 200", "HTML page", "login"]),
    "text_200": (Raw("OK", 200), 2, NETWORK, ["HTTP 200", "not a whole JSON object"]),
    "list_200": (Raw("[]", 200), 2, NETWORK, ["HTTP 200", "not a whole JSON object"]),
    "cut_json_200": (Raw(BODY[:-10], 200), 2, NETWORK, ["HTTP 200", "not a whole JSON object"]),
    # A middlebox's own error.
    "html_500": (Raw(HTML, 500), 2, NETWORK, ["HTTP 500", "HTML page"]),
    "html_502": (Raw(HTML, 502), 2, NETWORK, ["HTTP 502", "HTML page"]),
    "html_403": (Raw(HTML, 403), 1, NETWORK, ["HTTP 403", "HTML page"]),
    "empty_503": (Raw(b"", 503), 2, NETWORK, ["HTTP 503"]),
    # What is no HTTP, or too much of it, will be so next time.
    "no_http": (sends(b"<html>not http</html>"), 1, NETWORK, ["does not speak HTTP"]),
    "http_2": (sends(b"\0\0\x12\4\0\0\0\0\0" + b"\0" * 18), 1, NETWORK, ["does not speak HTTP"]),
    "status_of_letters": (sends(b"HTTP/1.1 abc OK\r\n\r\n{}"), 1, NETWORK, ["does not speak HTTP"]),
    "huge_header": (sends(HEAD + b"X: " + b"a" * 2_000_000 + b"\r\n\r\n{}"), 1, NETWORK, ["header", "64 KiB"]),
    "many_headers": (sends(HEAD + b"X: aaaaaaaa\r\n" * 100_000 + b"\r\n{}"), 1, NETWORK, ["header", "64 KiB"]),
    "large_body": (
        sends(HEAD + b"Content-Length: 67108864\r\n\r\n" + b" " * (64 << 20)), 1, NETWORK, ["32 MiB"]
    ),
    "large_body_without_length": (sends(HEAD + b"\r\n" + b" " * (64 << 20)), 1, NETWORK, ["32 MiB"]),
    "length_beyond_numbers": (
        sends(HEAD + b"Content-Length: 99999999999999999999\r\n\r\n" + BODY), 1, NETWORK, ["32 MiB"]
    ),
    # Nothing is sent where an answer points to.
    "redirect_302": (redirect(302), 1, NETWORK, ["redirects", "127.0.0.1"]),
    "redirect_307": (redirect(307), 1, NETWORK, ["redirects", "127.0.0.1"]),
    "not_modified": (Raw(b"", 304), 1, NETWORK, ["HTTP 304"]),
    # The service's own errors.
    "error_500": (error("InternalServerException", status=500), 2, SERVICE, ["InternalServerException", "boom"]),
    "error_503": (error("ServiceUnavailable", status=503), 2, SERVICE, ["ServiceUnavailable", "boom"]),
    "throttling_400": (error("com.amazonaws.x#ThrottlingException"), 2, SERVICE, ["ThrottlingException", "boom"]),
    "throttling_429": (error("Whatever", status=429), 2, SERVICE, ["Whatever", "HTTP 429"]),
    "not_found": (error("ResourceNotFoundException"), 1, SERVICE, ["ResourceNotFoundException", "boom"]),
    "error_501": (error("NotImplemented", status=501), 1, SERVICE, ["NotImplemented", "HTTP 501"]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_line_and_a_bounded_number_of_requests(canned, run, fault):
    answer, arrivals, code, words = FAULTS[fault]
    server = canned(lambda request: answer)
    result = run(server.endpoint)
    line = result.line()
    assert len(server.requests) == arrivals
    assert (result.code, result.stdout) == (code, "")
    assert line.startswith("moongate: -e:1: GetGateway: ")
    assert "Lua" not in line
    assert ("2 attempts)" in line) == (arrivals == 2)
    for word in words:
        assert word in line


def test_a_refused_port_names_the_place(run):
    result = run("http://127.0.0.1:1")
    assert result.code == NETWORK
    assert "cannot connect to 127.0.0.1:1: Connection refused" in result.line()
    assert "2 attempts)" in result.line()


def test_a_host_that_does_not_exist_is_named_with_the_setting_it_came_from(run):
    # A label of 64 letters is in no DNS: the resolver refuses it without asking anybody.
    host = "a" * 64 + ".example"
    result = run(f"https://{host}")
    assert result.code == NETWORK
    assert f"cannot find the address of {host}" in result.line()
    assert "--endpoint" in result.line()


# Each of these takes as long as an attempt may take.
def test_no_silence_lasts_longer_than_an_attempt(run_together):
    started = time.monotonic()
    results = run_together(
        [
            stalls(),
            stalls(HEAD + b"Content-Length: 100\r\n\r\n{"),
            stalls(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
            drips(HEAD + b"X: " + b"a" * 10_000),
            drips(HEAD + b"Content-Length: 10000\r\n\r\n" + b" " * 10_000),
        ],
        AWS_MAX_ATTEMPTS="1",
    )
    # 20 seconds an attempt, and patience for a machine with other things to do.
    assert time.monotonic() - started < 20 + 15
    for result, server in results:
        assert len(server.requests) == 1
        assert result.code == NETWORK
        assert f"no complete answer from 127.0.0.1:{server.port} within 20 seconds" in result.line()


def test_a_service_that_recovers_is_no_error(canned, run):
    failures = [error("InternalServerException", status=500), error("InternalServerException", status=500)]
    server = canned(lambda request: failures.pop() if failures else GOOD)
    result = run(server.endpoint, AWS_MAX_ATTEMPTS="3")
    assert (result.code, result.stdout, result.stderr) == (OK, "dc1-gateway\n", "")
    assert len(server.requests) == 3


@pytest.mark.parametrize("mode", ["", "true"], ids=["v2.0", "v2.1"])
def test_a_hint_when_to_come_back_is_no_way_to_keep_a_client_waiting(run_together, mode):
    hints = ["0", "100", "-5", "soon", "", "60000000", "99999999999999999999999"]
    results = run_together(
        [
            error(code, status=status, x_amz_retry_after=hint, retry_after="86400")
            for hint in hints
            for code, status in [("ThrottlingException", 429), ("ServiceUnavailable", 503)]
        ],
        AWS_MAX_ATTEMPTS="2",
        AWS_NEW_RETRIES_2026=mode,
    )
    for result, server in results:
        assert len(server.requests) == 2
        assert result.code == SERVICE
        assert "boom" in result.line()


def test_a_connection_that_closes_after_each_answer_is_not_noticed(canned, run):
    """Nothing in the answer announces the end, so the client meets it at its next request."""
    answer = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    server = canned(lambda request: sends(answer))
    result = run(server.endpoint, f"for i = 1, 200 do {GET} end", AWS_MAX_ATTEMPTS="1")
    assert (result.code, result.stderr) == (OK, "")
    assert result.stdout == "dc1-gateway\n" * 200


def test_an_answer_that_has_not_changed_is_no_redirect(canned, run):
    server = canned(lambda request: Raw(b"", 304))
    assert "redirect" not in run(server.endpoint).line()


def test_an_empty_answer_is_not_an_empty_list(canned, run):
    """It was one, and a report of virtual machines without a backup then said that all is well."""
    server = canned(lambda request: Raw(b"", 200))
    result = run(server.endpoint, "print(list_gateways():count())", AWS_MAX_ATTEMPTS="2")
    assert (result.code, result.stdout, len(server.requests)) == (NETWORK, "", 2)
    assert "answered with a body that is empty" in result.line()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(error("ValidationException", "m" * 1_000_000), id="long_message"),
        pytest.param(error("ValidationException", "one\r\ntwo\x1b[31m\x00three"), id="controls_in_message"),
        pytest.param(error("Vali\x1b[31mdation", "boom"), id="controls_in_code"),
        pytest.param(error("V" * 100_000, "boom"), id="long_code"),
        pytest.param(error("ValidationException", x_amzn_RequestId="r" * 30_000), id="long_request_id"),
        pytest.param(Raw(b"", 302, {"Location": f"http://{'h' * 30_000}/"}), id="long_location"),
        pytest.param(Raw(b"", 302, {"Location": "http://h\x1b[31m/"}), id="controls_in_location"),
        pytest.param(
            error("ValidationException", f"the canonical request was x-amz-security-token:{TOKEN} {SECRET}"),
            id="secrets_in_message",
        ),
    ],
)
def test_what_a_server_says_is_quoted_in_one_short_line(canned, run, answer):
    server = canned(lambda request: answer)
    result = run(server.endpoint)  # which checks length, control characters and secrets
    assert result.code in (SERVICE, NETWORK)
    assert "GetGateway" in result.line()


# MARK: Clock and credentials


@pytest.mark.parametrize("minutes, direction", [(10, "behind"), (-10, "ahead of")])
def test_a_wrong_clock_costs_one_attempt(canned, run, minutes, direction):
    offset = timedelta(minutes=minutes)

    def answer(request):
        now = datetime.now(timezone.utc) + offset
        signed = datetime.strptime(request.headers["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        date = {"Date": email.utils.format_datetime(now.replace(microsecond=0), usegmt=True)}
        if abs(now - signed) > timedelta(minutes=5):
            body = {"__type": "InvalidSignatureException", "message": f"Signature expired: {signed} is not {now}"}
            return Raw(json.dumps(body), 403, date)
        return Raw(BODY, 200, date)

    server = canned(answer)
    result = run(server.endpoint, f"{GET}; {GET}")
    assert (result.code, result.stdout) == (OK, "dc1-gateway\n" * 2)
    assert len(server.requests) == 3
    # Half a minute of patience for a slow machine.
    seconds, found = re.search(r"clock is (\d+) seconds (behind|ahead of)", result.line()).groups()
    assert abs(int(seconds) - 600) < 30
    assert found == direction


class Expiring:
    """A service that takes one key pair and, after the first call, only the next one."""

    def __init__(self, moongate, renewed):
        self.file = moongate.folder / "credentials"
        self.renewed = renewed
        self.answered = 0
        self.write("AKIDFIRST")

    def write(self, key):
        text = f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {SECRET}{key}\n"
        self.file.write_text(text + f"aws_session_token = {TOKEN}\n")

    def __call__(self, request):
        key = re.search("Credential=([A-Z]+)/", request.headers["Authorization"])[1]
        if key != ("AKIDSECOND" if self.answered else "AKIDFIRST"):
            if self.renewed:
                self.write("AKIDSECOND")
            return error(
                "ExpiredTokenException", "The security token included in the request is expired", 403
            )
        self.answered += 1
        return GOOD

    def run(self, moongate, endpoint):
        environment = {"AWS_SHARED_CREDENTIALS_FILE": str(self.file), "AWS_MAX_ATTEMPTS": "2"}
        return checked(moongate(*command(endpoint, f"{GET}; {GET}"), env=environment))


def test_credentials_that_were_renewed_are_read_again(canned, moongate):
    service = Expiring(moongate, renewed=True)
    server = canned(service)
    result = service.run(moongate, server.endpoint)
    assert (result.code, result.stdout, result.stderr) == (OK, "dc1-gateway\n" * 2, "")
    assert len(server.requests) == 3


def test_credentials_that_expired_say_where_they_came_from(canned, moongate):
    service = Expiring(moongate, renewed=False)
    server = canned(service)
    result = service.run(moongate, server.endpoint)
    assert (result.code, result.stdout) == (CONFIGURATION, "dc1-gateway\n")
    assert len(server.requests) == 2
    assert "ExpiredTokenException" in result.line()
    assert str(service.file) in result.line()
    assert "default" in result.line()
