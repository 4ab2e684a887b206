# Fleets through the command: calls in several accounts and regions at once, own code and shared code, boto3 as the second
# opinion.
import json
import socket

import pytest

from accounts import DEV, PROD, client, opinion
from accounts import run, worlds  # noqa: F401, fixtures


# Own code

SWEEP = """
  local f = fleet{ profiles = { "dev", "prod", "euro" }, regions = { "us-east-1", "eu-central-1" } }
  for gw in f.list_gateways() do
    print(gw.target.name, gw.GatewayDisplayName, gw.target.get_gateway(gw).GatewayArn == gw.GatewayArn)
  end
  for _, row in ipairs(f:errors()) do print("left out", row.name, row.code, row.target.region, row.error.operation) end
  for _, target in ipairs(f:targets()) do print(target.profile, target.region) end
"""


def test_a_fleet_lists_its_targets_in_their_order_and_names_the_denied_one_once(run, worlds):
    result = run(SWEEP + "f.list_hypervisors():count() f.list_gateways():count() print(#f:errors())", "--profile", "dev")
    assert result.code == 0, result.stderr
    assert result.stdout.splitlines() == [
        *(f"dev/eu-central-1/111122223333\t{name}\ttrue" for name in opinion(worlds, DEV, "eu-central-1")),
        "prod/us-east-1/444455556666\tprod-iad\ttrue",
        "prod/eu-central-1/444455556666\tprod-fra\ttrue",
        "euro/eu-central-1/777788889999\teuro-fra\ttrue",
        "left out\teuro/us-east-1/777788889999\tAccessDeniedException\tus-east-1\tListGateways",
        "dev\tus-east-1", "dev\teu-central-1", "prod\tus-east-1", "prod\teu-central-1",
        "euro\tus-east-1", "euro\teu-central-1",
        "1",
    ]  # fmt: skip
    assert result.line().startswith(
        "moongate: euro/us-east-1/777788889999 is left out: ListGateways: AccessDeniedException: "
    )


def test_a_sweep_of_the_library_names_the_denied_target_once_and_ends_with_3(run, moongate, worlds):
    options = ["--endpoint", worlds.endpoint, "--profile", "dev", "--profiles", "dev,euro"]
    options += ["--regions", "us-east-1,eu-central-1", "--output", "json"]
    result = moongate(*options, "run", "fleet-sweep")
    assert result.code == 3, result.stderr
    assert [(row["Target"], row["Gateways"]) for row in json.loads(result.stdout)] == [
        ("dev/us-east-1", 0), ("dev/eu-central-1/111122223333", 3), ("euro/eu-central-1/777788889999", 1),
    ]  # fmt: skip
    # Where nothing is, no ARN told the account.
    assert result.stderr.count("euro/us-east-1") == 1 and "AccessDenied" in result.stderr
    for name in "stale-vms", "silent-gateways", "orphans", "backup-timeline", "inventory":
        assert moongate(*options, "run", name).code == 3, name


def test_each_profile_has_its_own_region_unless_there_is_one_for_all(run):
    code = 'for _, s in ipairs(fleet{ profiles = { "dev", "prod" } }:targets()) do print(s.region) end'
    assert run(code, "--profile", "euro").stdout == "eu-central-1\nus-east-1\n"
    assert run(code, "--profile", "euro", "--region", "sa-east-1").stdout == "sa-east-1\nsa-east-1\n"


def test_a_target_is_no_member_of_its_items(run):
    result = run(
        """
        for gw in fleet{ profiles = { "prod" } }.list_gateways() do
          for name in pairs(gw) do assert(name ~= "target") end
          print(rawget(gw, "target"), json.encode(gw):find("target"), tostring(gw.target):sub(1, 12))
          show({ gw })
          local kept = { gw }
          collectgarbage() collectgarbage()
          assert(kept[1].target.get_gateway(kept[1]))
        end
        print(list_gateways():first().target)
        """,
        "--profile", "dev",
    )  # fmt: skip
    assert result.code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "nil\tnil\tsession prod" and lines[-1] == "nil"
    assert "target" not in "".join(lines[1:-1])


