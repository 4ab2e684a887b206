# Who is talked to, and what is said and shown of it.
import json
import re
import subprocess
import sys
import time

import pytest

from canned_server import GATEWAY
from moongate import BINARY, CREDENTIALS, PATIENCE, shell_code

REGIONS = ["x@evil.example/", "evil.example/#", "evil.example?", "127.0.0.1/", "x\r\nHost: evil", "-x", "12", "a" * 64, "é"]


def test_a_region_that_is_none_opens_no_socket(moongate, tmp_path):
    """As the kernel sees it: not even for a name."""
    for number, region in enumerate(REGIONS):
        trace = tmp_path / f"trace-{number}"
        done = subprocess.run(
            ["strace", "-f", "-e", "trace=%network", "-o", trace, BINARY, "--region", region, "-e", "list_gateways():first()"],
            stdin=subprocess.DEVNULL, capture_output=True, env=moongate.environment(CREDENTIALS), timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 253, (region, done)
        assert not re.search(r"(socket|connect|sendto)\(", trace.read_text()), region


NAME = "a\x1b[31mb\u202ec\x00d\x07e\r\nf\u009bg"


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "yaml", "lua"])
def test_names_of_every_kind_in_every_form(moongate, canned, form):
    server = canned(lambda request: {"Gateways": [{**GATEWAY, "GatewayDisplayName": name} for name in (NAME, "x" * 1_000_000)]})
    words = ("--endpoint", server.endpoint, "--region", "us-east-1", "--output", form, "-e")
    result = moongate(*words, "show(list_gateways(), {'GatewayDisplayName'})", env=CREDENTIALS)
    assert result.code == 0, result.stderr[:500]
    # In a pipe data is data, but for what the form itself must escape.
    if form != "csv":
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", result.stdout)
    if form == "json":
        assert [row["GatewayDisplayName"] for row in json.loads(result.stdout)] == [NAME, "x" * 1_000_000]
    result = moongate(*words, "error(list_gateways():first().GatewayDisplayName)", env=CREDENTIALS)
    assert result.code == 1 and not re.search("[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u202e]", result.stderr)


def test_json_of_every_value_is_json_to_others(moongate):
    code = """
      for _, value in ipairs{ 1, 1.5, -0.0, 1e308, math.mininteger, "é", "a\\0b\\27", {}, json.array{}, { a = json.null }, { { 1 } }, true } do
        print(json.encode(value))
      end
      for _, value in ipairs{ 0/0, 1/0, "\\xff", print, { [1.5] = 1 }, { 1, a = 2 } } do
        local ok, text = pcall(json.encode, value)
        if ok then print(text) end
      end
      local loop = {} loop[1] = loop
      assert(not pcall(json.encode, loop))
    """
    result = moongate("-e", code)
    assert result.code == 0, result
    for line in result.stdout.splitlines():
        subprocess.run([sys.executable, "-m", "json.tool"], input=line.encode(), check=True, capture_output=True)
    assert len(result.stdout.splitlines()) >= 12


def test_a_credential_process_that_hangs_ends_with_the_run(moongate, tmp_path, figure):
    """It has a minute, since somebody may have to type a code; Ctrl-C and the run's own time end it before."""
    config = tmp_path / "config"
    config.write_text(f"[default]\ncredential_process = sh -c 'echo $$ >{tmp_path}/pid; sleep 600'\n")
    words = ("--region", "us-east-1", "--endpoint", "http://127.0.0.1:1", "-e", "list_gateways():first()")
    environment = {"AWS_CONFIG_FILE": str(config)}

    def is_gone():
        # Nobody may reap it where the tests run in a container: a zombie has ended, too. It was killed before the run
        # ended, and on a busy machine dies a little later.
        pid = (tmp_path / "pid").read_text().strip()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            state = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True).stdout
            if state.strip() in ("", "Z", "Z+"):
                return True
            time.sleep(0.02)
        return False

    result = moongate("--timeout", "2s", *words, env=environment)
    assert result.code == 250 and is_gone(), result
    process = moongate.start(*words, env=environment)
    (tmp_path / "pid").unlink()
    deadline = time.monotonic() + PATIENCE
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    began = time.monotonic()
    process.send_signal(2)
    process.communicate(timeout=PATIENCE)
    assert shell_code(process.returncode) == 130 and is_gone()
    figure("A82", f"Ctrl-C: {(time.monotonic() - began) * 1000:.0f} ms")
