# Whom the operations talk to, as the prompt shows it and lets it be changed; and what the operator's own files do before
# the first line.
import os

import pytest

from canned_server import ACCOUNT, GATEWAY
from terminal import BINARY, PROMPT

KEYS = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = wJalrXUtnFEMI\n"


def gateway_named(name):
    return lambda request: {"Gateways": [{**GATEWAY, "GatewayDisplayName": name}]}


@pytest.fixture
def two_profiles(home, canned):
    """dev in eu-central-1 and prod in eu-west-1, each with a service of its own."""
    servers = {name: canned(gateway_named(f"{name}-gateway")) for name in ("dev", "prod")}
    regions = {"dev": "eu-central-1", "prod": "eu-west-1"}
    (home.path / ".aws").mkdir()
    (home.path / ".aws/config").write_text("".join(
        f"[profile {name}]\nregion = {regions[name]}\nendpoint_url = {server.endpoint}\n{KEYS}"
        for name, server in servers.items()))
    return servers


@pytest.fixture
def start(open_screen):
    def start(*options, label=PROMPT.strip(), **settings):
        screen = open_screen(**{"width": 160, "height": 40, **settings})
        screen.line(" ".join([BINARY, *options]) + "; echo EXIT=$?")
        screen.wait(label, last=True)
        return screen

    return start


@pytest.fixture
def configure(home):
    """Writes a file of the operator's configuration folder."""

    def configure(name, text, mode=0o600):
        folder = home.path / "config/moongate"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        os.chmod(folder / name, mode)
        return folder / name

    return configure


def prompt(screen, label):
    screen.wait(label, last=True)


# ---- Profile, region, account ----


def test_a_profile_and_a_region_are_switched_and_the_prompt_says_so(start, two_profiles):
    screen = start("--profile", "dev", label="moongate dev/eu-central-1>")
    screen.line("list_gateways():first().GatewayDisplayName")
    # The account is shown once an answer told it.
    prompt(screen, "moongate dev/eu-central-1/123456789012>")
    screen.wait("dev-gateway")
    screen.line(".profile prod")
    prompt(screen, "moongate prod/eu-west-1>")
    screen.line("list_gateways():first().GatewayDisplayName")
    screen.wait("prod-gateway")
    screen.line(".region us-east-2")
    prompt(screen, "moongate prod/us-east-2>")
    screen.line("list_gateways():first(); print(session.profile, session.region, session.account)")
    screen.wait("prod\tus-east-2\t123456789012".expandtabs())
    assert [len(server.requests) for server in two_profiles.values()] == [1, 2]
    scopes = [request.headers["Authorization"].split("/")[2] for request in two_profiles["prod"].requests]
    assert scopes == ["eu-west-1", "us-east-2"]


def test_it_is_what_use_does(start, two_profiles):
    """A listing keeps the session that it was made in; the globals follow; `session` is the current one."""
    screen = start("--profile", "dev", label="moongate dev/eu-central-1>")
    screen.line("before, all, f = session, list_gateways(), list_gateways")
    screen.line(".profile prod")
    prompt(screen, "moongate prod/eu-west-1>")
    screen.line("print(before.profile, session.profile, all:first().GatewayDisplayName, f():first().GatewayDisplayName)")
    screen.wait("dev\tprod\tdev-gateway\tprod-gateway".expandtabs())
    screen.line("use(before)")
    prompt(screen, "moongate dev/eu-central-1/123456789012>")


@pytest.mark.parametrize(
    "command, said",
    [
        (".profile porod", ["Profile 'porod' (from .profile)", "They hold dev, prod. Did you mean 'prod'?"]),
        (".region eu-wset-1", ["AWS lists no region 'eu-wset-1'; did you mean eu-west-1?"]),
        (".region EU", ["AWS lists no region 'EU'"]),
        (".region mars-1-\x1b", ["AWS lists no region"]),
    ],
)
def test_what_is_not_there_changes_nothing(start, two_profiles, command, said):
    screen = start("--profile", "dev", label="moongate dev/eu-central-1>")
    screen.line(command.replace("\x1b", ""))
    screen.wait(*said)
    prompt(screen, "moongate dev/eu-central-1>")
    screen.line("print(session.name)")
    screen.wait("\ndev/eu-central-1\n")
    assert all(server.requests == [] for server in two_profiles.values())


def test_without_a_name_they_say_what_there_is(start, two_profiles):
    screen = start("--profile", "dev", label="moongate dev/eu-central-1>")
    screen.line(".profile")
    screen.wait("\n* dev\n  prod\n")
    screen.line(".region")
    screen.wait("\n* eu-central-1\n", "\n  us-west-2\n")


def test_names_are_completed(start, two_profiles):
    screen = start("--profile", "dev", label="moongate dev/eu-central-1>")
    screen.type(".profile pr")
    screen.keys("Tab", "Enter")
    prompt(screen, "moongate prod/eu-west-1>")
    screen.type(".region ap-northeast-3")
    screen.keys("BSpace", "Tab", "Tab")
    screen.wait("ap-northeast-1", "ap-northeast-2", "ap-northeast-3")


def test_a_local_world_has_regions_and_no_profiles(start):
    screen = start("--local")
    screen.line(".profile prod")
    screen.wait("there is no profile under --local")
    prompt(screen, "moongate local/us-east-1>")
    screen.line(".region eu-west-1")
    prompt(screen, "moongate local/eu-west-1>")
    screen.line("print(session.region, list_gateways():count())")
    screen.wait("eu-west-1")


