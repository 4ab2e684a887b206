# kill -9 of the local gateway at a random moment, again and again: it starts again at once and has lost nothing, neither
# what it began with nor any write that it has answered. MOONGATE_KILLS says how often (scripts/test --long: 1,000).
import hashlib
import json
import os
import random
import shutil
import threading
import time

from botocore.exceptions import BotoCoreError, ClientError
from moongate import LocalGateway
from stores import check_databases

KILLS = int(os.environ.get("MOONGATE_KILLS", "10"))


def world(server):
    """Number and hash of everything that the gateway lists and that time does not change."""
    client = server.client()
    listing = [
        client.get_paginator(name).paginate().build_full_result()
        for name in ("list_gateways", "list_hypervisors", "list_virtual_machines")
    ]
    for gateway in listing[0]["Gateways"]:
        # Heartbeats go on: on a slow machine two looks lie more than 30 seconds apart.
        del gateway["LastSeenTime"]
    text = json.dumps(listing, sort_keys=True, default=str)
    return len(listing[2]["VirtualMachines"]), hashlib.sha256(text.encode()).hexdigest()


def test_kill_and_reopen(tmp_path):
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    print(f"seed {seed}")
    folder, expected, slowest = tmp_path / "data-0", None, 0.0
    for kill in range(KILLS):
        # Every tenth time a new world, so that seeding is interrupted too.
        if kill % 10 == 0:
            folder, expected = tmp_path / f"data-{kill}", None
        gateway = LocalGateway("--data", folder).start()
        time.sleep(chance.uniform(0, 0.3))
        gateway.kill()
        if folder.exists():
            check_databases(folder, tmp_path / "copy")

        began = time.monotonic()
        gateway = LocalGateway("--data", folder).start()
        try:
            gateway.wait_ready()
            slowest = max(slowest, time.monotonic() - began)
            count, found = world(gateway)
            assert count == 250, f"kill {kill}: {count} virtual machines"
            assert expected in (None, found), f"kill {kill}: the world has changed"
            expected = found
        finally:
            gateway.kill()
        if kill % 10 == 9:
            shutil.rmtree(folder)
    print(f"{KILLS} kills; the slowest start after one took {slowest:.2f} s")


