# What scripts may do: without a terminal nobody is asked, so what is not allowed in advance is refused; rehearsals, bounds,
# and the log of it all. Grants are in test_grants.py, the question on a terminal in Tests/Terminal/test_write_prompt.py.
import json
import re
import signal
import stat

import pytest

from canned_server import ACCOUNT, GATEWAY
from empty_service import run  # noqa: F401, a fixture
from moongate import LocalGateway, read_line, shell_code

GW = GATEWAY["GatewayArn"]
HV = f"{ACCOUNT}:hypervisor/hype-9B1AB1F1"
DELETE = f'delete_gateway("{GW}")'


# In advance


@pytest.mark.parametrize(
    "pattern, code",
    [("*", 0), ("arn:aws:backup-gateway:*:gateway/bgw-*", 0), (GW, 0), ("arn:aws:backup-gateway:*:gateway/other", 251)],
)
def test_allowed_for_what_a_pattern_matches(run, pattern, code):
    result = run(DELETE, "--allow", f"DeleteGateway:{pattern}")
    assert result.code == code, result.stderr
    assert len(run.sent()) == (0 if code else 1)
    if code:
        assert f"--allow DeleteGateway is given for other targets than {GW}" in result.line()


@pytest.mark.parametrize("rule", ["CreateGateway:arn:aws:*", "DeleteGateway:bgw-1", "DeleteGateway:"])
def test_a_pattern_that_can_match_nothing_is_a_slip(run, rule):
    assert run("print(1)", "--allow", rule).code == 252


def test_the_second_write_is_one_too_many(run):
    result = run(f"{DELETE} {DELETE}", "--allow", "DeleteGateway", "--max-writes", "1")
    assert result.code == 250
    message, summary = result.stderr.splitlines()
    assert message.endswith("Limit: 1 write is all that --max-writes lets this run send")
    assert summary == "moongate: 1 write was sent before"
    assert run.sent() == ["DeleteGateway"]
    assert run(DELETE, "--allow", "DeleteGateway", "--max-writes", "-1").code == 252


def test_a_header_is_the_whole_list(run):
    run.write("s.lua", f"-- @allow GetGateway DeleteGateway\nget_gateway('{GW}') {DELETE}")
    assert run("s.lua").line().endswith("start it with --allow DeleteGateway")
    assert run("s.lua", "--allow", "DeleteGateway").code == 0
    run.write("s.lua", f"-- @allow GetGateway\n{DELETE}")
    assert "its @allow is the whole list: add DeleteGateway to it" in run("s.lua", "--allow", "DeleteGateway").line()
    run.write("s.lua", "-- @allow GetGatway\n")
    result = run("s.lua")
    assert (result.code, "did you mean GetGateway?" in result.line()) == (252, True)
    assert run.sent() == ["GetGateway", "GetGateway", "DeleteGateway"]


# D04: fifteen ways round a header that allows reading only

BYPASSES = {
    "direct": "delete_gateway{ GatewayArn = arn }",
    "by string": "moongate['delete' .. '_gateway']{ GatewayArn = arn }",
    "raw call": "call('DeleteGateway', { GatewayArn = arn })",
    "case": "call('deletegateway', { GatewayArn = arn })",
    "padding": "call(' DeleteGateway', { GatewayArn = arn })",
    "nul": "call('ListGateways\\0', { GatewayArn = arn })",
    "target override": "call('ListGateways', { ['X-Amz-Target'] = 'BackupOnPremises_v20210101.DeleteGateway' })",
    "header param": "call('ListGateways', {}, { headers = { ['X-Amz-Target'] = 'DeleteGateway' } })",
    "metatable name": "call(setmetatable({}, { __tostring = function() return 'DeleteGateway' end }), {})",
    "changing name": """local n = 0
      call(setmetatable({}, { __index = function() n = n + 1 return n == 1 and 'ListGateways' or 'DeleteGateway' end }), {})""",
    "rewrite the list": "moongate = { allow = { 'DeleteGateway' } } arg.allow = '*' delete_gateway(arn)",
    "other session": "connect{ region = 'us-east-1' }.delete_gateway{ GatewayArn = arn }",
    "coroutine": "coroutine.wrap(function() return delete_gateway{ GatewayArn = arn } end)()",
    "close": "do local x <close> = setmetatable({}, { __close = function() delete_gateway{ GatewayArn = arn } end }) end",
    "loaded text": "load('delete_gateway(...)')(arn)",
}


