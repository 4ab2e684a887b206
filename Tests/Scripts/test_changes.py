# Changes in bulk: what a list holds, how it is shown and asked about, what is sent, what comes back.
import json
import time

import pexpect
import pytest

from moongate import BINARY, CREDENTIALS, PATIENCE

COLLECT = """
local todo = changes("Tag moved VMs")
for vm in list_virtual_machines():take(3) do todo.tag_resource(vm, { Tags = tags.list{ team = "db" } }) end
"""
COUNT = """
local n = 0
for vm in list_virtual_machines():take(3) do if tags.get(vm).team == "db" then n = n + 1 end end
print("tagged", n)
"""
NOBODY = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-00000000"


def test_collecting_checks_and_sends_nothing(moongate):
    moongate.write("s.lua", COLLECT + "print(#todo, todo)" + COUNT)
    result = moongate("--local", "s.lua")
    assert (result.code, result.stdout, result.stderr) == (0, '3\tchanges "Tag moved VMs": 3 to do\ntagged\t0\n', "")


def test_show_tells_what_is_to_be_done(moongate):
    moongate.write("s.lua", COLLECT + "output.table(todo)")
    result = moongate("--local", "s.lua")
    assert result.code == 0, result.stderr
    assert result.stdout.split()[:3] == ["operation", "resource", "parameters"]
    assert result.stdout.count("TagResource") == 3
    assert result.stdout.count('Tags = { { Key = "team", Value = "db" } }') == 3


def test_allowed_ahead_it_is_told_and_sent(moongate):
    moongate.write("s.lua", COLLECT + "local done, failed = todo:run{ limit = 2 } print(#done, #failed, #todo)" + COUNT)
    result = moongate("--local", "--allow", "TagResource", "s.lua")
    assert (result.code, result.stdout) == (0, "3\t0\t0\ntagged\t3\n"), result.stderr
    lines = result.stderr.splitlines()
    assert lines[0] == "Tag moved VMs: 3 changes"
    assert len(lines) == 4 and all("tag_resource{ ResourceARN = " in line for line in lines[1:])


def test_one_that_is_not_allowed_keeps_all_from_being_sent(moongate):
    moongate.write("s.lua", COLLECT + f'todo.delete_gateway("{NOBODY}") print(pcall(todo.run, todo))' + COUNT)
    result = moongate("--local", "--allow", "TagResource", "s.lua")
    assert "NotAllowed" in result.stdout and "--allow DeleteGateway" in result.stdout
    assert result.stdout.endswith("tagged\t0\n")


@pytest.mark.parametrize(
    "options, code, words",
    [
        ([], 251, "--allow TagResource"),
        (["--read-only", "--allow", "TagResource"], 251, "--read-only"),
        (["--max-writes", "2", "--allow", "TagResource"], 250, "the list has 3 writes, and --max-writes leaves 2"),
    ],
)
def test_what_cannot_be_sent_whole_is_refused_before_the_first(moongate, options, code, words):
    moongate.write("s.lua", COLLECT + "local ok, e = pcall(todo.run, todo)" + COUNT + "error(e)")
    result = moongate("--local", *options, "s.lua")
    assert (result.code, result.stdout) == (code, "tagged\t0\n")
    assert words in result.stderr


def test_a_dry_run_shows_each_and_sends_none(moongate):
    moongate.write("s.lua", COLLECT + "local done, failed = todo:run() print(#done, #failed)" + COUNT)
    result = moongate("--local", "--dry-run", "s.lua")
    assert (result.code, result.stdout) == (0, "3\t0\ntagged\t0\n"), result.stderr
    assert result.stderr.count("dry run, not sent") == 3


def test_what_is_on_its_way_when_the_script_fails_is_heard_out(moongate, canned):
    """Of the requests that a list had under way, all but the one it waited for were dropped: their outcome was unknown."""

    def answer(request):
        time.sleep(int(request.json["GatewayArn"][-1]) * 0.4)
        return {}

    server = canned(answer)
    code = f"""
      local todo = changes("Delete three")
      for i = 1, 3 do todo.delete_gateway("{NOBODY[:-1]}" .. i) end
      spawn(function() todo:run() end)
      sleep(0.2)
      error("no luck")
    """
    result = moongate(
        "--endpoint", server.endpoint, "--region", "us-east-1", "--allow", "DeleteGateway", "--audit",
        moongate.folder / "audit", "-e", code, env=CREDENTIALS)  # fmt: skip
    assert result.code == 1 and "no luck" in result.stderr
    assert result.stderr.count("carried out before the end: delete_gateway{ GatewayArn = ") == 2
    lines = [json.loads(line) for line in (moongate.folder / "audit").read_text().splitlines()]
    assert [line["outcome"] for line in lines if line["event"] == "outcome"] == ["ok"] * 3


