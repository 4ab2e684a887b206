# The local gateway through boto3: what the operations that write change, all 25 of them against botocore's own model.
import concurrent.futures
import datetime

import pytest

from boto import ACCOUNT, error_of, everything, pages
from moongate import LocalGateway

ROLE = "arn:aws:iam::123456789012:role/sync"
KEY = "arn:aws:kms:us-east-1:123456789012:key/6f1e8c52-3b7d-4a90-9e15-0c2d84b7a3f6"
LOG_GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/backup-gateway:*"


@pytest.fixture
def own():
    """A gateway for one test, with the sample world but without its machines, and a clock that the test moves."""
    with LocalGateway("--ephemeral", "--vms", "0", "--control") as running:
        yield running


def new_gateway(client, name="new", **more):
    return client.create_gateway(
        ActivationKey="AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", GatewayDisplayName=name, GatewayType="BACKUP_VM", **more
    )["GatewayArn"]


def new_hypervisor(client, name="new", **more):
    return client.import_hypervisor_configuration(Name=name, Host="vcenter.example.com", **more)["HypervisorArn"]


def tags_of(client, arn):
    listed = client.list_tags_for_resource(ResourceArn=arn)
    assert listed["ResourceArn"] == arn
    return {tag["Key"]: tag["Value"] for tag in listed["Tags"]}


def test_the_life_of_a_gateway(own):
    client = own.client()
    arn = new_gateway(client, "zurich-2", Tags=[{"Key": "team", "Value": "db"}])
    gateway = client.get_gateway(GatewayArn=arn)["Gateway"]
    assert gateway["GatewayDisplayName"] == "zurich-2" and "HypervisorId" not in gateway
    assert datetime.datetime.now(datetime.timezone.utc) - gateway["LastSeenTime"] < datetime.timedelta(minutes=1)
    assert tags_of(client, arn) == {"team": "db"}

    assert client.update_gateway_information(GatewayArn=arn, GatewayDisplayName="zurich-3")["GatewayArn"] == arn
    client.put_maintenance_start_time(GatewayArn=arn, HourOfDay=4, MinuteOfHour=30, DayOfMonth=7)
    gateway = client.get_gateway(GatewayArn=arn)["Gateway"]
    assert gateway["GatewayDisplayName"] == "zurich-3"
    assert gateway["MaintenanceStartTime"] == {"HourOfDay": 4, "MinuteOfHour": 30, "DayOfMonth": 7}

    assert client.get_bandwidth_rate_limit_schedule(GatewayArn=arn)["BandwidthRateLimitIntervals"] == []
    office = dict(StartHourOfDay=8, StartMinuteOfHour=0, EndHourOfDay=17, EndMinuteOfHour=59, DaysOfWeek=[1, 2])
    intervals = [{**office, "AverageUploadRateLimitInBitsPerSec": 8 * 10**12}, {**office, "DaysOfWeek": [0]}]
    client.put_bandwidth_rate_limit_schedule(GatewayArn=arn, BandwidthRateLimitIntervals=intervals)
    assert client.get_bandwidth_rate_limit_schedule(GatewayArn=arn)["BandwidthRateLimitIntervals"] == intervals

    own.control("/clock", advance="31d")
    assert client.update_gateway_software_now(GatewayArn=arn)["GatewayArn"] == arn
    assert client.get_gateway(GatewayArn=arn)["Gateway"]["SoftwareVersion"] == gateway["SoftwareVersion"]
    own.control("/clock", advance="1m")
    updated = client.get_gateway(GatewayArn=arn)["Gateway"]
    assert updated["SoftwareVersion"] > gateway["SoftwareVersion"]
    assert updated["NextUpdateAvailabilityTime"] > gateway["NextUpdateAvailabilityTime"]

    assert client.delete_gateway(GatewayArn=arn)["GatewayArn"] == arn
    for call in (client.get_gateway, client.delete_gateway):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            call(GatewayArn=arn)


