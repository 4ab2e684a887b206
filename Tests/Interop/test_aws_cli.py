# The local gateway through the AWS CLI, as a person at a terminal would use it.
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from moongate import LocalGateway

AWS = Path(sys.executable).with_name("aws")


@pytest.fixture
def aws(gateway, tmp_path):
    """Runs one command against the shared gateway, or another."""

    def run(*arguments, gateway=gateway):
        done = subprocess.run(
            [AWS, "backup-gateway", *arguments, "--endpoint-url", gateway.endpoint, "--output", "json"],
            # No configuration file and no pager: only what stands here.
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "AWS_CONFIG_FILE": "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                "AWS_PAGER": "",
                "LC_ALL": "C.UTF-8",
                **gateway.environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done

    return run


def answer(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_get_gateway(aws):
    arn = answer(aws("list-gateways"))["Gateways"][0]["GatewayArn"]
    gateway = answer(aws("get-gateway", "--gateway-arn", arn))["Gateway"]
    assert gateway["GatewayArn"] == arn
    assert gateway["MaintenanceStartTime"]["HourOfDay"] in range(24)


def test_list_virtual_machines_in_pages(aws):
    machines = answer(aws("list-virtual-machines", "--page-size", "70"))["VirtualMachines"]
    assert len(machines) == 250


def test_get_virtual_machine(aws):
    listed = answer(aws("list-virtual-machines", "--max-items", "1"))["VirtualMachines"][0]
    machine = answer(aws("get-virtual-machine", "--resource-arn", listed["ResourceArn"]))["VirtualMachine"]
    assert listed.items() <= machine.items()


def test_the_machines_of_one_hypervisor(aws):
    hypervisors = answer(aws("list-hypervisors"))["Hypervisors"]
    counts = [
        len(answer(aws("list-virtual-machines", "--hypervisor-arn", one["HypervisorArn"]))["VirtualMachines"])
        for one in hypervisors
    ]
    assert len(counts) == 2 and sum(counts) == 250


def test_an_error_is_named(aws):
    done = aws("get-gateway", "--gateway-arn", "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-0DD0DD0D")
    assert done.returncode != 0
    assert "ResourceNotFoundException" in done.stderr and "GetGateway" in done.stderr


# Everything that there is, in the order in which an operator would do it


def test_all_25_operations(aws):
    with LocalGateway("--ephemeral", "--vms", "0", "--control") as own:
        used = set()

        def run(operation, *arguments):
            used.add(operation)
            done = aws(operation, *arguments, gateway=own)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout) if done.stdout.strip() else None

        key = ("--activation-key", "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", "--gateway-type", "BACKUP_VM")
        gateway = run("create-gateway", *key, "--gateway-display-name", "g-1", "--tags", "Key=a,Value=b")["GatewayArn"]
        on_gateway = ("--gateway-arn", gateway)
        login = ("--host", "vcenter.example.com", "--username", "backup@vsphere.local", "--password", "a-Passw0rd")
        assert run("test-hypervisor-configuration", *on_gateway, *login) in (None, {})
        hypervisor = run("import-hypervisor-configuration", "--name", "h-1", *login)["HypervisorArn"]
        on_hypervisor = ("--hypervisor-arn", hypervisor)
        run("associate-gateway-to-server", *on_gateway, "--server-arn", hypervisor)
        run("update-gateway-information", *on_gateway, "--gateway-display-name", "g-2")
        run("put-maintenance-start-time", *on_gateway, "--hour-of-day", "3", "--minute-of-hour", "0", "--day-of-week", "0")
        interval = "AverageUploadRateLimitInBitsPerSec=1000000,StartHourOfDay=8,StartMinuteOfHour=0," + (
            "EndHourOfDay=17,EndMinuteOfHour=59,DaysOfWeek=1,2,3"
        )
        run("put-bandwidth-rate-limit-schedule", *on_gateway, "--bandwidth-rate-limit-intervals", interval)
        schedule = run("get-bandwidth-rate-limit-schedule", *on_gateway)["BandwidthRateLimitIntervals"]
        assert schedule[0]["DaysOfWeek"] == [1, 2, 3]
        run("update-gateway-software-now", *on_gateway)
        details = run("get-gateway", *on_gateway)["Gateway"]
        assert (details["GatewayDisplayName"], details["MaintenanceStartTime"]["DayOfWeek"]) == ("g-2", 0)
        assert gateway in [item["GatewayArn"] for item in run("list-gateways", "--page-size", "1")["Gateways"]]

        run("update-hypervisor", *on_hypervisor, "--name", "h-2", "--password", "another")
        mapping = "VmwareCategory=Environment,VmwareTagName=Prod,AwsTagKey=env,AwsTagValue=prod"
        role = ("--iam-role-arn", "arn:aws:iam::123456789012:role/sync")
        run("put-hypervisor-property-mappings", *on_hypervisor, "--vmware-to-aws-tag-mappings", mapping, *role)
        mappings = run("get-hypervisor-property-mappings", *on_hypervisor)["VmwareToAwsTagMappings"]
        assert mappings[0]["AwsTagKey"] == "env"
        own.control("/clock", advance="1m")
        run("start-virtual-machines-metadata-sync", *on_hypervisor)
        own.control("/clock", advance="1m")
        details = run("get-hypervisor", *on_hypervisor)["Hypervisor"]
        assert (details["State"], details["LatestMetadataSyncStatus"]) == ("ONLINE", "SUCCEEDED")
        assert "another" not in json.dumps(details)
        assert hypervisor in [item["HypervisorArn"] for item in run("list-hypervisors", "--page-size", "1")["Hypervisors"]]

        machines = run("list-virtual-machines", *on_hypervisor, "--page-size", "3")["VirtualMachines"]
        assert len(machines) == 10
        machine = machines[0]["ResourceArn"]
        assert run("get-virtual-machine", "--resource-arn", machine)["VirtualMachine"]["Name"] == machines[0]["Name"]
        run("tag-resource", "--resource-arn", machine, "--tags", "Key=team,Value=db", "Key=stage,Value=")
        run("untag-resource", "--resource-arn", machine, "--tag-keys", "stage")
        tags = {tag["Key"]: tag["Value"] for tag in run("list-tags-for-resource", "--resource-arn", machine)["Tags"]}
        assert tags["team"] == "db" and "stage" not in tags and tags["aws:backup-gateway:path"] == machines[0]["Path"]

        run("disassociate-gateway-from-server", *on_gateway)
        run("delete-hypervisor", *on_hypervisor)
        run("delete-gateway", *on_gateway)
        assert len(used) == 25
