# `moongate test`: each test in a universe and a world of its own; the clock, run{}, and how results are told.
import json
import re
import signal
import time
import xml.etree.ElementTree as XML

import pytest

from sanitizers import needs_signals

PASS = "function test_a() end\n"
FAIL = 'function test_b() print("seen") assert(1 == 2) end\n'
STALE = """--- Stale
-- @allow ListVirtualMachines, TagResource
-- @arg tag boolean Tag one
print(now(), os.time(), os.date("!%F"))
sleep("1h")
print(now())
if args.tag then tag_resource(list_virtual_machines():first(), { Tags = tags.list{ a = "b" } }) end
exit(2, "two")
"""


@pytest.fixture
def run_tests(moongate):
    """Writes x_test.lua and tests it."""

    def run(text, *options, name="x_test.lua"):
        moongate.write(name, text)
        return moongate("test", *options, name)

    return run


def test_tests_run_in_the_order_in_which_they_stand_and_nothing_else_does(run_tests):
    result = run_tests("""
        function test_b() end
        function helper() error("x") end
        test_a = function() end
        test_c = 5
        local function test_d() error("x") end""")
    assert result.code == 0
    assert result.stdout.splitlines()[:3] == ["x_test.lua", "  ok     test_b", "  ok     test_a"]
    assert result.stdout.splitlines()[3].startswith("2 tests, 0 failed")


def test_each_has_a_universe_and_a_world_of_its_own(run_tests):
    test = """
        assert(not seen)
        seen = true
        assert(list_virtual_machines():count() == 5)
        local vm = list_virtual_machines():first()
        assert(tags.get(vm).a == nil)
        tag_resource(vm, { Tags = tags.list{ a = "b" } })"""
    result = run_tests(f"function test_1() {test} end function test_2() {test} end", "--vms", "5")
    assert result.code == 0, result.stdout


def test_setup_and_teardown_stand_around_each_and_teardown_comes_after_a_failure_too(run_tests):
    result = run_tests("""
        function setup() print("setup") end
        function teardown() print("teardown") error("left behind") end
        function test_x() print("test") error("broken") end""")
    assert result.code == 1
    assert re.search(r"x_test.lua:4: broken.*in teardown: x_test.lua:3: left behind", result.stdout, re.S)
    assert re.search(r"setup\n +test\n +teardown\n", result.stdout)


def test_without_setup_there_is_no_test(run_tests):
    result = run_tests('function setup() error("no") end\nfunction test_x() print("never") end')
    assert "in setup: x_test.lua:1: no" in result.stdout and "never" not in result.stdout


def test_what_passes_is_silent_and_what_fails_shows_what_it_printed(run_tests):
    result = run_tests('function test_a() print("quiet") warn("quiet") end\n' + FAIL)
    assert "quiet" not in result.stdout + result.stderr
    assert "seen" in result.stdout and result.code == 1


def test_a_failed_assert_shows_its_row_and_the_values_in_it(run_tests):
    result = run_tests("""local outer = { name = "o" }
        global = 3
        function test_x()
          local vm, n = { Name = "db", Size = { 1, 2 } }, 7
          assert(vm.Name == outer.name and n > global and #vm.Size == f(n), "not so")
        end
        function f() return 1 end""")
    rows = result.stdout.splitlines()
    at = next(i for i, row in enumerate(rows) if "x_test.lua:5: not so" in row)
    condition = 'vm.Name == outer.name and n > global and #vm.Size == f(n)'
    assert condition in rows[at + 1]
    assert rows[at + 2].strip() == "^" * len(condition)
    assert rows[at + 1].index(condition) == rows[at + 2].index("^")
    values = dict(row.strip().split(" = ", 1) for row in rows[at + 3 : at + 8])
    assert {name.strip(): value for name, value in values.items()} == {
        "vm.Name": '"db"', "outer.name": '"o"', "n": "7", "global": "3", "vm.Size": "{ 1, 2 }"}


def test_an_assert_that_is_caught_is_as_plain_as_ever(run_tests):
    assert run_tests("""function test_x()
        local ok, e = pcall(assert, false, "words") assert(not ok and e == "words")
        ok, e = pcall(assert, nil) assert(e == "assertion failed!")
        ok, e = pcall(assert) assert(not ok and e:find("value expected"))
        assert(select("#", assert(1, 2, 3)) == 3)
      end""").code == 0


def test_the_traceback_is_lua_s_alone(run_tests):
    result = run_tests("""function f() error({}) end
        function g() f() end
        function test_x() g() end""")
    calls = result.stdout.partition("calls:\n")[2].splitlines()[:3]
    assert [call.strip().split(":")[1] for call in calls] == ["1", "2", "3"]
    assert "[C]" not in result.stdout and "moongate:" not in result.stdout


