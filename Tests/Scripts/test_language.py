# The language of scripts, sentence by sentence: records, listings, names, errors, helpers, and the mistakes that people
# make, each of which says what to write instead.
import re

import pytest

SETUP = """
local gw = get_gateway(list_gateways():first())
local vms = list_virtual_machines()
local vm = vms:first()
local h = list_hypervisors():find{ Name = "vcenter-zurich" }
"""
NOBODY = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-00000000"


def check(moongate, code, *options, env=None):
    """Code that asserts, and prints nothing."""
    result = moongate("--local", *options, "-e", SETUP + code, env=env)
    assert (result.code, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("local n = 0 for k, v in pairs(gw) do n = n + 1 end assert(n > 5 and next(gw))", id="pairs, next"),
        pytest.param("assert(json.decode(json.encode(gw)).GatewayArn == gw.GatewayArn)", id="json"),
        pytest.param("assert(get_gateway(gw).VpcEndpoint == nil and gw.note == nil)", id="what was not sent is nil"),
        # A new operator took a record for a resource wherever one is wanted, and was told "must be a string, got a table".
        pytest.param(
            "assert(get_gateway{ GatewayArn = gw }.GatewayArn == gw.GatewayArn) "
            "assert(list_virtual_machines{ HypervisorArn = h }:count() == list_virtual_machines(h):count()) "
            "local ok, e = pcall(get_gateway, { GatewayArn = h }) assert(not ok and tostring(e):find('this is a hypervisor', 1, true))",
            id="a record in a table of parameters"),
        pytest.param("gw.note = 'mine' assert(gw.note == 'mine')", id="lower case is the script's"),
        pytest.param("assert(same(gw, get_gateway(gw)) and gw ~= get_gateway(gw))", id="same, not =="),
        pytest.param("assert(same(1, 1.0) and same({ 1, { a = 0/0 } }, { 1, { a = 0/0 } }) and not same({}, { 1 }))", id="same of tables"),
        pytest.param("local a, b = {}, {} a.a, b.a = a, b assert(same(a, b) and #diff(a, b) == 0)", id="tables in themselves"),
        pytest.param("assert(not same({ x = false }, {}) and not same('1', 1) and same(nil, nil))", id="nothing is not false"),
        pytest.param("assert(same(now, now) and same(timestamp(5), timestamp(5)) and not same(timestamp(5), 5))", id="same of values"),
        pytest.param(
            "local b = get_gateway(gw) b.MaintenanceStartTime.HourOfDay = 9 b.Tags = { { Key = 'k' } } "
            "local d = diff(gw, b) "
            "assert(#d == 2 and d[1].at == 'MaintenanceStartTime.HourOfDay' and d[1].from == 3 and d[1].to == 9) "
            "assert(d[2].at == 'Tags' and d[2].from == nil and d[2].to[1].Key == 'k')",
            id="diff of records",
        ),
        pytest.param(
            "local d = diff({ 1, 2, a = { ['two words'] = 1 } }, { 1, 3, 4, a = { ['two words'] = 2 } }) "
            "assert(#d == 3 and d[1].at == '[2]' and d[2].at == '[3]' and d[3].at == 'a[\"two words\"]')",
            id="diff of lists",
        ),
        pytest.param("assert(diff(1, 2)[1].at == '.' and #diff(vm, vm) == 0)", id="diff of values"),
        pytest.param(
            "local r, how = call('GetGateway', { GatewayArn = gw.GatewayArn }) "
            "assert(r.Gateway.GatewayArn == gw.GatewayArn and how.http_status == 200 and how.attempts == 1) "
            "assert(type(how.request_id) == 'string' and how.seconds >= 0)",
            id="the low door",
        ),
        pytest.param(
            "local r = call('ListGateways', { MaxResults = 2 }) assert(#r.Gateways == 2 and r.NextToken) "
            "r = call('list_gateways', { NextToken = r.NextToken }) assert(#r.Gateways == 1 and not r.NextToken)",
            id="the low door to a listing is a page",
        ),
    ],
)  # fmt: skip
def test_operations_and_records(moongate, code):
    check(moongate, code)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("local a, b = vms:count(), vms:count() assert(a == 250 and b == 250)", id="runs again from its start"),
        pytest.param("assert(vms:sort('LastBackupDate'):first().LastBackupDate == nil)", id="absent first"),
        pytest.param(
            "local gws = list_gateways():map(get_gateway):sort('MaintenanceStartTime.HourOfDay'):collect() "
            "assert(#gws == 3 and gws[1].MaintenanceStartTime == nil or gws[1].MaintenanceStartTime.HourOfDay <= gws[3].MaintenanceStartTime.HourOfDay)",
            id="by a path",
        ),
        pytest.param("local i = list_gateways():map(get_gateway):index('MaintenanceStartTime.HourOfDay') assert(i[3].GatewayArn == gw.GatewayArn)", id="index by a path"),
        pytest.param("assert(list_gateways():map(get_gateway):find{ ['MaintenanceStartTime.HourOfDay'] = 3 }.GatewayArn == gw.GatewayArn)", id="find by a path"),
        pytest.param("local g = vms:group('HypervisorId') assert(#g == 2 and #g[1].items + #g[2].items == 250 and g[1].key == vm.HypervisorId)", id="groups in order of first sight"),
        pytest.param("local g = vms:group('LastBackupDate') for _, x in ipairs(g) do if x.key == nil then assert(#x.items > 1) return end end error('no group of those without')", id="a group of those without"),
        pytest.param("assert(vms:map(function(vm) return vm.LastBackupDate end):count() < 250)", id="map skips nil"),
        pytest.param("assert(items{ 3, 1, 2 }:sort(function(x) return x end):first() == 1 and items{ 'b', 'a' }:map(string.upper):first() == 'B')", id="items"),
        pytest.param("assert(items(vms) == vms and #items{}:collect() == 0)", id="items of a listing"),
        pytest.param(
            "local seen, n = {}, 0 for page in list_virtual_machines{ MaxResults = 100 }:pages() do n = n + 1 for _, vm in ipairs(page.VirtualMachines) do seen[vm.ResourceArn] = true end end "
            "local m = 0 for _ in pairs(seen) do m = m + 1 end assert(n == 3 and m == 250)",
            id="pages",
        ),
        pytest.param(
            "local page = list_virtual_machines{ MaxResults = 100 }:pages()() "
            "assert(list_virtual_machines{ MaxResults = 100, NextToken = page.NextToken }:count() == 150)",
            id="resume by token",
        ),
        pytest.param("local n = 0 for a in vms:take(2) do for b in vms:take(2) do n = n + 1 end end assert(n == 4)", id="loops in loops"),
    ],
)  # fmt: skip
def test_listings(moongate, code):
    check(moongate, code)