def test_listings_of_a_fleet_have_the_methods_of_listings(run, worlds):
    result = run(
        """
        local l = fleet{ profiles = { "dev", "prod" }, regions = { "eu-central-1", "us-east-1" } }.list_gateways{ MaxResults = 1 }
        print(l:count(), l:first().GatewayDisplayName, #l:take(2):collect(), #l:collect())
        print(l:find{ GatewayDisplayName = "prod-iad" }.target.region)
        for _, group in ipairs(l:group(function(gw) return gw.target.profile end)) do print(group.key, #group.items) end
        print(l:filter(function(gw) return gw.target.region == "us-east-1" end):map(function(gw) return gw.GatewayDisplayName end):first())
        print(pcall(l.pages, l))
        """,
        "--profile", "dev",
    )  # fmt: skip
    lines = result.stdout.splitlines()
    first = opinion(worlds, DEV, "eu-central-1")[0]
    assert lines[:5] == [f"5\t{first}\t2\t5", "us-east-1", "dev\t3", "prod\t2", "prod-iad"], result.stderr
    assert "a listing of a fleet has no pages of its own" in lines[5]


def test_changes_in_bulk_go_where_their_resources_live(run, worlds):
    result = run(
        """
        local todo = changes("Tag the fleet")
        for gw in fleet{ profiles = { "dev", "prod" } }.list_gateways() do
          todo.tag_resource(gw, { Tags = tags.list{ swept = "yes" } })
        end
        local done, failed = todo:run()
        print(#done, #failed)
        """,
        "--profile", "euro", "--allow", "TagResource",
    )  # fmt: skip
    assert (result.code, result.stdout) == (0, "4\t0\n"), result.stderr
    lines = result.stderr.splitlines()
    assert lines[0] == "Tag the fleet: 4 changes"
    assert sum("dev/eu-central-1" in line for line in lines) == 3 and sum("prod/us-east-1" in line for line in lines) == 1
    for key, region in [(DEV, "eu-central-1"), (PROD, "us-east-1")]:
        service = client(worlds, key, region)
        for gateway in service.list_gateways()["Gateways"]:
            assert service.list_tags_for_resource(ResourceArn=gateway["GatewayArn"])["Tags"] == [
                {"Key": "swept", "Value": "yes"}
            ]


def test_a_profile_that_is_not_there_is_left_out(run):
    result = run(
        """
        local f = fleet{ profiles = { "dev", "nobody" } }
        print(f.list_gateways():count(), #f:targets(), #f:errors(), f:errors()[1].name, f:errors()[1].target)
        """,
        "--profile", "prod",
    )  # fmt: skip
    assert (result.code, result.stdout) == (0, "3\t1\t1\tnobody\tnil\n"), result.stderr
    assert result.line().startswith("moongate: nobody is left out: Profile 'nobody' (from fleet) is neither in")


def test_a_target_that_is_down_raises(run, moongate):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with (moongate.home / ".aws/config").open("a") as config:
            config.write(f"[profile down]\nregion = us-east-1\nendpoint_url = http://127.0.0.1:{closed.getsockname()[1]}\n")
        with (moongate.home / ".aws/credentials").open("a") as credentials:
            credentials.write("[down]\naws_access_key_id = AKIDDOWN\naws_secret_access_key = down\n")
        result = moongate(
            "--profile", "down", "-e", 'print(fleet{ profiles = { "down" } }.list_gateways():count())',
            env={"AWS_MAX_ATTEMPTS": "1"},
        )  # fmt: skip
    assert result.code == 255 and result.stdout == ""
    assert "ListGateways" in result.stderr and "left out" not in result.stderr


def test_all_regions_are_those_of_the_service_in_the_partition(run):
    result = run(
        """
        local f = fleet{ regions = "all" }
        print(#f:targets(), f:targets()[1].region, f.list_gateways():count(), #f:errors())
        print(#fleet{ profiles = { "dev" }, regions = { "us-gov-west-1" } }:targets())
        use(connect{ region = "us-gov-west-1" })
        print(#fleet{ regions = "all" }:targets())
        """,
        "--profile", "dev",
    )  # fmt: skip
    assert (result.code, result.stdout) == (0, "21\taf-south-1\t3\t0\n1\n2\n"), result.stderr


