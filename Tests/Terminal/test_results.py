"""What a typed line prints: values, tables, listings page by page, long texts a screen at a time."""

import csv
import io
import subprocess

import pexpect
import pytest

from canned_server import CannedServer
from terminal import BINARY, DEADLINE, PROMPT, status_of, talk

MARK = "-- more (Space, Enter, q) --"


# ---- A screen at a time ----


def test_a_text_of_one_screen_is_printed_at_once(screen):
    screen.keys("C-l")
    screen.line("('x\\n'):rep(22) .. 'end'")
    screen.wait_rows("end", PROMPT.strip())
    assert MARK not in screen.text()


@pytest.fixture
def paging(screen):
    """A screen with the first page of a text of 100 lines."""
    screen.line("t = {} for i = 1, 100 do t[i] = i end")
    screen.line("table.concat(t, '\\n')")
    screen.wait(MARK, last=True)
    return screen


def test_a_longer_text_waits_for_a_key_after_each_screen(paging):
    assert paging.rows()[:23] == [str(n) for n in range(1, 24)]
    paging.keys("Space")
    paging.wait_rows(*[str(n) for n in range(24, 47)], MARK)
    paging.keys("Enter")
    paging.wait_rows("46", "47", MARK)
    paging.keys("Space", "Space", "Space")
    paging.wait_rows("99", "100", PROMPT.strip())


@pytest.mark.parametrize("key", ["q", "C-c", "C-d"])
def test_a_page_is_left_by_a_key_and_its_mark_goes_with_it(paging, key):
    paging.keys(key)
    paging.wait_rows("23", PROMPT.strip())
    paging.line("print(1 + 1)")
    paging.wait_rows("2", PROMPT.strip())


def test_the_next_page_is_as_long_as_the_window_has_become(paging):
    paging.resize(20, 10)
    paging.keys("Space")
    paging.wait_rows(*[str(n) for n in range(24, 33)], "more")


def test_a_page_can_be_stopped_and_gone_on_with(paging):
    paging.keys("C-z")
    paging.wait("bash$", last=True)
    paging.line("stty -a | tr ' ' '\\n' | grep -x -e icanon -e echo -e isig | sort | tr '\\n' ' '")
    paging.wait("echo icanon isig")
    paging.line("fg")
    paging.wait(MARK, last=True)
    paging.keys("q")
    paging.wait(PROMPT.strip(), last=True)


@pytest.mark.parametrize("signal", ["TERM", "HUP", "INT"])
def test_a_signal_at_the_mark_leaves_the_terminal_as_it_was(paging, signal):
    paging.tmux("run-shell", f"kill -{signal} {paging.process()}")
    if signal == "INT":
        paging.wait(PROMPT.strip(), last=True)
        paging.keys("C-d")
    paging.wait("EXIT=")
    # dash, unlike bash, edits nothing and repairs nothing.
    paging.line("exec sh -c 'stty -a | tr \" \" \"\\n\" | grep -x -e icanon -e echo -e isig | sort | tr \"\\n\" \" \"; cat'")
    paging.wait("echo icanon isig")


def test_keys_of_a_sequence_page_and_others_do_nothing(paging):
    paging.keys("x", "F5", "Left")
    paging.keys("Down")
    paging.wait_rows("23", "24", MARK)
    paging.keys("NPage")
    paging.wait_rows("46", "47", MARK)


def test_a_line_longer_than_the_screen_is_paged_too(screen):
    screen.line("('x'):rep(3000)")
    screen.wait(MARK, last=True)
    assert screen.rows()[:23] == ["x" * 80] * 23
    screen.keys("Space")
    screen.wait_rows("x" * (3000 % 80), PROMPT.strip())


def test_help_is_paged_at_the_prompt(screen):
    screen.line("help()")
    screen.wait(MARK, last=True)
    screen.keys("q")
    screen.wait(PROMPT.strip(), last=True)


def test_nothing_waits_on_a_plain_terminal(home):
    child = talk(home, TERM="dumb")
    child.send("help()\r")
    child.expect_exact("its commands.")
    child.send("\x04")
    assert status_of(child) == 0


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


