# Random damage to what arrives: requests to the local gateway, answers to the client. Neither may crash or hang.
# MOONGATE_FUZZ says how many of each (scripts/test --long: 20,000).
import json
import os
import random
import socket

import pytest

from canned_server import GATEWAY, Raw
from moongate import CREDENTIALS, LocalGateway
from signing import Signed

ROUNDS = int(os.environ.get("MOONGATE_FUZZ", "200"))
INTERESTING = [b"", b"\0", b"\xff", b"\r\n", b"\r\n\r\n", b'"', b"{", b"}" * 50, b"[" * 3000, b"-", b"1e999",
               b"9" * 40, b"\\ud800", b"\xc0\x80", b"null", b": ", b"A" * 9000, b"%00", b"../", b","]  # fmt: skip


def damaged(data, chance):
    data = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice([0, 1, 1, 2, 8, 50]))
        data[start:end] = chance.choice([chance.choice(INTERESTING), chance.randbytes(chance.randint(1, 4))])
    return bytes(data)


@pytest.fixture
def chance():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed)


@pytest.mark.parametrize("cbor", [False, True], ids=["json", "cbor"])
def test_requests_to_the_local_gateway(chance, cbor):
    body = b"\xa2\x6aMaxResults\x02\x69NextToken\x61x" if cbor else b'{"MaxResults": 2, "NextToken": "x"}'
    with LocalGateway("--ephemeral") as gateway:
        port = int(gateway.endpoint.rpartition(":")[2])
        for number in range(ROUNDS):
            request = Signed(gateway, "ListVirtualMachines", body, cbor=cbor)
            head = [f"POST {request.path} HTTP/1.1".encode(), b"Connection: close"]
            head += [f"Content-Length: {len(request.body)}".encode()]
            head += [f"{name}: {value}".encode() for name, value in request.headers.items()]
            if "Host" not in request.headers:
                head.append(f"Host: 127.0.0.1:{port}".encode())
            message = damaged(b"\r\n".join(head) + b"\r\n\r\n" + request.body, chance)
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                try:
                    connection.sendall(message)
                    # The end of what is sent: a request that damage made to look longer is not waited for.
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        pass
                except TimeoutError:
                    raise
                except OSError:
                    # Reset, a broken pipe, or already gone: to hang up is the gateway's right.
                    pass
            assert gateway.process.poll() is None, f"request {number} ended the gateway: {message!r}"
        assert len(gateway.client().list_gateways()["Gateways"]) == 3


def test_answers_to_the_client(chance, canned, moongate):
    good = json.dumps(
        {"Gateway": {**GATEWAY, "Unknown": {"List": [1, 2.5, -3e7, True, False, None, "\u00e9", {}]}}}
    ).encode()
    status = [200, 200, 200, 400, 403, 404]
    server = canned(lambda request: Raw(damaged(good, chance), status=chance.choice(status)))
    script = moongate.write(
        "fuzz.lua",
        f"""
        local good, bad = 0, 0
        for i = 1, {ROUNDS} do
          local ok, result = pcall(get_gateway, "{GATEWAY['GatewayArn']}")
          if ok then good = good + 1 else bad = bad + 1; assert(#tostring(result) < 4096) end
        end
        print(good + bad)
        """,
    )
    # An answer that does not parse counts as broken and is sent again; waiting between attempts would take hours.
    result = moongate(
        "--endpoint", server.endpoint, "--region", "us-east-1", script,
        env={**CREDENTIALS, "AWS_MAX_ATTEMPTS": "1"}, timeout=60 + ROUNDS / 10,
    )  # fmt: skip
    assert (result.code, result.stdout) == (0, f"{ROUNDS}\n"), result.stderr[-2000:]