def test_no_answer_of_another_session_is_completed(start, two_profiles):
    """What Tab knows of the resources is dropped with the session."""
    screen = start("--profile", "dev", label="moongate dev/eu-central-1>")
    screen.type('get_gateway("')
    screen.keys("Tab")
    screen.until(lambda: len(two_profiles["dev"].requests) == 1, "the listing")
    screen.keys("C-c")
    screen.line(".profile prod")
    prompt(screen, "moongate prod/eu-west-1>")
    screen.type('get_gateway("')
    screen.keys("Tab")
    screen.until(lambda: len(two_profiles["prod"].requests) == 1, "the listing of the new session")


# ---- Production ----


@pytest.mark.parametrize("patterns", ["prod*", "dev, *od", "1234*", "123456789012"])
def test_production_is_red_and_marked_without_colours(start, two_profiles, configure, patterns):
    configure("config", f"[moongate]\nproduction = {patterns}\n")
    # An account is known only after the first answer.
    label = "moongate !prod/eu-west-1>" if "od" in patterns else "moongate prod/eu-west-1>"
    for settings, colour in ({}, "\x1b[31m"), ({"NO_COLOR": "1"}, ""):
        screen = start("--profile", "prod", label=label, **settings)
        screen.line("list_gateways():first() ~= nil")
        prompt(screen, "moongate !prod/eu-west-1/123456789012>")
        assert f"moongate {colour}!prod/eu-west-1/123456789012>" in screen.text(escapes=True)


def test_another_profile_is_no_production(start, two_profiles, configure):
    configure("config", "[moongate]\nproduction = prod\n")
    screen = start("--profile", "dev", label="moongate dev/eu-central-1>")
    screen.line(".profile prod")
    prompt(screen, "moongate !prod/eu-west-1>")
    screen.line(".profile dev")
    prompt(screen, "moongate dev/eu-central-1>")


# ---- init.lua ----


def test_init_lua_runs_before_the_first_prompt_and_its_names_are_there(start, configure, two_profiles):
    configure("init.lua", "-- mine\nlocal greeting = 'hello'\nfunction greet(name) return greeting .. ', ' .. name end\nprint('ready')\n")
    screen = start("--profile", "dev", label="moongate dev/eu-central-1>")
    screen.wait("ready")
    screen.line("greet('you'), greeting")
    screen.wait("hello, you")
    # Nothing is asked of the network that the file does not ask.
    assert all(server.requests == [] for server in two_profiles.values())


@pytest.mark.parametrize(
    "text, said",
    [
        ("x = 1\nlocal y = nil + 1", "init.lua:2:"), ("for", "init.lua:1:"),
        ("-- @allow Nonsense\nx = 1", "init.lua:1:"), ("io.stderr:write('be' .. 'gun') while true do end", "interrupted"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_init_lua_is_shown_and_the_prompt_opens(open_screen, configure, text, said):
    configure("init.lua", text)
    screen = open_screen(width=160)
    screen.line(f"{BINARY} --local")
    if said == "interrupted":
        screen.wait("begun")
        screen.keys("C-c")
    screen.wait(said, PROMPT.strip())
    screen.line("print('still', 'here')")
    screen.wait("still   here")


def test_init_lua_may_end_the_session(open_screen, configure):
    configure("init.lua", "exit(7)")
    screen = open_screen()
    screen.line(f"{BINARY} --local; echo EXIT=$?")
    screen.wait("EXIT=7")


def test_init_lua_asks_before_it_writes(open_screen, configure):
    configure("init.lua", "update_hypervisor(list_hypervisors():first(), { Name = 'other' })")
    screen = open_screen(width=160)
    screen.line(f"{BINARY} --local")
    screen.wait("MOONGATE ASKS: may ", "init.lua call UpdateHypervisor?")
    screen.line("n")
    screen.wait("Declined", PROMPT.strip())


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_an_init_lua_that_others_can_write_to_is_not_run(start, configure, mode):
    path = configure("init.lua", "print('r' .. 'an')", mode)
    screen = start("--local")
    screen.wait(f"moongate: {path} is not run: others can write to it")
    assert "ran" not in screen.rows()


def test_norc_reads_neither_file(start, configure):
    configure("init.lua", "print('r' .. 'an')")
    configure("config", "[moongate]\nproduction = *\nnonsense = 1\n")
    screen = start("--norc", "--local")
    screen.line("print(1)")
    screen.wait("\n1\n")
    assert "ran" not in screen.rows()


def test_init_lua_is_for_the_prompt_only(moongate, tmp_path):
    folder = moongate.home / ".config/moongate"
    folder.mkdir(parents=True)
    (folder / "init.lua").write_text("print('ran')")
    assert moongate("--local", "-e", "print('code')").stdout == "code\n"


# ---- How the prompt ends ----


@pytest.mark.parametrize("line", ["1 + 1", "error('no')", "get_gateway()", ".nonsense", "for"])
def test_ctrl_d_ends_with_0_whatever_the_last_line_came_to(start, line):
    screen = start("--local")
    screen.line(line)
    screen.keys("C-c")
    prompt(screen, PROMPT.strip())
    screen.keys("C-d")
    screen.wait("EXIT=0")


def test_a_history_that_is_off_is_no_file(start, configure, home):
    configure("config", "[moongate]\nhistory = off\n")
    screen = start("--local")
    screen.line("print(6 * 7)")
    screen.wait("\n42\n")
    screen.keys("Up")
    prompt(screen, PROMPT + "print(6 * 7)")
    assert not home.history.exists()
