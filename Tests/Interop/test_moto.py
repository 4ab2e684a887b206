# Roles, web identities and an instance's role against moto, whose STS and IAM nobody here wrote: STS checks our
# signature with the keys of an IAM user, and what it issues must sign the request at the service.
import boto3
import pytest
import requests
from botocore.config import Config
from moto.server import ThreadedMotoServer
from moto.sts.models import sts_backends

from canned_server import GATEWAY, Raw, one_gateway
from signing import verify

ACCOUNT = "123456789012"
REGION = "eu-central-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup-operator"
CODE = f"""
  print(get_gateway("{GATEWAY['GatewayArn']}").GatewayDisplayName)
  session.explain()
"""
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
)
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}'


@pytest.fixture(scope="module")
def moto():
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    server.endpoint = "http://%s:%d" % server.get_host_and_port()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def operator(moto):
    """The keys of an IAM user who may assume roles."""
    iam = boto3.client(
        "iam", endpoint_url=moto.endpoint, region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x",
        config=Config(proxies={}),
    )  # fmt: skip
    iam.create_user(UserName="operator")
    iam.put_user_policy(UserName="operator", PolicyName="assume", PolicyDocument=POLICY)
    for role in ("backup-operator", "auditor"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName=role, PolicyName="assume", PolicyDocument=POLICY)
    return iam.create_access_key(UserName="operator")["AccessKey"]


@pytest.fixture
def user(moto, operator):
    """The same, while moto checks who signed. It cannot do that for requests without a signature."""
    requests.post(f"{moto.endpoint}/moto-api/reset-auth", data=b"0", timeout=60)
    yield operator
    requests.post(f"{moto.endpoint}/moto-api/reset-auth", data=b"Infinity", timeout=60)


class Setup:
    """The command with files of its own, moto as STS, and a service that records who signed."""

    def __init__(self, moongate, moto, canned):
        self.moongate = moongate
        self.moto = moto
        self.canned = canned
        self.service = canned(one_gateway())
        self.aws = moongate.home / ".aws"
        self.aws.mkdir()

    def files(self, config, credentials=""):
        (self.aws / "config").write_text(config)
        (self.aws / "credentials").write_text(credentials)

    def run(self, *arguments, **variables):
        environment = {"AWS_REGION": REGION, "AWS_ENDPOINT_URL_STS": self.moto.endpoint, **variables}
        return self.moongate("--endpoint", self.service.endpoint, *arguments, "-e", CODE, env=environment)

    def assert_signed_with(self, keys, result):
        assert result.code == 0, result.stderr
        assert result.stdout.startswith("dc1-gateway\n")
        (request,) = self.service.requests
        verify(
            request, keys.secret_access_key, REGION, endpoint=self.service.endpoint,
            access_key=keys.access_key_id, token=keys.session_token,
        )  # fmt: skip
        assert keys.secret_access_key not in result.stdout + result.stderr
        assert keys.session_token not in result.stdout + result.stderr


def last_role():
    """The role that moto gave keys for last."""
    return sts_backends[ACCOUNT]["aws"].assumed_roles[-1]


def keys_of(user, name="base"):
    return (
        f"[{name}]\naws_access_key_id = {user['AccessKeyId']}\naws_secret_access_key = {user['SecretAccessKey']}\n"
    )


@pytest.fixture
def setup(moongate, moto, canned):
    return Setup(moongate, moto, canned)


def test_the_keys_that_moto_issues_for_a_role_sign_the_request(setup, user):
    setup.files(
        f"[profile dev]\nrole_arn = {ROLE}\nsource_profile = base\nrole_session_name = night-shift\n"
        "external_id = customer/7\nduration_seconds = 900\n",
        keys_of(user),
    )
    result = setup.run("--profile", "dev")
    role = last_role()
    setup.assert_signed_with(role, result)
    assert (role.role_arn, role.session_name, role.external_id) == (ROLE, "night-shift", "customer/7")
    assert f"credentials   …{role.access_key_id[-4:]}, expires in 14m" in result.stdout
    assert f"(from role {ROLE} through profile 'dev' (~/.aws/config:2))" in result.stdout
    assert f"account       {ACCOUNT}" in result.stdout


def test_the_keys_of_one_role_assume_the_next(setup, user):
    auditor = f"arn:aws:iam::{ACCOUNT}:role/auditor"
    setup.files(
        f"[default]\nrole_arn = {auditor}\nsource_profile = dev\n"
        f"[profile dev]\nrole_arn = {ROLE}\nsource_profile = base\n",
        keys_of(user),
    )
    result = setup.run()
    setup.assert_signed_with(last_role(), result)
    assert last_role().role_arn == auditor


def test_the_environment_may_be_the_source(setup, user):
    setup.files(f"[profile dev]\nrole_arn = {ROLE}\ncredential_source = Environment\n")
    result = setup.run(
        "--profile", "dev",
        AWS_ACCESS_KEY_ID=user["AccessKeyId"], AWS_SECRET_ACCESS_KEY=user["SecretAccessKey"],
    )  # fmt: skip
    setup.assert_signed_with(last_role(), result)


def test_a_wrong_secret_is_refused_by_moto_and_nothing_is_asked_of_the_service(setup, user):
    wrong = {**user, "SecretAccessKey": "wrong" + user["SecretAccessKey"][5:]}
    setup.files(f"[profile dev]\nrole_arn = {ROLE}\nsource_profile = base\n", keys_of(wrong))
    result = setup.run("--profile", "dev")
    assert result.code == 253
    assert setup.service.requests == []
    assert f"The role {ROLE} of profile 'dev' (~/.aws/config:2) could not be assumed" in result.stderr
    assert "profile 'base' (~/.aws/credentials:2)" in result.stderr
    assert "SignatureDoesNotMatch" in result.stderr
    assert wrong["SecretAccessKey"] not in result.stderr


