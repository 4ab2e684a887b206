# The local gateway through the AWS CLI, as a person at a terminal would use it.
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

AWS = Path(sys.executable).with_name("aws")


@pytest.fixture
def aws(gateway, tmp_path):
    def run(*arguments):
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
