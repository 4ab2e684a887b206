# The local gateway answers nobody whose signature does not hold: every operation, on both wire protocols, in every way
# in which a request can be signed wrongly or not at all; and nobody controls it without its token. The store stays as it
# was, byte for byte.
import base64
import hashlib
import json
import urllib.parse
from types import SimpleNamespace

import cbor2
import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from moongate import LocalGateway
from signing import SERVICE, TARGET, Signed, send

ACCOUNT = "arn:aws:backup-gateway:us-east-1:123456789012"
LOGIN = {"Host": "v.example", "Username": "u", "Password": "p"}
ROLE = "arn:aws:iam::123456789012:role/r"
# Whom keys belong to that are not the built-in one.
KEYS = [
    {"access_key_id": "ASIATOKEN", "secret_access_key": "s1", "session_token": "the-token", "account": "123456789012"},
    {"access_key_id": "ASIAOVER", "secret_access_key": "s2", "session_token": "t", "account": "123456789012",
     "expires": "2020-01-01T00:00:00Z"},
    {"access_key_id": "AKIAFAR", "secret_access_key": "s3", "account": "123456789012", "regions": ["eu-central-1"]},
]  # fmt: skip

# What is answered before anybody looks at what was asked for.
REFUSALS = {
    "MissingAuthenticationTokenException", "IncompleteSignatureException", "InvalidSignatureException",
    "UnrecognizedClientException", "ExpiredTokenException", "AccessDeniedException",
}  # fmt: skip


def operations(gateway, hypervisor, machine):
    """All 25, with parameters that their owner could send."""
    by_gateway, by_hypervisor = {"GatewayArn": gateway}, {"HypervisorArn": hypervisor}
    return {
        "AssociateGatewayToServer": {**by_gateway, "ServerArn": hypervisor},
        "CreateGateway": {
            "ActivationKey": "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", "GatewayDisplayName": "n", "GatewayType": "BACKUP_VM"},
        "DeleteGateway": by_gateway,
        "DeleteHypervisor": by_hypervisor,
        "DisassociateGatewayFromServer": by_gateway,
        "GetBandwidthRateLimitSchedule": by_gateway,
        "GetGateway": by_gateway,
        "GetHypervisor": by_hypervisor,
        "GetHypervisorPropertyMappings": by_hypervisor,
        "GetVirtualMachine": {"ResourceArn": machine},
        "ImportHypervisorConfiguration": {"Name": "n", **LOGIN},
        "ListGateways": {},
        "ListHypervisors": {},
        "ListTagsForResource": {"ResourceArn": gateway},
        "ListVirtualMachines": {},
        "PutBandwidthRateLimitSchedule": {**by_gateway, "BandwidthRateLimitIntervals": []},
        "PutHypervisorPropertyMappings": {**by_hypervisor, "IamRoleArn": ROLE, "VmwareToAwsTagMappings": []},
        "PutMaintenanceStartTime": {**by_gateway, "HourOfDay": 1, "MinuteOfHour": 2, "DayOfWeek": 3},
        "StartVirtualMachinesMetadataSync": by_hypervisor,
        "TagResource": {"ResourceARN": gateway, "Tags": [{"Key": "k", "Value": "v"}]},
        "TestHypervisorConfiguration": {**by_gateway, **LOGIN},
        "UntagResource": {"ResourceARN": gateway, "TagKeys": ["k"]},
        "UpdateGatewayInformation": {**by_gateway, "GatewayDisplayName": "m"},
        "UpdateGatewaySoftwareNow": by_gateway,
        "UpdateHypervisor": {**by_hypervisor, "Name": "m", **LOGIN},
    }  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A gateway that keeps its world in a folder, its control endpoint, and the parameters of every operation."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "keys.json").write_text(json.dumps(KEYS))
    with LocalGateway("--data", folder / "data", "--credentials", folder / "keys.json", "--control") as gateway:
        client = gateway.client()
        parameters = operations(
            client.list_gateways()["Gateways"][0]["GatewayArn"],
            client.list_hypervisors()["Hypervisors"][0]["HypervisorArn"],
            client.list_virtual_machines()["VirtualMachines"][0]["ResourceArn"],
        )
        assert sorted(parameters) == sorted(client.meta.service_model.operation_names)
        store = folder / "data/gateway.sqlite3"
        digest = lambda: hashlib.sha256(store.read_bytes()).hexdigest()
        yield SimpleNamespace(gateway=gateway, client=client, parameters=parameters, digest=digest)