def test_a_file_that_is_no_lua_fails_and_the_others_run(moongate):
    moongate.write("a_test.lua", "function test_a( end")
    moongate.write("b_test.lua", PASS)
    result = moongate("test", ".")
    assert result.code == 1
    assert "a_test.lua:1:" in result.stdout and "ok     test_a" in result.stdout


def test_below_a_folder_are_the_files_with_such_names_and_no_links(moongate):
    (moongate.folder / "t/deep").mkdir(parents=True)
    for name in "t/a_test.lua", "t/test_b.lua", "t/deep/c_test.lua", "t/other.lua", "t/.hidden_test.lua":
        moongate.write(name, PASS)
    (moongate.folder / "t/loop").symlink_to("..")
    assert [row for row in moongate("test", "t").stdout.splitlines() if row.endswith(".lua")] == [
        "t/a_test.lua", "t/deep/c_test.lua", "t/test_b.lua"]


def test_no_test_is_a_failure(run_tests, moongate):
    assert run_tests("x = 1").code == 1
    missing = run_tests(PASS, "--filter", "nothing")
    assert missing.code == 1 and "there is no test" in missing.stderr
    assert moongate("test").code == 252


def test_a_file_that_is_not_there_is_a_slip_and_no_failed_test(moongate):
    moongate.write("x_test.lua", PASS)
    absent = moongate("test", "x_test.lua", "absent_test.lua")
    assert (absent.code, absent.stdout) == (252, "")
    assert "cannot read absent_test.lua: No such file or directory" in absent.line()


WRITES = """-- @arg report output? Where to
-- @arg names lines? Names
if args.names then print(#args.names) end
if args.report then output.csv({ { a = 1 } }, { "a" }, { to = args.report }) end
"""


def test_what_a_run_writes_is_the_test_s_and_is_gone_afterwards(moongate):
    """left.csv once lay in the folder that the tests were run from, and the next test found it."""
    (moongate.folder / "t").mkdir()
    moongate.write("t/writes.lua", WRITES)
    moongate.write("t/names.txt", "a\nb\n")
    moongate.write("t/x_test.lua", """
        function test_a()
          for _, own in ipairs{ false, true } do
            local r = run{ "writes.lua", "--report", "left.csv", "--names", "names.txt", own = own }
            assert(r.code == 0, r.stderr)
            assert(r.files["left.csv"] == "a\\r\\n1\\r\\n" and r.stdout == "2\\n")
          end
          assert(run{ "writes.lua" }.files["left.csv"], "as long as the test runs")
          assert(run{ "writes.lua", "--report", "../left.csv" }.code == 252)
        end
        function test_b() assert(next(run{ "writes.lua" }.files) == nil) end""")
    (moongate.folder / "tmp").mkdir()
    result = moongate("test", "t", env={"TMPDIR": str(moongate.folder / "tmp"), "XDG_RUNTIME_DIR": ""})
    assert result.code == 0, result.stdout
    assert not list(moongate.folder.rglob("left.csv")) and not list((moongate.folder / "tmp").iterdir())


def test_a_failed_assert_on_a_run_shows_what_the_script_wrote_to_stderr(moongate):
    moongate.write("fails.lua", 'for i = 1, 20 do warn("row " .. i) end\nerror("the reason")\n')
    moongate.write("x_test.lua", """
        function test_named() local r = run{ "fails.lua" } assert(r.code == 0) end
        function test_at_once() assert(run{ "fails.lua" }.code == 0) end
        function test_other() run{ "fails.lua" } assert(1 == 2) end
        function test_told() local r = run{ "fails.lua" } assert(r.code == 0, r.stderr) end""")
    result = moongate("test", "x_test.lua")
    parts = result.stdout.split("FAILED")[1:]
    assert len(parts) == 4
    for part in parts[:2]:
        assert "stderr:\n" in part and "the reason" in part and "row 1\n" not in part
    assert "r.stderr:\n" in parts[0]
    assert "the reason" not in parts[2]
    assert parts[3].count("the reason") == 1


def test_filter_and_fail_fast_choose(run_tests):
    assert "2 tests" in run_tests(PASS + FAIL).stdout
    assert run_tests(PASS + FAIL, "--filter", "test_a").code == 0
    assert run_tests(FAIL + PASS, "--fail-fast").stdout.splitlines()[-1].startswith("1 test, 1 failed")