def test_the_life_of_a_hypervisor(own):
    client = own.client()
    login = dict(Username="backup@vsphere.local", Password="a-Passw0rd")
    arn = new_hypervisor(client, "vcenter-berlin", KmsKeyArn=KEY, Tags=[{"Key": "a", "Value": ""}], **login)
    hypervisor = client.get_hypervisor(HypervisorArn=arn)["Hypervisor"]
    assert hypervisor == {
        "HypervisorArn": arn, "Name": "vcenter-berlin", "Host": "vcenter.example.com", "KmsKeyArn": KEY,
        "State": "PENDING",
    }  # fmt: skip

    gateway = new_gateway(client)
    response = client.test_hypervisor_configuration(GatewayArn=gateway, Host="vcenter.example.com", **login)
    assert response.keys() == {"ResponseMetadata"}
    client.associate_gateway_to_server(GatewayArn=gateway, ServerArn=arn)
    with pytest.raises(client.exceptions.ConflictException) as caught:
        client.associate_gateway_to_server(GatewayArn=gateway, ServerArn=arn)
    assert caught.value.response["ErrorCode"]
    assert client.get_gateway(GatewayArn=gateway)["Gateway"]["HypervisorId"] == arn.rpartition("/")[2]
    assert client.get_hypervisor(HypervisorArn=arn)["Hypervisor"]["State"] == "ONLINE"

    client.update_hypervisor(HypervisorArn=arn, Name="vcenter-bonn", Password="another", LogGroupArn=LOG_GROUP)
    hypervisor = client.get_hypervisor(HypervisorArn=arn)["Hypervisor"]
    assert (hypervisor["Name"], hypervisor["LogGroupArn"]) == ("vcenter-bonn", LOG_GROUP)
    client.update_hypervisor(HypervisorArn=arn, LogGroupArn="")
    assert "LogGroupArn" not in client.get_hypervisor(HypervisorArn=arn)["Hypervisor"]

    with pytest.raises(client.exceptions.ConflictException):
        client.delete_hypervisor(HypervisorArn=arn)
    assert client.disassociate_gateway_from_server(GatewayArn=gateway)["GatewayArn"] == gateway
    assert client.get_hypervisor(HypervisorArn=arn)["Hypervisor"]["State"] == "PENDING"
    client.delete_hypervisor(HypervisorArn=arn)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_hypervisor(HypervisorArn=arn)


def test_machines_are_found_and_their_metadata_is_synchronized(own):
    client = own.client()
    arn = new_hypervisor(client)
    client.associate_gateway_to_server(GatewayArn=new_gateway(client), ServerArn=arn)
    assert pages(client, HypervisorArn=arn) == [[]]
    own.control("/clock", advance="1m")
    found = everything(pages(client, size=3, HypervisorArn=arn))
    assert len(found) == 10 and all("LastBackupDate" not in machine for machine in found)

    mappings = [
        {"VmwareCategory": "Environment", "VmwareTagName": name, "AwsTagKey": "env", "AwsTagValue": name.lower()}
        for name in ("Prod", "Test", "Dev")
    ]
    assert client.get_hypervisor_property_mappings(HypervisorArn=arn)["VmwareToAwsTagMappings"] == []
    client.put_hypervisor_property_mappings(HypervisorArn=arn, VmwareToAwsTagMappings=mappings, IamRoleArn=ROLE)
    kept = client.get_hypervisor_property_mappings(HypervisorArn=arn)
    assert (kept["VmwareToAwsTagMappings"], kept["IamRoleArn"]) == (mappings, ROLE)

    own.control("/clock", stop=True)
    client.start_virtual_machines_metadata_sync(HypervisorArn=arn)
    statuses = []
    for _ in range(6):
        statuses.append(client.get_hypervisor(HypervisorArn=arn)["Hypervisor"]["LatestMetadataSyncStatus"])
        own.control("/clock", advance="1s")
    assert statuses == ["CREATED", "RUNNING", "RUNNING", "RUNNING", "RUNNING", "SUCCEEDED"]
    assert client.get_hypervisor(HypervisorArn=arn)["Hypervisor"]["LastSuccessfulMetadataSyncTime"].tzinfo
    for machine in found:
        vmware = client.get_virtual_machine(ResourceArn=machine["ResourceArn"])["VirtualMachine"].get("VmwareTags", [])
        stages = [tag["VmwareTagName"].lower() for tag in vmware if tag["VmwareCategory"] == "Environment"]
        tags = tags_of(client, machine["ResourceArn"])
        assert tags.pop("aws:backup-gateway:path") == machine["Path"]
        assert tags == ({"env": stages[0]} if stages else {})


