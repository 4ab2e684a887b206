#!/usr/bin/env python3
# What a person would write with boto3, for each piece of work; imports are part of it, as they are what a start costs.
# bench/bench.py runs it: peers.py WORK ENDPOINT [arguments]
import sys

import boto3
import botocore.config

work, endpoint, *rest = sys.argv[1:]


def client(**settings):
    return boto3.client("backup-gateway", endpoint_url=endpoint, config=botocore.config.Config(**settings))


def get(arn):
    return client().get_gateway(GatewayArn=arn)["Gateway"]["GatewayDisplayName"]


def stale(size, cutoff):
    import datetime

    cutoff = datetime.datetime.fromisoformat(cutoff.replace("Z", "+00:00"))
    pages = client().get_paginator("list_virtual_machines").paginate(PaginationConfig={"PageSize": int(size)})
    machines = (machine for page in pages for machine in page["VirtualMachines"])
    return sum(1 for machine in machines if "LastBackupDate" not in machine or machine["LastBackupDate"] < cutoff)


def sequence(count, arn):
    service = client()
    return sum("Name" in service.get_virtual_machine(ResourceArn=arn)["VirtualMachine"] for _ in range(int(count)))


def parallel(count, arn):
    from concurrent.futures import ThreadPoolExecutor

    service = client(max_pool_connections=64)
    with ThreadPoolExecutor(64) as pool:
        answers = pool.map(lambda _: service.get_virtual_machine(ResourceArn=arn), range(int(count)))
        return sum("Name" in answer["VirtualMachine"] for answer in answers)


print({"get": get, "stale": stale, "sequence": sequence, "parallel": parallel}[work](*rest))
