#!/usr/bin/env python3
# Measures whole processes, as a person or a cron job starts them, and what people use today beside them, in turn: A B C,
# A B C. It prints tables that docs/performance.md has as they are; it never judges. What does not depend on what else the
# machine does is counted by bench/costs.py.
import argparse
import datetime
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
AWS = Path(sys.executable).with_name("aws")
sys.path.insert(0, str(HERE.parent / "Tests/Support"))

from typist import Typist

STALE = """local n, cutoff = 0, timestamp("{cutoff}")
for vm in list_virtual_machines{{ MaxResults = {size} }} do
  local last = vm.LastBackupDate
  if not last or last < cutoff then n = n + 1 end
end
print(n)"""
SEQUENCE = 'local n = 0 for i = 1, {count} do if get_virtual_machine("{vm}").Name then n = n + 1 end end print(n)'
PARALLEL = """local work = {{}} for i = 1, {count} do work[i] = i end
local found = parallel(work, function() return get_virtual_machine("{vm}").Name end, {{ limit = 64 }})
print(#found)"""
# The same for a program that knows bgw.call, bgw.vms and bgw.map (see --floor).
FLOOR_GET = 'print(bgw.call("GetGateway", {{ GatewayArn = "{gateway}" }}).Gateway.GatewayDisplayName)'
FLOOR_STALE = """local n = 0
for vm in bgw.vms{{ MaxResults = {size} }} do
  local last = vm.LastBackupDate
  if not last or last < {epoch} then n = n + 1 end
end
print(n)"""
FLOOR_ONE = 'if bgw.call("GetVirtualMachine", {{ ResourceArn = "{vm}" }}).VirtualMachine.Name then n = n + 1 end'
FLOOR_SEQUENCE = f"local n = 0 for i = 1, {{count}} do {FLOOR_ONE} end print(n)"
FLOOR_PARALLEL = f"local n = 0 bgw.map({{count}}, 64, function() {FLOOR_ONE} end) print(n)"


@dataclass
class Bench:
    """The programs, and the words that their texts are filled with."""

    binary: str
    runs: int
    has_peers: bool
    floor: str
    other_aws: str
    folder: str
    measure: str
    words: dict = field(default_factory=dict)
    environment: dict = field(default_factory=dict)

    def moongate(self, code, *options):
        return [self.binary, "--endpoint", self.words["endpoint"], *options, "-e", code.format(**self.words)]

    def boto3(self, work, *names):
        return [sys.executable, HERE / "peers.py", work, self.words["endpoint"], *(str(self.words[name]) for name in names)]

    def aws(self, program, *words):
        return [program, "--endpoint-url", self.words["endpoint"], "backup-gateway",
                *(word.format(**self.words) for word in words)]

    def floored(self, code, how="easy"):
        path = Path(self.folder, f"floor-{abs(hash(code))}.lua")
        path.write_text(code.format(**self.words))
        return [self.floor, "--port", self.words["endpoint"].rpartition(":")[2], "--http", how, path]


@dataclass
class Work:
    """A piece of work: who does it, against which gateway."""

    title: str
    programs: object  # of a Bench: commands by the name of who does it, Moongate first
    gateway: list = None
    words: dict = field(default_factory=dict)
    is_pinned: bool = False
    note: str = ""


def peers(moongate, *, boto3=None, aws=None, floor=None, how="easy", **others):
    """Moongate's Lua, and who else does the same."""

    def programs(bench):
        found = {"Moongate": bench.moongate(moongate)}
        if bench.has_peers and boto3:
            found["boto3"] = bench.boto3(*boto3)
        if bench.has_peers and aws:
            found["AWS CLI v1"] = bench.aws(AWS, *aws)
        if bench.other_aws and aws:
            found["AWS CLI v2"] = bench.aws(bench.other_aws, *aws)
        if bench.floor and floor:
            found["floor"] = bench.floored(floor, how)
        return found

    return programs


def start(bench):
    found = {"Moongate": [bench.binary, "-e", ""], "lua5.4": ["lua5.4", "-e", ""]}
    if bench.has_peers:
        found["import boto3"] = [sys.executable, "-c", "import boto3"]
        found["aws --version"] = [AWS, "--version"]
    return found


def shared(bench):
    script = Path(bench.folder, "empty.lua")
    script.write_text("")
    return {"plain run": [bench.binary, script], "--untrusted": [bench.binary, "--untrusted", script]}


def lua(name):
    return lambda bench: {"Moongate": [bench.binary, HERE / f"lua/{name}.lua"], "lua5.4": ["lua5.4", HERE / f"lua/{name}.lua"]}


def prompt(bench):
    return {"Moongate": [bench.binary, "--region", "us-east-1"], "lua5.4": ["lua5.4", "-i"]}


