#!/usr/bin/env python3
# Writes scripts/link-order.txt: the functions that run at a start, a first call, a listing, many calls at once and the
# prompt, in this order, so that the linker lays them side by side. The kernel maps a file's code 64 KB at a time: where
# those functions lay all over, half of the binary was in memory after a start (7.1 MB of code, and 2.4 ms of processor
# time instead of 1.8). It need not be new for every change: what the list does not name lies behind the rest.
import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "Tests/Support")]

from typist import Typist

ORDER = Path(__file__).resolve().parents[1] / "scripts/link-order.txt"
RUNS = [
    "",
    'get_gateway("arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-3E8A51F0")',
    "local n = 0 for vm in list_virtual_machines{ MaxResults = 100 } do n = n + (vm.LastBackupDate and 1 or 0) end print(n)",
    "local vm = list_virtual_machines():first() parallel({ 1, 2, 3, 4 }, function() get_virtual_machine(vm) end)",
]
NAME = re.compile(r"c?fn=\(\d+\) (.+?)(?:'\d+)?$", re.MULTILINE)
HEAD = """\
# Functions that the linker lays side by side, since they run at a start, at the first calls and at the prompt.
# Written by bench/link-order.py; scripts/moongate hands it to the linker.
"""

# So many of the functions must still be there, out of a hundred.
ENOUGH = 75


def functions(binary):
    lines = subprocess.run(["nm", "--defined-only", binary], capture_output=True, text=True, check=True).stdout.splitlines()
    return {words[2] for words in map(str.split, lines) if words[1] in "tTwW"}


def check(binary):
    listed = [line for line in ORDER.read_text().splitlines() if not line.startswith("#")]
    there = len(functions(binary).intersection(listed))
    print(f"{there:,} of {len(listed):,} functions of {ORDER.name} are there")
    if there * 100 < len(listed) * ENOUGH:
        raise SystemExit("link-order: the list is too old: bench/link-order.py writes it anew")


def main():
    parser = argparse.ArgumentParser(prog="bench/link-order.py", description="Writes scripts/link-order.txt anew.")
    parser.add_argument(
        "--binary", default=".build-release/release/moongate.symbols", help="a release binary that has its symbols")
    parser.add_argument("--check", action="store_true", help="only see whether the list is too old")
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    if options.check:
        return check(binary)
    os.environ["MOONGATE_BINARY"] = binary
    from moongate import LocalGateway

    known, names = functions(binary), {}
    with tempfile.TemporaryDirectory() as folder, LocalGateway("--ephemeral", "--vms", 300) as gateway:
        environment = {
            "PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", **gateway.environment
        }  # fmt: skip
        profile = Path(folder) / "profile"
        valgrind = ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={profile}"]

        def keep():
            names.update(dict.fromkeys(name for name in NAME.findall(profile.read_text()) if name in known))

        for code in RUNS:
            words = [*valgrind, binary, "--endpoint", gateway.endpoint, "-e", code]
            subprocess.run(words, env=environment, cwd=folder, check=True, stdin=subprocess.DEVNULL, capture_output=True)
            keep()
        typist = Typist([*valgrind, binary, "--endpoint", gateway.endpoint], environment, folder)
        typist.wait(b"/us-east-1> ")
        typist.leave()
        keep()
    ORDER.write_text(HEAD + "".join(f"{name}\n" for name in names))
    print(f"{len(names):,} functions")


main()
