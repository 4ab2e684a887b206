# Sessions through the command: profiles of several accounts, one local gateway that has a world for each account and region,
# boto3 as the second opinion. Several at once are in test_fleets.py.
import pytest

from accounts import DEV, opinion
from accounts import run, worlds  # noqa: F401, fixtures


# connect and use


def test_a_session_for_another_profile_and_one_for_another_region(run, worlds):
    result = run(
        """
        local function names(s)
          for gw in s.list_gateways() do print(s.name, gw.GatewayDisplayName, s.get_gateway(gw).GatewayArn == gw.GatewayArn) end
        end
        local prod = connect{ profile = "prod" }
        names(session)
        names(prod)
        names(connect{ profile = "prod", region = "eu-central-1" })
        print(session.profile, session.region, prod.profile, prod.region)
        """,
        "--profile", "dev",
    )  # fmt: skip
    assert result.code == 0, result.stderr
    assert result.stdout.splitlines() == [
        *(f"dev/eu-central-1/111122223333\t{name}\ttrue" for name in opinion(worlds, DEV, "eu-central-1")),
        "prod/us-east-1/444455556666\tprod-iad\ttrue",
        "prod/eu-central-1/444455556666\tprod-fra\ttrue",
        "dev\teu-central-1\tprod\tus-east-1",
    ]


def test_operations_act_on_the_session_that_is_used(run):
    result = run(
        """
        local early, one = list_gateways(), list_gateways
        use(connect{ profile = "prod" })
        print(session.profile, session.region, list_gateways():first().GatewayDisplayName, one():count())
        -- What is left out is as in the session that is used.
        local eu = connect{ region = "eu-central-1" }
        print(eu.profile, eu.list_gateways():first().GatewayDisplayName)
        -- A listing is of the session that it was made in.
        print(early:count())
        """,
        "--profile", "dev",
    )  # fmt: skip
    assert (result.code, result.stdout) == (0, "prod\tus-east-1\tprod-iad\t1\nprod\tprod-fra\n3\n"), result.stderr


def test_connect_sends_nothing_before_the_first_call(run):
    """The keys of the profile are not even looked for."""
    result = run(
        'local s = connect{ profile = "broken" } print(s.region) print(s.list_gateways():count())',
        env={"AWS_CONFIG_FILE": "", "AWS_REGION": "us-east-1", "AWS_PROFILE": "dev"},
    )
    assert result.code == 253 and result.stdout == ""
    assert "Profile 'broken' (from connect) is neither in ~/.aws/config nor in ~/.aws/credentials" in result.stderr
    assert "They hold dev, euro, prod." in result.stderr


def test_the_account_is_known_from_the_first_arn(run, moongate):
    """Keys in a file do not say whose they are; an answer does."""
    result = run(
        "print(session.account) list_gateways():first() print(session.account, session.name)", "--profile", "dev"
    )
    assert (result.code, result.stdout) == (0, "nil\n111122223333\tdev/eu-central-1/111122223333\n"), result.stderr
    result = run("print(session.account)", "--profile", "euro")
    assert (result.code, result.stdout) == (0, "777788889999\n"), result.stderr


def test_the_latest_call_is_told(run):
    result = run(
        """
        print(session.last)
        list_gateways():first()
        local last = session.last
        print(last.operation, last.http_status, last.attempts, #last.request_id > 10, last.seconds > 0, last.code)
        pcall(get_gateway, "arn:aws:backup-gateway:eu-central-1:111122223333:gateway/bgw-00000000")
        print(session.last.operation, session.last.http_status, session.last.code)
        """,
        "--profile", "dev",
    )  # fmt: skip
    assert result.stdout.splitlines() == [
        "nil", "ListGateways\t200\t1\ttrue\ttrue\tnil", "GetGateway\t400\tResourceNotFoundException",
    ], result.stderr  # fmt: skip


@pytest.mark.parametrize("option, code", [(("--dry-run",), "true"), ((), "false")])
def test_a_session_says_whether_it_rehearses(run, option, code):
    assert run("print(session.dry_run)", "--profile", "dev", *option).stdout == f"{code}\n"


