#!/usr/bin/env python3
# Counts instructions, which do not depend on what else the machine does, and holds them against bench/costs.txt: a start,
# a call, a listed virtual machine, the prompt and what is typed there. Differences of two runs, divided, where a start
# would drown them. Calls go to `moongate serve` in a process of its own, which is not counted.
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "Tests/Support")]

from typist import Typist

TABLE = Path(__file__).with_name("costs.txt")
SLACK = 1.10
VALGRIND = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
COUNT = re.compile(rb"Collected : (\d+)")

LIST = """local n, never = 0, 0
for vm in list_virtual_machines{{ MaxResults = {size} }} do
  if not vm.LastBackupDate then never = never + 1 end
  n = n + 1
  if n == {count} then break end
end"""
ONE = "local vm = list_virtual_machines{{ MaxResults = 1 }}:first().ResourceArn for i = 1, {count} do get_virtual_machine(vm) end"
# 200 rows of a block that goes on, as somebody pastes who then types at its end.
BLOCK = "\x1b[200~" + "do\n" + "  local name = f(1, 'text') -- a row\n" * 198 + "  x\x1b[201~"


PROMPT = b"/us-east-1> "


class Counting:
    """The binary, and a gateway that it calls."""

    def __init__(self, binary, gateway, folder):
        self.binary, self.folder = binary, folder
        self.to_gateway = ["--endpoint", gateway.endpoint]
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", **gateway.environment
        }  # fmt: skip

    def run(self, code, calls=True):
        """Of a script."""
        words = [self.binary, *(self.to_gateway if calls else []), "-e", code]
        done = subprocess.run(
            [*VALGRIND, *words], env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True)
        return self.found(done.stderr, done.returncode)

    def each(self, code, few, many, **words):
        """Of one of `count`, by the difference of two runs."""
        counts = [self.run(code.format(count=count, **words)) for count in (few, many)]
        return (counts[1] - counts[0]) // (many - few)

    def typed(self, *keys):
        """Of a session at the prompt in which these are typed, each when what it draws is drawn."""
        typist = Typist([*VALGRIND, self.binary, *self.to_gateway], self.environment, self.folder)
        typist.wait(PROMPT)
        for key in keys:
            typist.type(key.encode())
            if key == "\r":
                typist.wait(PROMPT)
            typist.settle()
        if keys and keys[-1] != "\r":
            typist.type(b"\x03")
            typist.settle()
        text, code, _ = typist.leave()
        return self.found(text, code)

    @staticmethod
    def found(text, code):
        found = COUNT.search(text)
        if code or not found:
            raise SystemExit(f"costs: a run failed (status {code}): {text.decode(errors='replace')[-2000:]}")
        return int(found[1])


def keystroke(counting):
    few, many = ("x" * count for count in (5, 25))
    return (counting.typed(BLOCK, *many) - counting.typed(BLOCK, *few)) // (len(many) - len(few))


def first(keys):
    """What the first of something costs at the prompt: Tab, an error, a page of help."""
    return lambda counting: counting.typed(*keys) - counting.typed(*keys[:-1])


# What is counted, by its name in the table: how, in words, and how.
COSTS = {
    "start": ("moongate -e ''", lambda counting: counting.run("", calls=False)),
    "first-get": ("moongate --endpoint … -e 'get_gateway(ARN)', whole", lambda counting: counting.run(
        'get_gateway("arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-3E8A51F0")')),
    "get": ("get_virtual_machine, one of 200 further", lambda counting: counting.each(ONE, 100, 300)),
    "vm-p1000": ("a listed machine, pages of 1,000", lambda counting: counting.each(LIST, 2000, 10000, size=1000)),
    "vm-p100": ("a listed machine, pages of 100", lambda counting: counting.each(LIST, 1000, 3000, size=100)),
    "prompt": ("the prompt, and Ctrl-D", lambda counting: counting.typed()),
    "keystroke": ("a letter at the end of 200 rows, one of 20 further", keystroke),
    "first-tab": ("list_g and Tab, over list_g", first(["list_g", "\t"])),
    "first-error": ("nosuch() and Enter, over nosuch()", first(["nosuch()", "\r"])),
    "first-help": ("help(get_gateway) and Enter, over the line", first(["help(get_gateway)", "\r"])),
}  # fmt: skip


def bounds():
    rows = [line.split(None, 2) for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {name: int(count) for name, count, _ in rows}


def write(counts):
    head = [line for line in TABLE.read_text().splitlines() if line.startswith("#")]
    rows = [f"{name:18}{count:>14}  {COSTS[name][0]}" for name, count in counts.items()]
    TABLE.write_text("\n".join(head + rows) + "\n")


def main():
    parser = argparse.ArgumentParser(
        prog="bench/costs.py", description="Counts instructions and holds them against bench/costs.txt, with 10 %% of slack.")
    parser.add_argument("--binary", default=".build-release/release/moongate", help="a stripped release binary")
    parser.add_argument("--only", action="append", choices=COSTS, metavar="NAME", help="only this; may be repeated")
    parser.add_argument("--list", action="store_true", help="what is counted")
    parser.add_argument("--write", action="store_true", help="write what was counted into the table")
    options = parser.parse_args()
    if options.list:
        return print("\n".join(f"{name:14}{words}" for name, (words, _) in COSTS.items()))
    if not shutil.which("valgrind"):
        return print("SKIPPED: there is no valgrind, so instructions are not counted (scripts/setup --tests)")
    binary = os.path.abspath(options.binary)
    os.environ["MOONGATE_BINARY"] = binary
    from moongate import LocalGateway

    known, counts, failed = bounds(), dict(bounds()), []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        gateway = stack.enter_context(LocalGateway("--ephemeral", "--vms", 10000))
        counting = Counting(binary, gateway, folder)
        print(f"{'instructions':28}{'counted':>14}{'table':>14}")
        for name, (words, count) in COSTS.items():
            if options.only and name not in options.only:
                continue
            counts[name] = count(counting)
            bound = known.get(name)
            print(f"  {name:26}{counts[name]:>14,}{f'{bound:,}' if bound else '—':>14}  {words}", flush=True)
            if not bound:
                failed.append(f"{name} is not in bench/costs.txt; --write puts it there")
            elif counts[name] > bound * SLACK:
                failed.append(f"{name} costs {counts[name] / bound - 1:.0%} more than bench/costs.txt has")
            elif counts[name] * SLACK < bound:
                print(f"  {'':26}{1 - counts[name] / bound:.0%} less: --write would note it")
    if options.write:
        write({name: counts[name] for name in COSTS if name in counts})
    elif failed:
        sys.exit("costs: " + "\ncosts: ".join(failed))


if __name__ == "__main__":
    main()
