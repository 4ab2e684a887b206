"""What a typed line prints: values, tables, and the forms of both. What is longer than a screen is in test_paging.py."""

import csv
import io
import subprocess

import pytest

from terminal import BINARY, DEADLINE, PROMPT, status_of, talk


# ---- Values ----


def answer(screen, line):
    """What a typed line prints."""
    screen.keys("C-l")
    screen.until(lambda: screen.rows()[0] == PROMPT.strip(), "an empty screen")
    screen.line(line)
    screen.until(lambda: screen.rows()[-1] == PROMPT.strip() and len(screen.rows()) > 1, line)
    rows = screen.rows()
    typed = (len(PROMPT + line) - 1) // 80 + 1
    return rows[typed:-1]


def test_a_scalar_is_printed_plainly_and_all_return_values_are(screen):
    assert answer(screen, "1 + 1") == ["2"]
    assert answer(screen, "'a', nil, 2.5, true") == ["a", "nil", "2.5", "true"]
    assert answer(screen, "nil") == ["nil"]
    assert answer(screen, "x = 5") == []


@pytest.mark.parametrize("line", ["nothing_has_it", "t.x", "t['x']", "rawget(t, 1) or t.x", "t.x -- why?", "return t.x"])
def test_a_name_or_a_member_that_is_nil_is_shown_as_nil(screen, line):
    screen.line("t = {}")
    assert answer(screen, line) == ["nil"]


@pytest.mark.parametrize("line", ["f()", "f'x'", "f{}", "t.x;", "rawget(t, 1)"])
def test_a_call_that_gives_nil_stays_silent(screen, line):
    screen.line("t = {} function f() return nil end")
    assert answer(screen, line) == []


def test_a_name_that_nothing_has_is_told_with_the_one_that_is_spelt_nearly_so(screen):
    hint = "hint: nothing is called get_gatewayx; did you mean get_gateway?"
    assert answer(screen, "get_gatewayx") == ["nil", hint]
    screen.line("local get_gatewayx")
    assert answer(screen, "get_gatewayx") == ["nil"]
    assert answer(screen, "ls") == ["nil"]


def test_other_tables_are_sorted_and_indented(screen):
    assert answer(screen, "{ b = 1, a = { 2, 3 }, ['end'] = 4, [1.5] = 5 }") == [
        '{ [1.5] = 5, a = { 2, 3 }, b = 1, ["end"] = 4 }']
    assert answer(screen, "{ long = ('x'):rep(60), b = { c = 1, d = 2 } }") == [
        "{", "  b = { c = 1, d = 2 },", f'  long = "{"x" * 60}",', "}"]


def test_cycles_and_shared_tables_are_marked(screen):
    screen.line("t = { 1, a = { b = 1 } } t.t = t t.a.up = t")
    assert answer(screen, "t") == ["{ 1, a = { b = 1, up = <cycle> }, t = <cycle> }"]
    screen.line("s = { 1 }")
    assert answer(screen, "{ s, k = { s }, e = s }") == ["{ { 1 }, e = <same as [1]>, k = { <same as [1]> } }"]


def test_functions_tasks_sessions_and_secrets_are_named(screen):
    assert answer(screen, "list_gateways") == ["(function list_gateways; help(list_gateways) explains it)"]
    screen.line("function f() end")
    assert answer(screen, "{ f, print, output.csv, coroutine.create(f) }") == [
        "{ (function prompt[2]:1), (function print), (function output.csv), (coroutine) }"]
    assert answer(screen, "spawn(f), { session }") == ["(task)", "{ (session) }"]
    assert answer(screen, "session")[-2:] == ["profile   default", "region    us-east-1"]


def test_a_record_is_shown_whole(screen):
    arn = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-3E8A51F0"
    rows = answer(screen, "list_gateways():first()")
    assert rows[:3] == ["GatewayArn", "  " + arn, "GatewayDisplayName  zurich-backup-01"]


def test_an_error_that_was_caught_says_first_what_it_is(screen):
    rows = answer(screen, "select(2, pcall(get_gateway, list_gateways():first().GatewayArn .. 'X'))")
    assert rows[0] == "message" and "does not exist" in " ".join(rows[1:3])
    assert "code         ResourceNotFoundException" in rows and not any("traceback" in row for row in rows)


def test_what_a_script_calls_itself_is_shown(screen):
    assert answer(screen, "setmetatable({}, { __tostring = function() return 'me' end })") == ["me"]
    assert answer(screen, "setmetatable({}, { __tostring = error })") == ["{}"]


def test_a_table_that_calls_itself_equal_to_all_others_is_shown_as_itself(screen):
    screen.keys("C-l")
    screen.line("setmetatable({ a = 1 }, { __eq = function() return true end })")
    screen.wait_rows("{ a = 1 }", PROMPT.strip())


def test_a_list_of_records_is_a_table_as_wide_as_the_window(open_screen):
    for width, height in [(80, 24), (200, 50)]:
        screen = open_screen(width=width, height=height)
        screen.start()
        screen.line("list_hypervisors()")
        text = screen.wait("vcenter-tokyo", "PENDING")
        title, *rows = [row for row in text.split("\n") if row.startswith(("HypervisorArn", "…", "arn:"))]
        assert title.split() == ["HypervisorArn", "Host", "Name", "KmsKeyArn", "State"] and len(rows) == 2
        for name in ["Host", "Name", "State"]:
            assert all(row[title.index(name) - 1] == " " != row[title.index(name)] for row in rows)