class Writer:
    """Creates, tags, schedules and deletes gateways of its own, and knows what was answered. A write that was sent and
    not answered may have happened or not: until the next start both are right."""

    def __init__(self, number, chance):
        self.prefix, self.chance = f"w{number}", chance
        self.kept = {}  # ARN → name, tags, intervals, as they must be
        self.open = None  # ARN → as it may be too; None for a gateway that may be gone
        self.made = 0  # gateways whose creation was sent
        self.answered = 0
        # Of a creation that was not answered the ARN is not known, only the name.
        self.unknown = None

    def run(self, client):
        """Writes until the gateway is gone."""
        try:
            while True:
                self.step(client)
                self.answered += 1
        except ClientError:
            raise
        except BotoCoreError:
            pass

    def step(self, client):
        arn = self.chance.choice(sorted(self.kept)) if self.kept else None
        what = self.chance.choice(["create", "tag", "untag", "put", "rename", "delete"])
        if arn is None or what == "create" and len(self.kept) < 8:
            name = f"{self.prefix}-{self.made}"
            self.made += 1
            self.unknown = name
            tag = {"Key": "number", "Value": str(self.made)}
            created = client.create_gateway(
                ActivationKey="A", GatewayDisplayName=name, GatewayType="BACKUP_VM", Tags=[tag]
            )
            self.kept[created["GatewayArn"]] = (name, {"number": str(self.made)}, [])
            self.unknown = None
            return
        name, tags, intervals = self.kept[arn]
        number = str(self.chance.randrange(1000))
        if what == "delete" and len(self.kept) > 3:
            self.attempt(arn, None, lambda: client.delete_gateway(GatewayArn=arn))
        elif what == "rename":
            name = f"{self.prefix}-{number}-renamed"
            self.attempt(
                arn,
                (name, tags, intervals),
                lambda: client.update_gateway_information(GatewayArn=arn, GatewayDisplayName=name),
            )
        elif what == "untag" and tags:
            key = self.chance.choice(sorted(tags))
            rest = {k: v for k, v in tags.items() if k != key}
            self.attempt(arn, (name, rest, intervals), lambda: client.untag_resource(ResourceARN=arn, TagKeys=[key]))
        elif what == "put":
            interval = dict(StartHourOfDay=1, StartMinuteOfHour=0, EndHourOfDay=2, EndMinuteOfHour=0, DaysOfWeek=[1])
            interval["AverageUploadRateLimitInBitsPerSec"] = 51_200 + int(number)
            self.attempt(
                arn,
                (name, tags, [interval]),
                lambda: client.put_bandwidth_rate_limit_schedule(GatewayArn=arn, BandwidthRateLimitIntervals=[interval]),
            )
        else:
            new = {f"k{self.chance.randrange(20)}": number, "both": number}
            listed = [{"Key": key, "Value": value} for key, value in new.items()]
            self.attempt(
                arn, (name, {**tags, **new}, intervals), lambda: client.tag_resource(ResourceARN=arn, Tags=listed)
            )

    def attempt(self, arn, then, call):
        self.open = (arn, then)
        call()
        self.settle(then)

    def settle(self, found):
        """What was open is known now."""
        arn, _ = self.open
        self.kept.pop(arn, None)
        if found is not None:
            self.kept[arn] = found
        self.open = None

    def check(self, client):
        """Compares everything with what was answered."""
        listed = {
            gateway["GatewayArn"]: gateway["GatewayDisplayName"]
            for page in client.get_paginator("list_gateways").paginate()
            for gateway in page["Gateways"]
            if gateway["GatewayDisplayName"].startswith(self.prefix + "-")
        }
        found = {}
        for arn, name in listed.items():
            tags = {tag["Key"]: tag["Value"] for tag in client.list_tags_for_resource(ResourceArn=arn)["Tags"]}
            schedule = client.get_bandwidth_rate_limit_schedule(GatewayArn=arn)["BandwidthRateLimitIntervals"]
            found[arn] = (name, tags, schedule)
        if self.unknown is not None:
            new = [arn for arn in found if arn not in self.kept]
            assert len(new) <= 1, new
            for arn in new:
                assert found[arn] == (self.unknown, {"number": str(self.made)}, []), "all of it or nothing"
                self.kept[arn] = found[arn]
            self.unknown = None
        if self.open is not None:
            arn, then = self.open
            assert found.get(arn) in (self.kept[arn], then), (found.get(arn), self.kept[arn], then)
            self.settle(found.get(arn))
        assert found == self.kept


def test_no_answered_write_is_lost(tmp_path):
    """Several clients write at once, the gateway is killed, and everything that was answered is there afterwards."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    folder = tmp_path / "data"
    writers = [Writer(number, random.Random(chance.random())) for number in range(4)]
    LocalGateway("--data", folder, "--seed", "empty").start().wait_ready().stop()
    for kill in range(KILLS):
        gateway = LocalGateway("--data", folder).start().wait_ready()
        threads = [threading.Thread(target=writer.run, args=[gateway.client()]) for writer in writers]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.05, 0.4))
        gateway.kill()
        for thread in threads:
            thread.join()
        check_databases(folder, tmp_path / "copy")
        with LocalGateway("--data", folder) as gateway:
            for writer in writers:
                writer.check(gateway.client())
    answered = sum(writer.answered for writer in writers)
    print(f"{KILLS} kills, {answered} answered writes")
    assert answered > KILLS


def test_a_second_gateway_on_the_same_data_refuses(tmp_path):
    with LocalGateway("--data", tmp_path / "data") as first:
        second = LocalGateway("--data", tmp_path / "data").start()
        try:
            assert second.process.wait(30) != 0
            assert str(first.process.pid) in second.messages()
        finally:
            second.kill()
