"""What is longer than a screen: texts a screen at a time, and listings page by page as the service gives them."""

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