def test_records_stand_one_below_another_where_no_table_fits(open_screen):
    screen = open_screen(width=40, height=24)
    screen.start(prompt="local/us-east-1>")
    screen.line("list_hypervisors()")
    screen.wait("PENDING")
    rows = screen.rows()
    assert "Name           vcenter-zurich" in rows and "Name           vcenter-tokyo" in rows
    assert all(len(row) <= 40 for row in rows)


def test_an_iterator_is_not_called(screen):
    screen.line("calls = 0 function each() calls = calls + 1 return calls end")
    assert answer(screen, "each") == ["(function prompt[1]:1)"]
    assert answer(screen, "calls") == ["0"]


# ---- What is kept ----


def test_results_are_kept_by_age_and_by_number(screen):
    for line in ["'a'", "'b', nil, 'c'", "x = 1", "nil", "'d'"]:
        screen.line(line)
    assert answer(screen, "print(_, __, ___, _1, _2, _3, _4, _5)") == ["d       b       a       a       b       c       d       nil"]


def test_a_semicolon_keeps_and_prints_nothing(screen):
    screen.keys("C-l")
    screen.line("6 * 7;")
    screen.line("'quiet'; -- said nothing ;")
    screen.wait_rows(PROMPT + "6 * 7;", PROMPT + "'quiet'; -- said nothing ;", PROMPT.strip())
    assert answer(screen, "__, _") == ["42", "quiet"]


def test_a_scripts_own_name_hides_ours_until_it_is_gone(screen):
    for line in ["_ = 'mine'", "1", "for _, v in ipairs{ 2 } do v = _ end"]:
        screen.line(line)
    assert answer(screen, "print(_, _1)") == ["mine    1"]
    screen.line("_ = nil")
    assert answer(screen, "print(_, rawget(_G, '_1'))") == ["1       nil"]


def test_the_latest_thousand_results_are_kept(home):
    child = talk(home, (24, 200), NO_COLOR="1")
    child.send("f = function(n) if n > 0 then return n, f(n - 1) end end\r")
    child.expect_exact("> ")
    for _ in range(10):
        child.send("select(2, f(121));\r")
        child.expect_exact("> ")
    child.send("print('kept', _1, _200, _201, _1200)\r")
    child.expect(r"kept\s+nil\s+nil\s+40\s+1\s")
    child.send(".results\r")
    child.expect_exact("(the latest 1000 are kept)")
    child.send("q.results clear\r")
    child.send("print('gone', _1200, _)\r")
    child.expect(r"gone\s+nil\s+nil\s")
    child.send("\x04")
    assert status_of(child) == 0


def test_results_are_listed_with_their_first_line(screen):
    for line in ["'one'", "{ 2, 'two' }", "list_gateways();"]:
        screen.line(line)
    assert answer(screen, ".results") == ['_1  "one"', '_2  { 2, "two" }', "_3  (listing)"]


# ---- Forms ----


ROWS = "{ { Name = 'a,b \"q\"\\nz', N = 1.5, At = timestamp('2022-09-22T08:30:00.123456Z') }, { Name = '東京', L = { 1, { k = true } } } }"


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "yaml", "lua"])
def test_a_form_is_the_same_at_the_prompt_in_a_file_and_in_a_pipe(open_screen, home, form, tmp_path):
    piped = subprocess.run(
        [BINARY, "--local", "--output", form, "-e", f"show({ROWS})"], env=home.environment(), capture_output=True, timeout=DEADLINE)
    assert (piped.returncode, piped.stderr) == (0, b"")
    screen = open_screen(width=140, height=40)
    screen.start()
    screen.line(f".output {form}")
    screen.line(f"output.{form}({ROWS}, nil, {{ to = '{tmp_path}/rows' }})")
    screen.wait(PROMPT.strip(), last=True)
    screen.until(lambda: (tmp_path / "rows").exists(), "the file")
    assert (tmp_path / "rows").read_bytes() == piped.stdout
    typed = {"the value": ROWS, "show": f"show({ROWS})"}
    for line in typed.values():
        screen.keys("C-l")
        screen.until(lambda: screen.rows()[0] == PROMPT.strip(), "an empty screen")
        screen.line(line)
        screen.until(lambda: screen.rows()[-1] == PROMPT.strip() and len(screen.rows()) > 2, line)
        shown = "\n".join(row.rstrip() for row in screen.rows()[(len(PROMPT + line) - 1) // 140 + 1:-1]) + "\n"
        assert shown == piped.stdout.decode().replace("\r\n", "\n")


def test_csv_is_read_by_other_peoples_parsers(home):
    text = subprocess.run(
        [BINARY, "--local", "--output", "csv", "-e", f"show({ROWS}, {{ 'Name', 'N' }})"], env=home.environment(), capture_output=True,
        timeout=DEADLINE).stdout.decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["Name", "N"], ['a,b "q"\nz', "1.5"], ["東京", ""]]


def test_a_form_is_chosen_and_told(screen):
    assert answer(screen, ".output") == ["table"]
    assert answer(screen, ".output json") == []
    assert answer(screen, "{ a = 1 }") == ["{", '  "a": 1', "}"]
    assert answer(screen, "1 + 1") == ["2"]
    assert answer(screen, ".output xml") == [".output is table, json, jsonl, csv, yaml or lua, not 'xml'"]
    assert answer(screen, "{ print }") == ["json: row 1, a function is no data; .output table shows it"]


def test_the_command_line_says_the_first_form(open_screen):
    screen = open_screen()
    screen.start("--local --output yaml")
    assert answer(screen, "{ { a = 'yes' } }") == ['- a: "yes"']