def test_every_way_round_the_list_is_refused_and_written_down(run):
    tries = "".join(
        f"try({json.dumps(name)}, function() {code}\nend)\n" for name, code in BYPASSES.items()
    )
    run.write(
        "s.lua",
        f"-- @allow ListGateways\nlocal arn = '{GW}'\n"
        "local function try(name, f) local ok, e = pcall(f) print(name, ok and 'REACHED' or 'refused') end\n" + tries,
    )
    result = run("s.lua", "--allow", "DeleteGateway")
    assert result.code == 0, result.stderr
    assert result.stdout.splitlines() == [f"{name}\trefused" for name in BYPASSES]
    assert run.sent() == []
    assert [line["decision"] for line in run.lines()] == ["refused"] * len(BYPASSES)


@pytest.mark.parametrize("name, code", BYPASSES.items(), ids=BYPASSES)
def test_shared_code_finds_no_way_round_either(run, name, code):
    run.write("s.lua", f"-- @allow ListGateways\nlocal arn = '{GW}'\n{code}")
    result = run("s.lua", "--untrusted", "--allow", "DeleteGateway")
    assert result.code in (1, 251, 252), result.stderr
    assert run.sent() == []


# Rehearsals


ALL_WRITES = f"""
  local gw = create_gateway{{ ActivationKey = "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", GatewayDisplayName = "z", GatewayType = "BACKUP_VM" }}
  local h = import_hypervisor_configuration{{ Name = "v", Host = "v.example", Username = "u-CANARY", Password = "p-CANARY" }}
  associate_gateway_to_server{{ GatewayArn = gw.GatewayArn, ServerArn = h.HypervisorArn }}
  put_maintenance_start_time(gw.GatewayArn, {{ HourOfDay = 1, MinuteOfHour = 2, DayOfWeek = 3 }})
  put_bandwidth_rate_limit_schedule(gw.GatewayArn, {{ BandwidthRateLimitIntervals = {{}} }})
  update_gateway_information(gw.GatewayArn, {{ GatewayDisplayName = "zz" }})
  update_gateway_software_now(gw.GatewayArn)
  update_hypervisor(h.HypervisorArn, {{ Name = "vv", Password = "p-CANARY" }})
  put_hypervisor_property_mappings(h.HypervisorArn, {{ IamRoleArn = "arn:aws:iam::123456789012:role/r", VmwareToAwsTagMappings = {{}} }})
  start_virtual_machines_metadata_sync(h.HypervisorArn)
  test_hypervisor_configuration(gw.GatewayArn, {{ Host = "v.example", Username = "u-CANARY", Password = "p-CANARY" }})
  tag_resource(gw.GatewayArn, {{ Tags = {{ {{ Key = "a", Value = "b" }} }} }})
  untag_resource(gw.GatewayArn, {{ TagKeys = {{ "a" }} }})
  disassociate_gateway_from_server(gw.GatewayArn)
  assert(get_gateway(gw.GatewayArn).GatewayArn == gw.GatewayArn)
  assert(get_hypervisor(h).HypervisorArn == h.HypervisorArn)
  assert(#list_tags_for_resource(gw.GatewayArn).Tags == 0)
  assert(list_virtual_machines{{ HypervisorArn = h.HypervisorArn }}:count() == 0)
  delete_hypervisor(h.HypervisorArn)
  delete_gateway(gw.GatewayArn)
  print(list_gateways():count(), gw.GatewayArn, session.dry_run)
"""


