# .record, .save and .replay: a session at the prompt becomes a script, and a cassette answers.
import json
import re
import stat
import subprocess

import pytest

from terminal import BINARY, PROMPT


@pytest.fixture
def wide(open_screen):
    screen = open_screen(width=160, height=50)
    screen.line(f"cd {screen.home.path}")
    screen.start()
    return screen


def run(screen, line, prompt="moongate local/us-east-1>"):
    """The rows that a line prints."""
    screen.keys("C-l")
    screen.line(line)
    screen.until(lambda: len(screen.rows()) > 1 and screen.rows()[-1] == prompt, line)
    return screen.rows()[1:-1]


def moongate(home, *words):
    """The rows that a command prints."""
    done = subprocess.run(
        [BINARY, *words], cwd=home.path, env=home.environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.expandtabs(8).splitlines()


def test_what_is_saved_prints_in_the_runner_what_the_prompt_printed(wide, home):
    run(wide, "print('before')")
    assert run(wide, ".record") == ["recording lines"]
    printed = []
    for line in [
        "local n = 2", "n * 21", '"a", nil, "b"', "list_gateways{ MaxResults = 2 }:map(function(g) return g.GatewayDisplayName end):collect()",
        "#_", "print(_1, __[1])", "nosuch()", "n == 2;", "return n", "get_hypervisor?", "x = _ + 1", "x",
    ]:
        rows = run(wide, line)
        if line not in ("nosuch()", "get_hypervisor?"):
            printed += rows
    assert run(wide, ".save report.lua") == [
        "report.lua: run it with moongate --local --region us-east-1 report.lua"]
    text = (home.path / "report.lua").read_text()
    assert re.match(r"--- Recorded at the prompt on .*\n-- @name report\n-- @allow ListGateways\n", text)
    assert "before" not in text and "nosuch" not in text
    assert moongate(home, "--output", "table", "--local", "run", "report.lua") == printed
    assert stat.S_IMODE((home.path / "report.lua").stat().st_mode) == 0o600


def test_save_overwrites_nothing_without_leave_and_keeps_no_secret(wide, home):
    (home.path / "there.lua").write_text("mine")
    assert run(wide, ".save there.lua") == ["nothing that can be kept has run yet"]
    run(wide, 'print("Password")')
    run(wide, "1")
    assert "is there already" in run(wide, ".save there.lua")[0]
    assert (home.path / "there.lua").read_text() == "mine"
    run(wide, 'local Password = "s3cr3t-canary"')
    rows = run(wide, ".save there.lua !")
    assert "a line that holds a secret is not in it" in rows[0]
    assert "canary" not in (home.path / "there.lua").read_text()
    assert run(wide, ".save there") == [".save takes the name of a script, as in .save report.lua"]


def test_a_cassette_that_was_recorded_at_the_prompt_answers_the_saved_script(wide, home):
    run(wide, ".record c.json")
    gateways = run(wide, "list_gateways():count()")
    assert run(wide, ".record off") == ["c.json: 1 call"]
    run(wide, ".save report.lua")
    assert moongate(home, "--output", "table", "--replay", "c.json", "run", "report.lua") == gateways
    assert json.loads((home.path / "c.json").read_text().splitlines()[0])["cassette"] == 1


def test_replay_lets_a_cassette_answer_until_it_is_off(wide, home):
    run(wide, ".record c.json")
    run(wide, "list_gateways():count()")
    run(wide, ".record off")
    replaying = "moongate replay:local/us-east-1>"
    assert run(wide, ".replay c.json", replaying) == ["replay:local/us-east-1"]
    assert run(wide, "list_gateways():count()", replaying) == ["3"]
    assert "NotRecorded" in " ".join(run(wide, "list_gateways():count()", replaying))
    assert "NotRecorded" in " ".join(run(wide, "list_hypervisors():count()", replaying))
    assert run(wide, ".replay off") == ["local/us-east-1"]
    assert run(wide, "list_hypervisors():count()") == ["2"]
    assert run(wide, ".replay off") == ["no cassette answers"]
    assert run(wide, ".replay absent.json") == ["absent.json is not there"]


def test_no_session_sends_anything_while_a_cassette_answers_and_none_of_its_own_outlives_it(wide, home):
    """One from before the replay had still asked the service; one that was kept from it had ended the program."""
    run(wide, "before = connect{ region = 'eu-west-1' }")
    run(wide, ".record c.json")
    run(wide, "list_gateways():count()")
    run(wide, ".record off")
    replaying = "moongate replay:local/us-east-1>"
    run(wide, ".replay c.json", replaying)
    assert "opened before the replay" in " ".join(run(wide, "before.list_gateways():count()", replaying))
    assert "opened before the replay" in " ".join(run(wide, "gateway_lab.clock()", replaying))
    run(wide, "kept = connect{}", replaying)
    assert run(wide, ".replay c.json", replaying) == ["replay:local/us-east-1"]
    assert "answers no more" in " ".join(run(wide, "kept.list_gateways():count()", replaying))
    run(wide, ".replay off")
    assert "answers no more" in " ".join(run(wide, "kept.list_gateways():count()"))
    assert run(wide, "before.list_gateways():count()") == ["0"]


def test_a_cassette_under_way_is_written_when_the_session_ends(wide, home):
    run(wide, ".record c.json")
    run(wide, "list_gateways():count()")
    wide.line("exit()")
    wide.wait("EXIT=0")
    assert "ListGateways" in (home.path / "c.json").read_text()


def test_a_cassette_takes_the_place_of_none_without_leave(wide, home):
    (home.path / "c.json").write_text("mine")
    assert run(wide, ".record c.json") == ["c.json is there already; .record c.json ! overwrites it"]
    assert (home.path / "c.json").read_text() == "mine"
    assert run(wide, ".record c.json !") == ["recording lines, and calls into c.json"]
    run(wide, "list_gateways():count()")
    assert run(wide, ".record off") == ["c.json: 1 call"]
    assert "cannot write absent/c.json" in run(wide, ".record absent/c.json")[0]


def test_what_is_saved_says_what_it_needs_and_passes_its_check(wide, home):
    """A saved line with secret("x") once could not be run, and one behind .region asked another region than it had."""
    run(wide, 'print((function() return secret("pass") end) ~= nil)')
    run(wide, "local one = list_virtual_machines():first()")
    run(wide, 'tag_resource(one, { Tags = tags.list{ a = "b" } })')
    assert run(wide, ".save there.lua") == [
        "there.lua: run it with moongate --local --region us-east-1 --allow TagResource there.lua"]
    assert re.search("^-- @secret pass ", (home.path / "there.lua").read_text(), re.M)
    assert moongate(home, "check", "there.lua") == []
    assert moongate(home, "--local", "--allow", "TagResource", "there.lua")[0] == "true"
    run(wide, ".record")
    run(wide, ".region eu-central-1", "moongate local/eu-central-1>")
    run(wide, "print(list_gateways():count())", "moongate local/eu-central-1>")
    run(wide, ".region us-east-1")
    run(wide, "print(list_gateways():count())")
    run(wide, ".save two.lua")
    assert moongate(home, "--local", "two.lua") == ["0", "3"]


def test_the_lab_of_the_live_world_is_refused_while_a_cassette_answers(wide, home):
    run(wide, ".record c.json")
    run(wide, "list_gateways():count()")
    run(wide, ".record off")
    now = run(wide, "print(gateway_lab.clock().now)")
    replaying = "moongate replay:local/us-east-1>"
    run(wide, ".replay c.json", replaying)
    rows = " ".join(run(wide, 'gateway_lab.clock{ advance = "9999h" }', replaying))
    assert "gateway_lab was opened before the replay" in rows
    run(wide, ".replay off")
    assert run(wide, "print(gateway_lab.clock().now)")[0][:13] == now[0][:13]


def test_what_completion_asks_for_is_not_recorded(wide, home):
    run(wide, ".record c.json")
    wide.type("get_gateway(")
    wide.keys("Tab", "Tab")
    wide.wait("zurich-backup-01")
    wide.keys("C-c")
    wide.until(lambda: wide.rows()[-1] == PROMPT or wide.rows()[-1].endswith("us-east-1>"), "a prompt")
    assert run(wide, ".record off") == ["c.json: 0 calls"]
