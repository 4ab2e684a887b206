# What keeps an operator from harm at the prompt: nothing is written where nothing may be, writes in production are asked
# about, secrets stay out of every file.
import json
import re

import pytest

from canned_server import ACCOUNT, GATEWAY
from terminal import BINARY, PROMPT

GW = f"{ACCOUNT}:gateway/bgw-12A3456B"
HV = f"{ACCOUNT}:hypervisor/hype-9B1AB1F1"
SECRET = 'Username = "root7", Password = "hunter2"'

# Every operation that writes, as it is typed.
WRITES = {
    "AssociateGatewayToServer": f'associate_gateway_to_server{{ GatewayArn = "{GW}", ServerArn = "{HV}" }}',
    "CreateGateway": 'create_gateway{ ActivationKey = "AAAAA-BBBBB", GatewayDisplayName = "z", GatewayType = "BACKUP_VM" }',
    "DeleteGateway": f'delete_gateway("{GW}")',
    "DeleteHypervisor": f'delete_hypervisor("{HV}")',
    "DisassociateGatewayFromServer": f'disassociate_gateway_from_server("{GW}")',
    "ImportHypervisorConfiguration": f'import_hypervisor_configuration{{ Name = "v", Host = "v.example", {SECRET} }}',
    "PutBandwidthRateLimitSchedule": f'put_bandwidth_rate_limit_schedule("{GW}", {{ BandwidthRateLimitIntervals = {{}} }})',
    "PutHypervisorPropertyMappings": f'put_hypervisor_property_mappings("{HV}", {{ IamRoleArn = '
    '"arn:aws:iam::123456789012:role/r", VmwareToAwsTagMappings = {} })',
    "PutMaintenanceStartTime": f'put_maintenance_start_time("{GW}", {{ HourOfDay = 1, MinuteOfHour = 2 }})',
    "StartVirtualMachinesMetadataSync": f'start_virtual_machines_metadata_sync("{HV}")',
    "TagResource": f'tag_resource("{GW}", {{ Tags = {{ {{ Key = "a", Value = "b" }} }} }})',
    "TestHypervisorConfiguration": f'test_hypervisor_configuration("{GW}", {{ Host = "v.example", {SECRET} }})',
    "UntagResource": f'untag_resource("{GW}", {{ TagKeys = {{ "a" }} }})',
    "UpdateGatewayInformation": f'update_gateway_information("{GW}", {{ GatewayDisplayName = "zz" }})',
    "UpdateGatewaySoftwareNow": f'update_gateway_software_now("{GW}")',
    "UpdateHypervisor": f'update_hypervisor("{HV}", {{ Name = "vv", {SECRET} }})',
}


def answer(request):
    if request.operation == "GetGateway":
        return {"Gateway": GATEWAY}
    if request.operation == "ListGateways":
        return {"Gateways": [GATEWAY]}
    return {}


@pytest.fixture
def start(open_screen, home, canned):
    """The prompt of a profile, against a service that answers and keeps what it was asked; in production on demand."""

    def start(*options, profile="dev", production=None, sign="", reply=answer, account="123456789012"):
        server = canned(reply)
        (home.path / ".aws").mkdir(exist_ok=True)
        (home.path / ".aws/config").write_text(
            f"[profile {profile}]\nregion = eu-west-1\nendpoint_url = {server.endpoint}\n"
            "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = wJalrXUtnFEMI\n"
            + (f"aws_account_id = {account}\n" if account else ""))
        (home.path / "config/moongate").mkdir(parents=True, exist_ok=True)
        if production:
            (home.path / "config/moongate/config").write_text(f"[moongate]\nproduction = {production}\n")
        screen = open_screen(width=200, height=60)
        screen.line(" ".join([BINARY, "--profile", profile, *options]) + "; echo EXIT=$?")
        screen.server = server
        screen.label = f"moongate {sign}{profile}/eu-west-1{'/' + account if account else ''}>"
        screen.wait(screen.label, last=True)
        return screen

    return start


def sent(screen):
    return [request.operation for request in screen.server.requests]


def decisions(home):
    lines = (home.path / "state/moongate/audit.log").read_text().splitlines()
    return [line["decision"] for line in map(json.loads, lines) if line["event"] == "decision"]


# ---- Nothing is written where nothing may be ----


def test_read_only_refuses_each_of_the_sixteen_writes_and_sends_nothing(start):
    assert len(WRITES) == 16
    screen = start("--read-only")
    for name, line in WRITES.items():
        screen.keys("C-l")
        screen.line(line)
        screen.wait(f"{name}: ReadOnly: ", "--read-only")
    assert screen.server.requests == []