def test_a_rehearsal_reaches_the_end_and_writes_nothing(moongate):
    """The local gateway's own log of requests says so."""
    with LocalGateway("--ephemeral", "--log", "text") as gateway:
        world = ["--endpoint", gateway.endpoint, "--region", "us-east-1"]
        before = moongate(*world, "-e", "show(list_gateways())", env=gateway.environment).stdout
        result = moongate(*world, "--dry-run", "-e", ALL_WRITES, env=gateway.environment)
        after = moongate(*world, "-e", "show(list_gateways())", env=gateway.environment).stdout
        log = gateway.messages()
    assert result.code == 0, result.stderr
    count, arn, dry = result.stdout.split()
    assert (count, dry) == ("3", "true")
    assert arn.endswith(":gateway/bgw-DRYRUN0000001")
    assert result.stderr.count("dry run, not sent") == 16
    assert result.stderr.endswith("\ndry run: 16 writes were not sent\n")
    assert "CANARY" not in result.stderr and "•••" in result.stderr
    assert "ListGateways" in log
    for name in ("Create", "Delete", "Put", "Update", "Tag", "Untag", "Import", "Associate", "Disassociate", "Start", "Test"):
        assert f" {name}" not in log and f".{name}" not in log, log
    assert [line.split()[0] for line in before.splitlines()] == [line.split()[0] for line in after.splitlines()]


def test_what_a_rehearsal_shows_is_lua_that_does_it(moongate):
    """The text that is shown, run as it stands, is the request."""
    call = f"""tag_resource("{GW}", {{ Tags = {{ {{ Key = "a", Value = 'q"\\\\\\n\\27\\u{{202E}}é' }} }} }})"""
    shown = moongate("--local", "--dry-run", "-e", call).stderr
    text = shown[shown.index("tag_resource") : shown.index("dry run: 1 write was not sent")]
    assert "\x1b" not in text and "\u202e" not in text
    again = moongate("--local", "--dry-run", "-e", text).stderr
    assert without_port(again) == without_port(shown)


def without_port(text):
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", text)


def test_what_is_wrong_is_wrong_in_a_rehearsal_too(run):
    assert run(f"delete_gateway('{HV}')", "--dry-run").code == 252
    assert run(DELETE, "--dry-run", "--read-only").code == 251
    run.write("s.lua", f"-- @allow GetGateway\n{DELETE}")
    assert run("s.lua", "--dry-run").code == 251
    assert run.sent() == []


# The audit log


def test_the_log_says_what_was_decided_and_what_became_of_it(run):
    run.write("s.lua", f"pcall(function() {DELETE} end) update_hypervisor('{HV}', {{ Password = 'CANARY-pw' }})")
    assert run("s.lua", "--allow", "UpdateHypervisor").code == 0
    refused, sent, outcome = run.lines()
    assert (refused["decision"], refused["operation"], refused["arns"]) == ("refused", "DeleteGateway", [GW])
    assert (sent["decision"], sent["why"]) == ("sent", "--allow UpdateHypervisor")
    assert sent["script"] == "s.lua" and len(sent["sha256"]) == 64 and sent["session"] == "default/us-east-1"
    assert (outcome["event"], outcome["outcome"], outcome["call"]) == ("outcome", "ok", sent["call"])
    assert "CANARY" not in run.log.read_text()
    assert stat.S_IMODE(run.log.stat().st_mode) == 0o600


def test_reading_leaves_no_log(run):
    assert run("list_gateways():first()").code == 0
    assert not run.log.exists()


def test_the_log_goes_where_the_operator_says(run):
    allowed = ["--allow", "DeleteGateway"]
    assert run(DELETE, *allowed, "--audit", "off").code == 0
    assert run(DELETE, *allowed, "--audit", "other.log").code == 0
    assert not run.log.exists()
    assert len((run.folder / "other.log").read_text().splitlines()) == 2


