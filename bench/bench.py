#!/usr/bin/env python3
# Measures whole processes, as a person or a cron job starts them: a start that does nothing, the first call, and a
# listing of 10,000 virtual machines, against one local gateway; and with --load that gateway. It prints; it never judges.
import argparse
import datetime
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests/Support"))

LUA_LIST = """
local cutoff, n = timestamp("{cutoff}"), 0
for vm in list_virtual_machines{{ MaxResults = 1000 }} do
  local last = vm.LastBackupDate
  if not last or last < cutoff then n = n + 1 end
end
print(n)
"""

# What a person would write with boto3. Imports are part of it: they are what a start costs.
BOTO3_CLIENT = """
import boto3, datetime
client = boto3.client("backup-gateway", endpoint_url="{endpoint}")
"""
BOTO3_GET = BOTO3_CLIENT + 'print(client.get_gateway(GatewayArn="{arn}")["Gateway"]["GatewayDisplayName"])'
BOTO3_LIST = (
    BOTO3_CLIENT
    + """
cutoff = datetime.datetime.fromisoformat("{cutoff}".replace("Z", "+00:00"))
pages = client.get_paginator("list_virtual_machines").paginate(PaginationConfig={{"PageSize": 1000}})
machines = (vm for page in pages for vm in page["VirtualMachines"])
print(sum(1 for vm in machines if "LastBackupDate" not in vm or vm["LastBackupDate"] < cutoff))
"""
)


def run(command, environment):
    """One run: wall seconds, user and system seconds of the process and its children, output."""
    with tempfile.TemporaryFile() as output:
        descriptor = output.fileno()
        began = time.perf_counter()
        pid = os.posix_spawnp(
            command[0], command, environment,
            file_actions=[(os.POSIX_SPAWN_DUP2, descriptor, 1), (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0)],
        )  # fmt: skip
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - began
        output.seek(0)
        text = output.read().decode()
    if status != 0:
        sys.exit(f"bench: {' '.join(command)} failed (status {os.waitstatus_to_exitcode(status)})")
    return wall, usage.ru_utime + usage.ru_stime, text


def instructions(command, environment):
    """Instructions of one run by callgrind, or None where valgrind is not there or cannot run it."""
    if not shutil.which("valgrind"):
        return None
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    done = subprocess.run(
        valgrind + command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    return int(found[1]) if done.returncode == 0 and found else None


def compare(title, peers, environment, runs):
    """Runs the peers in turn (A B A B …) and prints medians; ratios are taken round by round, against the first."""
    results = {name: [] for name in peers}
    for round in range(runs + 1):  # the first round warms the caches and is not counted
        answers = set()
        for name, command in peers.items():
            *numbers, answer = run(command, environment)
            answers.add(answer)
            if round:
                results[name].append(numbers)
        if len(answers) != 1:
            sys.exit(f"bench: the peers disagree about '{title}': {answers}")
    print(f"\n{title} ({runs} rounds; answer {answers.pop().strip() or 'empty'})")
    titles = ("wall ms", "(min)", "cpu ms", "wall ×", "cpu ×")
    print(f"  {'':14}" + "".join(f"{title:>10}" for title in titles) + f"{'instructions':>16}")
    first = next(iter(results.values()))
    for name, rounds in results.items():
        wall, cpu = (list(column) for column in zip(*rounds))
        ratios = ["", ""]
        if rounds is not first:
            for column in (0, 1):
                pairs = [mine[column] / base[column] for mine, base in zip(rounds, first) if base[column]]
                ratios[column] = f"{statistics.median(pairs):.2f}" if pairs else ""
        count = instructions(peers[name], environment) if name in ("moongate", "lua5.4") else None
        milliseconds = (statistics.median(wall), min(wall), statistics.median(cpu))
        cells = [f"{seconds * 1e3:.2f}" for seconds in milliseconds] + ratios
        print(
            f"  {name:14}" + "".join(f"{cell:>10}" for cell in cells) + f"{f'{count:,}' if count else '':>16}"
        )


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures Moongate: start, first call, a listing of 10,000 virtual machines, size. Times are"
        " medians; × is the median of the ratios round by round; instructions are callgrind's and do not depend on"
        " what else the machine does. --binary is set by scripts/bench.",
    )
    parser.add_argument("--binary", default=".build-release/release/moongate", help=argparse.SUPPRESS)
    parser.add_argument("--peers", action="store_true", help="lua5.4 and boto3 doing the same beside it; with --load moto's server")
    parser.add_argument("--load", action="store_true", help="instead, the local gateway under load (bench/load.py)")
    parser.add_argument(
        "--sizes", default="250,10000,1000000", metavar="N,…", help="of its fleets (default 250,10000,1000000)"
    )
    parser.add_argument("--runs", type=int, default=11, metavar="N", help="rounds of each measurement (default 11)")
    parser.add_argument("--vms", type=int, default=10000, metavar="N", help="virtual machines (default 10000)")
    options = parser.parse_args()
    if options.runs < 1 or options.vms < 1:
        parser.error("--runs and --vms must be at least 1")
    binary = os.path.abspath(options.binary)
    os.environ["MOONGATE_BINARY"] = binary
    from moongate import LocalGateway

    if options.load:
        import load

        print(f"{binary}; load {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")
        load.run(LocalGateway, [int(size) for size in options.sizes.split(",")])
        if options.peers:
            import gateway

            gateway.run(LocalGateway, options.vms)
        return
    cutoff = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=7)
    print(f"{binary}: {os.path.getsize(binary):,} bytes; load {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")
    with LocalGateway("--ephemeral", "--vms", options.vms) as gateway, tempfile.TemporaryDirectory() as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8", **gateway.environment}
        moongate = [binary, "--endpoint", gateway.endpoint, "-e"]
        listing = run(moongate + ["print(list_gateways():first().GatewayArn)"], environment)
        words = dict(
            endpoint=gateway.endpoint, arn=listing[-1].strip(), cutoff=cutoff.strftime("%Y-%m-%dT%H:%M:%SZ")
        )

        def python(code):
            return [sys.executable, "-c", code.format(**words)]

        start = {"moongate": [binary, "-e", ""]}
        script = Path(home, "empty.lua")
        script.write_text("")
        shared = {"a plain run": [binary, str(script)], "--untrusted": [binary, "--untrusted", str(script)]}
        get = {"moongate": moongate + ['print(get_gateway("{arn}").GatewayDisplayName)'.format(**words)]}
        many = {"moongate": moongate + [LUA_LIST.format(**words)]}
        if options.peers:
            start |= {"lua5.4": ["lua5.4", "-e", ""], "import boto3": [sys.executable, "-c", "import boto3"]}
            get |= {"boto3": python(BOTO3_GET)}
            many |= {"boto3": python(BOTO3_LIST)}
        compare("a start that does nothing", start, environment, options.runs)
        compare("an empty script: a plain run, and --untrusted until its process is reaped", shared, environment, options.runs)
        compare("the first get_gateway", get, environment, options.runs)
        compare(f"{options.vms:,} virtual machines listed and filtered", many, environment, options.runs)


if __name__ == "__main__":
    main()