@pytest.mark.parametrize(
    "code, words",
    [
        ("for gw in list_gateways do end", "a listing is called first: for item in list_gateways() do"),
        ("for vm in list_virtual_machines do end", "for item in list_virtual_machines() do"),
        ("for i, vm in ipairs(vms) do end", "a listing has no item [1]; write :first(), or :collect()[1]"),
        ("print(#vms)", "a listing has no #; write :count()"),
        ("print(vms[7])", "or :collect()[7]"),
        ("for vm in pairs(vms) do end", "write `for item in listing do`"),
        ("print(vms.Name)", "a listing has no Name; its items have"),
        ("vms:colect()", "did you mean :collect(…)?"),
        ("vms.count()", "call count with a colon: listing:count(…)"),
        ("vms.first()", "call first with a colon"),
        ("vms.x = 1", "a listing cannot be changed"),
        ("vms:find('web')", ":find takes a table, as in :find{"),
        ("vms:find{ 'web' }", ":find takes members by name"),
        ("vms:find{ Name = 'none of these' }", ':find{ Name = "none of these" } found no items, and wants exactly one'),
        ("vms:find{ HypervisorId = vm.HypervisorId }", "and wants exactly one"),
        ("vms:sort('LastBackup'):first()", "VirtualMachine has no LastBackup; did you mean LastBackupDate?"),
        ("vms:group('Name.First')", "a string has no member First"),
        ("vms:sort('Name.')", "is no member; write one as in"),
        ("vms:sort()", ':sort takes a member, as in :sort("Name"), or a function, not a nil'),
        ("vms:sort(function(vm) return vm end):first()", "a table has no order"),
        ("items{ 1, 'a' }:sort(function(x) return x end):first()", "numbers and texts have no common order"),
        ("items{ 'a' }:sort('Name'):first()", "a string has no member Name"),
        ("vms:filter(true)", ":filter takes a function, not a boolean"),
        ("vms:take('3')", ":take takes a whole number"),
        ("items(list_gateways)", "call it first, as in list_gateways()"),
        ("vms:filter(print):pages()", ":pages comes first"),
        ("same(vms, vms)", "a listing is a query; :collect() gives its items to compare"),
        ("same(gw)", "same compares two values, not 1"),
        ("diff(gw, gw, 1)", "diff compares two values, not 3"),
        ("print(gw.HypervisorArn)", "Gateway has no HypervisorArn; did you mean HypervisorId?"),
        ("print(get_virtual_machine(vm).VirtualMachine)", "this already is the VirtualMachine: read its members directly"),
        ("print(vm.lastbackupdate)", "did you mean LastBackupDate?"),
        ("get_gateway(gw, 'x')", "argument 2 must be a table of parameters"),
        ("get_gateway(gw, nil)", "argument 2 must be a table of parameters"),
        ("get_gateway(gw, {}, 1)", "takes no argument 3"),
        ("list_gateways(10)", "takes a table of parameters, not a number"),
        ("list_virtual_machines{ MaxResults = '5' }", "MaxResults must be an integer, got a string"),
        ("get_hypervisor(gw)", "must be the ARN of a hypervisor; this is a gateway's"),
        ("call('GetGatway', {})", "did you mean GetGateway?"),
        ("call()", "call takes the name of an operation"),
        ("call('GetGateway', { GatewayARN = '' })", "did you mean GatewayArn?"),
        ("missing_ok(get_gateway(gw))", "missing_ok takes a function and its arguments, as in missing_ok(get_gateway, arn)"),
        ("tags.gett(vm)", "tags has no gett; did you mean get?"),
        ("tags.get = 1", "tags is read-only"),
        ("output.tabel{}", "output has no tabel; did you mean table?"),
        ("json.encod{}", "json has no encod; did you mean encode?"),
        ("moongate.now = 1", "moongate is read-only"),
        ("tags.map('x')", "tags.map takes a list of tags"),
        ("tags.map{ team = {} , 'x' }", "item 1 is no tag"),
        ("tags.map{ Tags = 5 }", "Tags is a list of tags, not a number"),
        ("tags.list{ 'db' }", "tags.list takes names and values"),
        ("tags.list{ a = true }", "the value of a must be a text, not a boolean"),
        ("usage('say which, with --vm')", "say which, with --vm"),
        ("usage(5)", "usage takes a text that says what is wanted, not a number"),
        ("parse_arn('vm-123')", '"vm-123" is not an ARN'),
        ("parse_arn(5)", "parse_arn takes an ARN, or a record that carries it, not a number"),
        ("hypervisor_arn(gw.GatewayArn)", "hypervisor_arn takes a Gateway or a VirtualMachine"),
        ("hypervisor_arn(list_gateways())", "not a listing"),
        ("hypervisor_arn{}", "neither GatewayArn nor ResourceArn"),
        ("shard(5)", "shard takes an array or a listing"),
        ("exit('x')", "exit takes a code from 0 to 125"),
    ],
)  # fmt: skip
def test_a_mistake_says_what_to_write(moongate, code, words):
    result = moongate("--local", "-e", SETUP + code)
    assert result.code == 252, result.stderr
    assert words in result.line(), result.stderr
    assert result.stderr.startswith("moongate: -e:6: "), "it names the script's line"


