# Nothing is left when a run ends as it should: LeakSanitizer looks at its end. Where a script is cut short, what Lua had for
# it is the operating system's to take back, so the other tests of a sanitizer's build do not ask.
import pytest

from moongate import ROOT, SANITIZER

pytestmark = pytest.mark.skipif("ASAN_OPTIONS" not in SANITIZER, reason="only AddressSanitizer's build looks for leaks")

LEAKS = {
    "ASAN_OPTIONS": "detect_leaks=1:exitcode=86",
    "LSAN_OPTIONS": f"suppressions={ROOT}/Tests/Support/lsan.supp:print_suppressions=0",
}

# How they end, and what runs.
RUNS = {
    "nothing": (0, ""),
    "an error": (1, "error{ code = 'Mine' }"),
    "a syntax error": (1, "return ("),
    "an exit in a call": (3, "table.sort({ 2, 1 }, function() exit(3) end)"),
    "a task that is let go": (0, "spawn(function() sleep(60) end) sleep(0.01) exit(0)"),
    "listings": (0, "show(list_gateways()) print(list_virtual_machines():count()) print(list_hypervisors():first())"),
    "rows kept and dropped": (0, "local t = list_virtual_machines():collect() t[1].Name = nil t = nil collectgarbage()"),
    "sixty-four at once": (
        0, "print(#list_virtual_machines():parallel(function(v) return get_virtual_machine(v.ResourceArn) end, { limit = 64 }))",
    ),
    "texts": (0, "print(json.encode(json.decode('[1,{\"a\":null}]'))) print(pcall(json.decode, '[1,{\"a\":'))"),
    "patterns": (0, "print((('x'):rep(1000):gsub('(x)(x-)', '%2%1'))) print(pcall(string.find, 'a', '(((('))"),
    "ten thousand errors through callbacks": (
        0, """for i = 1, 2500 do
                pcall(get_gateway, i)
                pcall(timestamp, {})
                pcall(table.sort, { 3, 2, 1 }, function() get_gateway({}) end)
                pcall(string.gsub, "abc", ".", function() error(get_gateway) end)
              end""",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_nothing_is_left_of(moongate, name):
    code, source = RUNS[name]
    result = moongate("--local", "-e", source, env=LEAKS, timeout=300)
    assert "LeakSanitizer" not in result.stderr and result.code == code, result.stderr[-3000:]


def test_nothing_is_left_of_a_worker_and_its_host(moongate):
    script = moongate.write("shared.lua", "-- @allow ListGateways\nfor gw in list_gateways() do print(gw.GatewayArn) end\nerror('e')\n")
    result = moongate("--local", "--untrusted", script, env=LEAKS)
    assert "LeakSanitizer" not in result.stderr and result.stdout.count("arn:") == 3, result.stderr[-3000:]


@pytest.mark.parametrize("words", [["check"], ["stubs", "stubs"], ["test", "tests"]], ids=lambda words: words[0])
def test_nothing_is_left_of_the_command(moongate, words):
    script = moongate.write("script.lua", "-- A script.\nprint(list_gateways():count(), undefined)\n")
    (moongate.folder / "tests").mkdir()
    moongate.write("tests/test_it.lua", "function test_it() assert(list_gateways():count() == 3) end\n")
    result = moongate(*words, *([script] if words == ["check"] else []), env=LEAKS)
    assert "LeakSanitizer" not in result.stderr and result.code in (0, 1), result.stderr[-3000:]