def test_a_log_that_cannot_be_written_is_told_once(run):
    (run.folder / "target").write_text("")
    (run.folder / "link.log").symlink_to("target")
    result = run(f"{DELETE} {DELETE}", "--allow", "DeleteGateway", "--audit", "link.log")
    assert result.code == 0
    assert "the audit log cannot be written" in result.line()
    run.write("s.lua", f"-- @allow DeleteGateway\n{DELETE}")
    shared = run("s.lua", "--untrusted", "--allow", "DeleteGateway", "--audit", "link.log")
    assert shared.code == 251 and "shared code writes nothing without it" in shared.stderr
    assert run.sent() == ["DeleteGateway"] * 2
    assert (run.folder / "target").read_text() == ""


# D03: the keys are nowhere that a script can look

HUNT = r"""
  local seen, hits = {}, {}
  local function look(s, where)
    if type(s) == "string" and (s:find("CANARY", 1, true) or s:find("^AKIA") or s:find("AWS4%-HMAC")) then hits[#hits + 1] = where end
  end
  local function walk(v, path, depth)
    if depth > 10 or seen[v] then return end
    look(v, path)
    local ok, s = pcall(tostring, v) if ok then look(s, path) end
    if type(v) == "table" then
      seen[v] = true
      for k, x in next, v do walk(k, path .. "<key>", depth + 1) walk(x, path .. "." .. tostring(k), depth + 1) end
      local ok, t = pcall(function() local t = {} for k, x in pairs(v) do t[k] = x end return t end)
      if ok then walk(t, path .. "<pairs>", depth + 1) end
    end
    local ok, mt = pcall(getmetatable, v) if ok and type(mt) == "table" then walk(mt, path .. "<mt>", depth + 1) end
  end
  walk(_G, "_G", 0) walk(moongate, "moongate", 0)
  for _, name in ipairs{ "profile", "region", "account", "endpoint", "dry_run", "last" } do look(tostring(session[name]), name) end
  for name, f in pairs(moongate) do
    if type(f) == "function" and name ~= "exit" and name ~= "sleep" and name ~= "secret" then
      for _, bad in ipairs{ { ["\0"] = print }, "arn:aws:x", 7 } do local ok, e = pcall(f, bad) look(tostring(e), name) end
    end
  end
  session.explain()
  print(pcall(get_gateway, "@GW@"))
  print("found at: " .. (#hits == 0 and "(none)" or table.concat(hits, ", ")))
""".replace("@GW@", GW)


def test_the_keys_are_nowhere_to_be_found(moongate, canned):
    server = canned(lambda request: {})
    moongate.write("hunt.lua", HUNT)
    env = {
        "AWS_ACCESS_KEY_ID": "AKIATESTTESTTEST0001",
        "AWS_SECRET_ACCESS_KEY": "SECRETCANARY0123456789abcdefghijklmnop",
        "AWS_SESSION_TOKEN": "TOKENCANARY0123456789",
    }
    for options in [[], ["--debug"], ["--dry-run"], ["--allow", "DeleteGateway"]]:
        result = moongate("--endpoint", server.endpoint, "--region", "us-east-1", *options, "hunt.lua", env=env)
        assert result.stdout.rstrip().endswith("found at: (none)"), result.stdout + result.stderr
        assert "CANARY" not in result.stdout + result.stderr
    for path in moongate.home.rglob("*"):
        assert not path.is_file() or b"CANARY" not in path.read_bytes(), path


# Signals


@pytest.mark.parametrize("number, code", [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_run_ends_as_a_signal_says(moongate, number, code):
    process = moongate.start("--local", "-e", "io.stderr:write('ready\\n') pcall(sleep, 600) sleep(600)")
    try:
        assert read_line(process, process.stderr) == "ready\n"
        process.send_signal(number)
        assert shell_code(process.wait(30)) == code
    finally:
        process.kill()