def test_tags_of_every_kind_of_resource(own):
    client = own.client()
    hypervisor = new_hypervisor(client)
    client.associate_gateway_to_server(GatewayArn=new_gateway(client), ServerArn=hypervisor)
    own.control("/clock", advance="1m")
    machine = everything(pages(client, HypervisorArn=hypervisor))[0]["ResourceArn"]
    for arn in (new_gateway(client), hypervisor, machine):
        before = tags_of(client, arn)
        tags = [{"Key": "team", "Value": "db"}, {"Key": "Ä b", "Value": "日本"}]
        assert client.tag_resource(ResourceARN=arn, Tags=tags)["ResourceARN"] == arn
        client.tag_resource(ResourceARN=arn, Tags=[{"Key": "team", "Value": "web"}])
        assert tags_of(client, arn) == {**before, "team": "web", "Ä b": "日本"}
        assert client.untag_resource(ResourceARN=arn, TagKeys=["team", "absent"])["ResourceARN"] == arn
        assert tags_of(client, arn) == {**before, "Ä b": "日本"}
        for refused in ([{"Key": f"k{i}", "Value": ""} for i in range(50)], [{"Key": "aws:x", "Value": ""}]):
            code, _ = error_of(lambda: client.tag_resource(ResourceARN=arn, Tags=refused))
            assert code == "ValidationException"


@pytest.mark.parametrize("name", ["list_gateways", "list_hypervisors"])
def test_paginators_of_what_was_created(own, name):
    client = own.client()
    make = {"list_gateways": new_gateway, "list_hypervisors": new_hypervisor}[name]
    made = [make(client, f"n-{number}") for number in range(8)]
    for size in (1, 3, 100):
        result = client.get_paginator(name).paginate(PaginationConfig={"PageSize": size})
        arns = [item.get("GatewayArn") or item["HypervisorArn"] for page in result for item in list(page.values())[0]]
        assert arns == sorted(set(arns)) and set(made) < set(arns)


def test_the_eleventh_hypervisor(own):
    client = own.client()
    for number in range(8):
        new_hypervisor(client, f"n-{number}")
    with pytest.raises(client.exceptions.ConflictException):
        new_hypervisor(client)


def test_a_role_of_another_account(own):
    client = own.client()
    with pytest.raises(client.exceptions.AccessDeniedException) as caught:
        client.put_hypervisor_property_mappings(
            HypervisorArn=new_hypervisor(client), VmwareToAwsTagMappings=[], IamRoleArn=ROLE.replace("123", "321")
        )
    assert caught.value.response["ErrorCode"]


def test_writers_in_parallel_lose_nothing(own):
    gateways = [new_gateway(own.client(), f"gw-{number}") for number in range(4)]

    def work(number):
        client = own.client()
        for step in range(10):
            tag = {"Key": f"k-{number}-{step}", "Value": "v"}
            client.tag_resource(ResourceARN=gateways[number % 4], Tags=[tag])

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(16)))
    assert [len(tags_of(own.client(), arn)) for arn in gateways] == [40] * 4


# What it refuses. The client sends what it is told, so that the gateway has to validate.


@pytest.fixture(scope="module")
def unchecked(gateway):
    return gateway.client(parameter_validation=False)


@pytest.fixture(scope="module")
def hypervisors(unchecked):
    return unchecked.list_hypervisors()["Hypervisors"]


def smallest(shape):
    """The smallest value that satisfies a shape of botocore's model."""
    match shape.type_name:
        case "structure":
            return {name: smallest(shape.members[name]) for name in shape.required_members}
        case "list":
            return [smallest(shape.member)] * shape.metadata.get("min", 0)
        case "integer" | "long":
            return shape.metadata.get("min", 0)
        case _ if shape.enum:
            return shape.enum[0]
    kinds = {"GatewayArn": "gateway", "ServerArn": "hypervisor", "ResourceArn": "vm"}
    if shape.name in kinds:
        return f"{ACCOUNT}:{kinds[shape.name]}/nobody-1234"
    return ROLE if shape.name == "IamRoleArn" else "x" * max(shape.metadata.get("min", 0), 1)


def operations(client):
    model = client.meta.service_model
    return [model.operation_model(name) for name in model.operation_names]


