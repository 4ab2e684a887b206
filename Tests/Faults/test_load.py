# Memory that is used up and given back, and many at once: clients, rounds of one session, connections.
import json
import os
import re
import signal
import subprocess
import time

import pytest

from machine import COUNT
from moongate import BINARY, PATIENCE, LocalGateway, read_line


# MARK: Memory


def status(pid, name):
    """A line of /proc/PID/status, in MiB."""
    text = open(f"/proc/{pid}/status").read()
    return int(re.search(rf"{name}:\s+(\d+) kB", text)[1]) / 1024


BOMBS = [
    "local s = ('x'):rep(1 << 40)",
    "local s = 'x' while true do s = s .. s end",
    "local t = {} while true do t[#t + 1] = {} end",
]


@pytest.mark.parametrize("bombs", [BOMBS[:2], BOMBS[2:]], ids=["large blocks", "small blocks"])
def test_memory_is_given_back_after_a_bomb(moongate, figure, bombs):
    code = "".join(f"assert(not pcall(function() {bomb} end)) " for bomb in bombs)
    process = moongate.start(
        "--max-memory", "128M", "-e", code + "collectgarbage() collectgarbage() io.stderr:write('done\\n') sleep(60)"
    )
    try:
        assert read_line(process, process.stderr) == "done\n"
        peak, rest = status(process.pid, "VmHWM"), status(process.pid, "VmRSS")
    finally:
        process.kill()
        process.communicate()
    assert peak < 2 * 128 and rest < 64
    figure("A7", f"limit 128 MiB: at most {peak:.0f}, then {rest:.0f} MiB")


# Stories: blocks of one size were kept for that size alone, so that each size took its memory anew; and each list of a
# document had room made for what the list before it had held, 16 KB a bracket.
@pytest.mark.parametrize(
    "code",
    [
        """for size = 16, 960, 64 do
             local t = {}
             for i = 1, 5e7 // (size + 64) do t[i] = string.rep("x", size) .. i end
             t = nil
             collectgarbage()
           end""",
        """local big, deep = "[" .. ("1,"):rep(999) .. "1]", ("["):rep(100) .. ("]"):rep(100)
           json.decode("[" .. (big .. "," .. deep .. ","):rep(1000) .. "1]")""",
    ],
    ids=["blocks of many sizes in turn", "lists in lists"],
)
def test_what_is_not_in_use_takes_no_memory(moongate, code):
    process = moongate.start("-e", code + " io.stderr:write('done\\n') sleep(60)")
    try:
        assert read_line(process, process.stderr) == "done\n"
        assert status(process.pid, "VmHWM") < 200
    finally:
        process.kill()
        process.communicate()


def test_memory_of_shared_code_is_the_workers(moongate, figure):
    bombs = "".join(f"print(pcall(function() {bomb} end)) " for bomb in BOMBS[1:])
    moongate.write("bomb.lua", f"print('begun') sleep(1) {bombs} print('done') sleep(60)")
    process = moongate.start("--untrusted", "bomb.lua")
    try:
        assert read_line(process, process.stdout) == "begun\n"
        before = status(process.pid, "VmRSS")
        lines = [read_line(process, process.stdout) for _ in BOMBS[1:]]
        assert all("not enough memory" in line for line in lines), lines
        after = status(process.pid, "VmHWM")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert after - before < 10
    figure("A42", f"the host grew by {after - before:.1f} MiB")


def test_errors_of_the_host_leave_no_memory_behind(moongate, figure):
    """10,000 through callbacks, after some to warm up."""
    code = """
      local function round(n) for i = 1, n do pcall(get_gateway, i) pcall(timestamp, {}) end collectgarbage() collectgarbage() end
      round(500) io.stderr:write("warm\\n") sleep(0.3) round(5000) io.stderr:write("done\\n") sleep(60)
    """
    process = moongate.start("--local", "-e", code)
    try:
        assert read_line(process, process.stderr) == "warm\n"
        before = status(process.pid, "VmRSS")
        assert read_line(process, process.stderr) == "done\n"
        grown = status(process.pid, "VmRSS") - before
    finally:
        process.kill()
        process.communicate()
    assert grown < 1
    figure("A17", f"grew by {grown:.2f} MiB")


def test_little_memory_is_an_error_and_no_crash(moongate):
    """From too little to begin with to enough, in steps of an eighth."""
    size, codes = 100_000, set()
    while size < 4_000_000:
        result = moongate("--max-memory", str(size), "-e", "local t = {} for i = 1, 5000 do t[i] = { i } end print(#t, json.encode(t):len())")
        assert result.code in (0, 1, 250, 252), (size, result)
        codes.add(result.code)
        size += size // 8
    assert 0 in codes and len(codes) > 1


