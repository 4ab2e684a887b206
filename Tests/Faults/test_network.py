# Faults of the network that want more than an answer.
import signal
import socket
import ssl
import time

import pytest

from canned_server import GATEWAY
from faults import NETWORK, Authority, checked, drips, stalls
from moongate import CREDENTIALS, PATIENCE, shell_code
from rows import GET, LIST

ONCE = {**CREDENTIALS, "AWS_MAX_ATTEMPTS": "1"}


def arguments(endpoint, code=GET):
    return ("--endpoint", endpoint, "--region", "eu-central-1", "-e", code)


def test_a_port_that_swallows_connections(moongate, figure):
    """Its queue is full, and nobody accepts: a first packet gets no answer."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(server.getsockname())
            waiting.append(client)
        began = time.monotonic()
        result = checked(moongate(*arguments(f"http://127.0.0.1:{server.getsockname()[1]}"), env=ONCE))
        took = time.monotonic() - began
        for client in waiting:
            client.close()
    assert result.code == NETWORK
    assert "no connection within 3.1 seconds" in result.line()
    assert took < 3.1 + 10
    figure("M3", f"{took:.2f} s")


def test_an_old_tls_is_refused(canned, moongate, tmp_path):
    authority = Authority(tmp_path)
    context = authority.server()
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    server = canned(lambda request: {"Gateway": GATEWAY}, tls=context)
    result = moongate(*arguments(server.endpoint), env={**CREDENTIALS, "AWS_CA_BUNDLE": str(authority.bundle)})
    assert checked(result).code == NETWORK
    assert "no secure connection to" in result.line() and "attempts" not in result.line()
    assert (server.connections, server.requests) == (1, [])


def test_nothing_goes_where_a_redirect_leads(canned, moongate):
    target = canned(lambda request: {"Gateway": GATEWAY})
    from answers import redirect

    server = canned(lambda request: redirect(target.endpoint + "/"))
    result = moongate(*arguments(server.endpoint), env=CREDENTIALS)
    assert result.code == NETWORK and "redirects to" in result.line()
    assert len(server.requests) == 1 and target.connections == 0


def interrupted(process):
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return shell_code(process.returncode), err.decode(), time.monotonic() - began


def test_ctrl_c_ends_a_listing_without_end(canned, moongate):
    server = canned(lambda request: {"Gateways": [GATEWAY], "NextToken": f"token {len(server.requests)}"})
    process = moongate.start(*arguments(server.endpoint, LIST), env=ONCE)
    assert server.wait_for_requests(20)
    code, err, _ = interrupted(process)
    assert code == 130 and len(err.splitlines()) <= 1


@pytest.mark.parametrize(
    "answer",
    [stalls(), stalls(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), drips(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100)],
    ids=["silence", "half a body", "drips"],
)
def test_ctrl_c_during_a_wait(canned, moongate, figure, answer):
    server = canned(lambda request: answer)
    process = moongate.start(*arguments(server.endpoint), env=ONCE)
    assert server.wait_for_requests(1)
    time.sleep(0.3)
    code, err, took = interrupted(process)
    assert code == 130 and len(err.splitlines()) <= 1
    figure("A86", f"{took * 1000:.0f} ms to the end")


def test_a_thousand_connections_that_close_after_their_answer(canned, moongate):
    from answers import CLOSED_AFTER

    server = canned(lambda request: CLOSED_AFTER)
    result = moongate(*arguments(server.endpoint, f"for i = 1, 1000 do {GET} end"), env=ONCE)
    assert (result.code, result.stdout, result.stderr) == (0, "dc1-gateway\n" * 1000, "")
    assert len(server.requests) == 1000


def test_three_ways_not_to_reach_anybody_are_told_apart(canned, moongate):
    """The three ways not to reach anybody are told apart."""
    def line(endpoint, **environment):
        result = moongate(*arguments(endpoint), env={**ONCE, **environment})
        assert result.code == NETWORK
        return result.line()

    assert "cannot find the address of" in line("https://" + "a" * 64 + ".example")
    assert "cannot connect to 127.0.0.1:1: Connection refused" in line("http://127.0.0.1:1")
    assert "through the proxy http://127.0.0.1:1" in line("https://gateway.example", HTTPS_PROXY="http://127.0.0.1:1")