SMALL, LARGE = ["--vms", "10000"], ["--vms", "100000"]
SLOW = ["--fault", "latency=20ms"]
STALE_BY_ALL = {"boto3": ("stale", "size", "cutoff"), "floor": FLOOR_STALE}
GETS = {"count": 2000}
WORKS = {
    "start": Work("a start that does nothing", start),
    "prompt": Work("from exec to the prompt, on a terminal", prompt),
    "shared": Work("an empty script: a plain run, and --untrusted until its process is reaped", shared),
    "get": Work(
        "the first get_gateway", peers(
            'print(get_gateway("{gateway}").GatewayDisplayName)', boto3=("get", "gateway"), floor=FLOOR_GET,
            aws=("get-gateway", "--gateway-arn", "{gateway}", "--query", "Gateway.GatewayDisplayName", "--output", "text")),
        SMALL),
    "list-10k": Work("10,000 machines listed and filtered, pages of 1,000", peers(STALE, **STALE_BY_ALL), SMALL, {"size": 1000}),
    "list-10k-p100": Work("the same in pages of 100", peers(STALE, **STALE_BY_ALL), SMALL, {"size": 100}),
    "list-100k": Work("100,000 machines, pages of 1,000", peers(STALE, **STALE_BY_ALL), LARGE, {"size": 1000}),
    "list-100k-p100": Work("the same in pages of 100", peers(STALE, **STALE_BY_ALL), LARGE, {"size": 100}),
    "pages-20ms": Work(
        "100 pages that take 20 ms each", peers(STALE, **STALE_BY_ALL), LARGE + SLOW, {"size": 1000},
        note="2,000 ms is what nobody can be faster than who asks for one page after the other."),
    "sequence": Work(
        "2,000 get_virtual_machine in turn, pinned to one processor",
        peers(SEQUENCE, boto3=("sequence", "count", "vm"), floor=FLOOR_SEQUENCE), SMALL, GETS, is_pinned=True),
    "parallel": Work(
        "the same, 64 at a time", peers(PARALLEL, boto3=("parallel", "count", "vm"), floor=FLOOR_PARALLEL, how="multi"),
        SMALL, GETS),
    "parallel-20ms": Work(
        "the same, 20 ms each", peers(PARALLEL, boto3=("parallel", "count", "vm"), floor=FLOOR_PARALLEL, how="multi"),
        SMALL + SLOW, GETS, note="640 ms is ideal: 32 rounds of 64."),
    **{f"lua-{name}": Work(f"pure Lua: {name}", lua(name)) for name in ("fibonacci", "sieve", "trees", "spectral", "words")},
}  # fmt: skip


def run(bench, command, is_pinned):
    """One run: wall milliseconds, processor milliseconds, peak MiB; and what it printed."""
    pin = ["taskset", "-c", "0"] if is_pinned else []
    reading, writing = os.pipe()
    words = ["/bin/sh", "-c", f'exec 3>&{writing}; exec "$@"', "sh", *pin, bench.measure, *map(str, command)]
    done = subprocess.run(
        words, env=bench.environment, cwd=bench.folder, stdin=subprocess.DEVNULL, capture_output=True, pass_fds=[writing])
    os.close(writing)
    with open(reading) as file:
        told = file.read().split()
    if done.returncode or len(told) != 3:
        sys.exit(f"bench: {' '.join(words[7:])} failed (status {done.returncode}): {done.stderr.decode()[-1000:]}")
    wall, cpu, peak = map(float, told)
    return (wall * 1e3, cpu * 1e3, peak / 1024), done.stdout.decode()


def run_on_terminal(bench, command):
    typist = Typist(list(map(str, command)), bench.environment, bench.folder)
    wall = typist.wait(b"> ")
    _, _, usage = typist.leave()
    return (wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3, None), ""


def compare(bench, name, work):
    """Runs who is there in turn and prints medians; ratios are taken round by round."""
    programs = work.programs(bench)
    results = {who: [] for who in programs}
    for number in range(bench.runs + 1):  # the first round warms the caches and is not counted
        answers = set()
        for who, command in programs.items():
            numbers, answer = run_on_terminal(bench, command) if name == "prompt" else run(bench, command, work.is_pinned)
            answers.add(answer)
            if number:
                results[who].append(numbers)
        if len(answers) != 1 and name != "start":
            sys.exit(f"bench: they disagree about {name}: {answers}")
    print(f"\n**{name}**: {work.title}. {work.note}".rstrip())
    print("\n| | wall ms | CPU ms | peak MiB | wall | CPU |\n|---|---:|---:|---:|---:|---:|")
    first, *_ = results.values()
    for who, rounds in results.items():
        cells = [median(column) for column in zip(*rounds)]
        ratios = ["", ""] if rounds is first else [ratio(first, rounds, column) for column in (0, 1)]
        print(f"| {who} | {' | '.join(cells + ratios)} |", flush=True)