# MARK: Many at once


def test_64_clients_that_write_and_read(moongate, tmp_path, figure):
    """Each reads what it wrote last, and none is told that the store is busy."""
    seconds = int(os.environ.get("MOONGATE_CLIENT_SECONDS", "3"))
    code = f"""
      local count, ending = 0, now() + {seconds}
      local numbers = {{}} for i = 1, 16 do numbers[i] = i end
      parallel(numbers, function(i)
        local arn = create_gateway{{ ActivationKey = "AAAAA", GatewayDisplayName = "g" .. i, GatewayType = "BACKUP_VM" }}.GatewayArn
        local round = 0
        repeat
          round = round + 1
          tag_resource(arn, {{ Tags = {{{{ Key = "round", Value = tostring(round) }}}} }})
          local seen = tags.get(arn).round
          if seen ~= tostring(round) then error("wrote " .. round .. ", read " .. tostring(seen)) end
          if round % 10 == 0 then list_gateways():count() end
          count = count + 2
        until now() > ending
        delete_gateway(arn)
      end, {{ limit = 16 }})
      print(count)
    """
    with LocalGateway("--data", tmp_path / "data", "--seed", "empty") as gateway:
        allowed = [word for name in ("CreateGateway", "TagResource", "DeleteGateway") for word in ("--allow", name)]
        clients = [
            moongate.start("--endpoint", gateway.endpoint, *allowed, "-e", code,
                           env={**gateway.environment, "AWS_MAX_ATTEMPTS": "1"})
            for _ in range(4)
        ]  # fmt: skip
        try:
            ended = [client.communicate(timeout=PATIENCE + seconds) for client in clients]
        finally:
            for client in clients:
                client.kill()
                client.wait()
        assert all(err == b"" for _, err in ended), ended
        total = sum(int(out) for out, _ in ended)
        result = moongate("--endpoint", gateway.endpoint, "-e", COUNT, env=gateway.environment)
        assert result.stdout == "0\n"
    figure("A106", f"{total} calls in {seconds} s, all as if one after the other")


def test_a_long_session_grows_by_nothing(moongate, figure):
    """Lists, describes, creates and deletes; the soak of scripts/test --long goes on for half an hour."""
    code = """
      local function round(n)
        for i = 1, n do
          list_gateways():count()
          local arn = create_gateway{ ActivationKey = "AAAAA", GatewayDisplayName = "g", GatewayType = "BACKUP_VM" }.GatewayArn
          get_gateway(arn)
          delete_gateway(arn)
        end
        collectgarbage() collectgarbage()
      end
      round(30) io.stderr:write("warm\\n") sleep(0.3) round(120) io.stderr:write("done\\n") sleep(60)
    """
    process = moongate.start("--local", "--allow", "CreateGateway", "--allow", "DeleteGateway", "-e", code)

    def look():
        return status(process.pid, "VmRSS"), len(os.listdir(f"/proc/{process.pid}/fd"))

    try:
        assert read_line(process, process.stderr) == "warm\n"
        memory, files = look()
        assert read_line(process, process.stderr) == "done\n"
        grown, same = look()
    finally:
        process.kill()
        process.communicate()
    # A connection or two that has just been closed.
    assert grown - memory < 10 and same <= files + 4
    figure("A116", f"120 rounds: {grown - memory:+.2f} MiB, {same - files:+d} files")


def test_more_clients_than_descriptors(moongate, tmp_path):
    """Whoever cannot be taken waits, and is served when somebody has gone."""
    import socket

    process = subprocess.Popen(
        ["bash", "-c", 'ulimit -n 40; exec "$0" serve --port 0 --ephemeral', BINARY], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=moongate.environment(),
    )  # fmt: skip
    try:
        ready = json.loads(read_line(process, process.stdout))
        port = int(ready["endpoint"].rpartition(":")[2])
        idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
        time.sleep(0.5)
        assert process.poll() is None
        for connection in idle:
            connection.close()
        result = moongate(
            "--endpoint", ready["endpoint"], "-e", COUNT,
            env={"AWS_ACCESS_KEY_ID": ready["access_key_id"], "AWS_SECRET_ACCESS_KEY": ready["secret_access_key"],
                 "AWS_REGION": ready["region"]},
        )  # fmt: skip
        assert (result.code, result.stdout) == (0, "3\n"), result
    finally:
        process.kill()
        process.communicate()
