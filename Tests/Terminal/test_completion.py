"""Tab and hints at the prompt: what is offered, what it costs, and that it runs nothing. The real binary in tmux, against
a server that counts every request."""

import shlex
import time

import pytest

from canned_server import ACCOUNT, CannedServer, GATEWAY, Raw, virtual_machines
from moongate import CREDENTIALS
from terminal import BINARY

PROMPT = "moongate default/us-east-1>"
SPARE = {**GATEWAY, "GatewayArn": f"{ACCOUNT}:gateway/bgw-22222222", "GatewayDisplayName": "Zürich-spare"}
HYPERVISORS = [
    {"HypervisorArn": f"{ACCOUNT}:hypervisor/hype-9B1AB1F1", "Name": "vcenter-1", "Host": "10.0.0.1", "State": "ONLINE"},
    {"HypervisorArn": f"{ACCOUNT}:hypervisor/hype-2", "Name": "vcenter-2", "Host": "10.0.0.2", "State": "OFFLINE"},
]


class Service:
    """Two gateways, two hypervisors, machines; `stall` keeps answers back until the test ends."""

    def __init__(self):
        self.stall = False
        self.machines = virtual_machines(3)
        self.server = CannedServer(self.answer)

    def answer(self, request):
        if self.stall:
            self.server.closing.wait(60)
            return None
        if request.operation == "ListGateways":
            return {"Gateways": [GATEWAY, SPARE]}
        if request.operation == "ListHypervisors":
            return {"Hypervisors": HYPERVISORS}
        if request.operation == "ListVirtualMachines":
            return {"VirtualMachines": self.machines}
        return Raw('{"__type":"AccessDeniedException","Message":"not you"}', status=400)

    @property
    def asked(self):
        return [request.operation for request in self.server.requests]


@pytest.fixture
def service():
    service = Service()
    yield service
    service.server.close()


@pytest.fixture
def start(open_screen, service):
    def start(options="", hints=False, **settings):
        # Without colours there are no ghosts, which would stand behind what is typed.
        plain = {} if hints else {"NO_COLOR": "1"}
        screen = open_screen(**CREDENTIALS, AWS_EC2_METADATA_DISABLED="true", **plain, **settings)
        screen.line(f"{shlex.quote(BINARY)} --endpoint {service.server.endpoint} --region us-east-1 {options}; echo EXIT=$?")
        screen.wait(PROMPT, last=True)
        screen.tmux("clear-history")
        return screen

    return start


def tab(screen, text):
    screen.type(text)
    screen.keys("Tab")


def line(screen, text):
    """Waits until this is what stands behind the prompt."""
    screen.wait(f"{PROMPT} {text}".rstrip(), last=True)


def row(screen, *parts):
    """Waits for a row that has all of them, in this order, and gives it."""

    def found():
        for line in screen.rows():
            places = [line.find(part) for part in parts]
            if min(places) >= 0 and places == sorted(places):
                return line
        return None

    screen.until(found, parts)
    return found()


# Feature 5 ---------------------------------------------------------------------------------------------------------


def test_tab_after_get_gateway_lists_name_arn_and_state_from_one_list_gateways_call(start, service):
    screen = start(width=130)
    assert service.asked == [], "a start asks nothing"
    tab(screen, 'get_gateway("')
    row(screen, "dc1-gateway", "gateway/bgw-12A3456B", "last seen")
    row(screen, "Zürich-spare", "gateway/bgw-22222222", "last seen")
    line(screen, 'get_gateway("')
    assert service.asked == ["ListGateways"]
    assert screen.cursor()[0] == len(f'{PROMPT} get_gateway("'), "text and cursor stay"

    # Again within the cache time: the candidates go through the text, and nothing is asked.
    screen.keys("Tab")
    screen.wait(f'get_gateway("{GATEWAY["GatewayArn"]}"')
    screen.keys("Tab")
    screen.wait(f'get_gateway("{SPARE["GatewayArn"]}"')
    screen.keys("Tab")
    line(screen, 'get_gateway("')
    assert service.asked == ["ListGateways"]


def test_a_resource_is_found_by_any_part_of_its_name_or_arn_in_any_case(start, service):
    screen = start(width=130)
    tab(screen, 'get_gateway("ZÜRICH')
    line(screen, f'get_gateway("{SPARE["GatewayArn"]}"')
    screen.keys("C-u")
    tab(screen, 'get_gateway("12a34')
    screen.wait(f'get_gateway("{GATEWAY["GatewayArn"]}"')
    screen.keys("C-u")
    tab(screen, 'delete_hypervisor{ HypervisorArn = "center-2')
    screen.wait(f'HypervisorArn = "{HYPERVISORS[1]["HypervisorArn"]}"')
    screen.keys("C-u")
    tab(screen, "get_hypervisor(")
    row(screen, "vcenter-2", "hypervisor/hype-2", "OFFLINE")
    assert sorted(service.asked) == ["ListGateways", "ListHypervisors"]


