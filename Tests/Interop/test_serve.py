# `moongate serve` as whoever runs it sees it: faults on demand, the access log, the control endpoint, where it
# listens, and how it ends.
import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from moongate import BINARY, PATIENCE, SANITIZER, LocalGateway
from signing import Signed


def serving(*arguments):
    return LocalGateway("--ephemeral", "--vms", "0", *arguments)


def code_of(call):
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"]


# Faults


def test_the_next_calls_fail_and_then_no_more():
    with serving("--fault", "error500:ListGateways=next:2") as gateway:
        client = gateway.client()
        assert code_of(client.list_gateways) == "InternalServerException"
        assert client.list_hypervisors()["Hypervisors"]
        assert code_of(client.list_gateways) == "InternalServerException"
        assert client.list_gateways()["Gateways"]


@pytest.mark.parametrize("fault", ["error500", "error503", "throttle", "reset"])
def test_a_client_that_tries_again_gets_through(fault):
    """botocore's standard mode takes each of these for a reason to try again."""
    rule = "throttle=1/s" if fault == "throttle" else f"{fault}=next:1"
    with serving("--fault", rule) as gateway:
        client = gateway.client(attempts=6)
        for _ in range(2):
            assert len(client.list_gateways()["Gateways"]) == 3


@pytest.mark.parametrize("fault", ["error500", "error503", "reset", "reset-after", "truncate"])
def test_our_own_client_gets_through_too(moongate, fault):
    with serving("--fault", f"{fault}=next:1") as gateway:
        options = ["--endpoint", gateway.endpoint, "--region", "us-east-1"]
        result = moongate(*options, "-e", "print(list_gateways():count())", env=gateway.environment)
        assert (result.code, result.stdout) == (0, "3\n"), result.stderr


def test_throttling_is_aws_s():
    with serving("--fault", "throttle=3/h") as gateway:
        client = gateway.client()
        for _ in range(3):
            client.list_gateways()
        with pytest.raises(client.exceptions.ThrottlingException) as caught:
            client.list_gateways()
        assert caught.value.response["ErrorCode"] == "Throttling"
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert client.list_hypervisors()["Hypervisors"], "each operation has a rate of its own"


def test_a_connection_that_is_reset():
    with serving("--fault", "reset=always") as gateway:
        with pytest.raises(ConnectionClosedError):
            gateway.client().list_gateways()


def test_half_an_answer():
    """botocore takes what arrives for the whole; Python's own client minds the length."""
    with serving("--fault", "truncate=always") as gateway:
        with pytest.raises(http.client.IncompleteRead) as caught:
            Signed(gateway, "ListGateways").send()
        assert abs(caught.value.expected - len(caught.value.partial)) <= 1


def test_latency_is_waited_for_or_given_up():
    with serving("--fault", "latency:ListGateways=2s") as gateway:
        start = time.monotonic()
        assert gateway.client().list_gateways()["Gateways"]
        assert time.monotonic() - start >= 2
        with pytest.raises(ReadTimeoutError):
            gateway.client(read_timeout=0.5).list_gateways()


def test_the_same_seed_the_same_faults():
    def codes(seed):
        with serving("--fault", "error500=50%", "--fault-seed", seed) as gateway:
            client = gateway.client()
            codes = []
            for _ in range(30):
                try:
                    client.list_gateways()
                    codes.append(200)
                except ClientError as error:
                    codes.append(error.response["ResponseMetadata"]["HTTPStatusCode"])
            return codes

    assert set(codes(7)) == {200, 500}
    assert codes(7) == codes(7) != codes(8)


def test_our_own_client_learns_of_a_skewed_clock(moongate):
    """Twenty minutes are more than signatures may be off: the client takes the server's time and tries again."""
    with serving("--fault", "skew=+20m") as gateway:
        options = ["--endpoint", gateway.endpoint, "--region", "us-east-1"]
        result = moongate(*options, "-e", "print(list_gateways():count())", env=gateway.environment)
        assert (result.code, result.stdout) == (0, "3\n"), result.stderr