def test_a_dry_run_shows_each_write_whole_and_sends_nothing(start):
    screen = start("--dry-run")
    for name, line in WRITES.items():
        screen.keys("C-l")
        screen.line(line)
        shown = screen.wait(
            "dry run, not sent (dev/eu-west-1/123456789012): ",
            f"-- {name} at {screen.server.endpoint}/, region eu-west-1, account 123456789012", '-- {"')
        told = shown[shown.index("dry run"):]
        assert "hunter2" not in told and "root7" not in told
        assert ('"Password":"•••"' in told) == ("Password" in line)
        screen.until(lambda: screen.rows()[-1] == screen.label, "the prompt")
    screen.keys("C-d")
    screen.wait("dry run: 16 writes were not sent", "EXIT=0")
    assert screen.server.requests == []


def test_read_only_can_be_turned_on_and_off_at_the_prompt(start):
    screen = start()
    screen.line(".read-only on")
    screen.wait("read-only is on")
    screen.line(WRITES["TagResource"])
    screen.wait("TagResource: ReadOnly: ", ".read-only off")
    assert screen.server.requests == []
    screen.line(".read-only off")
    screen.wait("read-only is off")
    screen.line(WRITES["TagResource"])
    screen.until(lambda: sent(screen) == ["TagResource"], "the write")


@pytest.mark.parametrize("name", ["read-only", "dry-run"])
def test_what_the_command_line_says_stays_on(start, name):
    screen = start(f"--{name}")
    screen.line(f".{name} off")
    screen.wait(f"{name} stays on: moongate was started with --{name}")
    screen.line(WRITES["TagResource"])
    screen.until(lambda: screen.rows()[-1] == screen.label, "the prompt")
    assert screen.server.requests == []


def test_a_dry_run_that_was_turned_on_is_summed_up_too(start):
    screen = start()
    screen.line(".dry-run on")
    screen.line(WRITES["DeleteGateway"])
    screen.wait("dry run, not sent")
    screen.line(".dry-run off")
    screen.wait("dry-run is off")
    screen.line(WRITES["TagResource"])
    screen.until(lambda: sent(screen) == ["TagResource"] and screen.rows()[-1] == screen.label, "the write")
    screen.keys("C-d")
    screen.wait("dry run: 1 write was not sent", "EXIT=0")


# ---- Production ----


def test_outside_production_a_typed_write_needs_no_question(start):
    screen = start(production="prod*")
    screen.line(WRITES["DeleteGateway"])
    screen.until(lambda: sent(screen) == ["DeleteGateway"], "the write")
    assert "MOONGATE ASKS" not in screen.text()



def test_a_typed_write_in_production_asks(start, home):
    screen = start(profile="prod", production="prod*", sign="!")
    screen.line(WRITES["TagResource"])
    screen.wait("MOONGATE ASKS: TagResource in production?", GW, "prod/eu-west-1/123456789012", "[y] this one")
    screen.line("n")
    screen.wait("TagResource: Declined: ")
    assert screen.server.requests == []
    screen.line(WRITES["TagResource"])
    screen.until(lambda: screen.text().count("[y] this one") == 2, "the second question")
    screen.line("y")
    screen.until(lambda: sent(screen) == ["TagResource"], "the write")
    assert decisions(home) == ["declined", "sent"]


def test_a_deletion_in_production_asks_for_the_name(start, home):
    screen = start(profile="prod", production="prod*", sign="!")
    for typed in ["y", "", "bgw-12A3456B", "DC1-gateway", "dc1-gateway2"]:
        screen.keys("C-l")
        screen.line(WRITES["DeleteGateway"])
        screen.wait("MOONGATE ASKS: DeleteGateway in production?", GW, "Type its name, dc1-gateway, to go on")
        screen.line(typed)
        screen.wait("DeleteGateway: Declined: ")
    assert "DeleteGateway" not in sent(screen)
    screen.keys("C-l")
    screen.line(WRITES["DeleteGateway"])
    screen.wait("Type its name, dc1-gateway")
    screen.line("dc1-gateway")
    screen.until(lambda: "DeleteGateway" in sent(screen), "the deletion")
    assert sent(screen) == ["GetGateway"] * 6 + ["DeleteGateway"]
    assert decisions(home) == ["declined"] * 5 + ["sent"]