def test_a_service_that_does_not_answer_in_time_leaves_what_is_cached_with_a_note(start, service):
    screen = start(width=120)
    tab(screen, 'get_gateway("')
    row(screen, "dc1-gateway")
    service.stall = True
    # A write may change what there is, so the list is asked for again.
    screen.keys("C-u")
    screen.line("pcall(update_gateway_software_now, '%s')" % GATEWAY["GatewayArn"])
    assert service.server.wait_for_requests(2)
    screen.keys("C-c")
    screen.wait("interrupted")
    screen.keys("C-l")
    begun = time.monotonic()
    tab(screen, 'get_gateway("')
    row(screen, "(cached ", " ago; the service did not answer in 700 ms)")
    assert time.monotonic() - begun > 0.6
    row(screen, "dc1-gateway", "gateway/bgw-12A3456B")
    line(screen, 'get_gateway("')


def test_without_anything_cached_the_note_stands_alone(start, service):
    screen = start(width=120)
    service.stall = True
    tab(screen, 'get_gateway("')
    row(screen, "(ListGateways: the service did not answer in 700 ms; Tab asks again)")
    line(screen, 'get_gateway("')
    assert service.asked == ["ListGateways"]


def test_ctrl_c_while_the_service_is_asked_returns_the_line_untouched(start, service):
    screen = start(width=120)
    service.stall = True
    screen.type('x = get_gateway("dc1|")')
    screen.keys("Left", "Left", "BSpace")
    before = screen.text(), screen.cursor()
    screen.keys("Tab")
    assert service.server.wait_for_requests(1)
    screen.keys("C-c")
    time.sleep(1.5)
    assert (screen.text(), screen.cursor()) == before
    screen.type("?")
    line(screen, 'x = get_gateway("dc1?")')
    assert service.asked == ["ListGateways"]


def test_parameters_complete_with_the_required_ones_first_and_flagged(start, service):
    screen = start(width=110)
    tab(screen, "put_maintenance_start_time{ ")
    screen.wait("DayOfWeek")
    rows = screen.rows()
    begin = next(i for i, line in enumerate(rows) if line.startswith(f"{PROMPT} put_"))
    rows = rows[begin + 1:-1]
    names = [line.split()[0] for line in rows]
    wanted = ["GatewayArn", "HourOfDay", "MinuteOfHour", "DayOfMonth", "DayOfWeek"]
    assert names == wanted
    assert [" required " in line for line in rows] == [True, True, True, False, False]
    row(screen, "HourOfDay", "integer, 0 to 23", "Hour of the start")
    tab(screen, "Hou")
    line(screen, "put_maintenance_start_time{ HourOfDay =")
    tab(screen, "3, ")
    screen.until(lambda: screen.text().count("MinuteOfHour") == 2, "MinuteOfHour")
    assert screen.text().count("HourOfDay  ") == 1, "what is written is left out"
    assert service.asked == []


def test_the_values_of_an_enumeration_complete_in_quotes(start, service):
    screen = start(width=110)
    tab(screen, "create_gateway{ GatewayType = ")
    line(screen, 'create_gateway{ GatewayType = "BACKUP_VM"')
    screen.keys("C-u")
    tab(screen, "for h in list_hypervisors() do if h.State == 'OFF")
    line(screen, "for h in list_hypervisors() do if h.State == 'OFFLINE'")
    assert service.asked == []


def test_what_may_not_be_listed_is_said_in_one_line(start, service):
    screen = start(width=110)
    service.answer = None
    service.server.close()
    tab(screen, 'get_gateway("')
    row(screen, "(ListGateways: ")
    line(screen, 'get_gateway("')


# Feature 6 ---------------------------------------------------------------------------------------------------------

TRAPS = """function trap() fell = (fell or 0) + 1 error("trap") end
all = { __index = trap, __newindex = trap, __call = trap, __pairs = trap, __tostring = trap, __len = trap }
t = setmetatable({ inner = setmetatable({}, all) }, all)
f = trap
x = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-12A3456B\""""


@pytest.mark.parametrize("mode", ["emacs", "vi"])
def test_tab_calls_nothing_but_read_only_listings(start, service, home, mode):
    if mode == "vi":
        (home.path / ".editrc").write_text("bind -v\n")
    screen = start(width=110, height=40)
    for line in TRAPS.split("\n"):
        screen.line(line)
    for text in [
        "delete_gateway(x).", "t.", "t:", "t.inner.", "t.inner.deeper.", "f().", "f():", "t().", "t[1].", "t[f()].", "#t.",
        "get_gateway(x).", "list_gateways():first().", "print(t.", "delete_gateway(f()).", "delete_gateway(x):", 'x:',
        'delete_gateway("', "delete_gateway(",
    ]:
        tab(screen, text)
        screen.keys("Tab", "C-u")
    screen.line("print('fell', fell)")
    row(screen, "fell", "nil")
    assert set(service.asked) == {"ListGateways"}, screen.text()


