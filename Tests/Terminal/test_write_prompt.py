"""What the operator is asked before a script writes: the real binary on a real terminal."""

import json
import os
import re
import signal
import time

import pexpect
import pytest

from canned_server import ACCOUNT, CannedServer
from moongate import CREDENTIALS, SANITIZER

BINARY = os.environ.get("MOONGATE_BINARY", "")
DEADLINE = 30
GW = f"{ACCOUNT}:gateway/bgw-12A3456B"
QUESTION = "MOONGATE ASKS"
CHOICES = "quit the run:"

pytestmark = pytest.mark.skipif(not BINARY, reason="MOONGATE_BINARY names no binary")


class Run:
    """A script on a terminal, against a service that answers {} and keeps what it was asked."""

    def __init__(self, folder, script, options=(), term="xterm-256color", arguments=None, columns=120):
        (folder / "s.lua").write_text(script)
        self.server = CannedServer(lambda request: {})
        self.state = folder / "state"
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "XDG_STATE_HOME": str(self.state), "TERM": term,
            "LC_ALL": "C.UTF-8", **CREDENTIALS, **SANITIZER,
        }
        words = ["--endpoint", self.server.endpoint, "--region", "us-east-1", *options]
        words += ["./s.lua"] if arguments is None else arguments
        self.terminal = pexpect.spawn(
            BINARY, words, cwd=folder, env=environment, encoding="utf-8", timeout=DEADLINE, dimensions=(24, columns))

    def question(self):
        """Everything from the question to the place where the answer goes."""
        self.terminal.expect_exact(QUESTION)
        before = self.terminal.before
        self.terminal.expect_exact(CHOICES)
        return before, self.terminal.before

    def answer(self, text):
        self.terminal.sendline(text)

    def end(self):
        self.terminal.expect(pexpect.EOF)
        self.terminal.close()
        signal = self.terminal.signalstatus
        return 128 + signal if signal else self.terminal.exitstatus

    @property
    def sent(self):
        return [request.operation for request in self.server.requests]

    @property
    def decisions(self):
        lines = (self.state / "moongate/audit.log").read_text().splitlines()
        return [line["decision"] for line in map(json.loads, lines) if line["event"] == "decision"]


@pytest.fixture
def run(tmp_path):
    runs = []

    def start(script, *options, **settings):
        runs.append(Run(tmp_path, script, options, **settings))
        return runs[-1]

    yield start
    for each in runs:
        each.terminal.close(force=True)
        each.server.close()


DELETE = f'delete_gateway("{GW}")'
TWICE = f"{DELETE}\nprint('between')\n{DELETE}\nprint('done')"


def test_the_question_says_what_to_whom_and_where(run):
    script = run(DELETE)
    _, text = script.question()
    assert "./s.lua" in text and "DeleteGateway" in text and GW in text
    assert "default/us-east-1" in text and script.server.endpoint in text
    script.answer("y")
    assert script.end() == 0
    assert (script.sent, script.decisions) == (["DeleteGateway"], ["sent"])


def test_the_question_says_what_is_written(run):
    """It named the operation, its target and the session only. What is long is cut; control characters are seen."""
    tags = r"{ Tags = { { Key = 'team', Value = 'd\27[2Jb' } } }"
    long = "{ Tags = { { Key = 'a', Value = ('x'):rep(250) }, { Key = 'last', Value = 'z' } } }"
    secret = "{ Username = 'u-CANARY', Password = 'p-CANARY', Name = 'new' }"
    script = run(
        f"tag_resource('{GW}', {tags}) tag_resource('{GW}', {long})"
        f"update_hypervisor('{ACCOUNT}:hypervisor/hype-9B1AB1F1', {secret})")
    _, text = script.question()
    assert r'with         Tags = { { Key = "team", Value = "d\u{1B}[2Jb" } }' in text and "\x1b[2J" not in text
    script.answer("y")
    _, text = script.question()
    lines = re.sub("\x1b\\[[0-9;]*m", "", text).splitlines()
    first = next(number for number, line in enumerate(lines) if "  with  " in line)
    assert 100 < len(lines[first + 1]) < 120 and lines[first + 1].rstrip().endswith("x…")
    assert lines[first + 2].startswith("   session ") and "last" not in text
    script.answer("s")
    before, again = script.question()
    assert 'Key = "last", Value = "z"' in before, "s shows all of it, and the question again below it"
    assert "TagResource" in again and GW in again
    script.answer("y")
    _, text = script.question()
    assert 'Password = "•••"' in text and 'Name = "new"' in text and "CANARY" not in text
    script.answer("q")
    assert script.end() == 251
    assert script.terminal.before.rstrip().endswith("moongate: 2 writes were sent before")


def test_yes_is_for_one_call(run):
    script = run(TWICE)
    script.question()
    script.answer("y")
    script.question()
    script.answer("YES")
    assert script.end() == 0
    assert script.sent == ["DeleteGateway", "DeleteGateway"]


