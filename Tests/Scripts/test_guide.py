# What docs/guide.md promises beyond its commands, which test_docs.py runs: its IAM policies are those of the model's
# operations, and each error that its tables explain is one that the program says.
import json
import re

import pytest

from canned_server import Raw
from faults import Authority
from moongate import ROOT
from pages import blocks

GUIDE = ROOT / "docs/guide.md"
KINDS = {"gateway", "hypervisor", "vm"}


def operations(*access):
    """AWS's names of the model's operations of an access level."""
    sources = "".join(path.read_text() for path in sorted((ROOT / "Sources/BackupGateway/Model").glob("*Operations.swift")))
    found = re.findall(r'Operation\(\s*"(\w+)", \.(\w+)', sources)
    assert len(found) == 25
    return sorted(name for name, level in found if level in access)


def statements(name):
    (text,) = [text for _, words, text in blocks(GUIDE) if name in words]
    policy = json.loads(text)
    assert policy["Version"] == "2012-10-17"
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        for field in "Action", "Resource":
            if isinstance(statement[field], str):
                statement[field] = [statement[field]]
    return policy["Statement"]


@pytest.mark.parametrize("name, access", [("read-policy.json", ["read"]), ("write-policy.json", ["write", "tagging"])])
def test_a_policy_allows_the_operations_of_its_kind_and_no_others(name, access):
    actions = sorted(action for statement in statements(name) for action in statement["Action"])
    expected = [f"backup-gateway:{operation}" for operation in operations(*access)]
    assert [action for action in actions if action != "iam:PassRole"] == expected


@pytest.mark.parametrize("name", ["read-policy.json", "write-policy.json"])
def test_a_policy_names_the_resources_that_its_operations_take(moongate, name):
    for statement in statements(name):
        if statement["Action"] == ["iam:PassRole"]:
            assert all(re.fullmatch(r"arn:aws:iam::\d{12}:role/[\w-]+", arn) for arn in statement["Resource"])
            assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "backup-gateway.amazonaws.com"}}
            continue
        wanted = set()
        for action in statement["Action"]:
            signature = moongate("doc", action.partition(":")[2]).stdout
            kinds = {
                kind
                for parameter, kind in {"GatewayArn": "gateway", "HypervisorArn": "hypervisor", "ServerArn": "hypervisor"}.items()
                if re.search(rf"^  {parameter} +required", signature, re.M)
            }
            if re.search(r"^  Resource(Arn|ARN) +required", signature, re.M):
                kinds = {"vm"} if action.endswith(":GetVirtualMachine") else KINDS
            wanted |= kinds
        arns = [
            re.fullmatch(r"arn:aws:backup-gateway:[a-z]+-[a-z]+-\d:\d{12}:(\w+)/\*", arn) for arn in statement["Resource"]
        ]
        if wanted:
            assert all(arns) and {arn[1] for arn in arns} == wanted, statement["Sid"]
        else:
            assert statement["Resource"] == ["*"], statement["Sid"]


# Errors


def errors_of_the_guide():
    """The error texts of the tables under "What an error wants from you"."""
    section = GUIDE.read_text().partition("\n## What an error wants from you\n")[2]
    found = re.findall(r"^\| `([^`]+)` \|", section, re.M)
    assert len(set(found)) == len(found)
    return found


GATEWAY = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-"
SSO = """
[profile reports]
region = eu-central-1
sso_session = work
sso_account_id = 123456789012
sso_role_name = BackupReports
[sso-session work]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-central-1
"""
TOKEN = '{"accessToken": "x", "expiresAt": "2026-01-01T00:00:00Z", "startUrl": "https://example.awsapps.com/start"}'
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDNOBODY", "AWS_SECRET_ACCESS_KEY": "wrong", "AWS_REGION": "us-east-1"}
LIST = "list_gateways():count()"
TAG = f'tag_resource("{GATEWAY}3E8A51F0", {{ Tags = tags.list{{ team = "db" }} }})'


class Trouble:
    """Brings errors about. `files` are written into the home; every command has an empty home otherwise."""

    def __init__(self, moongate, gateway, canned):
        self.moongate, self.gateway, self.canned = moongate, gateway, canned

    def run(self, *arguments, env=None, files=None):
        for name, text in (files or {}).items():
            path = self.moongate.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self.moongate(*arguments, env=env)

    def local(self, *arguments):
        return self.run("--local", *arguments)

    def signed(self, key, secret="wrong"):
        return self.run(
            "--endpoint", self.gateway.endpoint, "-e", LIST,
            env={**KEYS, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret},
        )  # fmt: skip

    def at(self, endpoint, **env):
        return self.run("--endpoint", endpoint, "-e", LIST, env={**KEYS, "AWS_MAX_ATTEMPTS": "1", **env})

    def answered(self, answer):
        return self.at(f"http://127.0.0.1:{self.canned(lambda request: answer).port}")

    def unknown_authority(self):
        server = self.canned(lambda request: {}, tls=Authority(self.moongate.folder).server())
        return self.at(f"https://localhost:{server.port}")

    def damaged(self):
        (self.moongate.folder / "world").mkdir()
        self.moongate.write("world/gateway.sqlite3", "no database")
        return self.local("--data", "world", "-e", LIST)


