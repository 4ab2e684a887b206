# What shared code may call is what its header names, as far as its operator agrees; and what it prints.
import json
import os
import pty
import re
import select
import time

from moongate import BINARY, CREDENTIALS, PATIENCE, shell_code
from workers import GATEWAY

# Calls


def test_what_the_header_does_not_name_is_not_sent(shared, canned):
    server = canned(lambda request: {})
    where = ["--endpoint", server.endpoint, "--region", "us-east-1", "--allow", "DeleteGateway"]
    for header in ["", "-- @allow ListGateways\n", "-- @allow read\n"]:
        result = shared(header + f'print(pcall(delete_gateway, "{GATEWAY}"))', *where, env=CREDENTIALS)
        assert "NotAllowed" in result.stdout and "@allow" in result.stdout
        assert result.code == 0
    assert server.requests == []
    assert shared(f'get_gateway("{GATEWAY}")', *where, env=CREDENTIALS).code == 251


def test_a_write_needs_the_operators_yes_too(shared, canned):
    server = canned(lambda request: {"GatewayArn": GATEWAY})
    where = ["--endpoint", server.endpoint, "--region", "us-east-1"]
    code = f'-- @allow DeleteGateway\nprint(delete_gateway("{GATEWAY}").GatewayArn)'
    result = shared(code, *where, env=CREDENTIALS)
    assert result.code == 251 and server.requests == []
    assert "--allow DeleteGateway" in result.stderr
    assert shared(code, *where, "--allow", "DeleteGateway", "--read-only", env=CREDENTIALS).code == 251
    assert server.requests == []
    result = shared(code, *where, "--allow", "DeleteGateway", env=CREDENTIALS)
    assert (result.code, result.stdout, result.stderr) == (0, GATEWAY + "\n", "")
    assert [request.operation for request in server.requests] == ["DeleteGateway"]


def test_a_dry_run_sends_nothing(shared, canned):
    server = canned(lambda request: {})
    code = f'-- @allow DeleteGateway\nprint(delete_gateway("{GATEWAY}").GatewayArn)'
    result = shared(
        code, "--endpoint", server.endpoint, "--region", "us-east-1", "--dry-run", env=CREDENTIALS
    )
    assert (result.code, result.stdout) == (0, GATEWAY + "\n")
    assert "dry run, not sent" in result.stderr and "delete_gateway" in result.stderr
    assert server.requests == []


def test_a_fleet_is_what_the_operator_names(shared):
    code = """-- @allow read
      local all = fleet()
      for _, session in ipairs(all:targets()) do print(session.name, session.dry_run) end
      for gateway in all.list_gateways() do
        print(gateway.target.get_gateway(gateway).GatewayArn == gateway.GatewayArn)
        break
      end
      print(pcall(fleet, { regions = "all" }))
    """
    result = shared(code, "--local", "--regions", "us-east-1,eu-central-1", "--dry-run")
    lines = result.stdout.splitlines()
    assert len(lines) == 4, result.stderr
    assert lines[0].startswith("local/us-east-1") and lines[0].endswith("\ttrue")
    assert lines[1].startswith("local/eu-central-1") and lines[2] == "true"
    assert lines[3].startswith("false") and "the operator names its targets" in lines[3]


def test_each_decision_is_written_down(shared, moongate):
    log = moongate.folder / "audit.log"
    code = f'-- @allow GetGateway\npcall(delete_gateway, "{GATEWAY}")\nlist_virtual_machines():first()'
    shared(code, "--local", "--audit", log)
    lines = log.read_text().splitlines()
    assert any('"DeleteGateway"' in line and '"snippet"' in line and '"refused"' in line for line in lines)


def test_an_error_of_the_service_is_the_same_table(shared):
    code = f"""-- @allow GetGateway
      local _, e = pcall(get_gateway, "{GATEWAY}")
      print(e.code, e.http_status, e.operation, e.attempts, e.request_id ~= nil, e.retryable)
      print(missing_ok(get_gateway, "{GATEWAY}"))
      get_gateway("{GATEWAY}")
    """
    result = shared(code, "--local")
    assert result.stdout == "ResourceNotFoundException\t400\tGetGateway\t1\ttrue\tfalse\nnil\n"
    assert result.code == 254
    assert "ResourceNotFoundException" in result.stderr


def test_tasks_run_at_the_same_time(shared, canned):
    """Ten answers that take 0.3 s each are there long before ten times that."""

    def answer(request):
        time.sleep(0.3)
        return {"Gateway": {"GatewayArn": GATEWAY}}

    server = canned(answer)
    code = f"""-- @allow GetGateway
      local items = {{}}
      for i = 1, 10 do items[i] = i end
      local results = parallel(items, function(i) return get_gateway("{GATEWAY}").GatewayArn end)
      print(results.n, results[10])
      local task = spawn(function() sleep(0.01) return "slept" end)
      print(task:wait())
    """
    begin = time.monotonic()
    result = shared(code, "--endpoint", server.endpoint, "--region", "us-east-1", env=CREDENTIALS)
    assert (result.code, result.stdout) == (0, f"10\t{GATEWAY}\nslept\n"), result.stderr
    assert time.monotonic() - begin < 10
    assert len(server.requests) == 10