# ---- Listings ----


def machine(n, name=None):
    return {"ResourceArn": f"arn:aws:backup-gateway:us-east-1:123456789012:vm/vm-{n:017X}", "Name": name or f"vm-{n:04}"}


@pytest.fixture
def service():
    """A service with 1,000 machines, and pages as long as asked for, 50 by default."""

    def reply(request):
        size, start = request.json.get("MaxResults", 50), int(request.json.get("NextToken", 0))
        page = {"VirtualMachines": [machine(n) for n in range(start, min(start + size, 1000))]}
        return {**page, "NextToken": str(start + size)} if start + size < 1000 else page

    server = CannedServer(reply)
    yield server
    server.close()


CANNED = "moongate default/us-east-1>"


def wait_for_prompt(screen, *rows):
    """Waits for the prompt, which has learnt the account meanwhile, and the rows above it."""
    screen.until(lambda: screen.rows()[-1].endswith("123456789012>") and screen.rows()[-1 - len(rows):-1] == list(rows), "the prompt")


@pytest.fixture
def open_fleet(service, open_screen):
    def open_one(options="", **more):
        screen = open_screen(
            AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="secret", AWS_EC2_METADATA_DISABLED="true", **more)
        screen.start(f"--endpoint {service.endpoint} --region us-east-1 {options}", CANNED)
        return screen

    return open_one


def names(screen):
    return [row.split()[-1] for row in screen.rows() if row.startswith(("…", "arn:"))]


def test_a_listing_asks_for_one_page_and_q_leaves(service, open_fleet):
    screen = open_fleet()
    screen.line("list_virtual_machines()")
    screen.wait(MARK, last=True)
    assert names(screen)[-1] == "vm-0021"
    screen.keys("q")
    wait_for_prompt(screen)
    screen.line("print('still', _:first().Name)")
    screen.wait("still   vm-0000")
    assert len(service.requests) == 2, "one for the listing, one for :first()"


def test_each_page_is_asked_for_with_a_key(service, open_fleet):
    screen = open_fleet()
    screen.line("list_virtual_machines{ MaxResults = 5 }")
    for pages in range(1, 4):
        screen.until(lambda: names(screen)[-1:] == [f"vm-{pages * 5 - 1:04}"] and screen.rows()[-1] == MARK, "a page")
        assert len(service.requests) == pages
        screen.keys("Space")
    screen.until(lambda: names(screen)[-1] == "vm-0019", "the fourth page")
    # The titles stand once, and all rows are in their columns.
    assert sum("ResourceArn" in row for row in screen.rows()) == 1
    assert len({row.index("vm-00") for row in screen.rows() if " vm-00" in row}) == 1
    screen.keys("C-c")
    wait_for_prompt(screen)


def test_ctrl_c_ends_the_wait_for_a_page(open_screen):
    def reply(request):
        if "NextToken" in request.json:
            server.closing.wait(DEADLINE)
        return {"VirtualMachines": [machine(1)], "NextToken": "2"}

    server = CannedServer(reply)
    screen = open_screen(AWS_ACCESS_KEY_ID="A", AWS_SECRET_ACCESS_KEY="s", AWS_EC2_METADATA_DISABLED="true")
    screen.start(f"--endpoint {server.endpoint} --region us-east-1", CANNED)
    screen.line("list_virtual_machines()")
    screen.wait(MARK, last=True)
    screen.keys("Space")
    assert server.wait_for_requests(2)
    screen.keys("C-c")
    wait_for_prompt(screen, "interrupted")
    screen.line("print(1 + 1)")
    wait_for_prompt(screen, "2")
    server.close()


def test_a_filter_stops_at_pages_that_bring_something(service, open_fleet):
    screen = open_fleet()
    screen.line("list_virtual_machines():filter(function(v) return v.Name == 'vm-0120' end)")
    screen.wait(MARK, last=True)
    assert names(screen) == ["vm-0120"] and len(service.requests) == 3
    screen.keys("q")
    screen.line("list_virtual_machines{ MaxResults = 2 }:map(function(v) return v.Name end):take(3)")
    screen.wait(MARK, last=True)
    screen.keys("Space")
    wait_for_prompt(screen, "vm-0001", "vm-0002")


