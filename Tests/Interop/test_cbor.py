# The local gateway in Smithy's RPC v2 CBOR: through botocore, made to prefer it, and byte by byte with cbor2.
import datetime
import gzip
import json
from pathlib import Path

import botocore
import cbor2
import pytest
from botocore.exceptions import ClientError

from signing import Signed

ACCOUNT = "arn:aws:backup-gateway:us-east-1:123456789012"
MODEL = "backup-gateway/2021-01-01"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """botocore ranks JSON above CBOR, so this description of the service is its own without JSON."""
    folder = tmp_path_factory.mktemp("models")
    (folder / MODEL).mkdir(parents=True)
    for source in (Path(botocore.__file__).parent / "data" / MODEL).iterdir():
        text = gzip.decompress(source.read_bytes()) if source.suffix == ".gz" else source.read_bytes()
        document = json.loads(text)
        if source.name.startswith("service-2"):
            assert "smithy-rpc-v2-cbor" in document["metadata"]["protocols"]
            document["metadata"]["protocols"] = ["smithy-rpc-v2-cbor"]
        (folder / MODEL / source.name.removesuffix(".gz")).write_text(json.dumps(document))
    return folder


@pytest.fixture(scope="module")
def client(gateway, models):
    return gateway.client(models=models)


def without_metadata(response):
    return {name: value for name, value in response.items() if name not in ("ResponseMetadata", "NextToken")}


# botocore


def test_botocore_speaks_cbor(client):
    response = client.list_gateways()
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-type"] == "application/cbor"
    assert headers["smithy-protocol"] == "rpc-v2-cbor"
    assert response["ResponseMetadata"]["RequestId"]
    assert len(response["Gateways"]) == 3


def test_both_protocols_answer_the_same(client, gateway):
    json_client = gateway.client()
    for listing in ("list_gateways", "list_hypervisors", "list_virtual_machines"):
        expected = getattr(json_client, listing)()
        found = getattr(client, listing)()
        # A heartbeat may fall between the two.
        for item in [*expected.get("Gateways", []), *found.get("Gateways", [])]:
            assert item.pop("LastSeenTime").tzinfo
        assert without_metadata(found) == without_metadata(expected)
    machine = client.list_virtual_machines()["VirtualMachines"][0]["ResourceArn"]
    assert without_metadata(client.get_virtual_machine(ResourceArn=machine)) == without_metadata(
        json_client.get_virtual_machine(ResourceArn=machine)
    )


@pytest.mark.parametrize("size", [1, 7, 100])
def test_pages_of_any_size(client, size):
    paginator = client.get_paginator("list_virtual_machines")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": size}))
    arns = [machine["ResourceArn"] for page in pages for machine in page["VirtualMachines"]]
    assert len(arns) == 250
    assert arns == sorted(set(arns))


def test_timestamps_are_times(client):
    gateway = client.get_gateway(GatewayArn=client.list_gateways()["Gateways"][0]["GatewayArn"])["Gateway"]
    assert isinstance(gateway["LastSeenTime"], datetime.datetime)


def test_errors_have_the_models_status(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.get_gateway(GatewayArn=f"{ACCOUNT}:gateway/bgw-0DD0DD0D")
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert response["ErrorCode"] == "ResourceNotFound"
    assert "bgw-0DD0DD0D" in response["Message"]


@pytest.mark.parametrize(
    "settings, code",
    [
        ({"aws_secret_access_key": "wrong"}, "InvalidSignatureException"),
        ({"aws_access_key_id": "NOBODY"}, "UnrecognizedClientException"),
        ({"aws_session_token": "none"}, "UnrecognizedClientException"),
    ],
)
def test_who_asks_is_checked(gateway, models, settings, code):
    with pytest.raises(ClientError) as caught:
        gateway.client(models=models, **settings).list_gateways()
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_the_model_is_held_to(gateway, models):
    unchecked = gateway.client(models=models, parameter_validation=False)
    with pytest.raises(ClientError) as caught:
        unchecked.list_virtual_machines(MaxResults=0, HypervisorArn="x")
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    for member in ("MaxResults", "HypervisorArn"):
        assert member in caught.value.response["Error"]["Message"]


# cbor2


def send(gateway, operation, body, **headers):
    request = Signed(gateway, operation, body, cbor=True)
    request.headers.update(headers)
    status, answer_headers, answer = request.send()
    assert answer_headers["Content-Type"] == "application/cbor"
    assert answer_headers["Smithy-Protocol"] == "rpc-v2-cbor"
    return status, cbor2.loads(answer)


def test_an_answer_is_what_another_codec_reads(gateway):
    status, answer = send(gateway, "ListVirtualMachines", cbor2.dumps({"MaxResults": 100}))
    assert status == 200
    machines = answer["VirtualMachines"]
    assert len(machines) == 100
    assert any("\u00df" in machine["Name"] or not machine["Name"].isascii() for machine in machines)
    dates = [machine["LastBackupDate"] for machine in machines if "LastBackupDate" in machine]
    assert dates and all(isinstance(date, datetime.datetime) for date in dates)


def test_documents_of_unknown_length(gateway):
    # {_ "MaxResults": 2}, the name in two pieces
    body = b"\xbf\x7f\x63Max\x67Results\xff\x02\xff"
    assert cbor2.loads(body) == {"MaxResults": 2}
    status, answer = send(gateway, "ListGateways", body)
    assert status == 200 and len(answer["Gateways"]) == 2


@pytest.mark.parametrize("body", [b"", cbor2.dumps({}), cbor2.dumps({"MaxResults": None}), cbor2.dumps({"New": [1]})])
def test_what_says_nothing_is_nothing(gateway, body):
    status, answer = send(gateway, "ListGateways", body)
    assert status == 200 and len(answer["Gateways"]) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        cbor2.dumps([]),
        cbor2.dumps({"MaxResults": "5"}),
        cbor2.dumps({"MaxResults": 5.0}),
        cbor2.dumps({"MaxResults": 2**40}),
        cbor2.dumps({"MaxResults": 2**70}),
        cbor2.dumps({"NextToken": b"bytes"}),
        cbor2.dumps({1: 2}),
        cbor2.dumps({}) + b"\x00",
        b"\xa2\x61a\x01\x61a\x02",
        b"\xa1\x61\xff\x01",
        b"\xbb" + b"\xff" * 8,
        b"\x9f" * 100_000,
        b"\xd8",
    ],
)
def test_what_cannot_be_read_says_so(gateway, body):
    status, answer = send(gateway, "ListGateways", body)
    assert status == 400
    assert answer["__type"] == "com.amazon.coral.service#SerializationException"
    assert answer["message"]


def test_a_target_header_does_not_belong_here(gateway):
    """Two ways to name an operation in one request could be read differently by two programs on its way."""
    request = Signed(gateway, "ListGateways", b"", cbor=True)
    request.headers["X-Amz-Target"] = "BackupOnPremises_v20210101.ListHypervisors"
    status, _, answer = request.send()
    assert status == 404
    assert cbor2.loads(answer)["__type"].endswith("#UnknownOperationException")
