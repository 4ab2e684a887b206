"""Help at the prompt: what is typed to get it, and that it fits the window."""

import pytest

from terminal import PROMPT

ASKED = {
    "help(get_gateway)": "get_gateway(gateway) → Gateway",
    'help "get_gateway"': "get_gateway(gateway) → Gateway",
    "get_gateway?": "get_gateway(gateway) → Gateway",
    "help get_gateway": "get_gateway(gateway) → Gateway",
    "?get_gateway": "get_gateway(gateway) → Gateway",
    " get_gateway?? ": "get_gateway(gateway) → Gateway",
    "session.get_gateway?": "get_gateway(gateway) → Gateway",
    "output.csv?": "output.csv(rows, columns?, { to = }?)",
    "help(output.csv)": "output.csv(rows, columns?, { to = }?)",
    "listing:first?": "listing:first() → item, or nil",
    "help(list_gateways().first)": "listing:first() → item, or nil",
    "help(list_gateways())": "for item in listing do … end",
    "help(now())": "timestamp(text or epoch seconds, zone?) → timestamp",
    "help(now().format)": "ts:format(form, zone?) → text",
    "help(session.whoami)": "session.whoami() →",
    "help(session.get_gateway)": "get_gateway(gateway) → Gateway",
    "help(gateway_lab.clock)": "gateway_lab.clock",
    'help "keys"': "Keys at the prompt",
    'help "prompt"': "At the prompt",
    "exit?": "exit(code?, message?)",
}


@pytest.mark.parametrize("line, heading", ASKED.items(), ids=ASKED.keys())
def test_a_question_is_answered_with_the_page(open_screen, line, heading):
    screen = open_screen(width=100, height=80)
    screen.start()
    screen.line(line)
    screen.until(lambda: heading in screen.text() and screen.rows()[-1] == PROMPT.strip(), heading)
    assert "error:" not in screen.text()


def test_a_variable_is_explained_by_what_it_is(open_screen):
    screen = open_screen(height=60)
    screen.start()
    screen.line("local gw = list_gateways():first()")
    screen.line("gw?")
    screen.wait("Gateway: a record of the service", "GatewayDisplayName  string. The name that people gave it.")
    screen.line("gw.LastSeenTime?")
    screen.wait("timestamp(text or epoch seconds, zone?) → timestamp")


def test_a_page_of_an_operation_tells_types_limits_errors_action_and_an_example(open_screen):
    screen = open_screen(width=100, height=60)
    screen.start()
    screen.line("put_maintenance_start_time?")
    screen.wait(
        "put_maintenance_start_time(gateway, {…})", "HourOfDay     required, integer, 0 to 23.", "ConflictException",
        "IAM action  backup-gateway:PutMaintenanceStartTime (Write)", "Example\n  put_maintenance_start_time(")


def test_an_unknown_name_is_an_error_that_names_the_nearest(open_screen):
    screen = open_screen(width=120)
    screen.start()
    for line, said, mark in (
        ("get_gatwy?", "there is no help for 'get_gatwy'; did you mean get_gateway?", "get_gatwy"),
        ("output.csvv?", "output has no csvv; did you mean csv?", "csvv"),
        ("while?", "there is no help for 'while'", None),
    ):
        screen.line(line)
        screen.wait(said)
        if mark:
            screen.wait(" " * (6 + line.index(mark)) + "^" * len(mark))


def test_names_of_the_operators_own_do_not_hide_help(open_screen):
    screen = open_screen(height=60)
    screen.start()
    screen.line("moongate = 5 help = 5 local moongate = 6")
    screen.line("get_hypervisor?")
    screen.wait("get_hypervisor(hypervisor)")
    screen.line("quit")
    screen.wait("exit(")
    assert "attempt to index" not in screen.text()


def test_a_question_mark_elsewhere_is_no_question(screen):
    screen.line("print('what?')")
    screen.wait("\nwhat?")
    screen.line("x = 1 ?")
    screen.wait("unexpected symbol near '?'")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_overview_fits_the_window_and_names_everything(open_screen, width):
    screen = open_screen(width=width, height=90)
    screen.start()
    screen.line("help()")
    screen.until(lambda: ".help lists" in " ".join(screen.text().split()) and screen.rows()[-1].endswith(">"), "the end")
    shown = " ".join(screen.text().split())
    for name in "list_gateways", "tag_resource", "wait_until", "changes", 'help "keys"', 'help "prompt"':
        assert name in shown
    # Broken at words: no name is cut by the margin.
    assert "get_bandwidth_rate_limit_schedule" in shown


def test_the_shells_commands_are_listed_broken_at_words(open_screen):
    screen = open_screen(height=80)
    screen.start()
    screen.line(".help")
    screen.wait(".watch", "help() lists what Lua has here.")
    assert ".output [table|json|jsonl|csv|yaml|lua]\n" in screen.text()
    rows = screen.rows()
    beside = rows[next(at for at, row in enumerate(rows) if row.startswith("  .profile [NAME]")) + 1]
    assert beside.startswith(" " * 26) and beside.split()[0] in "Shows the profiles, or has the operations act with another one."


# ---- The greeting ----


def greeting(screen):
    rows = screen.rows()
    return rows[rows.index(next(row for row in rows if row.startswith("Moongate "))):-1]


def test_the_first_start_names_three_things_to_try_in_at_most_five_lines_and_later_ones_are_shorter(open_screen):
    screen = open_screen(height=60)
    screen.start()
    lines = greeting(screen)
    assert len(lines) <= 5 and all(len(line) < 80 for line in lines)
    assert "sample fleet" in lines[1]
    assert all(any(thing in line for line in lines) for thing in ("list_gateways()", "get_gateway?", ".help"))
    screen.line("print('remembered')")
    screen.keys("C-d")
    screen.wait("EXIT=0")
    screen.keys("C-l")
    screen.start()
    assert len(greeting(screen)) <= 3 and "help()" in greeting(screen)[-1]
    for line in "list_gateways()", "get_gateway?", ".help":
        screen.line(line)
    screen.wait(".exit")
    assert "error:" not in screen.text()