@pytest.mark.parametrize(
    "rule, words",
    [
        ("rest=always", "there is no fault 'rest'; did you mean reset?"),
        ("reset", "reset needs an argument"),
        ("reset:DrinkTea=always", "the service has no operation 'DrinkTea'"),
        ("latency=20", "latency takes TIME as in 20ms, 20ms..200ms or p50=20ms,p99=1s, not '20'"),
    ],
)
def test_a_rule_that_is_none(moongate, rule, words):
    result = moongate("serve", "--ephemeral", "--fault", rule)
    assert result.code == 252
    assert words in result.stderr


def test_help_lists_every_fault(moongate):
    text = moongate("serve", "--help").stdout
    for kind in ("throttle=RATE", "latency-after=TIME", "reset-after=WHEN", "skew=SHIFT"):
        assert kind in text


# The access log


def test_the_log_in_json():
    gateway = serving("--log", "json", "--fault", "latency:ListGateways=20ms")
    with gateway:
        client = gateway.client(region_name="eu-central-1")
        request_id = client.list_gateways()["ResponseMetadata"]["RequestId"]
        code_of(gateway.client(aws_secret_access_key="wrong").list_hypervisors)
        lines = [json.loads(line) for line in gateway.messages().splitlines()]
    good, bad = lines
    assert good["request_id"] == request_id
    assert (good["access_key"], good["account"], good["region"]) == ("OCAL", "123456789012", "eu-central-1")
    assert (good["operation"], good["status"], good["error"]) == ("ListGateways", 200, None)
    assert good["faults"] == ["latency"] and good["milliseconds"] >= 20 and good["bytes"] > 0
    assert (bad["status"], bad["error"], bad["account"]) == (400, "InvalidSignatureException", None)
    assert gateway.secret_key not in json.dumps(lines)


def test_the_log_in_text():
    gateway = serving("--log", "text")
    with gateway:
        gateway.client().list_gateways()
        urllib.request.urlopen(gateway.endpoint + "/healthz", timeout=PATIENCE).close()
        call, health = (line.split() for line in gateway.messages().splitlines())
    assert call[1:7] == ["200", "ListGateways", "-", "123456789012", "us-east-1", "*OCAL"]
    assert health[1:8] == ["200", "-", "-", "-", "-", "-", "2B"]


def test_a_log_that_nobody_reads_does_not_stop_it():
    """A write to a full pipe waits until somebody reads; the thread that waited was the one that serves."""
    gateway = serving("--log", "json")
    gateway.log = tempfile.TemporaryFile()
    reader, writer = os.pipe()
    gateway.process = subprocess.Popen(
        [BINARY, *gateway.arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=writer,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **SANITIZER},
    )  # fmt: skip
    os.close(writer)
    try:
        gateway.wait_ready()
        port = int(gateway.endpoint.rpartition(":")[2])
        # 300 bytes a line: more than the 64 KiB of a pipe.
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            for _ in range(600):
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                answer = b""
                while not answer.endswith(b"ok"):
                    answer += connection.recv(4096)
        assert gateway.stop() == 0
        lines = b""
        while part := os.read(reader, 1 << 16):
            lines += part
        assert 0 < lines.count(b"\n") < 600 and all(json.loads(line) for line in lines.splitlines())
    finally:
        os.close(reader)
        if gateway.process.poll() is None:
            gateway.kill()


def test_nothing_is_logged_unless_asked_for():
    gateway = serving()
    with gateway:
        gateway.client().list_gateways()
        assert gateway.messages() == ""


# The control endpoint