@needs_signals
def test_a_test_has_a_limit_of_time_and_the_next_one_runs(run_tests):
    result = run_tests("function test_a() while true do end end function test_b() end", "--timeout", "1s")
    assert result.code == 1 and "Timeout" in result.stdout and "ok     test_b" in result.stdout


def test_exit_ends_no_test_unseen(run_tests):
    result = run_tests("function test_a() exit(0) end")
    assert result.code == 1 and "exit(0)" in result.stdout


@needs_signals
def test_ctrl_c_ends_all_tests(moongate):
    moongate.write("x_test.lua", 'function test_a() while true do end end ' + PASS.replace("_a", "_z"))
    running = moongate.start("test", "x_test.lua")
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 130
    running.communicate()


def test_options_that_would_mean_nothing_are_refused(moongate):
    moongate.write("x_test.lua", PASS)
    for options in ["--read-only"], ["--allow", "TagResource"], ["--trust"], ["--data", "d"], ["--record", "c"]:
        assert moongate("test", *options, "x_test.lua").code == 252, options


# ---- The clock ----


def test_the_clock_of_script_and_world_is_one_and_sleeping_moves_it(run_tests):
    result = run_tests("""
        function test_it_stands()
          assert(now() == timestamp("2026-03-01T06:00:00Z") and os.time() == now().epoch)
          assert(gateway_lab.clock().now == now() and gateway_lab.clock().stopped)
        end
        function test_it_is_set()
          assert(clock.set("2030-01-01T00:00:00Z") == now())
          assert(os.date("!%F") == "2030-01-01" and gateway_lab.clock().now == now())
          clock.advance("2h") assert(os.date("!%H") == "02")
          gateway_lab.clock{ advance = "1h" } assert(os.date("!%H") == "03")
        end
        function test_waiting_moves_it()
          sleep("30d") assert(now() == timestamp("2026-03-31T06:00:00Z"))
          local order = {}
          parallel({ 3, 1, 2 }, function(i) sleep(i * 3600) order[#order + 1] = i end)
          assert(table.concat(order) == "123" and now() == timestamp("2026-03-31T09:00:00Z"))
          local ok, e = pcall(wait_until, function() return false end, { timeout = "1h" })
          assert(e.code == "WaitTimeout" and now() == timestamp("2026-03-31T10:00:00Z"))
        end
        function test_no_clock_shows_the_year_10000()
          assert(not pcall(clock.set, "9999-12-31T23:59:59Z"))
        end""")
    assert result.code == 0, result.stdout


# ---- run{} ----


def test_run_is_shared_code_in_the_world_and_at_the_time_of_the_test(run_tests, moongate):
    moongate.write("stale.lua", STALE)
    result = run_tests("""
        function test_x()
          clock.set("2030-01-01T00:00:00Z")
          local r = run{ "stale.lua" }
          assert(r.code == 2 and r.stderr == "two\\n")
          assert(r.stdout == "2030-01-01T00:00:00Z\\t1893456000\\t2030-01-01\\n2030-01-01T01:00:00Z\\n")
          assert(now() == timestamp("2030-01-01T01:00:00Z"))
        end
        function test_own() assert(run{ "stale.lua", own = true }.stdout:find("2026%-03%-01T07")) end
        function test_writing_takes_leave()
          assert(run{ "stale.lua", "--tag" }.code == 251)
          local dry = run{ "stale.lua", "--tag", dry_run = true }
          assert(dry.code == 2 and dry.stderr:find("TagResource"))
          assert(tags.get(list_virtual_machines():first()).a == nil)
          assert(run{ "stale.lua", "--tag", allow = { "TagResource" } }.code == 2)
          assert(tags.get(list_virtual_machines():first()).a == "b")
        end""")
    assert result.code == 0, result.stdout


def test_run_says_what_it_cannot_do(run_tests, moongate):
    moongate.write("x.lua", "-- @allow Nonsense\n")
    result = run_tests("""
        function test_x()
          local r = run{ "x.lua" } assert(r.code == 252 and r.stderr:find("Nonsense"))
          r = run{ "absent.lua" } assert(r.code == 252 and r.stderr:find("absent.lua"))
          local function refused(given, words)
            local ok, e = pcall(run, given)
            assert(not ok and tostring(e):find(words, 1, true), tostring(e))
          end
          refused({ "x.lua", alow = {} }, "run has no option alow")
          refused({ "x.lua", allow = { "TagResourc" } }, "did you mean TagResource?")
          refused({}, "run needs a script")
          refused({ "x.lua", {} }, "is a text or a number")
        end""")
    assert result.code == 0, result.stdout