def test_columns_keep_their_widths_until_they_must_grow(service, open_fleet):
    screen = open_fleet()
    screen.line("n = 0")
    screen.line("list_virtual_machines{ MaxResults = 2 }:map(function(v) n = n + 1 return { N = n < 5 and n or 'long name', Z = v.Name } end)")
    screen.wait(MARK, last=True)
    screen.keys("Space")
    screen.until(lambda: "vm-0003" in screen.text(), "two pages")
    screen.keys("Space")
    screen.until(lambda: "vm-0005" in screen.text(), "three pages")
    assert [row for row in screen.rows() if row.startswith(("N ", "1", "2", "3", "4", "long"))] == [
        "N  Z", "1  vm-0000", "2  vm-0001", "3  vm-0002", "4  vm-0003", "N          Z", "long name  vm-0004", "long name  vm-0005"]


def test_a_plain_terminal_gets_one_page(service, home):
    child = talk_to(service, home, TERM="dumb")
    child.send("list_virtual_machines()\r")
    child.expect_exact("vm-0049")
    child.expect_exact("… there is more; show(_) prints it all")
    child.expect_exact("> ")
    assert len(service.requests) == 1
    child.send("\x04")
    assert status_of(child) == 0


def talk_to(service, home, **changes):
    child = pexpect.spawn(
        BINARY, ["--endpoint", service.endpoint, "--region", "us-east-1"], dimensions=(24, 80), timeout=DEADLINE, encoding="utf-8",
        env=home.environment(
            AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="secret", AWS_EC2_METADATA_DISABLED="true", **changes))
    child.expect_exact("> ")
    return child


def test_an_iterator_is_not_called(screen):
    screen.line("calls = 0 function each() calls = calls + 1 return calls end")
    assert answer(screen, "each") == ["(function prompt[1]:1)"]
    assert answer(screen, "calls") == ["0"]


def test_a_sorted_listing_is_sorted_whole(service, open_fleet):
    screen = open_fleet()
    screen.line("list_virtual_machines{ MaxResults = 500 }:sort(function(v) return -tonumber(v.Name:sub(4)) end)")
    screen.wait(MARK, last=True)
    assert names(screen)[0] == "vm-0999" and len(service.requests) == 2
    screen.keys("q")
    wait_for_prompt(screen)


def test_a_name_never_drives_the_terminal(home, open_screen):
    server = CannedServer(lambda request: {"VirtualMachines": [machine(1, "\x1b[31mred\x07\n\u202e")]})
    screen = open_screen(AWS_ACCESS_KEY_ID="A", AWS_SECRET_ACCESS_KEY="s", AWS_EC2_METADATA_DISABLED="true", NO_COLOR="1")
    screen.start(f"--endpoint {server.endpoint} --region us-east-1", CANNED)
    for form, shown in {
        "table": r"␛[31mred␇\n\u{202E}", "csv": "␛[31mred␇", "lua": r"\u{1B}[31mred\u{7}\n\u{202E}", "json": r"\u001b[31mred\u0007\n"
    }.items():
        screen.keys("C-l")
        screen.line(f".output {form}")
        screen.line("list_virtual_machines()")
        screen.wait(shown)
        wait_for_prompt(screen)
        assert "\x1b[31m" not in screen.text(escapes=True)
    screen.line("_:first().Name")
    screen.wait("␛[31mred␇")
    server.close()


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


def test_a_listing_in_a_form_of_data_is_paged_too(service, open_fleet):
    screen = open_fleet("--output jsonl")
    screen.line("list_virtual_machines{ MaxResults = 3 }:take(7)")
    screen.wait(MARK, last=True)
    assert len(service.requests) == 1
    screen.keys("Space")
    screen.until(lambda: "vm-0005" in screen.text() and screen.rows()[-1] == MARK, "the second page")
    assert len(service.requests) == 2
    screen.keys("Space")
    screen.until(lambda: "vm-0006" in screen.text(), "the rest")
    wait_for_prompt(screen)