def test_everything_is_controlled_while_it_runs():
    with serving("--control") as gateway:
        client = gateway.client()
        assert gateway.control("/faults") == {"seed": 1, "faults": []}
        gateway.control("/faults", set=["error503:ListGateways=next:1"], seed=9)
        assert code_of(client.list_gateways) == "ServiceUnavailableException"
        assert gateway.control("/faults", add="latency=1ms")["faults"] == [
            {"rule": "error503:ListGateways=next:1", "struck": 1, "left": 0},
            {"rule": "latency=1ms", "struck": 0},
        ]
        before = client.list_gateways()["Gateways"][0]["LastSeenTime"]
        assert gateway.control("/clock", advance="2d")["ahead_seconds"] == pytest.approx(2 * 86400)
        after = client.list_gateways()["Gateways"][0]["LastSeenTime"]
        assert (after - before).total_seconds() == pytest.approx(2 * 86400, abs=120)
        metrics = gateway.control("/metrics")
        assert metrics["operations"]["ListGateways"]["calls"] == 3
        assert metrics["operations"]["ListGateways"]["errors"] == {"ServiceUnavailableException": 1}
        assert metrics["faults"] == {"error503": 1, "latency": 2}


def test_the_control_endpoint_is_for_whoever_started_it():
    with serving() as gateway:
        assert "control_token" not in gateway.ready
    with serving("--control") as gateway:
        token = gateway.ready["control_token"]
        gateway.ready["control_token"] = token[:-1]
        with pytest.raises(urllib.error.HTTPError) as caught:
            gateway.control("/faults")
        assert caught.value.code == 401
        gateway.ready |= {"control_token": token, "control_endpoint": gateway.endpoint}
        with pytest.raises(urllib.error.HTTPError) as caught:
            gateway.control("/faults")
        assert caught.value.code == 404, "the service's own port knows nothing of it"


# Where it listens


def test_it_listens_where_it_is_told():
    with serving("--bind", "::1", "--host", "gateway.test") as gateway:
        assert gateway.endpoint == f"http://[::1]:{gateway.endpoint.rpartition(':')[2]}"
        assert len(gateway.client().list_gateways()["Gateways"]) == 3
        assert gateway.messages() == "", "loopback needs no warning"
        port = int(gateway.endpoint.rpartition(":")[2])
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        for host, status in [("gateway.test", 200), ("evil.example", 403)]:
            request = urllib.request.Request(gateway.endpoint + "/healthz", headers={"Host": host})
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                    assert answer.status == status
            except urllib.error.HTTPError as error:
                assert error.code == status


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1:80", "everywhere", ""])
def test_an_address_that_is_none(moongate, address):
    result = moongate("serve", "--ephemeral", "--bind", address)
    assert result.code == 252
    assert "--bind takes an IP address" in result.stderr


# How it ends


def test_a_call_under_way_is_answered_before_it_ends():
    gateway = serving("--control", "--fault", "latency=1500ms").start().wait_ready()
    client = gateway.client()
    answers = []
    caller = threading.Thread(target=lambda: answers.append(client.list_gateways()))
    caller.start()
    deadline = time.monotonic() + PATIENCE
    while gateway.control("/metrics")["under_way"] == 0:
        assert time.monotonic() < deadline, "the call does not arrive"
        time.sleep(0.05)
    assert gateway.stop() == 0
    caller.join(PATIENCE)
    assert len(answers) == 1 and len(answers[0]["Gateways"]) == 3


def test_a_second_signal_does_not_wait():
    gateway = serving("--fault", "latency=1h").start().wait_ready()
    with socket.create_connection(("127.0.0.1", int(gateway.endpoint.rpartition(":")[2]))) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n")
        time.sleep(0.3)
        gateway.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert gateway.process.poll() is None, "the first signal waits for the request"
        gateway.process.send_signal(signal.SIGINT)
        assert gateway.process.wait(PATIENCE) == -signal.SIGINT
    gateway.kill()


@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 0), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_it_ends_by_its_signal(number, status):
    gateway = serving().start().wait_ready()
    gateway.process.send_signal(number)
    assert gateway.process.wait(PATIENCE) == status
    gateway.kill()
