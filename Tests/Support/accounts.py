# Profiles of several accounts in a home of its own, and one local gateway that has a world for each account and region.
import json

import pytest

from moongate import LocalGateway

KEYS = [
    {"access_key_id": "AKIDDEV", "secret_access_key": "dev-secret", "account": "111122223333"},
    {"access_key_id": "AKIDPROD", "secret_access_key": "prod-secret", "account": "444455556666"},
    {
        "access_key_id": "AKIDEURO",
        "secret_access_key": "euro-secret",
        "account": "777788889999",
        "regions": ["eu-central-1"],
    },
]
DEV, PROD, EURO = KEYS


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    file.write_text(json.dumps(KEYS))
    with LocalGateway("--ephemeral", "--credentials", file) as running:
        for key, region, names in [
            (DEV, "eu-central-1", ["dev-fra-1", "dev-fra-2", "dev-fra-3"]),
            (PROD, "us-east-1", ["prod-iad"]),
            (PROD, "eu-central-1", ["prod-fra"]),
            (EURO, "eu-central-1", ["euro-fra"]),
        ]:
            for name in names:
                client(running, key, region).create_gateway(
                    ActivationKey=f"{name.upper():0<12}"[:12], GatewayDisplayName=name, GatewayType="BACKUP_VM"
                )
        yield running


def client(gateway, key, region):
    return gateway.client(
        region_name=region, aws_access_key_id=key["access_key_id"], aws_secret_access_key=key["secret_access_key"]
    )


def opinion(gateway, key, region):
    """The names of an account's gateways, as boto3 tells them."""
    return [item["GatewayDisplayName"] for item in client(gateway, key, region).list_gateways()["Gateways"]]


@pytest.fixture
def run(moongate, worlds):
    """run(code, *options): with the profiles dev, prod and euro, and no key in the environment."""
    aws = moongate.home / ".aws"
    aws.mkdir()
    (aws / "config").write_text(
        "[profile dev]\nregion = eu-central-1\n[profile prod]\nregion = us-east-1\n"
        f"[profile euro]\nregion = eu-central-1\naws_account_id = {EURO['account']}\n"
    )
    (aws / "credentials").write_text(
        "".join(
            f"[{name}]\naws_access_key_id = {key['access_key_id']}\naws_secret_access_key = {key['secret_access_key']}\n"
            for name, key in zip(("dev", "prod", "euro"), KEYS)
        )
    )

    def run(code, *options, env=None):
        return moongate("--endpoint", worlds.endpoint, *options, "-e", code, env=env)

    return run
