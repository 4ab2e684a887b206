# The local gateway against requests that botocore signed and something changed on the way, and against requests that
# no client should send.
import json

import pytest

from signing import TARGET, Signed


def error_of(signed):
    status, headers, body = signed.send()
    assert status == 400 or status == 403, (status, body)
    assert headers["x-amzn-RequestId"]
    answer = json.loads(body)
    return answer["__type"].rpartition("#")[2], answer.get("Message") or answer.get("message")


def test_a_request_as_it_was_signed(gateway):
    status, _, body = Signed(gateway, "ListGateways").send()
    assert status == 200
    assert len(json.loads(body)["Gateways"]) == 3


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_clock_a_little_off_is_fine(gateway, minutes):
    assert Signed(gateway, "ListGateways", minutes=minutes).send()[0] == 200


@pytest.mark.parametrize("minutes, words", [(-20, "expired"), (20, "not yet current")])
def test_a_clock_twenty_minutes_off(gateway, minutes, words):
    code, message = error_of(Signed(gateway, "ListGateways", minutes=minutes))
    assert code == "InvalidSignatureException"
    assert words in message.lower()


def test_an_altered_body(gateway):
    request = Signed(gateway, "ListVirtualMachines", b'{"MaxResults": 1}')
    request.body = b'{"MaxResults": 2}'
    assert error_of(request)[0] == "InvalidSignatureException"


def test_an_altered_operation(gateway):
    request = Signed(gateway, "ListGateways")
    request.headers["X-Amz-Target"] = f"{TARGET}.ListHypervisors"
    assert error_of(request)[0] == "InvalidSignatureException"


def test_another_path_is_no_operation(gateway):
    """The service has one path; whatever is signed for another does not reach it."""
    request = Signed(gateway, "ListGateways")
    request.path = "/elsewhere"
    assert request.send()[0] == 404


def test_an_altered_query(gateway):
    request = Signed(gateway, "ListGateways")
    request.path = "/?a=b"
    assert error_of(request)[0] == "InvalidSignatureException"


def test_one_digit_of_the_signature(gateway):
    request = Signed(gateway, "ListGateways")
    last = request.headers["Authorization"][-1]
    request.headers["Authorization"] = request.headers["Authorization"][:-1] + ("0" if last != "0" else "1")
    assert error_of(request)[0] == "InvalidSignatureException"


def test_no_signature_at_all(gateway):
    request = Signed(gateway, "ListGateways")
    del request.headers["Authorization"]
    assert error_of(request)[0] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer token", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=, SignedHeaders=, Signature=", "é" * 500],
)
def test_an_authorization_that_is_none(gateway, authorization):
    request = Signed(gateway, "ListGateways")
    request.headers["Authorization"] = authorization.encode("latin-1")
    assert error_of(request)[0] in (
        "MissingAuthenticationTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
    )


def test_an_unknown_operation(gateway):
    assert error_of(Signed(gateway, "MakeCoffee"))[0] == "UnknownOperationException"


@pytest.mark.parametrize(
    "body", [b"not json", b"[]", b'"text"', b'{"MaxResults": 1', b'{"MaxResults": 1,}', b"\xff\xfe{}", b"[" * 5000]
)
def test_a_body_that_is_no_json_object(gateway, body):
    assert error_of(Signed(gateway, "ListGateways", body))[0] in (
        "SerializationException",
        "ValidationException",
    )


def test_an_empty_body_is_an_empty_object(gateway):
    assert Signed(gateway, "ListGateways", b"").send()[0] == 200