def test_tasks_that_wait_for_each_other_are_told(shared):
    """The worker looked at its socket for ever, and so never noticed that nothing was left to happen."""
    code = """
    local a, b
    a = spawn(function() sleep(0) return b:wait() end)
    b = spawn(function() return a:wait() end)
    print(select(2, pcall(a.wait, a)).message)
    """
    result = shared(code)
    assert "this wait would never end" in result.stdout, result.stderr


def test_what_was_sent_is_waited_for_when_a_sibling_fails(shared, canned, moongate):
    """Its connection was cut instead, and nobody knew what had become of it."""
    def answer(request):
        time.sleep(0.5)
        return {"GatewayArn": GATEWAY}

    server = canned(answer)
    code = f"""-- @allow DeleteGateway
    print(pcall(parallel, {{ "write", "fail" }}, function(what)
      if what == "write" then return delete_gateway("{GATEWAY}") end
      sleep(0.2)
      error("no", 0)
    end))"""
    log = moongate.folder / "audit.log"
    result = shared(
        code, "--endpoint", server.endpoint, "--region", "us-east-1", "--allow", "DeleteGateway", "--audit", log, env=CREDENTIALS
    )  # fmt: skip
    assert (result.code, result.stdout) == (0, "false\tno\n"), result.stderr
    assert [line["outcome"] for line in map(json.loads, log.read_text().splitlines()) if "outcome" in line] == ["ok"]


def test_a_writes_limit_of_the_header_holds(shared):
    code = """-- @allow read TagResource
      -- @limit writes=1
      local vm = list_virtual_machines():first()
      print(pcall(tag_resource, vm, { Tags = { { Key = "a", Value = "b" } } }))
      print(pcall(tag_resource, vm, { Tags = { { Key = "a", Value = "c" } } }))
    """.replace("      -- @limit", "-- @limit")
    result = shared(code, "--local", "--allow", "TagResource")
    first, second = result.stdout.splitlines()
    assert first.startswith("true") and second.startswith("false") and "Limit" in second


# Output


def test_output_goes_through_as_it_is(shared):
    result = shared('print("é", "a\\0b") warn("careful") print("end")')
    assert result.stdout == "é\ta\0b\nend\n"
    assert "careful" in result.stderr


def on_terminal(moongate, arguments, answers=(), seconds=PATIENCE):
    """Runs the command on a terminal of its own and gives each question the next answer. What it showed, and its exit
    code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(moongate.folder)
        os.execve(BINARY, [str(BINARY), *map(str, arguments)], moongate.environment({"TERM": "xterm"}))
    shown, answered, deadline = b"", 0, time.monotonic() + seconds
    try:
        while True:
            assert time.monotonic() < deadline, shown
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(terminal, 4096)
            except OSError:
                break
            if not data:
                break
            shown += data
            # What is typed before the question is complete is thrown away.
            if shown.count(b"quit the run:") > answered < len(answers):
                os.write(terminal, answers[answered])
                answered += 1
    finally:
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
    return shown.decode(errors="replace"), shell_code(os.waitstatus_to_exitcode(status))


def test_nothing_that_is_printed_looks_like_the_host(moongate):
    """On a terminal each line stands behind a bar, and its control characters are seen instead of obeyed."""
    script = moongate.write(
        "spoof.lua",
        r"""
        print("MOONGATE ASKS: may ./nice.lua call ListGateways?\n\27[2K\27[8Amoongate: all is well\r")
        warn("moongate: error")
        print("é")
        """,
    )
    shown, code = on_terminal(moongate, ["--untrusted", script])
    lines = shown.replace("\r\n", "\n").splitlines()
    assert code == 0
    assert len(lines) == 4 and all(line.startswith("| ") for line in lines), lines
    assert "\x1b" not in shown
    assert "| é" in lines


def test_the_operator_is_asked_by_the_host(moongate):
    script = moongate.write(
        "write.lua",
        """-- @allow read TagResource
        local vm = list_virtual_machines():first()
        print("MOONGATE ASKS: shall I?")
        print(pcall(tag_resource, vm, { Tags = { { Key = "a", Value = "b" } } }))
        print(pcall(tag_resource, vm, { Tags = { { Key = "a", Value = "c" } } }))
        """,
    )
    shown, code = on_terminal(moongate, ["--local", "--untrusted", script], [b"y\n", b"n\n"])
    # Its rows are broken at spaces.
    assert f"may {script} call TagResource?" in " ".join(re.sub("\x1b\\[[0-9;]*m", "", shown).split())
    assert code == 0, shown
    assert "| MOONGATE ASKS: shall I?" in shown
    assert "| true" in shown
    declined = [line for line in shown.splitlines() if line.startswith("| false")]
    assert declined and "Declined" in declined[0]


def test_ctrl_c_at_a_question_is_the_last_one(moongate):
    """What the script had asked for by then, side by side, was asked about too, although it was gone."""
    script = moongate.write(
        "writes.lua",
        """-- @allow read TagResource
        parallel(list_virtual_machines(), function(vm) tag_resource(vm, { Tags = { { Key = "a", Value = "b" } } }) end)
        """,
    )
    shown, code = on_terminal(moongate, ["--local", "--untrusted", script], [b"\x03"])
    assert code == 130, shown
    assert shown.count("MOONGATE ASKS") == 1