# Ways to be refused: each makes a request of one that would be carried out -------------------------------------------


def without(*names):
    def change(request, sign):
        for name in names:
            del request.headers[name]

    return change


def headers(**values):
    def change(request, sign):
        request.headers.update({name.replace("_", "-"): value for name, value in values.items()})

    return change


def signed(**options):
    return lambda request, sign: vars(request).update(vars(sign(**options)))


def authorization(of, to):
    def change(request, sign):
        header = request.headers["Authorization"]
        changed = header.replace(of, to) if isinstance(of, str) else of(header)
        assert changed != header
        request.headers["Authorization"] = changed

    return change


def another_body(request, sign):
    request.body = bytes([*request.body[:-1], request.body[-1] ^ 1])


def another_operation(request, sign):
    other = "ListHypervisors" if "ListGateways" in str(request.headers) + request.path else "ListGateways"
    if "X-Amz-Target" in request.headers:
        request.headers["X-Amz-Target"] = f"{TARGET}.{other}"
    else:
        request.path = f"/service/{TARGET}/operation/{other}"


def presigned(request, sign):
    """A signature in the query, as of a link to S3: this service takes none."""
    gateway = request.gateway
    twin = AWSRequest(request.method, gateway.endpoint + request.path, data={}, headers={
        name: value for name, value in request.headers.items() if name not in ("Authorization", "X-Amz-Date")})
    SigV4QueryAuth(Credentials(gateway.access_key, gateway.secret_key), SERVICE, gateway.region).add_auth(twin)
    link = urllib.parse.urlsplit(twin.url)
    request.path, request.headers = f"{link.path}?{link.query}", dict(twin.headers)


last_digit = lambda header: header[:-1] + ("0" if header[-1] != "0" else "1")
WAYS = {
    "no Authorization": without("Authorization"),
    "no date": without("X-Amz-Date"),
    "an empty Authorization": headers(Authorization=""),
    "another scheme": headers(Authorization="Bearer the-token"),
    "key and secret as they are": headers(Authorization="Basic QUtJREVYQU1QTEU6c2VjcmV0"),
    "no signature in it": authorization(lambda header: header.partition(", Signature=")[0], None),
    "an empty signature": authorization(lambda header: header.partition("Signature=")[0] + "Signature=", None),
    "an unknown key": signed(access_key="AKIANOBODY"),
    "the secret of another": signed(secret="not-the-secret"),
    "an empty secret": signed(secret=" "),
    "one digit of the signature": authorization(last_digit, None),
    "signed 20 minutes ago": signed(minutes=-20),
    "signed in 20 minutes": signed(minutes=20),
    "another region in the scope": authorization("/us-east-1/", "/eu-west-1/"),
    "another service in the scope": authorization(f"/{SERVICE}/", "/s3/"),
    "signed for another service": signed(service="s3"),
    "signed for yesterday in today's scope": headers(X_Amz_Date="20200101T000000Z"),
    "a header that is not signed": headers(X_Amz_Meta="1"),
    "the host is not signed": authorization("host;", ""),
    "another body": another_body,
    "another operation": another_operation,
    "a query that is not signed": lambda request, sign: vars(request).update(path=request.path + "?Action=x"),
    "presigned": presigned,
    "a session token nobody gave": headers(X_Amz_Security_Token="made-up"),
    "a token is missing": signed(access_key="ASIATOKEN", secret="s1"),
    "a wrong token": signed(access_key="ASIATOKEN", secret="s1", token="another-token"),
    "a token of another key": signed(access_key="ASIATOKEN", secret="s1", token="t"),
    "a key that is over": signed(access_key="ASIAOVER", secret="s2", token="t"),
    "a key of another region": signed(access_key="AKIAFAR", secret="s3"),
}