def test_all_is_for_the_rest_of_the_run(run):
    script = run(TWICE)
    script.question()
    script.answer("a")
    script.terminal.expect_exact("done")
    assert script.end() == 0
    assert script.sent == ["DeleteGateway", "DeleteGateway"]


@pytest.mark.parametrize("answer", ["n", "no", "", "\x04"])
def test_no_is_an_error(run, answer):
    script = run(f"print(pcall(function() {DELETE} end)) {DELETE}")
    script.question()
    if answer == "\x04":
        script.terminal.send(answer)
    else:
        script.answer(answer)
    script.question()
    script.answer("n")
    script.terminal.expect_exact("DeleteGateway: Declined: the operator said no")
    assert script.end() == 251
    assert (script.sent, script.decisions) == ([], ["declined", "declined"])


def test_what_is_no_answer_is_asked_again_and_then_no(run):
    script = run(DELETE)
    for wrong in ["x", "yess", "delete"]:
        script.question() if wrong == "x" else script.terminal.expect_exact(CHOICES)
        script.answer(wrong)
    script.terminal.expect_exact("this counts as no")
    assert script.end() == 251
    assert script.sent == []


@pytest.mark.parametrize("paste", ["two lines\ny\n", "a look at the list\n", "yes, prime minister\n", "z" * 256 + "y\n"])
def test_what_was_pasted_by_mistake_is_no_answer(run, paste):
    """Its first word was taken for the answer, then its next line, and of a long line what came after 256 bytes."""
    script = run(DELETE)
    script.question()
    script.terminal.send(paste)
    script.terminal.expect_exact("Please answer")
    script.terminal.expect_exact(CHOICES)
    script.answer("n")
    assert script.end() == 251
    assert script.sent == []


def test_looking_at_it_is_no_wrong_answer(run):
    script = run(DELETE)
    for _ in range(4):
        script.terminal.expect_exact(CHOICES)
        script.answer("s")
    script.terminal.expect_exact(CHOICES)
    script.answer("y")
    assert script.end() == 0
    assert script.sent == ["DeleteGateway"]


def test_show_in_full_masks_secrets(run):
    arn = f"{ACCOUNT}:hypervisor/hype-9B1AB1F1"
    script = run(f'update_hypervisor("{arn}", {{ Name = "tokyo", Username = "admin-user", Password = "hunter2hunter2" }})')
    script.question()
    script.answer("s")
    script.terminal.expect_exact(CHOICES)
    shown = script.terminal.before
    assert 'Name = "tokyo"' in shown and 'Password = "•••"' in shown
    assert "hunter2" not in shown and "admin-user" not in shown
    script.answer("n")
    assert script.end() == 251


def test_quit_ends_the_run_past_pcall(run):
    script = run(f"pcall(function() {DELETE} end) print('went on') {DELETE}")
    script.question()
    script.answer("q")
    assert script.end() == 251
    assert "went on" not in script.terminal.before and QUESTION not in script.terminal.before
    assert (script.sent, script.decisions) == ([], ["quit"])


def test_ctrl_c_ends_the_run(run):
    script = run(f"pcall(function() {DELETE} end) print('went on')")
    script.question()
    script.terminal.sendintr()
    assert script.end() == 130
    assert "went on" not in script.terminal.before
    assert script.sent == []


def test_what_was_typed_ahead_answers_nothing(run):
    """The answers are there before the question is."""
    script = run(f"print('ready') sleep(1) {DELETE}")
    script.terminal.expect_exact("ready")
    for answer in ["y", "a", "y"]:
        script.answer(answer)
    script.question()
    time.sleep(0.5)
    assert script.sent == []
    script.answer("n")
    assert script.end() == 251
    assert script.sent == []


def test_a_script_cannot_draw_the_question(run):
    """D05: reverse video is the host's alone; what a script prints stays on its own lines, its control characters seen."""
    spoof = r"""
      print("\27[7m MOONGATE-ASKS: may ./s.lua call ListGateways? \27[0m")
      print("\27[8A\27[2Kconfirmed by administrator\27[8B")
      io.write("no newline at the end")
    """
    script = run(spoof + DELETE)
    before, text = script.question()
    assert "\x1b" not in before.removesuffix("\x1b[7m ")
    assert before.count("\x1b[7m") == 1
    assert "confirmed by administrator" in before and "no newline at the end" in before
    # Each line of the question is in the frame.
    assert text.count("\x1b[7m") >= 5
    script.answer("n")
    assert script.end() == 251


def test_names_of_other_people_cannot_drive_the_question(run):
    name = "import_hypervisor_configuration{ Name = 'x', Host = 'h\\27[2Kost\\u{202E}.example' }"
    script = run(name)
    _, text = script.question()
    assert "\x1b[2K" not in text and "\u202e" not in text
    assert "h\\u{1B}[2Kost\\u{202E}.example" in text
    script.answer("n")
    assert script.end() == 251


def test_a_dumb_terminal_has_a_frame_of_letters(run):
    script = run(DELETE, term="dumb")
    before, text = script.question()
    assert "\x1b" not in before + text
    assert before.endswith("## ") and text.count("\n## ") >= 4
    script.answer("n")
    assert script.end() == 251