def test_what_failed_is_told_and_stays_to_be_done(moongate):
    code = COLLECT + f"""
      todo.delete_gateway("{NOBODY}")
      local done, failed = todo:run()
      print(#done, #failed, #todo, failed[1].operation, failed[1].resource, failed[1].error.code)
      done, failed = todo:run()
      print(#done, #failed, #todo)
    """
    moongate.write("s.lua", code)
    result = moongate("--local", "--allow", "TagResource", "--allow", "DeleteGateway", "s.lua")
    assert result.code == 0, result.stderr
    assert result.stdout == f"3\t1\t1\tDeleteGateway\t{NOBODY}\tResourceNotFoundException\n0\t1\t1\n"
    assert "Tag moved VMs: 4 changes" in result.stderr and "Tag moved VMs: 1 change\n" in result.stderr


def test_an_empty_list_asks_nothing(moongate):
    result = moongate("--local", "-e", 'local done, failed = changes("Nothing"):run() print(#done, #failed)')
    assert (result.code, result.stdout, result.stderr) == (0, "0\t0\n", "")


def test_a_list_is_taken_as_it_was_recorded(moongate):
    """What a script does to its tables after it recorded a change must not change what was shown."""
    code = """
      local todo, wanted = changes("x"), { Tags = { { Key = "team", Value = "db" } } }
      local vm = list_virtual_machines():first()
      todo.tag_resource(vm, wanted)
      wanted.Tags[1].Value = "other"
      todo:run()
      print(tags.get(vm).team)
    """
    result = moongate("--local", "--allow", "TagResource", "-e", code)
    assert (result.code, result.stdout) == (0, "db\n"), result.stderr


def test_secrets_are_masked(moongate):
    code = """
      local todo = changes("Rotate")
      todo.update_hypervisor(list_hypervisors():first(), { Password = "hunter2-hunter2" })
      output.table(todo) todo:run()
    """
    result = moongate("--local", "--allow", "UpdateHypervisor", "-e", code)
    assert result.code == 0
    assert "hunter2" not in result.stdout + result.stderr
    assert 'Password = "•••"' in result.stdout and 'Password = "•••"' in result.stderr


@pytest.mark.parametrize(
    "code, words",
    [
        ("todo.list_gateways()", "list_gateways only reads: call it by itself"),
        ("todo.get_gateway('x')", "get_gateway only reads"),
        ("todo.tag_resorce()", "did you mean tag_resource?"),
        ("todo:tag_resource()", "call it with a point, todo.tag_resource(…)"),
        ("todo.tag_resource('nonsense')", "must be an ARN like"),
        ("todo.tag_resource()", "ResourceARN is required"),
        ("todo.run()", "call run with a colon"),
        ("todo:run(8)", "takes a table, as in todo:run{ limit = 8 }"),
        ("todo:run{ limits = 8 }", "has no option limits; it has limit"),
        ("todo:run{ limit = 0 }", "from 1 to 100"),
        ("todo:run{ limit = 2.5 }", "from 1 to 100"),
        ("todo.title = 'x'", "a list of changes cannot be set"),
        ("changes()", "changes takes a title"),
        ("changes('')", "changes takes a title"),
        ("changes('two\\nlines')", "changes takes a title"),
        ("changes('turned \\u{202E}round')", "changes takes a title"),
        ("changes(('x'):rep(201))", "changes takes a title"),
    ],
)
def test_misuse_says_what_to_write(moongate, code, words):
    result = moongate("--local", "-e", f"local todo = changes('x') {code}")
    assert result.code == 252, result.stderr
    assert words in result.line()


# With somebody at the terminal


def spawn(moongate, *arguments):
    return pexpect.spawn(
        str(BINARY), ["--local", *arguments], cwd=moongate.folder, env=moongate.environment({"TERM": "xterm"}),
        encoding="utf-8", timeout=PATIENCE, dimensions=(60, 200),
    )  # fmt: skip


@pytest.mark.parametrize(
    "answer, ending, code",
    [
        ("y", "3\t0\r\ntagged\t3\r\n", 0),
        ("n", "Declined\r\ntagged\t0\r\n", 0),
        ("\x04", "Declined\r\ntagged\t0\r\n", 0),
        ("q", "ended by the operator", 251),
    ],
)
def test_the_operator_is_asked_once_about_all_of_them(moongate, answer, ending, code):
    run = """
      local ok, done, failed = pcall(todo.run, todo)
      if ok then print(#done, #failed) else print(done.code) end
    """
    moongate.write("s.lua", COLLECT + run + COUNT)
    child = spawn(moongate, "s.lua")
    child.expect_exact("MOONGATE ASKS: may s.lua make these 3 changes? Tag moved VMs")
    child.expect("3 +tag_resource{")
    child.expect("endpoint")
    child.expect_exact("[q] quit the run:")
    if answer == "\x04":
        child.sendeof()
    else:
        child.sendline("s")
        child.expect("1  tag_resource{")
        child.expect_exact("[q] quit the run:")
        child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.before.count("MOONGATE ASKS") == 0, "asked once"
    assert ending in child.before
    assert child.exitstatus == code


def test_what_is_allowed_ahead_is_not_asked_about(moongate):
    moongate.write("s.lua", COLLECT + "print(#todo:run())")
    child = spawn(moongate, "--allow", "TagResource", "s.lua")
    child.expect(pexpect.EOF)
    child.close()
    assert "MOONGATE ASKS" not in child.before and child.exitstatus == 0