def every_operation(world, cbor):
    """Each operation's name, and the function that signs it."""
    for name, parameters in world.parameters.items():
        body = cbor2.dumps(parameters) if cbor else json.dumps(parameters).encode()
        yield name, lambda **options: Signed(world.gateway, name, body, cbor=cbor, **options)


def code_of(answer):
    status, got, body = answer
    assert got["x-amzn-RequestId"]
    document = cbor2.loads(body) if got["Content-Type"] == "application/cbor" else json.loads(body)
    return status, document.get("__type", "").rpartition("#")[2]


@pytest.mark.parametrize("cbor", [False, True], ids=["json", "cbor"])
@pytest.mark.parametrize("way", WAYS)
def test_every_operation_is_refused(world, way, cbor):
    before = world.digest()
    for name, sign in every_operation(world, cbor):
        request = sign()
        WAYS[way](request, sign)
        status, code = code_of(request.send())
        assert status in (400, 403) and code in REFUSALS, (name, status, code)
    assert world.digest() == before


@pytest.mark.parametrize("cbor", [False, True], ids=["json", "cbor"])
def test_the_same_requests_as_they_were_signed_are_carried_out(world, cbor):
    """What the table above is worth: none of its requests is refused for another reason."""
    before = world.digest()
    for name, sign in every_operation(world, cbor):
        if not name.startswith("Delete"):
            assert code_of(sign().send())[1] not in REFUSALS, name
    assert world.digest() != before


@pytest.mark.parametrize("path", ["/healthz?x", "/metrics", "/faults", "/_control", "/..", "//", "/service/x"])
def test_nothing_else_is_there(world, path):
    before = world.digest()
    for method in ("GET", "POST", "PUT", "DELETE"):
        status, _, body = send(world.gateway.endpoint + path, b"{}", method=method)
        assert status >= 400 or (method == "GET" and body == b"ok"), (method, status, body)
    assert world.digest() == before


def test_nobody_controls_it_without_its_token(world, moongate):
    """Each function of gateway_lab is a path there; not even who may sign gets in."""
    listed = moongate("--local", "-e", "for name in pairs(gateway_lab) do print(name) end")
    names = sorted(name.replace("_", "-") for name in listed.stdout.split())
    assert {"metrics", "faults", "clock", "create-vm"} <= set(names), listed.stderr
    place, token = world.gateway.ready["control_endpoint"], world.gateway.ready["control_token"]
    aws = Signed(world.gateway, "ListGateways").headers["Authorization"]
    basic = base64.b64encode(f"control:{token}".encode()).decode()
    before = world.digest()
    for name in names:
        ways = [
            {}, {"Authorization": ""}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {token[:-1]}"},
            {"Authorization": f"Bearer {token}x"}, {"Authorization": f"Basic {basic}"}, {"Authorization": aws},
            {"Authorization": token}, {"X-Control-Token": token},
        ]  # fmt: skip
        for given in ways:
            status, _, body = send(f"{place}/{name}", b"{}", given)
            assert status in (401, 403), (name, given, status)
            assert token.encode() not in body
        assert send(f"{place}/{name}?token={token}", b"{}", {})[0] in (401, 403)
        # A page in somebody's browser, which cannot know the token, gets no further by its address.
        assert send(f"{place}/{name}", b"{}", {"Origin": "http://evil.example"})[0] in (401, 403)
    assert world.digest() == before
    assert world.gateway.control("/metrics")["requests"]