def test_clock_and_run_are_there_in_tests_only(moongate):
    assert moongate("--local", "-e", "print(rawget(_G, 'clock'), pcall(function() return run{} end))").stdout.startswith("nil\tfalse")
    assert "moongate test only" in moongate("doc", "run").stdout.replace("\n  ", " ")


# ---- Reports ----

HOSTILE = """_G["test_a # SKIP <&\\"' \\27[31m"] = function()
  print("\\27[31m\\0 ]]> \\xff") error("bad \\27[2J <x> & ]]> \\1\\nsecond # line")
end
function test_ok() end
"""


def test_tap_is_tap(run_tests):
    result = run_tests(HOSTILE, "--format", "tap")
    lines = result.stdout.splitlines()
    assert lines[0] == "TAP version 14" and lines[-1] == "1..2"
    points = [line for line in lines if re.match(r"(not )?ok ", line)]
    assert [re.match(r"(not )?ok (\d+) - x_test\.lua: test_", point)[2] for point in points] == ["1", "2"]
    assert not re.search(r"(?<!\\)#", points[0]), "an escaped # begins no directive"
    begin, end = lines.index("  ---"), lines.index("  ...")
    assert begin == lines.index(points[0]) + 1
    for line in lines[begin + 1 : end]:
        value = re.fullmatch(r" +(?:- |\w+: )?(\".*\")?(?:\w+:)?", line)[1]
        assert value is None or json.loads(value) is not None
    assert "\x1b" not in result.stdout and "\0" not in result.stdout


def test_junit_is_xml_that_a_parser_reads(run_tests, moongate):
    result = run_tests(HOSTILE, "--format", "junit", "--junit", "report.xml")
    suites = XML.fromstring(result.stdout)
    written = XML.parse(moongate.folder / "report.xml").getroot()
    for root in suites, written:
        assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "2", "1")
        (suite,) = root
        assert suite.get("name") == "x_test.lua"
        first, second = suite
        assert first.get("name").startswith("test_a # SKIP <&\"' ") and second.get("name") == "test_ok"
        assert "<x> & ]]>" in first.find("failure").get("message")
        assert "second # line" in first.find("failure").text and "]]>" in first.find("system-out").text
        assert len(second) == 0


def test_a_hundred_tests_take_seconds(run_tests):
    result = run_tests("".join(f"function test_{i}() assert(list_gateways():count() == 3) end\n" for i in range(100)))
    assert result.code == 0 and "100 tests, 0 failed" in result.stdout
    print(result.stdout.splitlines()[-1])


def test_the_lines_of_a_message_stay_lines(run_tests):
    """assert(r.code == 0, r.stderr) told all that a script had printed in one row, with \\u{A} between."""
    result = run_tests('function test_a() assert(false, "one\\ntwo\\27[2Jthree") end')
    assert "x_test.lua:1: one\n         two\\u{1B}[2Jthree\n" in result.stdout
    deep = run_tests("function test_a() local function f() return 1 + f() end f() end")
    assert "(skipping" in deep.stdout and "u{9}" not in deep.stdout


def test_a_report_that_cannot_be_written_is_told_before_anything_runs(moongate, run_tests):
    result = run_tests(PASS, "--junit", "absent/junit.xml")
    assert (result.code, result.stdout) == (252, "") and "--junit: cannot write 'absent/junit.xml'" in result.line()


def test_a_file_that_is_named_twice_is_tested_once(moongate):
    """JUnit's counts had each of its tests four times."""
    (moongate.folder / "t").mkdir()
    moongate.write("t/x_test.lua", PASS)
    moongate.write("t/y_test.lua", PASS)
    result = moongate("test", "--format", "junit", "t/x_test.lua", "t/", "t/x_test.lua")
    assert [suite.get("tests") for suite in XML.fromstring(result.stdout)] == ["1", "1"], result.stdout


def test_scripts_under_test_are_whole_whatever_array_of_jobs_the_tests_run_in(moongate):
    """GitLab's `parallel:` set CI_NODE_INDEX, and each script under test looked at its part of the world only."""
    moongate.write("s.lua", "print(#shard{ 1, 2, 3, 4 })\n")
    moongate.write("s_test.lua", """
        function test_shared() assert(run{ "s.lua" }.stdout == "4\\n") end
        function test_own() assert(run{ "s.lua", own = true }.stdout == "4\\n") end""")
    for job in {"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "2"}, {"MOONGATE_SHARD": "1/2"}:
        result = moongate("test", "s_test.lua", env=job)
        assert result.code == 0, result.stdout