def test_a_listing_is_told_what_it_takes_itself(moongate):
    """It was told to take `[1]` too, which a listing refuses."""
    result = moongate("--local", "-e", "get_virtual_machine(list_virtual_machines())")
    assert result.line().endswith("is a listing, which has no ARN; take one of its items, as in :first()")


@pytest.mark.parametrize(
    "code, hint",
    [
        ("print(get_gateway.GatewayArn)", "get_gateway is a function: call it first, as in get_gateway(…).NAME"),
        ("print(list_gateways:first())", "list_gateways is a function: call it first, as in list_gateways():first()"),
        ("print(#list_gateways)", "list_gateways is a function"),
        ("get_gatway(1)", "did you mean get_gateway?"),
        ("moongate.get_gatway(1)", "did you mean get_gateway?"),
        ("coroutine.wrap(function() get_gatway(1) end)()", "did you mean get_gateway?"),
        ("backup.list_backup_jobs()", "the name backup is kept for AWS Backup's own operations"),
        ("print('at ' .. now())", "attempt to concatenate a timestamp value"),
        ("local vm = list_virtual_machines():take(9):filter(function(v) return v.LastBackupDate end):first() print('at ' .. vm.LastBackupDate)",
         "write tostring(….LastBackupDate) to join a timestamp to a text"),
    ],
)  # fmt: skip
def test_an_error_of_luas_own_says_what_was_meant(moongate, code, hint):
    if ":first())" in code and "list_gateways:" in code:
        code = code.replace("print(list_gateways:first())", "local x = list_gateways:first()")
    result = moongate("--local", "-e", code)
    assert result.code == 1
    assert hint in result.stderr


