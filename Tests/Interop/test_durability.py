# kill -9 of the local gateway at a random moment, again and again: it starts again at once and has lost nothing.
# MOONGATE_KILLS says how often (scripts/test --long: 1,000).
import hashlib
import json
import os
import random
import shutil
import sqlite3
import time

from moongate import LocalGateway

KILLS = int(os.environ.get("MOONGATE_KILLS", "10"))
SQLITE_MAGIC = b"SQLite format 3\0"


def world(gateway):
    """Number and hash of everything that the gateway lists."""
    client = gateway.client()
    listing = [
        client.get_paginator(name).paginate().build_full_result()
        for name in ("list_gateways", "list_hypervisors", "list_virtual_machines")
    ]
    text = json.dumps(listing, sort_keys=True, default=str)
    return len(listing[2]["VirtualMachines"]), hashlib.sha256(text.encode()).hexdigest()


def check_databases(folder, copy):
    """SQLite's own check, on a copy: opening a database repairs it, and that is the gateway's business."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    for path in copy.iterdir():
        with path.open("rb") as file:
            if file.read(16) != SQLITE_MAGIC:
                continue
        database = sqlite3.connect(path)
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], path
        database.close()


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


def test_a_second_gateway_on_the_same_data_refuses(tmp_path):
    with LocalGateway("--data", tmp_path / "data") as first:
        second = LocalGateway("--data", tmp_path / "data").start()
        try:
            assert second.process.wait(30) != 0
            assert str(first.process.pid) in second.messages()
        finally:
            second.kill()