def test_tab_tells_the_members_of_what_a_call_would_give(start, service):
    screen = start(width=110)
    tab(screen, 'delete_gateway("x").')
    line(screen, 'delete_gateway("x").GatewayArn')
    screen.keys("C-u")
    tab(screen, 'get_gateway("x").Main')
    line(screen, 'get_gateway("x").MaintenanceStartTime')
    assert service.asked == []


# Feature 14 --------------------------------------------------------------------------------------------------------


def test_the_hint_shows_what_is_still_to_be_written_and_shrinks(start):
    screen = start(width=140, hints=True)
    screen.type("put_maintenance_start_time{")
    screen.wait("{GatewayArn*, HourOfDay* 0–23, MinuteOfHour* 0–59, DayOfMonth 1–31, DayOfWeek 0–6")
    screen.type("HourOfDay = 3,")
    screen.wait("HourOfDay = 3, GatewayArn*, MinuteOfHour* 0–59, DayOfMonth 1–31, DayOfWeek 0–6")
    screen.keys("C-u")
    screen.type("get_gateway(")
    line(screen, "get_gateway(gateway")


# Names -------------------------------------------------------------------------------------------------------------


def test_names_complete_by_prefix_then_in_any_case_then_by_letters_in_order(start):
    screen = start(width=110)
    tab(screen, "get_bandw")
    line(screen, "get_bandwidth_rate_limit_schedule")
    screen.keys("C-u")
    tab(screen, "x = LIST_GATE")
    line(screen, "x = list_gateways")
    screen.keys("C-u")
    tab(screen, "pmst")
    line(screen, "put_maintenance_start_time")
    screen.keys("C-u")
    tab(screen, "list_")
    row(screen, "list_gateways", "The gateways of the account in the region.")
    line(screen, "list_")
    screen.keys("C-u")
    screen.line("local fleet_size = { small = 3 }")
    tab(screen, "fleet_si")
    tab(screen, ".")
    line(screen, "fleet_size.small")


def test_dot_commands_complete(start):
    screen = start()
    tab(screen, ".exi")
    line(screen, ".exit")


def test_a_list_in_a_block_stands_below_it_and_the_block_stays(start):
    screen = start(width=110, height=30)
    screen.line("for h in list_hypervisors() do")
    screen.line("print(h.x)")
    screen.type("end")
    screen.keys("Up", "End", "Left", "BSpace", "Tab")
    row(screen, "State", "ONLINE")
    screen.wait_rows(f"{PROMPT} for h in list_hypervisors() do", "  print(h.)", "  end")
    x, _ = screen.cursor()
    assert x == len("  print(h.")


def test_tab_indents_where_a_row_begins_and_anything_may_stand(start):
    screen = start()
    screen.keys("Tab")
    screen.type("x")
    line(screen, "  x")
    screen.keys("C-c")
    screen.line("put_maintenance_start_time{")
    screen.keys("Tab")
    row(screen, "HourOfDay", "required")


def test_a_long_list_is_shown_page_by_page(start, service):
    service.machines = virtual_machines(60)
    screen = start(width=80, height=20)
    tab(screen, 'get_virtual_machine("')
    screen.wait("-- more (Space/q) --", last=True)
    assert "vm 18" in screen.text() and "vm 19" not in screen.text()
    screen.keys("Space")
    screen.wait("vm 37")
    screen.keys("q")
    line(screen, 'get_virtual_machine("')
    assert "vm 59" not in screen.text() and "more" not in screen.text()


def test_an_arrow_behind_a_page_leaves_the_line_alone(start, service):
    service.machines = virtual_machines(60)
    screen = start(width=80, height=20)
    tab(screen, 'get_virtual_machine("')
    screen.wait("-- more (Space/q) --", last=True)
    screen.keys("Left")
    line(screen, 'get_virtual_machine("')
    screen.type("x")
    line(screen, 'get_virtual_machine("x')


@pytest.mark.parametrize("settings", [{"TERM": "dumb"}, {"LC_ALL": "C"}, {"TERM": "xterm-256color"}])
def test_lists_are_plain_where_no_colour_is_wanted(start, settings):
    screen = start(**settings)
    tab(screen, 'get_hypervisor("')
    row(screen, "vcenter-2", "hypervisor/hype-2")
    assert "\x1b[2m" not in screen.text(escapes=True)



def test_details_are_faint_where_colours_are(start):
    screen = start(width=100, hints=True)
    tab(screen, 'get_hypervisor("')
    row(screen, "vcenter-2", "hypervisor/hype-2")
    assert "\x1b[2mhypervisor/hype-2" in screen.text(escapes=True)


def test_a_list_fits_a_window_of_twenty_by_five(open_screen):
    screen = open_screen(width=20, height=5)
    screen.line(f"{shlex.quote(BINARY)} --local")
    screen.wait(">", last=True)
    tab(screen, "x = list_")
    screen.until(lambda: any(line.startswith("list_tags") for line in screen.rows()), "list_tags")
    screen.wait("> x = list_", last=True)
