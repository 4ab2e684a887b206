# One script that does a little of everything, under valgrind's memcheck: nothing is read that was not written, or is gone. It
# sees what AddressSanitizer cannot, bytes that nobody has set, and the libraries of the system, which are not built for that.
import shutil
import subprocess

import pytest

from moongate import BINARY, ROOT, SANITIZER

SCRIPT = """
for gw in list_gateways() do print(gw.GatewayDisplayName, gw.LastSeenTime) end
show(list_hypervisors())
print(list_virtual_machines():filter(function(v) return v.LastBackupDate end):count())
for i = 1, 20 do pcall(get_gateway, i) pcall(table.sort, { 2, 1 }, function() error{ code = "Mine" } end) end
parallel({ 1, 2, 3 }, function() return list_gateways():count() end)
print(json.encode(json.decode('[1.5, {"a": null}, "\\\\u00e9"]')), ("key = value"):gsub("(%w+) = (%w+)", "%2 = %1"))
error("the end")
"""


@pytest.mark.skipif(bool(SANITIZER), reason="valgrind cannot watch a sanitizer's build")
@pytest.mark.skipif(not shutil.which("valgrind"), reason="there is no valgrind")
def test_memcheck_has_nothing_to_say_of_a_script(moongate):
    # Valgrind gives up on Swift's debugging information (DWARF 5).
    stripped = moongate.folder / "moongate"
    subprocess.run(["strip", "--strip-debug", "-o", stripped, BINARY], check=True)
    script = moongate.write("script.lua", SCRIPT)
    result = subprocess.run(
        ["valgrind", "-q", "--error-exitcode=99", f"--suppressions={ROOT}/Tests/Support/valgrind.supp", stripped, "--local", script],
        env=moongate.environment(), capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert (result.returncode, "the end" in result.stderr) == (1, True), result.stderr[-5000:]
    assert "==" not in result.stderr, result.stderr[-5000:]