TROUBLES = {
    "No credentials were found": lambda t: t.run("--region", "us-east-1", "-e", LIST),
    "No region is configured": lambda t: t.run("-e", LIST),
    "is neither in ~/.aws/config nor in": lambda t: t.run("--profile", "nope", "-e", LIST, files={".aws/config": SSO}),
    "nobody has signed in": lambda t: t.run("--profile", "reports", "-e", LIST, files={".aws/config": SSO}),
    "The IAM Identity Center token of profile": lambda t: t.run(
        "--profile", "reports", "-e", LIST,
        files={".aws/config": SSO, ".aws/sso/cache/e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json": TOKEN}),
    "is indented, and so continues the value": lambda t: t.run(
        "-e", LIST, files={".aws/config": "[default]\nregion = us-east-1\n  output = json\n"}),
    "FIPS and custom endpoint are not supported": lambda t: t.at("http://127.0.0.1:9", AWS_USE_FIPS_ENDPOINT="true"),
    "cannot find the address of": lambda t: t.at("https://gateway.invalid"),
    "cannot connect to": lambda t: t.at("http://127.0.0.1:9"),
    "answered with an HTML page": lambda t: t.answered(Raw("<!DOCTYPE html><html>", headers={"Content-Type": "text/html"})),
    "comes from an authority that": lambda t: t.unknown_authority(),
    "The outcome is unknown": lambda t: t.local("--fault", "reset-after=always", "--allow", "TagResource", "-e", TAG),
    "AccessDeniedException": lambda t: t.local("--fault", "denied=always", "-e", LIST),
    "ExpiredTokenException": lambda t: t.local("--fault", "expired-token=always", "-e", LIST),
    "InvalidSignatureException": lambda t: t.signed("MOONGATELOCAL"),
    "UnrecognizedClientException": lambda t: t.signed("AKIDNOBODY"),
    "ThrottlingException": lambda t: t.local("--fault", "throttle=1/h", "-e", f"{LIST} {LIST}"),
    "ResourceNotFoundException": lambda t: t.local("-e", f'get_gateway("{GATEWAY}00000000")'),
    "ConflictException": lambda t: t.local("--allow", "DeleteHypervisor", "-e", "delete_hypervisor(list_hypervisors():first())"),
    "write only what it is allowed to": lambda t: t.local("-e", TAG),
    "moongate was started with --read-only": lambda t: t.local("--read-only", "-e", TAG),
    "all that --max-writes lets this run send": lambda t: t.local(
        "--allow", "TagResource", "--max-writes", "1", "-e", f"{TAG} {TAG}"),
    "is not in a folder that code may read": lambda t: t.local("-e", 'io.open("names.txt")'),
    "must be an ARN like": lambda t: t.local("-e", 'get_gateway("zurich-backup-01")'),
    "is not a parameter here": lambda t: t.local("-e", "list_gateways{ MaxResult = 5 }:count()"),
    "Gateway has no": lambda t: t.local("-e", "print(list_gateways():first().LastSeen)"),
    "a timestamp cannot be compared with nil": lambda t: t.local(
        "-e", 'list_virtual_machines():filter(function(vm) return vm.LastBackupDate < ago("7d") end):count()'),
    "found no items, and wants exactly one": lambda t: t.local("-e", 'list_gateways():find{ GatewayDisplayName = "x" }'),
    "there is no snippet": lambda t: t.local("run", "stale-vmz"),
    "there is no --": lambda t: t.local("run", "stale-vms", "--agee", "7d"),
    "the run took longer than": lambda t: t.local("--timeout", "0.2s", "-e", "sleep(60)"),
    "the script reached its limit": lambda t: t.local(
        "--max-memory", "20M", "-e", "local t = {} for i = 1, 1e9 do t[i] = i end"),
    "is damaged": lambda t: t.damaged(),
}  # fmt: skip


def test_every_error_of_the_guide_is_brought_about_here():
    assert sorted(errors_of_the_guide()) == sorted(TROUBLES)


@pytest.mark.parametrize("text", TROUBLES)
def test_an_error_of_the_guide_is_what_the_program_says(moongate, gateway, canned, text):
    result = TROUBLES[text](Trouble(moongate, gateway, canned))
    assert text in result.stderr, result.stderr
    assert result.code >= 250