@pytest.mark.parametrize("name", [None, "", " dc1 ", "dc\x1b[31m1"])
def test_where_no_name_can_be_read_or_typed_the_id_is_asked_for(start, name):
    def reply(request):
        if request.operation == "GetGateway":
            return {"Gateway": {**GATEWAY, "GatewayDisplayName": name} if name is not None else {}}
        return {}

    screen = start(profile="prod", production="prod*", sign="!", reply=reply)
    screen.line(WRITES["DeleteGateway"])
    screen.wait("Type its name, bgw-12A3456B, to go on")
    screen.line("bgw-12A3456B")
    screen.until(lambda: "DeleteGateway" in sent(screen), "the deletion")


def test_ctrl_c_at_the_question_sends_nothing(start):
    screen = start(profile="prod", production="prod*", sign="!")
    screen.line(WRITES["DeleteGateway"])
    screen.wait("Type its name")
    screen.keys("C-c")
    screen.until(lambda: screen.rows()[-1] == screen.label, "the prompt")
    assert sent(screen) == ["GetGateway"]


def test_a_yes_to_all_further_is_for_this_session_and_no_deletion(start):
    screen = start(profile="prod", production="prod*", sign="!")
    screen.line(WRITES["TagResource"])
    screen.wait("[a] all further TagResource")
    screen.line("a")
    screen.until(lambda: sent(screen) == ["TagResource"], "the write")
    screen.line(WRITES["TagResource"])
    screen.until(lambda: sent(screen) == ["TagResource"] * 2, "the second write")
    screen.line(WRITES["DeleteGateway"])
    screen.wait("Type its name")
    assert "[a]" not in screen.text().split("DeleteGateway in production")[1]
    screen.line("n")
    screen.line(".permissions")
    screen.wait("all further TagResource in prod/eu-west-1/123456789012")


def test_a_rule_of_the_command_line_is_the_yes_in_production_too(start):
    screen = start("--allow", "DeleteGateway", profile="prod", production="prod*", sign="!")
    screen.line(WRITES["DeleteGateway"])
    screen.until(lambda: sent(screen) == ["DeleteGateway"], "the write")


def test_production_by_an_account_that_is_not_known_yet(start):
    screen = start(production="1234*", account=None)
    screen.line(WRITES["TagResource"])
    screen.wait("MOONGATE ASKS: TagResource in what may be production?", "not known yet")
    screen.line("n")
    screen.wait("Declined")
    screen.line("list_gateways()")
    # The first ARN of an answer tells the account.
    screen.wait("moongate !dev/eu-west-1/123456789012>", last=True)
    screen.line(WRITES["TagResource"])
    screen.wait("MOONGATE ASKS: TagResource in production?")


def test_the_name_that_is_read_may_tell_that_this_is_no_production(start):
    screen = start(production="9*", account=None)
    screen.line(WRITES["DeleteGateway"])
    screen.until(lambda: sent(screen) == ["GetGateway", "DeleteGateway"], "the deletion")
    assert "MOONGATE ASKS" not in screen.text()


def test_a_list_of_changes_is_no_way_round_the_name(start):
    screen = start(profile="prod", production="prod*", sign="!")
    screen.line(f'todo = changes("tidy up"); todo.delete_gateway("{GW}"); todo:run()')
    screen.wait("MOONGATE ASKS: may the prompt make 1 change in production? tidy up")
    screen.line("y")
    screen.wait("Type its name, dc1-gateway, to go on")
    screen.line("y")
    screen.until(lambda: screen.rows()[-1] == screen.label, "the prompt")
    assert "DeleteGateway" not in sent(screen)


@pytest.mark.parametrize("options", [[], ["--untrusted"]])
def test_scripts_are_asked_for_the_name_too(start, home, options):
    (home.path / "tidy.lua").write_text(f'-- @allow DeleteGateway\ndelete_gateway("{GW}") print("it is " .. "gone")\n')
    screen = start(profile="prod", production="prod*", sign="!")
    screen.keys("C-d")
    screen.wait("bash$", last=True)
    for typed, code in ("y", 251), ("dc1-gateway", 0):
        screen.keys("C-l")
        screen.line(" ".join([BINARY, "--profile", "prod", *options, f"{home.path}/tidy.lua"]) + "; echo EXIT=$?")
        screen.wait("MOONGATE ASKS: may ", "tidy.lua call DeleteGateway in production?", "Type its name, dc1-gateway")
        screen.line(typed)
        screen.wait(f"EXIT={code}")
    assert sent(screen) == ["GetGateway", "GetGateway", "DeleteGateway"]
    screen.wait("it is gone")


def test_where_there_is_no_terminal_to_ask_on_nothing_goes(start, home):
    errors = home.path / "errors"
    screen = start(f"2>{errors}", profile="prod", production="prod*", sign="!")
    screen.line(WRITES["TagResource"])
    screen.until(
        lambda: "there is no terminal to ask on" in "".join(path.read_text() for path in [errors]), "why")
    assert screen.server.requests == []