def test_whose_keys_these_are(setup, user):
    """boto3 asks the same; the answer tells the session its account, too."""
    setup.files("", keys_of(user, "default"))
    told = boto3.client(
        "sts", endpoint_url=setup.moto.endpoint, region_name=REGION, config=Config(proxies={}),
        aws_access_key_id=user["AccessKeyId"], aws_secret_access_key=user["SecretAccessKey"],
    ).get_caller_identity()  # fmt: skip
    code = "print(session.account) local me = session.whoami() print(me.Account, me.Arn, me.UserId, session.account)"
    result = setup.moongate("-e", code, env={"AWS_REGION": REGION, "AWS_ENDPOINT_URL_STS": setup.moto.endpoint})
    assert result.code == 0, result.stderr
    account = told["Account"]
    assert result.stdout == f"nil\n{account}\t{told['Arn']}\t{told['UserId']}\t{account}\n"


def test_a_wrong_secret_is_nobody(setup, user):
    setup.files("", keys_of({**user, "SecretAccessKey": "wrong" + user["SecretAccessKey"][5:]}, "default"))
    result = setup.moongate(
        "-e", "session.whoami()", env={"AWS_REGION": REGION, "AWS_ENDPOINT_URL_STS": setup.moto.endpoint}
    )
    assert result.code == 253
    assert "GetCallerIdentity: SignatureDoesNotMatch" in result.stderr


def test_connect_assumes_a_role_with_the_profiles_keys(setup, user):
    """Two sessions of one role share its keys: moto is asked once."""
    setup.files("[profile ops]\nregion = eu-west-1\n", keys_of(user, "ops"))
    before = len(sts_backends[ACCOUNT]["aws"].assumed_roles)
    code = f"""
      local s = connect{{ role_arn = "{ROLE}" }}
      print(s.account, s.name)
      local again = connect{{ role_arn = "{ROLE}", region = "eu-north-1" }}
      print(s.get_gateway("{GATEWAY['GatewayArn']}").GatewayDisplayName)
      print(again.get_gateway("{GATEWAY['GatewayArn']}").GatewayDisplayName)
    """
    result = setup.moongate(
        "--endpoint", setup.service.endpoint, "--profile", "ops", "-e", code,
        env={"AWS_ENDPOINT_URL_STS": setup.moto.endpoint},
    )  # fmt: skip
    assert result.code == 0, result.stderr
    name = GATEWAY["GatewayDisplayName"]
    assert result.stdout == f"{ACCOUNT}\tops+backup-operator/eu-west-1/{ACCOUNT}\n{name}\n{name}\n"
    assert len(sts_backends[ACCOUNT]["aws"].assumed_roles) == before + 1
    role = last_role()
    for request, region in zip(setup.service.requests, ("eu-west-1", "eu-north-1")):
        verify(
            request, role.secret_access_key, region, endpoint=setup.service.endpoint,
            access_key=role.access_key_id, token=role.session_token,
        )  # fmt: skip


def test_a_target_whose_role_is_denied_is_left_out(setup, user):
    """moto assumes every role; a server that denies as STS does stands in for it."""
    denial = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied'
        "</Code><Message>not you</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
    )
    sts = setup.canned(lambda request: Raw(denial, status=403, headers={"Content-Type": "text/xml"}))
    setup.files(
        f"[profile closed]\nregion = eu-west-1\nrole_arn = {ROLE}\nsource_profile = base\n"
        "[profile open]\nregion = eu-west-1\n",
        keys_of(user) + keys_of(user, "open"),
    )
    code = """
      local f = fleet{ profiles = { "closed", "open" } }
      print(f.list_gateways():count(), #f:errors(), f:errors()[1].name)
    """
    result = setup.moongate(
        "--endpoint", setup.canned(lambda request: {"Gateways": []}).endpoint, "--profile", "open", "-e", code, env={"AWS_ENDPOINT_URL_STS": sts.endpoint}
    )
    assert (result.code, result.stdout) == (0, f"0\t1\tclosed/eu-west-1/{ACCOUNT}\n"), result.stderr
    assert "AccessDenied: not you" in result.line()


@pytest.mark.parametrize("by", ["variables", "profile"])
def test_the_keys_that_moto_issues_for_a_token_sign_the_request(setup, by):
    token = setup.moongate.write("token", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln\n")
    if by == "variables":
        result = setup.run(AWS_WEB_IDENTITY_TOKEN_FILE=str(token), AWS_ROLE_ARN=ROLE, AWS_ROLE_SESSION_NAME="pod-7")
    else:
        setup.files(f"[default]\nrole_arn = {ROLE}\nweb_identity_token_file = {token}\nrole_session_name = pod-7\n")
        result = setup.run()
    setup.assert_signed_with(last_role(), result)
    assert last_role().session_name == "pod-7"


class InstanceKeys:
    """What moto's metadata service gives, always."""

    access_key_id = "test-key"
    secret_access_key = "test-secret-key"
    session_token = "test-session-token"


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_keys_of_an_instance_sign_the_request(setup, slash):
    result = setup.run(
        AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=setup.moto.endpoint + slash
    )
    setup.assert_signed_with(InstanceKeys, result)
    assert "(from instance metadata (role default-role))" in result.stdout


def test_the_keys_of_an_instance_assume_a_role(setup):
    setup.files(f"[default]\nrole_arn = {ROLE}\ncredential_source = Ec2InstanceMetadata\n")
    result = setup.run(
        AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=setup.moto.endpoint
    )
    setup.assert_signed_with(last_role(), result)
