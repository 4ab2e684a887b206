# The local gateway beside moto's server (--load --peers). moto has no Backup Gateway, so a call is compared with the two
# that are most like it: of Step Functions, which has the same protocol (AWS JSON 1.0) and the same pages of up to 1,000
# with a token, and of AWS Backup, the sister service, which moto lists all at once and without pages. Each server has a
# processor of its own; a ratio is of the processor time that a server takes for a request. moto checks no signature.
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import load

ROUNDS = 5
ITEMS = 1_000
ACCOUNT = "123456789012"
DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})


def pin(pid):
    """Keeps a process on the last processor, and this one off it."""
    processors = sorted(os.sched_getaffinity(0))
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), processors[-1:])
    if len(processors) > 1:
        os.sched_setaffinity(0, processors[:-1])


class Moto:
    """moto's server, with as many state machines and vaults as a page has, and one machine more."""

    def __enter__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("moto_server"), "-H", "127.0.0.1", "-p", str(self.port)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while True:
            try:
                self.ask("GET", "/moto-api/data.json", "sts")
                break
            except OSError:
                time.sleep(0.1)
        for number in range(ITEMS + 1):
            machine = self.states(
                "CreateStateMachine", name=f"machine-{number:04}", definition=DEFINITION,
                roleArn=f"arn:aws:iam::{ACCOUNT}:role/x",
            )  # fmt: skip
        for number in range(ITEMS):
            self.ask("PUT", f"/backup-vaults/vault-{number:04}", "backup", "{}")
        self.arn = machine["stateMachineArn"]
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait()

    def ask(self, method, path, service, body=None, **headers):
        """One request; its answer's document. A connection each: the server closes it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        scope = f"AKIDEXAMPLE/20260101/us-east-1/{service}/aws4_request"
        headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status != 200:
            raise ValueError(f"moto answers {answer.status} {text[:300]!r}")
        return json.loads(text)

    def states(self, operation, **parameters):
        return self.ask(
            "POST", "/", "states", json.dumps(parameters),
            **{"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AWSStepFunctions.{operation}"},
        )  # fmt: skip

    def measure(self, count, call):
        """Processor seconds of the server for one of so many calls."""
        before = load.processor_seconds(self.process.pid)
        for _ in range(count):
            call()
        return (load.processor_seconds(self.process.pid) - before) / count


def run(LocalGateway, size):
    print(f"\nbeside moto's server: {ROUNDS} rounds in turn, {size:,} virtual machines; processor time of a request")
    with LocalGateway("--ephemeral", "--vms", size) as gateway, Moto() as moto:
        pages, arns = load.walk(gateway)
        gets = [load.signed(gateway, "GetVirtualMachine", {"ResourceArn": arn}) for arn in arns]
        lists = [load.signed(gateway, "ListVirtualMachines", page) for page in pages[:-1] or pages]
        for pid in (gateway.ready["pid"], moto.process.pid):
            pin(pid)
        peers = {
            "GetVirtualMachine": {
                "Step Functions, DescribeStateMachine":
                    (200, lambda: moto.states("DescribeStateMachine", stateMachineArn=moto.arn)),
                "AWS Backup, DescribeBackupVault":
                    (200, lambda: moto.ask("GET", "/backup-vaults/vault-0500", "backup")),
            },
            f"a page of {ITEMS:,}": {
                "Step Functions, ListStateMachines":
                    (40, lambda: moto.states("ListStateMachines", maxResults=ITEMS)),
                "AWS Backup, ListBackupVaults":
                    (40, lambda: moto.ask("GET", "/backup-vaults/", "backup")),
            },
        }  # fmt: skip
        for (title, rivals), requests, count in zip(peers.items(), (gets, lists), (5_000, 300)):
            load.MOST_REQUESTS = count
            ours, theirs = [], {name: [] for name in rivals}
            rates = []
            for _ in range(ROUNDS):
                result = load.measure(gateway, requests)
                ours.append(result["cpu"] / 1e6)
                rates.append(result["rate"])
                for name, (calls, call) in rivals.items():
                    theirs[name].append(moto.measure(calls, call))
            print(f"\n  {title:42}{statistics.median(ours) * 1e6:>10,.0f} µs{statistics.median(rates):>10,.0f} a second")
            for name, times in theirs.items():
                ratio = statistics.median(theirs / mine for theirs, mine in zip(times, ours))
                print(f"    moto: {name:36}{statistics.median(times) * 1e6:>10,.0f} µs{ratio:>10.1f} ×")