def median(column):
    return "" if None in column else f"{statistics.median(column):,.1f}"


def ratio(mine, others, column):
    """How Moongate stands to somebody else: so many times as fast, or so many times as much."""
    times = statistics.median(other[column] / max(own[column], 1e-3) for own, other in zip(mine, others))
    return f"{times:.1f} × faster" if times >= 1 else f"{1 / times:.2f} × as much"


def prepare(bench, gateway):
    """What the texts name, of a gateway that runs."""
    client = dict(env=bench.environment | gateway.environment, capture_output=True, text=True, check=True)
    code = "print(list_gateways():first().GatewayArn, list_virtual_machines{ MaxResults = 1 }:first().ResourceArn)"
    done = subprocess.run([bench.binary, "--endpoint", gateway.endpoint, "-e", code], **client)
    cutoff = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(days=7)
    bench.words = dict(
        zip(("gateway", "vm"), done.stdout.split()), endpoint=gateway.endpoint,
        cutoff=cutoff.strftime("%Y-%m-%dT%H:%M:%SZ"), epoch=int(cutoff.timestamp()))
    bench.environment |= gateway.environment


def measurer(folder):
    """bench/measure.c, compiled."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        sys.exit("bench: there is no C compiler for bench/measure.c; Swift brings clang")
    program = os.path.join(folder, "measure")
    subprocess.run([compiler, "-O2", "-o", program, HERE / "measure.c"], check=True)
    return program


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures whole processes: medians of wall time, processor time and peak memory, and the median of the"
        " ratios round by round, as tables of Markdown. Instructions are counted by bench/costs.py. --binary is set by"
        " scripts/bench.",
    )
    parser.add_argument("--binary", default=".build-release/release/moongate", help=argparse.SUPPRESS)
    parser.add_argument("--list", action="store_true", help="what is measured")
    parser.add_argument("--only", action="append", choices=WORKS, metavar="NAME", help="only this; may be repeated")
    parser.add_argument("--peers", action="store_true", help="boto3 and the AWS CLI doing the same beside it; with --load moto's server")
    parser.add_argument(
        "--floor", metavar="PROGRAM", help="another program beside it, run as PROGRAM --port N --http easy|multi SCRIPT:"
        " its Lua has bgw.call(OPERATION, PARAMETERS), bgw.vms(PARAMETERS) and bgw.map(N, AT_ONCE, FUNCTION)")
    parser.add_argument(
        "--aws", metavar="PROGRAM", help="version 2 of the AWS CLI beside it, which does not come from PyPI")
    parser.add_argument("--load", action="store_true", help="instead, the local gateway under load (bench/load.py)")
    parser.add_argument("--sizes", default="250,10000,1000000", metavar="N,…", help="of its fleets (default 250,10000,1000000)")
    parser.add_argument("--runs", type=int, default=11, metavar="N", help="rounds of each measurement (default 11)")
    options = parser.parse_args()
    if options.list:
        return print("\n".join(f"{name:16}{work.title}" for name, work in WORKS.items()))
    if options.runs < 1:
        parser.error("--runs must be at least 1")
    binary = os.path.abspath(options.binary)
    os.environ["MOONGATE_BINARY"] = binary
    from moongate import LocalGateway

    print(f"{os.path.getsize(binary):,} bytes; load {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors; "
          f"medians of {options.runs} rounds; {time.strftime('%F')}")
    if options.load:
        import load

        load.run(LocalGateway, [int(size) for size in options.sizes.split(",")])
        if options.peers:
            import gateway

            gateway.run(LocalGateway, 10_000)
        return
    with tempfile.TemporaryDirectory() as folder:
        floor, aws = (program and os.path.abspath(program) for program in (options.floor, options.aws))
        bench = Bench(binary, options.runs, options.peers, floor, aws, folder, measurer(folder))
        chosen = [name for name in WORKS if name in (options.only or WORKS)]
        # One gateway after the other, each for all that needs it.
        for kind in dict.fromkeys(tuple(WORKS[name].gateway or ()) for name in chosen):
            bench.environment = {
                "PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
            with ExitStack() as stack:
                if kind:
                    # What asks for it waits: preparing is not measured.
                    prepare(bench, stack.enter_context(LocalGateway("--ephemeral", *kind)))
                for name in chosen:
                    if tuple(WORKS[name].gateway or ()) == kind:
                        words = dict(bench.words)
                        bench.words |= WORKS[name].words
                        compare(bench, name, WORKS[name])
                        bench.words = words


if __name__ == "__main__":
    main()
