# Keys of several accounts at one local gateway (`serve --credentials`), through boto3 and our own client.
import json

import pytest
from botocore.exceptions import ClientError

from moongate import LocalGateway

KEYS = [
    {"access_key_id": "AKIDALICE", "secret_access_key": "alice/secret+1", "account": "111122223333"},
    {
        "access_key_id": "ASIABOB",
        "secret_access_key": "bob-secret",
        "session_token": "bob's token/+=" + "x" * 1000,
        "account": "444455556666",
        "expires": "2100-01-01T00:00:00Z",
    },
    {
        "access_key_id": "ASIALATE",
        "secret_access_key": "late-secret",
        "session_token": "late",
        "account": "444455556666",
        "expires": "2020-01-01T00:00:00Z",
    },
    {
        "access_key_id": "AKIDEURO",
        "secret_access_key": "euro-secret",
        "account": "111122223333",
        "regions": ["eu-central-1"],
    },
]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    file.write_text(json.dumps(KEYS))
    with LocalGateway("--ephemeral", "--credentials", file, "--control") as running:
        yield running


def client(gateway, key, **settings):
    return gateway.client(
        aws_access_key_id=key["access_key_id"],
        aws_secret_access_key=key["secret_access_key"],
        **{"aws_session_token": key.get("session_token"), **settings},
    )


def code_of(call):
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"]


def test_every_account_has_a_world_of_its_own(shared):
    alice, bob, _, _ = KEYS
    assert len(shared.client().list_gateways()["Gateways"]) == 3
    assert client(shared, alice).list_gateways()["Gateways"] == []
    assert client(shared, bob).list_gateways()["Gateways"] == []
    gateway = shared.client().list_gateways()["Gateways"][0]["GatewayArn"]
    assert code_of(lambda: client(shared, alice).get_gateway(GatewayArn=gateway)) == "ResourceNotFoundException"


def test_a_session_needs_its_own_token(shared):
    bob = KEYS[1]
    for token in (None, "another", bob["session_token"] + "x"):
        assert code_of(client(shared, bob, aws_session_token=token).list_gateways) == "UnrecognizedClientException"
    alice = KEYS[0]
    assert code_of(client(shared, alice, aws_session_token="any").list_gateways) == "UnrecognizedClientException"


def test_a_session_ends(shared):
    assert code_of(client(shared, KEYS[2]).list_gateways) == "ExpiredTokenException"


def test_sessions_follow_the_servers_clock(shared):
    bob = client(shared, KEYS[1])
    shared.control("/clock", set="2100-01-01T00:00:01Z")
    try:
        assert code_of(bob.list_gateways) == "ExpiredTokenException"
    finally:
        shared.control("/clock", reset=True)
    assert bob.list_gateways()["Gateways"] == []


def test_a_key_may_be_for_some_regions(shared):
    euro = KEYS[3]
    assert client(shared, euro, region_name="eu-central-1").list_gateways()["Gateways"] == []
    assert code_of(client(shared, euro).list_gateways) == "AccessDeniedException"


def test_our_own_client_signs_with_a_session(shared, moongate):
    bob = KEYS[1]
    env = {
        "AWS_ACCESS_KEY_ID": bob["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": bob["secret_access_key"],
        "AWS_SESSION_TOKEN": bob["session_token"],
    }
    options = ["--endpoint", shared.endpoint, "--region", "us-east-1"]
    result = moongate(*options, "-e", "print(list_gateways():count())", env=env)
    assert (result.code, result.stdout) == (0, "0\n"), result.stderr


def test_a_file_that_cannot_be_used_is_told_without_its_secrets(moongate):
    file = moongate.write("keys.json", '[{"access_key_id": "AKID", "secret_access_key": "hunter2", "account": "12"}]')
    result = moongate("serve", "--ephemeral", "--credentials", file)
    assert result.code == 253
    assert "key 1: account must be twelve digits" in result.line()
    assert "hunter2" not in result.stderr
    assert moongate("serve", "--ephemeral", "--credentials", "absent.json").code == 253
