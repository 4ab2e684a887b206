# Staying power: calls without pause while everything goes wrong, and while nothing does. What was answered is there once,
# what nobody knows of once or not at all, reading is whole, and memory and descriptors stay where they were.
# MOONGATE_SOAK says for how many seconds (scripts/test --long: 1,800).
import json
import os
import random
import statistics
import subprocess
import threading
import time
from pathlib import Path

from moongate import BINARY, SANITIZER, LocalGateway, default_signals
from stores import check_databases
from terminal import Home, talk

SECONDS = int(os.environ.get("MOONGATE_SOAK", "8"))
WORKERS = 32
MACHINES = 250
WRITES = ["CreateGateway", "UpdateGatewayInformation", "TagResource", "DeleteGateway"]
# Not error500-after: where the service itself says that it failed, a call is sent again, as by AWS's own SDKs.
FAULTS = [
    "throttle=500/s", "reset=1%", "reset-after=1%", "truncate=0.5%", "error500=0.5%", "error503=0.5%",
    "latency=0ms..5ms",
]  # fmt: skip
# What a run may grow by after it has warmed up.
GROWTH = 10 << 10


def memory(pid):
    """Resident memory in KiB."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0])


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Watch(threading.Thread):
    """Looks at a process every quarter of a second until it is gone."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.memory, self.descriptors = [], []
        self.start()

    def run(self):
        try:
            while True:
                self.memory.append(memory(self.pid))
                self.descriptors.append(descriptors(self.pid))
                time.sleep(0.25)
        except (FileNotFoundError, ProcessLookupError, IndexError):  # a zombie has no memory
            pass


def assert_flat(sizes):
    """Of memory over time: the last third lies no higher than the second one and the growth that is allowed."""
    third = len(sizes) // 3
    before, after = statistics.median(sizes[third : 2 * third]), statistics.median(sizes[-third:])
    print(f"memory: {before:,.0f} KiB, then {after:,.0f}, at most {max(sizes):,}")
    # A sanitizer keeps what was freed, to see who uses it still.
    assert SANITIZER or after <= before + GROWTH


class Gateway:
    """One that is killed again and again, and starts again with the same folder on the same port."""

    def __init__(self, folder, seed):
        self.chance = random.Random(seed)
        self.arguments = ["--data", folder, "--vms", MACHINES]
        for fault in FAULTS:
            self.arguments += ["--fault", fault]
        self.server = LocalGateway(*self.arguments).start().wait_ready()
        self.port = int(self.server.endpoint.rsplit(":", 1)[1])
        self.memory, self.kills, self.longest = [], 0, 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.trouble)
        self.thread.start()

    def trouble(self):
        pause = (1, 2) if SECONDS < 60 else (2, 20)
        while not self.done.wait(self.chance.uniform(*pause)):
            pid = self.server.ready["pid"]
            self.memory.append(memory(pid))
            # A connection for each worker, and a few files.
            assert descriptors(pid) <= WORKERS + 32
            self.server.kill()
            self.kills += 1
            self.server = LocalGateway(*self.arguments, port=self.port).start().wait_ready()

    def stop(self):
        self.done.set()
        self.thread.join()
        return self.server.stop()


def test_nothing_is_lost_and_nothing_doubled(tmp_path):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    folder = tmp_path / "data"
    gateway = Gateway(folder, seed)
    command = [BINARY, "--endpoint", gateway.server.endpoint]
    for operation in WRITES:
        command += ["--allow", operation]
    command += ["run", Path(__file__).with_name("soak.lua")]
    command += ["--seconds", SECONDS, "--workers", WORKERS, "--machines", MACHINES]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", **SANITIZER}
    client = subprocess.Popen(
        [str(word) for word in command], env={**environment, **gateway.server.environment}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=default_signals, start_new_session=True,
    )  # fmt: skip
    watch = Watch(client.pid)
    try:
        output, errors = client.communicate(timeout=SECONDS + 300)
    finally:
        client.kill()
        status = gateway.stop()
    assert client.returncode == 0, errors
    assert errors == ""
    assert status == 0, "a gateway in trouble ends as it should"
    result = json.loads(output)
    count = result["count"]
    print(f"{count}; {gateway.kills} kills")
    assert gateway.kills > 0 and count["done"] > 0 and count["looks"] >= WORKERS

    # What the client believes is what is there, by another client and SQLite's own check.
    check_databases(folder, tmp_path / "copy")
    with LocalGateway("--data", folder) as server:
        fresh = descriptors(server.ready["pid"])
        pages = server.client().get_paginator("list_gateways").paginate()
        found = {row["GatewayArn"]: row["GatewayDisplayName"] for page in pages for row in page["Gateways"]}
    made = {arn: name for arn, name in found.items() if name.startswith("w") and "-" in name}
    assert made == result["kept"]

    assert_flat(watch.memory)
    if gateway.kills >= 6:
        assert_flat(gateway.memory)
    # A connection for each worker, the dead one that a kill left it until that is noticed, and as many files as a server
    # has at its start. 160 kills in half an hour came to 51.
    assert max(watch.descriptors) <= 2 * WORKERS + fresh
    sessions = [path.read_text().rsplit(")", 1)[1].split()[3] for path in processes()]
    assert str(client.pid) not in sessions, "a process is left behind"


