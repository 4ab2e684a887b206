# The local gateway through boto3, a client that is not ours: what it answers, and what it refuses. What operations
# change is in test_boto3_changes.py.
import concurrent.futures
import datetime

import pytest

from boto import ACCOUNT, error_of, everything, pages


@pytest.fixture(scope="module")
def client(gateway):
    return gateway.client()


@pytest.fixture(scope="module")
def unchecked(gateway):
    """A client that sends what it is told, so that the gateway has to validate."""
    return gateway.client(parameter_validation=False)


@pytest.fixture(scope="module")
def hypervisors(client):
    return client.list_hypervisors()["Hypervisors"]


# What it answers


def test_the_sample_world_has_three_gateways_and_two_hypervisors(client, hypervisors):
    gateways = client.list_gateways()["Gateways"]
    assert len(gateways) == 3
    assert len(hypervisors) == 2
    for listed in (
        [gateway["GatewayArn"] for gateway in gateways],
        [hypervisor["HypervisorArn"] for hypervisor in hypervisors],
    ):
        assert listed == sorted(set(listed))
    assert {hypervisor["State"] for hypervisor in hypervisors} <= {"PENDING", "ONLINE", "OFFLINE", "ERROR"}


def test_get_gateway_adds_details_to_what_the_listing_says(client):
    windows = []
    for listed in client.list_gateways()["Gateways"]:
        response = client.get_gateway(GatewayArn=listed["GatewayArn"])
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert response["ResponseMetadata"]["RequestId"]
        assert response["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/x-amz-json-1.0"
        gateway = response["Gateway"]
        assert listed.items() <= gateway.items()
        assert isinstance(gateway["LastSeenTime"], datetime.datetime)
        assert gateway["GatewayType"] == "BACKUP_VM"
        windows += [gateway["MaintenanceStartTime"]] if "MaintenanceStartTime" in gateway else []
    window = windows[0]
    assert window["HourOfDay"] in range(24) and window["MinuteOfHour"] in range(60)


def test_get_virtual_machine_adds_its_vmware_tags(client):
    for listed in everything(pages(client))[:5]:
        machine = client.get_virtual_machine(ResourceArn=listed["ResourceArn"])["VirtualMachine"]
        assert listed.items() <= machine.items()
        assert "VmwareTags" not in listed
        for tag in machine.get("VmwareTags", []):
            assert {"VmwareCategory", "VmwareTagName"} <= tag.keys()


@pytest.mark.parametrize("size", [1, 7, 100, None])
def test_pages_of_any_size_bring_the_same_machines_in_the_order_of_their_arns(client, size):
    listed = pages(client, size)
    arns = [machine["ResourceArn"] for machine in everything(listed)]
    assert len(arns) == 250
    assert arns == sorted(set(arns))
    if size:
        assert all(len(page) == size for page in listed[:-1])
        assert 1 <= len(listed[-1]) <= size


@pytest.mark.parametrize("size", [1, 7, 100])
def test_the_machines_of_one_hypervisor(client, hypervisors, size):
    found = 0
    for hypervisor in hypervisors:
        arn = hypervisor["HypervisorArn"]
        machines = everything(pages(client, size, HypervisorArn=arn))
        assert {machine["HypervisorId"] for machine in machines} == {arn.rpartition("/")[2]}
        arns = [machine["ResourceArn"] for machine in machines]
        assert arns == sorted(set(arns))
        found += len(arns)
    assert found == 250


def test_some_machines_were_never_backed_up_and_carry_no_date(client):
    machines = everything(pages(client))
    dated = [machine for machine in machines if "LastBackupDate" in machine]
    assert 0 < len(dated) < len(machines)
    assert all(machine["LastBackupDate"].tzinfo for machine in dated)


def test_a_token_carries_on_where_the_page_ended(client):
    first = client.list_virtual_machines(MaxResults=3)
    second = client.list_virtual_machines(MaxResults=3, NextToken=first["NextToken"])
    arns = [machine["ResourceArn"] for machine in first["VirtualMachines"] + second["VirtualMachines"]]
    assert arns == [machine["ResourceArn"] for machine in everything(pages(client))[:6]]


def test_the_last_page_has_no_token(client):
    assert "NextToken" not in client.list_virtual_machines(MaxResults=250)
    assert "NextToken" not in client.list_gateways()


def test_an_unknown_hypervisor_has_no_machines(client):
    arn = f"{ACCOUNT}:hypervisor/hype-0DD0DD0D"
    assert pages(client, HypervisorArn=arn) == [[]]


def test_clients_in_parallel_see_the_same_world(gateway):
    def arns(_):
        return [machine["ResourceArn"] for machine in everything(pages(gateway.client(), 20))]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(arns, range(16)))
    assert all(result == results[0] for result in results)