def test_code_of_another_chunk_is_helped_too(moongate):
    result = moongate("--local", "-e", "load('return get_gatway(1)', '=lib')()")
    assert result.code == 1
    assert "lib:1: attempt to call a nil value (global 'get_gatway')" in result.stderr
    assert "did you mean get_gateway?" in result.stderr


# Names


def test_names_of_a_script_hide_ours_and_harm_nothing(moongate):
    code = """
      now, output, list_gateways, pairs, ipairs, items = 1, 2, 3, nil, nil, nil
      assert(now == 1 and moongate.now() > ago("1m") and moongate.list_gateways():count() == 3)
      assert(tags.get(moongate.list_gateways():first()), "the prelude looks through no globals")
      assert(#moongate.list_virtual_machines():sort("Name"):take(2):collect() == 2 and ago("7d"))
      moongate.show({ 1 })
    """
    result = moongate("--local", "-e", code)
    assert (result.code, result.stderr) == (0, "")


# Errors


def test_an_error_has_all_its_fields(moongate):
    code = f"""
      local function ask(arn) return get_gateway(arn) end
      local ok, e = pcall(ask, "{NOBODY}")
      assert(not ok and e.code == "ResourceNotFoundException" and e.operation == "GetGateway")
      assert(e.http_status == 400 and e.attempts == 1 and e.retryable == false)
      assert(type(e.request_id) == "string" and e.message:find("bgw-00000000", 1, true))
      assert(e.where == "-e:7" , e.where)
      assert(e.traceback:find("^stack traceback:\\n") and e.traceback:find("-e:7", 1, true), e.traceback)
      assert(not e.traceback:find("moongate", 1, true), "levels of the prelude are nobody's business")
      assert(not tostring(e):find("\\n") and tostring(e):find("^-e:7: GetGateway: ResourceNotFoundException: "))
      ok, e = pcall(get_gateway)
      assert(e.code == "ParamValidation" and e.retryable == false and e.traceback and not e.http_status)
    """
    check(moongate, code)


@pytest.mark.parametrize(
    "raise_, code",
    [
        (f"get_gateway('{NOBODY}')", 254),
        (f"local ok, e = pcall(get_gateway, '{NOBODY}') error(e)", 254),
        (f"local ok, e = pcall(get_gateway, '{NOBODY}') error(e, 0)", 254),
        (f"coroutine.wrap(function() get_gateway('{NOBODY}') end)()", 254),
        (f"local co = coroutine.create(get_gateway) local ok, e = coroutine.resume(co, '{NOBODY}') error(e)", 254),
        (f"xpcall(get_gateway, function(e) error(e) end, '{NOBODY}') local ok, e = xpcall(get_gateway, function(e) return e end, '{NOBODY}') error(e)", 254),
        ("get_gateway()", 252),
        ("update_hypervisor(list_hypervisors():first(), { Name = 'x' })", 251),
        (f"local ok, e = pcall(get_gateway, '{NOBODY}') error(tostring(e))", 1),
        ("error{ code = 'NotAllowed', message = 'of my own' }", 1),
    ],
)  # fmt: skip
def test_an_uncaught_error_keeps_its_code(moongate, raise_, code):
    result = moongate("--local", "-e", raise_)
    assert result.code == code, result.stderr