def processes():
    for path in Path("/proc").glob("[0-9]*/stat"):
        if path.exists():
            yield path


def test_a_day_at_the_prompt(tmp_path):
    """Listed, described, created and deleted, line after line, in one console with its own gateway."""
    child = talk(Home(tmp_path))
    lines = [
        "print(list_virtual_machines():count())",
        "print(get_gateway(list_gateways():first()).GatewayDisplayName)",
        'g = create_gateway{ ActivationKey = "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", GatewayDisplayName = "soak", '
        'GatewayType = "BACKUP_VM" }',
        "delete_gateway(g.GatewayArn)",
    ]
    sizes, files = [], []
    deadline = time.monotonic() + SECONDS
    number = 0
    while time.monotonic() < deadline or number < 40:
        for line in lines:
            number += 1
            # The sum is not what was typed: where it stands, the line has been carried out.
            child.send(f"{line}; print('<' .. {number} + 0 .. '>')\r")
            child.expect_exact(f"<{number}>")
        sizes.append(memory(child.pid))
        files.append(descriptors(child.pid))
    print(f"{number} lines")
    child.send("print(list_gateways():count() .. ' gateways')\r")
    child.expect_exact("3 gateways")
    child.send("\x04")
    child.wait()
    assert_flat(sizes)
    assert max(files[len(files) // 3 :]) <= max(files[: len(files) // 3])


class Register:
    """The name of one gateway, which many write and read: the values are all different. Gibbons and Korach, "Testing
    shared memories" (1997): of each value, the time in which it must have been there lies between the first end and the
    last beginning of what was done with it; those times must not overlap, and none may lie around a value that was
    done with meanwhile."""

    def __init__(self):
        self.done = {}  # value → (kind, begin, end)

    def add(self, value, kind, begin, end):
        self.done.setdefault(value, []).append((kind, begin, end))

    def check(self):
        forward, backward = [], []
        for value, calls in self.done.items():
            writes = [call for call in calls if call[0] == "write"]
            assert len(writes) == 1, f"{value} was read and never written"
            assert all(end >= writes[0][1] for _, _, end in calls), f"{value} was read before it was written"
            first, last = min(end for _, _, end in calls), max(begin for _, begin, _ in calls)
            (forward if first < last else backward).append((*sorted((first, last)), value))
        forward.sort()
        for before, after in zip(forward, forward[1:]):
            assert before[1] <= after[0], f"{before} and {after} were there at once"
        for low, high, value in backward:
            for first, last, other in forward:
                assert not first < low <= high < last, f"{value} was there while {other} was"


def test_sixty_four_clients_see_one_order():
    """No client hears of a busy database, and each resource is as if its calls came one after the other."""
    seconds = min(60, SECONDS)
    with LocalGateway("--ephemeral", "--seed", "empty") as server:
        maker = server.client()
        arns = [
            maker.create_gateway(ActivationKey="A", GatewayDisplayName="0", GatewayType="BACKUP_VM")["GatewayArn"]
            for _ in range(8)
        ]
        registers = {arn: Register() for arn in arns}
        for register in registers.values():
            register.add("0", "write", 0, time.monotonic())
        deadline = time.monotonic() + seconds
        clients = [server.client() for _ in range(64)]
        failures = []

        def call(number):
            chance, client, serial = random.Random(number), clients[number], 0
            try:
                while time.monotonic() < deadline:
                    arn = chance.choice(arns)
                    serial += 1
                    value = f"{number}-{serial}"
                    begin = time.monotonic()
                    if chance.random() < 0.3:
                        client.update_gateway_information(GatewayArn=arn, GatewayDisplayName=value)
                        kind = "write"
                    else:
                        value = client.get_gateway(GatewayArn=arn)["Gateway"]["GatewayDisplayName"]
                        kind = "read"
                    registers[arn].add(value, kind, begin, time.monotonic())
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=call, args=[number]) for number in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures[0]
    for register in registers.values():
        register.check()
    print(sum(len(calls) for register in registers.values() for calls in register.done.values()), "calls")
