# HTTP/2: where TLS negotiates it, requests share a connection.
import json

import pytest

from canned_server import ACCOUNT
from faults import Authority
from http2_server import HTTP2Server
from moongate import CREDENTIALS

VM = f"{ACCOUNT}:vm/vm-0000000000000001"


@pytest.fixture
def http2(tmp_path):
    authority = Authority(tmp_path)
    server = HTTP2Server(authority.server(), {"VirtualMachine": {"Name": "db-01"}}, delay=0.05)
    server.bundle = str(authority.bundle)
    yield server
    server.close()


def run(moongate, http2, code, *options):
    return moongate(
        *options, "--endpoint", http2.endpoint, "--region", "us-east-1", "-e", code,
        env={**CREDENTIALS, "AWS_CA_BUNDLE": http2.bundle},
    )  # fmt: skip


def test_many_requests_share_one_connection(moongate, http2):
    code = f"""
    local arns = {{}}
    for i = 1, 200 do arns[i] = "{VM}" end
    local names = parallel(arns, function(arn) return get_virtual_machine(arn).Name end, {{ limit = 64 }})
    print(names.n, names[200])
    """
    result = run(moongate, http2, code)
    assert (result.code, result.stdout, result.stderr) == (0, "200\tdb-01\n", "")
    assert len(http2.requests) == 200
    # A server's limit of streams would open a second one.
    assert set(http2.protocols) == {"h2"} and len(http2.protocols) <= 2
    request = http2.requests[0]
    assert request[":authority"] == f"127.0.0.1:{http2.port}" and request[":method"] == "POST"
    assert "host" in request["authorization"]


def test_handles_are_used_again_after_long_answers(moongate, http2):
    """What a handle had read an answer of 20 KB with, libcurl would not change while other streams used its connection; a
    call that had only been meant to be faster failed for that."""
    http2.body = json.dumps({"VirtualMachine": {"Name": "db-01", "Path": "/" + 20_000 * "x"}}).encode()
    code = f"""
    local arns = {{}}
    for i = 1, 24 do arns[i] = "{VM}" end
    local paths = parallel(arns, function(arn) return #get_virtual_machine(arn).Path end, {{ limit = 4 }})
    print(paths.n, paths[24])
    """
    result = run(moongate, http2, code)
    assert (result.code, result.stdout, result.stderr) == (0, "24\t20001\n", "")
    assert set(http2.protocols) == {"h2"}


def test_an_answer_without_a_body_is_whole_when_its_stream_ends(moongate, http2):
    """In HTTP/1.1 a success without length and body is a cut connection; here the stream says where it ends. This
    operation is the one that answers nothing."""
    http2.body = b""
    gateway = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-0123456789ABCDEF0"
    code = f"print(next(test_hypervisor_configuration{{ GatewayArn = '{gateway}', Host = 'vc.example' }}))"
    result = run(moongate, http2, code, "--allow", "TestHypervisorConfiguration")
    assert (result.code, result.stdout, result.stderr) == (0, "nil\n", "")