def test_the_operators_targets_are_those_of_fleet_without_arguments(run):
    code = "for _, s in ipairs(fleet():targets()) do print(s.profile, s.region) end"
    result = run(code, "--profile", "dev", "--profiles", "dev,prod", "--regions", "us-east-1,eu-west-1")
    assert result.stdout == "dev\tus-east-1\ndev\teu-west-1\nprod\tus-east-1\nprod\teu-west-1\n"
    assert run(code, "--profile", "dev").stdout == "dev\teu-central-1\n", "without them: the current session"
    for wrong in (["--profiles", "dev,dev"], ["--regions", "a,,b"], ["--regions", "all", "--regions", "x"]):
        assert run(code, "--profile", "dev", *wrong).code == 252
    assert run(code, "--profile", "dev", "--regions", "x.example/").code == 253


@pytest.mark.parametrize(
    "code, words",
    [
        ("fleet{}", "names no profiles and no regions"),
        ("fleet{ profile = { 'x' } }", "there is no 'profile'; did you mean profiles?"),
        ("fleet{ regions = 'everywhere' }", "regions must be a list of regions, or \"all\", not 'everywhere'"),
        ("fleet{ profiles = 'dev' }", "profiles must be a list of profiles, not 'dev'"),
        ("fleet{ regions = {} }", "not an empty table"),
        ("fleet{ regions = { 'us-east-1', 'us-east-1' } }", "'us-east-1' is twice in regions"),
        ("fleet{ regions = { 'a.b/' } }", "'a.b/' (from fleet) cannot be a region"),
        ("print(fleet().get_gateway)", "a fleet only lists; call get_gateway of one target"),
        ("print(fleet().nonsense)", "a fleet has no nonsense"),
        ("fleet().list_gateways{ NextToken = 'x' }", "a NextToken is of one target"),
        ("fleet().list_gateways{ MaxResult = 1 }", "did you mean MaxResults?"),
        ("print(#fleet())", "write #fleet:targets()"),
        ("fleet().x = 1", "a fleet cannot be changed"),
    ],
)
def test_misuse_of_a_fleet_is_refused_by_name(run, code, words):
    result = run(code, "--profile", "dev")
    assert result.code in (252, 253), result.stderr
    assert words in result.stderr


# Shared code

SHARED = """-- @allow ListGateways
local f = fleet()
for gw in f.list_gateways() do print(gw.target.name, gw.GatewayDisplayName) end
print(#f:targets(), #f:errors(), connect, (select(2, pcall(fleet, { regions = "all" }))))
print(pcall(f:targets()[1].get_gateway, f.list_gateways():first()))
"""


@pytest.fixture
def shared(run, moongate, worlds):
    def shared(*options):
        script = moongate.write("shared.lua", SHARED)
        return moongate("--endpoint", worlds.endpoint, *options, "--untrusted", script)

    return shared


def test_shared_code_has_the_targets_that_the_operator_named(shared, worlds):
    result = shared("--profile", "dev", "--profiles", "prod,euro", "--regions", "us-east-1,eu-central-1")
    assert result.code == 0, result.stderr
    lines = result.stdout.splitlines()
    # The worker is told no account that the host did not know before.
    assert lines[:3] == [
        "prod/us-east-1/444455556666\tprod-iad",
        "prod/eu-central-1/444455556666\tprod-fra",
        "euro/eu-central-1/777788889999\teuro-fra",
    ]
    assert lines[3].startswith("4\t1\tnil\t") and "the operator names its targets with --profiles" in lines[3]
    assert lines[4].startswith("false\t") and "NotAllowed" in lines[4]
    assert result.line().startswith("moongate: euro/us-east-1/777788889999 is left out: ListGateways: AccessDenied")


def test_without_targets_shared_code_has_its_session(shared, worlds):
    result = shared("--profile", "dev")
    assert result.code == 0, result.stderr
    names = [line.split("\t")[1] for line in result.stdout.splitlines()[:3]]
    assert names == opinion(worlds, DEV, "eu-central-1")


def test_a_target_of_shared_code_that_is_not_there_is_told_before_it_runs(shared):
    result = shared("--profile", "dev", "--profiles", "dev,nobody")
    assert result.code == 253 and result.stdout == ""
    assert "Profile 'nobody' (from --profiles) is neither in" in result.stderr