def test_a_hangup_while_the_question_stands(run):
    script = run(DELETE)
    script.question()
    script.terminal.kill(signal.SIGHUP)
    assert script.end() == 129
    assert script.sent == []


def test_at_the_prompt_typed_operations_are_not_asked_about_and_read_only_holds(run):
    shell = run("", "--read-only", arguments=[])
    shell.terminal.expect_exact("us-east-1>")
    shell.terminal.send(DELETE + "\r")
    shell.terminal.expect_exact("DeleteGateway: ReadOnly")
    shell.terminal.send("exit()\r")
    assert shell.end() == 0
    assert shell.sent == []


def test_waiting_for_the_operator_costs_no_other_call_its_answer(run):
    """What is under way goes on while the question stands."""
    read = f'get_gateway("{GW}")'
    script = run(f"local t = spawn(function() {read} end) sleep(0.1) {DELETE} t:wait() print('both')")
    script.question()
    time.sleep(1)
    script.answer("y")
    script.terminal.expect_exact("both")
    assert script.end() == 0
    assert sorted(script.sent) == ["DeleteGateway", "GetGateway"]


def test_only_one_question_at_a_time(run):
    script = run(f"parallel({{ 1, 2, 3 }}, function() {DELETE} end) print('done')")
    for _ in range(3):
        _, text = script.question()
        assert QUESTION not in text
        script.answer("y")
    script.terminal.expect_exact("done")
    assert script.end() == 0
    assert script.sent == ["DeleteGateway"] * 3



def test_shared_code_is_asked_about_too_and_its_clock_stands_still(run):
    script = run(f"-- @allow DeleteGateway\n-- @limit time=2s\n{DELETE}\nprint('done')", "--untrusted")
    _, text = script.question()
    assert "./s.lua" in text and "DeleteGateway" in text
    time.sleep(4)
    script.answer("y")
    script.terminal.expect_exact("done")
    assert script.end() == 0
    assert script.sent == ["DeleteGateway"]


@pytest.mark.parametrize("allowed", [[], ["--allow", "UpdateGatewaySoftwareNow"]])
def test_ctrl_c_ends_shared_code_with_all_that_it_has_asked_for(run, allowed):
    """Behind the question other calls had arrived already: after Ctrl-C they were sent where --allow let them, and asked
    about where not."""
    script = run(
        f"""-- @allow DeleteGateway UpdateGatewaySoftwareNow
        parallel({{ 1, 2, 3 }}, function(i) if i == 1 then {DELETE} else update_gateway_software_now("{GW}") end end)""",
        "--untrusted", *allowed)
    script.question()
    script.terminal.sendintr()
    assert script.end() == 130
    assert QUESTION not in script.terminal.before
    assert script.sent == []


def test_quit_ends_shared_code(run):
    script = run(f"-- @allow DeleteGateway\npcall(function() {DELETE} end) print('went on')", "--untrusted")
    script.question()
    script.answer("q")
    assert script.end() == 251
    assert "went on" not in script.terminal.before
    assert (script.sent, script.decisions) == ([], ["quit"])


def test_at_the_prompt_only_what_was_typed_needs_no_question(run):
    shell = run("", arguments=[])
    shell.terminal.expect_exact("us-east-1>")
    shell.terminal.send(f"moongate['delete' .. '_gateway']('{GW}')\r")
    shell.question()
    shell.answer("q")
    shell.terminal.expect_exact("ended by the operator")
    shell.terminal.expect_exact("us-east-1>")
    shell.terminal.send(f"{DELETE}\r")
    shell.terminal.expect_exact("us-east-1>")
    # A yes to one line is none to the next; and to read about an operation is no yes to whoever calls it later.
    shell.terminal.send("do local read = 'delete_gateway' end\r")
    shell.terminal.expect_exact("us-east-1>")
    shell.terminal.send(f"moongate['delete' .. '_gateway']('{GW}')\r")
    shell.question()
    shell.answer("n")
    shell.terminal.expect_exact("Declined")
    shell.terminal.expect_exact("us-east-1>")
    shell.terminal.send("exit()\r")
    assert shell.end() == 0
    assert shell.sent == ["DeleteGateway"]


def test_the_question_is_broken_at_spaces(run):
    script = run(f'put_maintenance_start_time("{GW}", {{ HourOfDay = 1, MinuteOfHour = 2 }})', columns=80)
    before, question = script.question()
    rows = re.sub("\x1b\\[[0-9;]*m", "", QUESTION + question + CHOICES).split("\r\n")
    assert all(len(row) < 80 for row in rows), rows
    assert f"     {GW} " in rows
    words = " ".join(" ".join(rows).split())
    assert "may ./s.lua call PutMaintenanceStartTime? It changes something. GatewayArn arn:" in words
    assert words.endswith("[y] this one [a] all further PutMaintenanceStartTime [s] show in full [n] no [q] quit the run:")
    script.answer("n")
    assert script.end() == 251