@pytest.mark.parametrize(
    "code, words",
    [
        ("connect{ regio = 'x' }", "connect: there is no 'regio'; did you mean region?"),
        ("connect()", "connect takes one table"),
        ("connect('prod')", "connect takes a table with names, as in connect{ region = \"eu-central-1\" }"),
        ("connect{ region = 5 }", "connect: region must be a text, not a number"),
        ("connect{ region = '' }", "connect: region must be a text, not an empty text"),
        ("connect{ region = 'eu.evil.example/' }", "'eu.evil.example/' (from connect) cannot be a region"),
        ("connect{ region = 'x@evil.example:1' }", "cannot be a region"),
        ("connect{ region = 'EU-central-1' }", "they are written in small letters, as in 'eu-central-1'"),
        ("connect{ role_arn = 'admin' }", "'admin' (from connect) is not the ARN of a role"),
        ("connect{ endpoint = 'https://evil.example' }", "is not granted; start moongate with --grant endpoint="),
        ("use('prod')", "use takes a session, as connect{…} gives one, not a string"),
        ("session.region = 'x'", "a session cannot be changed"),
        ("print(session.acount)", "a session has no 'acount'; did you mean account?"),
        ("session:list_gateways()", "write session.list_gateways(…) with a dot"),
        ("moongate.session = nil", "read-only"),
    ],
)
def test_what_cannot_be_is_refused_by_name(run, code, words):
    result = run(code, "--profile", "dev")
    assert result.code in (251, 252, 253), result.stderr
    assert words in result.stderr


def test_an_endpoint_is_the_operators_to_grant(run, worlds, canned):
    other = canned(lambda request: {"Gateways": []})
    code = f'print(connect{{ endpoint = "{other.endpoint}" }}.list_gateways():count())'
    refused = run(code, "--profile", "dev")
    assert refused.code == 251 and "NotAllowed" in refused.stderr
    assert other.requests == []
    granted = run(code, "--profile", "dev", "--grant", f"endpoint={other.endpoint}")
    assert (granted.code, granted.stdout) == (0, "0\n"), granted.stderr
    assert len(other.requests) == 1
    # A grant opens no way past the rules for endpoints.
    plain = run('connect{ endpoint = "http://evil.example" }', "--profile", "dev", "--grant", "endpoint=http://evil.example")
    assert plain.code == 253 and "is not one that signed requests may go to" in plain.stderr


def test_what_is_opened_beside_an_endpoint_stays_there(run, worlds, canned):
    """Another region of a test endpoint was the real one: only the command line's endpoint was taken over."""
    other = canned(lambda request: {"Gateways": []})
    code = f"""
      use(connect{{ endpoint = "{other.endpoint}" }})
      print(connect{{ region = "eu-central-1" }}.list_gateways():count(), fleet{{ regions = {{ "eu-west-1" }} }}.list_gateways():count())
      print(connect{{ profile = "prod" }}.endpoint == "{worlds.endpoint}/")
    """
    result = run(code, "--profile", "dev", "--grant", f"endpoint={other.endpoint}")
    assert (result.code, result.stdout) == (0, "0\t0\ntrue\n"), result.stderr
    assert len(other.requests) == 2


def test_debug_lines_name_the_session(run):
    result = run(
        'list_gateways():first() connect{ profile = "prod" }.list_gateways():first()', "--profile", "dev", "--debug"
    )
    assert "\ndebug: ListGateways: attempt 1 of 3" in result.stderr
    assert "\ndebug: prod/us-east-1: ListGateways: attempt 1 of 3" in result.stderr
    assert "\ndebug: prod/us-east-1: profile = prod (from connect)" in result.stderr
    assert "secret" not in result.stderr.replace("secret_access", "")


# Under --local


def test_the_local_world_has_other_regions_and_no_profiles(moongate):
    (moongate.home / ".aws").mkdir()
    (moongate.home / ".aws/config").write_text("[profile prod]\nregion = us-east-1\n")
    result = moongate(
        "--local", "-e",
        """
        local eu = connect{ region = "eu-west-1" }
        print(eu.name, eu.endpoint == session.endpoint, list_gateways():count(), eu.list_gateways():count())
        for _, what in ipairs{ "profile", "role_arn" } do print((select(2, pcall(connect, { [what] = "prod" })))) end
        print(fleet{ regions = { "us-east-1", "eu-west-1" } }.list_gateways():count())
        print((select(2, pcall(session.whoami))))
        """,
    )  # fmt: skip
    lines = result.stdout.splitlines()
    assert lines[0] == "local/eu-west-1/123456789012\ttrue\t3\t0", result.stderr
    assert "The profile 'prod' (from connect) means nothing under --local" in lines[1]
    assert "The role 'prod' (from connect) means nothing under --local" in lines[2]
    assert lines[3] == "3"
    assert "there is no STS to ask here; session.account is 123456789012" in lines[4]