def test_every_region_accepts_the_local_key(gateway):
    elsewhere = gateway.client(region_name="eu-central-1")
    assert "Gateways" in elsewhere.list_gateways()


# What it refuses: parameters


def test_a_resource_that_does_not_exist(client):
    arn = f"{ACCOUNT}:gateway/bgw-0DD0DD0D"
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.get_gateway(GatewayArn=arn)
    assert caught.value.response["Error"]["Message"]
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_virtual_machine(ResourceArn=f"{ACCOUNT}:vm/vm-0DD0DD0D0DD0DD0D")


@pytest.mark.parametrize(
    "operation, parameters, member",
    [
        ("get_gateway", {}, "GatewayArn"),
        ("get_gateway", {"GatewayArn": "arn:short"}, "GatewayArn"),
        ("get_gateway", {"GatewayArn": "x" * 60}, "GatewayArn"),
        ("get_gateway", {"GatewayArn": f"{ACCOUNT}:gateway/{'b' * 180}"}, "GatewayArn"),
        ("get_gateway", {"GatewayArn": f"{ACCOUNT}:gateway/bgw-12A3456B\n"}, "GatewayArn"),
        ("get_gateway", {"GatewayArn": f"{ACCOUNT}:vm/vm-0000ABCDEFGIJKL"}, "GatewayArn"),
        ("get_virtual_machine", {"ResourceArn": f"{ACCOUNT}:gateway/bgw-12A3456B"}, "ResourceArn"),
        ("list_virtual_machines", {"MaxResults": 0}, "MaxResults"),
        ("list_virtual_machines", {"MaxResults": -1}, "MaxResults"),
        ("list_virtual_machines", {"HypervisorArn": "hype-9B1AB1F1"}, "HypervisorArn"),
        ("list_virtual_machines", {"NextToken": ""}, "NextToken"),
        ("list_virtual_machines", {"NextToken": "t" * 1001}, "NextToken"),
        ("list_virtual_machines", {"NextToken": "no-token-of-ours"}, "NextToken"),
    ],
)
def test_a_parameter_out_of_its_constraints_is_named(unchecked, operation, parameters, member):
    code, message = error_of(lambda: getattr(unchecked, operation)(**parameters))
    assert code == "ValidationException"
    assert member.lower() in message.lower()


@pytest.mark.parametrize("value", ["five", 1.5, True, [1], 2**31, 10**30])
def test_a_parameter_of_the_wrong_type(unchecked, value):
    code, _ = error_of(lambda: unchecked.list_gateways(MaxResults=value))
    assert code in ("ValidationException", "SerializationException")


def test_a_token_belongs_to_its_listing(unchecked, hypervisors):
    token = unchecked.list_virtual_machines(MaxResults=1)["NextToken"]
    code, message = error_of(
        lambda: unchecked.list_virtual_machines(
            MaxResults=1, NextToken=token, HypervisorArn=hypervisors[0]["HypervisorArn"]
        )
    )
    assert code == "ValidationException"
    assert "nexttoken" in message.lower()


# What it refuses: who asks


def test_a_wrong_secret(gateway):
    code, _ = error_of(gateway.client(aws_secret_access_key="not-the-secret").list_gateways)
    assert code == "InvalidSignatureException"


def test_an_unknown_key(gateway):
    code, _ = error_of(gateway.client(aws_access_key_id="AKIDNOBODY").list_gateways)
    assert code == "UnrecognizedClientException"