def test_what_this_session_may_do(start, home):
    screen = start(
        "--dry-run", "--allow", f"TagResource:{GW}", "--max-writes", "7", "--grant", "env=EDITOR", profile="prod",
        production="prod*", sign="!")
    screen.line(".permissions")
    rows = screen.wait("grants")
    rows = rows[rows.index("session  "):]
    shown = dict(re.split(r"  +", row, maxsplit=1) for row in rows.splitlines() if re.match(r"[a-z][a-z -]*  ", row))
    assert shown == {
        "session": "prod/eu-west-1/123456789012", "production": "yes", "read-only": "off",
        "dry-run": "on (--dry-run)", "typed writes": "shown and not sent", "allowed": f"TagResource:{GW}",
        "answers": "none for further writes", "max-writes": "7, 7 of them left",
        "audit log": f"{home.path}/state/moongate/audit.log", "grants": "env=EDITOR",
    }


# ---- Secrets ----

SECRETS = {
    "a password": f'import_hypervisor_configuration{{ Name="rack", Host="vc.example.com", {SECRET} }}',
    "a key": 'x = "AKIAIOSFODNN7EXAMPLE"',
    "a space": " y = 'spaced'",
    "a slip of the pen": 'test_hypervisor_configuration{ Pasword = "hunter2" }',
    "a wrong type": 'test_hypervisor_configuration{ Password = { "hunter2" } }',
    "a syntax error": 'Password = "hunter2" oops "hunter2"',
    "no escape sequence": 'Password = "hunter2\\q"',
    "a text among numbers": 'password = "hunter2" & 1',
    "a secret of the command line": "z = 'given5'",
}
WORDS = ["hunter2", "root7", "AKIAIOSFODNN7EXAMPLE", "spaced", "given5"]


def test_secrets_are_recalled_and_nowhere_written_down(open_screen, home):
    # What is told on stderr, --debug and errors, goes to a file here; on the screen stands what was typed.
    screen = open_screen(width=200, height=50, GIVEN="given5")
    screen.line(f"{BINARY} --local --debug --secret x=env:GIVEN 2>{home.path}/errors; echo EXIT=$?")
    screen.wait(PROMPT.strip(), last=True)
    for number, line in enumerate(SECRETS.values()):
        screen.line(line)
        screen.line(f'print("line".."{number}")')
        screen.wait(f"line{number}")
    screen.keys("C-l")
    screen.line(".error")
    assert "hunter2" not in screen.wait("attempt to perform bitwise operation")
    screen.keys("Up")
    for line in reversed(SECRETS.values()):
        screen.keys("Up", "Up")
        screen.wait(PROMPT + line, last=True)
    screen.keys("C-c")
    screen.line("exit()")
    screen.wait("EXIT=0")
    files = [path for path in home.path.rglob("*") if path.is_file()]
    assert {"audit.log", "history", "errors"} <= {path.name for path in files}
    told = "".join(path.read_text(errors="replace") for path in files)
    assert "HTTP 200" in told and "invalid escape sequence" in told and "did you mean Password?" in told
    for word in WORDS:
        assert word not in told, told


# ---- What went before the no ----


@pytest.mark.parametrize("answer, ending", [("n", "Declined: "), ("q", "ended by the operator"), ("C-c", "interrupted")])
def test_a_line_that_the_operator_ended_tells_what_was_sent_before(start, answer, ending):
    screen = start(profile="prod", production="prod*", sign="!")
    # What another line sent is not counted.
    screen.line(WRITES["TagResource"])
    screen.wait("[y] this one")
    screen.line("y")
    screen.until(lambda: sent(screen) == ["TagResource"] and screen.rows()[-1] == screen.label, "the first line")
    screen.keys("C-l")
    screen.line(f"for i = 1, 3 do {WRITES['TagResource']} end")
    screen.wait("[y] this one")
    screen.line("y")
    screen.until(lambda: screen.text().count("[y] this one") == 2, "the second question")
    screen.keys(*([answer] if answer == "C-c" else [answer, "Enter"]))
    screen.wait(ending, "moongate: 1 write was sent before")
    screen.until(lambda: screen.rows()[-1] == screen.label, "the prompt")
    screen.keys("C-l")
    screen.line("error('another')")
    screen.wait("another\n")
    screen.until(lambda: screen.rows()[-1] == screen.label, "the prompt")
    assert "sent before" not in screen.text()