def call_of(client, operation, parameters):
    return lambda: client._make_api_call(operation.name, parameters)


def test_every_operation_names_what_is_missing(unchecked):
    assert len(operations(unchecked)) == 25
    for operation in operations(unchecked):
        good = smallest(operation.input_shape)
        for member in operation.input_shape.required_members:
            given = {name: value for name, value in good.items() if name != member}
            code, message = error_of(call_of(unchecked, operation, given))
            assert (code, f"{member} is required" in message) == ("ValidationException", True), (operation.name, message)


def test_every_operation_on_what_does_not_exist(unchecked):
    """ResourceNotFoundException wherever it is declared; ValidationException where it is not."""
    for operation in operations(unchecked):
        arns = [n for n in operation.input_shape.required_members if n.upper().endswith("ARN") and n != "IamRoleArn"]
        if not arns:
            continue
        parameters = smallest(operation.input_shape)
        if operation.name == "PutMaintenanceStartTime":
            parameters["DayOfWeek"] = 0
        declared = {shape.name for shape in operation.error_shapes}
        expected = "ResourceNotFoundException" if "ResourceNotFoundException" in declared else "ValidationException"
        code, message = error_of(call_of(unchecked, operation, parameters))
        assert code == expected, (operation.name, message)
        assert "nobody-1234" in message
        for member in arns:
            teapot = {**parameters, member: f"{ACCOUNT}:teapot/nobody-1234"}
            code, message = error_of(call_of(unchecked, operation, teapot))
            assert (code, member in message) == ("ValidationException", True), (operation.name, message)


@pytest.mark.parametrize(
    "operation, parameters, problem",
    [
        ("put_maintenance_start_time", dict(HourOfDay=1, MinuteOfHour=1), "DayOfWeek"),
        ("put_maintenance_start_time", dict(HourOfDay=1, MinuteOfHour=1, DayOfWeek=1, DayOfMonth=1), "DayOfMonth"),
        ("put_maintenance_start_time", dict(HourOfDay=24, MinuteOfHour=1, DayOfWeek=1), "HourOfDay"),
        (
            "put_bandwidth_rate_limit_schedule",
            dict(BandwidthRateLimitIntervals=[dict(StartHourOfDay=9, StartMinuteOfHour=0, EndHourOfDay=8,
                                                   EndMinuteOfHour=0, DaysOfWeek=[1])]),
            "midnight",
        ),
        (
            "put_bandwidth_rate_limit_schedule",
            dict(BandwidthRateLimitIntervals=[dict(StartHourOfDay=9, StartMinuteOfHour=0, EndHourOfDay=9,
                                                   EndMinuteOfHour=0, DaysOfWeek=[1])] * 2),
            "overlap",
        ),
        ("put_bandwidth_rate_limit_schedule", dict(BandwidthRateLimitIntervals=[{}] * 21), "from 0 to 20"),
    ],
)  # fmt: skip
def test_a_schedule_that_cannot_be(unchecked, operation, parameters, problem):
    arn = unchecked.list_gateways()["Gateways"][0]["GatewayArn"]
    code, message = error_of(lambda: getattr(unchecked, operation)(GatewayArn=arn, **parameters))
    assert (code, problem in message) == ("ValidationException", True), message


@pytest.mark.parametrize("count, key", [(11, "k"), (1, "aws:k")])
def test_mappings_that_cannot_be(unchecked, hypervisors, count, key):
    mapping = {"VmwareCategory": "c", "VmwareTagName": "t", "AwsTagKey": key, "AwsTagValue": "v"}
    code, _ = error_of(
        lambda: unchecked.put_hypervisor_property_mappings(
            HypervisorArn=hypervisors[0]["HypervisorArn"], VmwareToAwsTagMappings=[mapping] * count, IamRoleArn=ROLE
        )
    )
    assert code == "ValidationException"


def test_a_secret_is_not_repeated(unchecked, hypervisors):
    code, message = error_of(
        lambda: unchecked.update_hypervisor(
            HypervisorArn=hypervisors[0]["HypervisorArn"], Username="VSPHERE\\admin", Password="geheim\u00e9"
        )
    )
    assert code == "ValidationException"
    assert "Username" in message and "Password" in message
    assert "geheim" not in message and "admin" not in message
