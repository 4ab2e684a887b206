# Operations from Lua against the local gateway: what they return, and exactly how many requests a listing sends.
import os
import re
from pathlib import Path

import pytest

from canned_server import GATEWAY, one_gateway
from moongate import CREDENTIALS

HERE = Path(__file__).parent
GET = f'get_gateway("{GATEWAY["GatewayArn"]}")'


def test_the_three_operations(moongate):
    result = moongate("--local", HERE / "three_operations.lua")
    assert (result.code, result.stdout, result.stderr) == (0, "ok\n", "")


def test_the_three_operations_against_a_gateway_of_its_own_process(moongate, gateway):
    result = moongate(
        "--endpoint", gateway.endpoint, HERE / "three_operations.lua", env=gateway.environment
    )
    assert (result.code, result.stdout, result.stderr) == (0, "ok\n", "")


OPERATIONS = """
    AssociateGatewayToServer CreateGateway DeleteGateway DeleteHypervisor DisassociateGatewayFromServer
    GetBandwidthRateLimitSchedule GetGateway GetHypervisor GetHypervisorPropertyMappings GetVirtualMachine
    ImportHypervisorConfiguration ListGateways ListHypervisors ListTagsForResource ListVirtualMachines
    PutBandwidthRateLimitSchedule PutHypervisorPropertyMappings PutMaintenanceStartTime
    StartVirtualMachinesMetadataSync TagResource TestHypervisorConfiguration UntagResource UpdateGatewayInformation
    UpdateGatewaySoftwareNow UpdateHypervisor
""".split()


@pytest.mark.parametrize("place", ["memory", "folder"])
def test_all_25_operations(moongate, place):
    script = HERE / "every_operation.lua"
    for name in OPERATIONS:
        assert re.search(re.sub("(?<!^)(?=[A-Z])", "_", name).lower() + r"\b", script.read_text()), name
    allowed = [word for name in OPERATIONS if not name.startswith(("Get", "List")) for word in ("--allow", name)]
    data = ["--data", "data"] if place == "folder" else []
    result = moongate("--local", *data, *allowed, script)
    assert (result.code, result.stdout, result.stderr) == (0, "ok\n", "")


def test_the_names_that_a_script_finds(moongate):
    """MOONGATE_GOLDEN=write writes globals.golden anew; the difference belongs in the review."""
    golden = HERE / "globals.golden"
    result = moongate("--local", HERE / "globals.lua")
    assert (result.code, result.stderr) == (0, "")
    if os.environ.get("MOONGATE_GOLDEN") == "write":
        golden.write_text(result.stdout)
    assert result.stdout.splitlines() == golden.read_text().splitlines()


# A call turns the event loop until it has its answer, so a page that was asked for before has been seen by the server.
@pytest.mark.parametrize(
    "code, operations",
    [
        pytest.param("for vm in list_virtual_machines() do break end", "L", id="first item"),
        pytest.param(f"for vm in list_virtual_machines() do {GET} break end", "LG", id="first item, then a call"),
        pytest.param(
            f"local n = 0 for vm in list_virtual_machines() do n = n + 1 if n == 2 then {GET} break end end",
            "LLG",
            id="second item asks for the next page",
        ),
        pytest.param(
            f"local n = 0 for vm in list_virtual_machines() do n = n + 1 if n == 3 then {GET} break end end",
            "LLG",
            id="never more than one page ahead",
        ),
        pytest.param("local l = list_virtual_machines()", "", id="a listing alone asks for nothing"),
        pytest.param(f"list_virtual_machines():first() {GET}", "LG", id="first"),
        pytest.param(f"list_virtual_machines():take(3):collect() {GET}", "LG", id="take"),
        pytest.param(f"for page in list_virtual_machines():pages() do {GET} break end", "LG", id="pages"),
        pytest.param("list_virtual_machines():count()", "LLL", id="count"),
        pytest.param("for vm in list_virtual_machines() do end", "LLL", id="all"),
        pytest.param("local l = list_virtual_machines() l:first() l:first()", "LL", id="each time anew"),
    ],
)
def test_requests_that_a_listing_sends(moongate, canned, code, operations):
    server = canned(one_gateway(count=9, page=3))
    result = moongate("--endpoint", server.endpoint, "--region", "us-east-1", "-e", code, env=CREDENTIALS)
    assert (result.code, result.stderr) == (0, "")
    short = {"ListVirtualMachines": "L", "GetGateway": "G"}
    # The next page and a call are under way at the same time: their order is not ours to say.
    assert sorted(short[request.operation] for request in server.requests) == sorted(operations)


def test_a_page_is_on_its_way_while_the_one_before_is_worked_on(moongate, canned):
    """The script's work on a page, which calls nobody, used to come on top of the time that the next one took: the request had been
    made, and was not sent before the script waited."""
    pages = one_gateway(count=9, page=3)

    def answer(request):
        if "NextToken" in request.json:
            moongate.write("asked", "")
        return pages(request)

    code = """
      local n = 0
      for vm in list_virtual_machines() do
        n = n + 1
        if n == 2 then
          local asked, last = nil, os.clock() + 20
          repeat asked = io.open("asked") until asked or os.clock() > last
          print(asked ~= nil)
        end
      end
      print(n)
    """
    words = ["--trust", "--endpoint", canned(answer).endpoint, "--region", "us-east-1", "-e", code]
    result = moongate(*words, env=CREDENTIALS)
    assert (result.code, result.stdout, result.stderr) == (0, "true\n9\n", "")


def test_take_asks_for_no_more_than_it_takes(moongate, canned):
    server = canned(one_gateway(count=9, page=100))
    code = """
      print(#list_virtual_machines():take(2):collect())
      print(#list_virtual_machines{MaxResults = 5}:take(2):collect())
    """
    result = moongate("--endpoint", server.endpoint, "--region", "us-east-1", "-e", code, env=CREDENTIALS)
    assert (result.code, result.stdout) == (0, "2\n2\n"), result.stderr
    assert [request.json["MaxResults"] for request in server.requests] == [2, 2]


def test_a_page_size_is_never_a_total(moongate, canned):
    server = canned(one_gateway(count=5))
    code = "local n = 0 for vm in list_virtual_machines{MaxResults = 2} do n = n + 1 end print(n)"
    result = moongate("--endpoint", server.endpoint, "--region", "us-east-1", "-e", code, env=CREDENTIALS)
    assert (result.code, result.stdout) == (0, "5\n"), result.stderr
    assert [request.json["MaxResults"] for request in server.requests] == [2, 2, 2]