def test_words_of_a_service_stay_on_one_line(moongate, canned):
    from canned_server import Raw
    from moongate import CREDENTIALS

    body = '{"__type":"ValidationException","Message":"one\\n  two\\r\\nthree"}'
    server = canned(lambda request: Raw(body, status=400))
    result = moongate(
        "--endpoint", server.endpoint, "--region", "us-east-1", "-e", f"get_gateway('{NOBODY}')", env=CREDENTIALS
    )
    assert result.code == 254
    assert re.search("one +two +three", result.line())


# Helpers


@pytest.mark.parametrize(
    "code",
    [
        "local a = parse_arn(vm) assert(a.partition == 'aws' and a.service == 'backup-gateway' and a.region == 'us-east-1' and a.account == '123456789012' and a.kind == 'vm' and 'vm/' .. a.id == a.resource and a.arn == vm.ResourceArn)",
        "local of = { stage = 'prod', ['a=b'] = 'c=d' } assert(tags.has(of, 'stage') and tags.has(of, 'stage=prod') and tags.has(of, 'a=b=c=d') and tags.has(of, 'a=b'))",
        "local of = { stage = 'prod' } assert(not tags.has(of, 'stage=pro') and not tags.has(of, 'stag') and not tags.has(of, '=') and not tags.has(of, ''))",
        "local a = parse_arn('arn:aws:s3:::bucket/key/x') assert(a.region == nil and a.account == nil and a.kind == 'bucket' and a.id == 'key/x')",
        "local a = parse_arn('arn:aws:sns:eu-west-1:1:topic') assert(a.kind == nil and a.id == 'topic' and a.resource == 'topic')",
        "local a = parse_arn('arn:aws:logs:eu-west-1:1:log-group:x:*') assert(a.kind == 'log-group' and a.id == 'x:*')",
        "assert(hypervisor_arn(vm):match('[^/]+$') == vm.HypervisorId and hypervisor_arn(h) == h.HypervisorArn)",
        "assert(hypervisor_arn(gw) == h.HypervisorArn and get_hypervisor(hypervisor_arn(gw)).Name == h.Name)",
        "local spare = list_gateways():find{ GatewayDisplayName = 'spare-01' } assert(hypervisor_arn(spare) == nil)",
        "assert(same(tags.map{ { Key = 'a', Value = '1' }, { Key = 'b' } }, { a = '1', b = '' }))",
        "assert(same(tags.list{ b = 2, a = '1' }, { { Key = 'a', Value = '1' }, { Key = 'b', Value = '2' } }))",
        "assert(same(tags.map(tags.list{ x = 'y' }), { x = 'y' }) and same(tags.get(vm), tags.map(list_tags_for_resource(vm))))",
        f"assert(missing_ok(get_gateway, '{NOBODY}') == nil and missing_ok(get_gateway, gw).GatewayArn == gw.GatewayArn)",
        f"local ok, e = pcall(missing_ok, get_gateway, 'x') assert(not ok and e.code == 'ParamValidation')",
        "assert(select('#', missing_ok(function() return 1, nil, nil end)) == 3)",
    ],
)  # fmt: skip
def test_helpers(moongate, code):
    check(moongate, code)


def test_warnings_are_on_and_can_be_turned_off(moongate):
    code = 'warn("a", 1) warn("@off") warn("b") warn("@on") warn("c") warn("@odd")'
    result = moongate("--local", "-e", code)
    assert (result.code, result.stdout, result.stderr) == (0, "", "warning: a1\nwarning: c\n")
