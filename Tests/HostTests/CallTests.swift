// Calls: what goes in, what comes out, and what is refused before a byte is sent.
import AWSCore
import BackupGateway
import TestSupport
import Testing

@testable import Host

@Suite struct CallTests {
  static let gateway = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-12345678"

  @Test func aGatewayComesBackWhole() throws {
    let bench = try Bench()
    bench.service.answer = { _ in
      FakeService.json(
        """
        {"Gateway":{"GatewayArn":"\(Self.gateway)","GatewayDisplayName":"one","GatewayType":"BACKUP_VM",
        "HypervisorId":"hype-1","LastSeenTime":1700000000.123,"NextUpdateAvailabilityTime":1.7E9,
        "MaintenanceStartTime":{"DayOfWeek":0,"HourOfDay":3,"MinuteOfHour":30},"VpcEndpoint":null,
        "SoftwareVersion":"2.0.1","Brand":{"New":[1,2]}}}
        """)
    }
    let script = """
      local gw = get_gateway("\(Self.gateway)")
      assert(gw.GatewayDisplayName == "one" and gw.SoftwareVersion == "2.0.1")
      assert(tostring(gw.LastSeenTime) == "2023-11-14T22:13:20.123Z", tostring(gw.LastSeenTime))
      assert(gw.NextUpdateAvailabilityTime == timestamp(1700000000))
      assert(math.type(gw.MaintenanceStartTime.HourOfDay) == "integer" and gw.MaintenanceStartTime.DayOfWeek == 0)
      assert(gw.MaintenanceStartTime.DayOfMonth == nil and gw.VpcEndpoint == nil and gw.DeprecationDate == nil)
      assert(gw.Brand.New[2] == 2, "members that a newer service sends are kept")
      gw.note = "mine"
      assert(gw.note == "mine" and gw.other == nil)
      """
    #expect(bench.run(script)?.message == nil)
    #expect(
      bench.service.requests == [
        .init(operation: "GetGateway", parameters: #"{"GatewayArn":"\#(Self.gateway)"}"#)
      ])
  }

  /// The members of a record are looked for in the order of the record before it. That is a guess, and no rule.
  @Test func recordsOfAListMayHaveTheirMembersInAnyOrder() throws {
    let bench = try Bench()
    bench.service.answer = { _ in
      FakeService.json(
        """
        {"VirtualMachines":[{"Name":"a","HypervisorId":"h1","Path":"/a"},{"HypervisorId":"h2","Name":"b"},{},
        {"Path":"/c","New":true,"Name":"c","Na\\u006de2":1},{"Name":"d","HypervisorId":null,"Path":"/d","name":2}]}
        """)
    }
    let script = """
      local vms = list_virtual_machines():collect()
      local rows = {}
      for i, vm in ipairs(vms) do
        local keys = {}
        for k, v in pairs(vm) do keys[#keys + 1] = k .. "=" .. tostring(v) end
        table.sort(keys)
        rows[i] = table.concat(keys, " ")
      end
      assert(table.concat(rows, "; ") == "HypervisorId=h1 Name=a Path=/a; HypervisorId=h2 Name=b; ; "
        .. "Name2=1 Name=c New=true Path=/c; Name=d Path=/d name=2", table.concat(rows, "; "))
      """
    #expect(bench.run(script)?.message == nil)
  }

  @Test(arguments: [
    #"{"Name":"a","Name":"b"}"#, #"{"Name":"a","Path":"/","Name":"b"}"#, #"{"Name":"a","N\u0061me":"b"}"#,
    #"{"New":1,"New":2}"#,
  ])
  func aMemberThatComesTwiceIsRefused(_ row: String) throws {
    let bench = try Bench()
    bench.service.answer = { _ in FakeService.json(#"{"VirtualMachines":[{"Path":"/","Name":"a"},\#(row)]}"#)
    }
    let script = """
      local ok, e = pcall(function() return list_virtual_machines():first() end)
      assert(not ok and e.code == "Network" and e.message:find("duplicate member", 1, true), tostring(e))
      """
    #expect(bench.run(script)?.message == nil)
  }

  /// A call that had its result before it was waited for held itself, and its whole answer, for ever.
  @Test func aCallThatWasWaitedForIsForgotten() throws {
    var permissions = Permissions()
    permissions.isDryRun = true
    let bench = try Bench(permissions: permissions)
    let operation = try #require(Service.operation("DeleteGateway"))
    let request = try Request(operation, ["GatewayArn": .string(Self.gateway)], firstIndex: 1)
    weak var forgotten: Call?
    do {
      let call = try bench.console.send(request, through: bench.console.session)
      forgotten = call
      #expect(call.result != nil)
      _ = try bench.console.wait(for: call)
    }
    #expect(forgotten == nil)
  }

  @Test(arguments: [
    "get_virtual_machine(arn)", "get_virtual_machine{ ResourceArn = arn }",
    "get_virtual_machine(list_virtual_machines():first())", "moongate.get_virtual_machine(arn)",
  ])
  func aResourceIsItsArnOrARecord(_ call: String) throws {
    let bench = try Bench()
    #expect(bench.run("local arn = '\(FakeService.arn(1))' \(call)")?.message == nil)
    #expect(
      bench.service.requests.last
        == .init(operation: "GetVirtualMachine", parameters: #"{"ResourceArn":"\#(FakeService.arn(1))"}"#))
  }

  @Test(arguments: [
    ("get_gateway()", "GatewayArn is required; write get_gateway(arn)"),
    ("get_gateway(nil)", "argument 1 (GatewayArn) must be a gateway or its ARN, not nil"),
    ("get_gateway(42)", "not a number"),
    (
      "get_gateway('nonsense')",
      "must be an ARN like arn:aws:backup-gateway:REGION:ACCOUNT:gateway/ID, got 'nonsense'"
    ),
    ("get_gateway('\(FakeService.arn(1))')", "must be the ARN of a gateway; this is a virtual machine's"),
    ("get_gateway('\(gateway)', {}, 1)", "takes no argument 3"),
    ("get_gateway('\(gateway)', 'x')", "argument 2 must be a table"),
    ("get_gateway('\(gateway)', { GatewayArn = '\(gateway)' })", "GatewayArn is given twice"),
    ("get_gateway{ GatewayARN = '\(gateway)' }", "did you mean GatewayArn?"),
    ("get_gateway{ '\(gateway)' }", "parameters have names"),
    ("get_gateway{ GatewayArn = print }", "GatewayArn must be a string, not a function"),
    ("get_gateway('\\xff')", "not UTF-8"),
    (
      "list_virtual_machines{ HypervisorARN = 'x' }",
      "HypervisorARN is not a parameter here (did you mean HypervisorArn?)"
    ),
    ("list_virtual_machines{ MaxResults = 0 }", "MaxResults must be at least 1, got 0"),
    ("list_virtual_machines{ MaxResults = '5' }", "MaxResults must be an integer, got a string"),
    (
      "list_virtual_machines{ MaxResults = 1.5 }",
      "MaxResults must be an integer, got a number with a fraction"
    ),
    ("list_virtual_machines{ MaxResults = 1e300 }", "MaxResults must be an integer"),
    ("list_virtual_machines{ MaxResults = 5000000000 }", "MaxResults must fit in 32 bits"),
    ("list_virtual_machines{ NextToken = '' }", "NextToken must have a length from 1 to 1000"),
    ("list_gateways('\(gateway)')", "takes a table of parameters, not a string"),
    (
      "get_gateway(list_gateways())",
      "argument 1 (GatewayArn) is a listing, which has no ARN; take one of its items"
    ),
    ("get_gateway('a\\n\\27[2Jb')", #"got 'a\n\u{1B}[2Jb'"#),
    ("get_gateway('\(gateway)', list_gateways())", "argument 2 must be a table"),
    (
      "tag_resource('\(gateway)', { Tags = items{ { Key = 'a', Value = 'b' } } })",
      "Tags is a listing; :collect() gives its items as a list"
    ),
    (
      "tag_resource('\(gateway)', { Tags = { { Key = 'a', Value = 'b' }, nil, { Key = 'c', Value = 'd' } } })",
      "Tags must be a list like { { Key = …, Value = … }, … }; this has [3] after item 1"
    ),
    (
      "tag_resource('\(gateway)', { Tags = { team = 'db' } })",
      "Tags must be a list like { { Key = …, Value = … }, … }; this has team"
    ),
    (
      "untag_resource('\(gateway)', { TagKeys = { first = 'a' } })",
      "TagKeys must be a list like { …, … }; this has first"
    ),
    (
      "tag_resource('\(gateway)', { Tags = { { 'a', 'b' } } })",
      "Tags[1] must be a table with names; there is Key and Value"
    ),
    (
      "tag_resource('\(gateway)', { Tags = { { Key = print, Value = 'b' } } })",
      "Tags[1].Key must be a string, not a function"
    ),
    (
      "tag_resource('\(gateway)', { Tags = { { Key = '\\xff', Value = 'b' } } })",
      "Tags[1].Key is not UTF-8 text"
    ),
    ("tag_resource('\(gateway)')", "Tags is required; write tag_resource(arn, { Tags = … })"),
    ("tag_resource{ ResourceArn = '\(gateway)', Tags = {} }", "did you mean ResourceARN?"),
    ("list_tags_for_resource{ ResourceARN = '\(gateway)' }", "did you mean ResourceArn?"),
    (
      "create_gateway()",
      "write create_gateway{ ActivationKey = …, GatewayDisplayName = …, GatewayType = … }"
    ),
    (
      "associate_gateway_to_server{ GatewayArn = '\(gateway)', ServerArn = '\(gateway)' }",
      "ServerArn must be the ARN of a hypervisor; this is a gateway's"
    ),
  ])
  func badInputIsRefusedBeforeAnythingIsSent(_ script: String, _ words: String) throws {
    let bench = try Bench()
    let report = try #require(bench.run(script))
    #expect(report.message.contains(words), "\(report.message)")
    #expect(report.exitCode == ExitCode.usage)
    #expect(bench.service.requests.isEmpty)
  }

  @Test func aFloatWithAWholeValueIsAnInteger() throws {
    let bench = try Bench()
    #expect(bench.run("list_virtual_machines{ MaxResults = 5.0 }:first()")?.message == nil)
    #expect(bench.service.requests.map(\.parameters) == [#"{"MaxResults":5}"#])
  }

  @Test func aHugeListIsToldShortly() throws {
    let bench = try Bench()
    let script = """
      local tags = {}
      for i = 1, 1e4 do tags[i] = { Key = "", Value = "" } end
      tag_resource("\(Self.gateway)", { Tags = tags, [("x"):rep(1e6)] = 1 })
      """
    let message = try #require(bench.run(script)?.message)
    #expect(message.contains("Tags[5].Key must have a length from 1 to 128, got 0; and 9996 more"))
    #expect(message.count < 2_000)
  }

  /// An item that `filter` took out of a schedule makes a listing, which a raw reader took for an empty list: the
  /// schedule would have been cleared.
  @Test func aRecordIsAStructureAndAListItsList() throws {
    let bench = try Bench(permissions: .everything)
    bench.service.answer = { request in
      FakeService.json(
        request.operation == "GetGateway"
          ? #"{"Gateway":{"MaintenanceStartTime":{"DayOfWeek":0,"HourOfDay":3,"MinuteOfHour":15}}}"#
          : #"""
          {"BandwidthRateLimitIntervals":[{"DaysOfWeek":[1],"StartHourOfDay":1,"StartMinuteOfHour":0,
          "EndHourOfDay":2,"EndMinuteOfHour":59,"AverageUploadRateLimitInBitsPerSec":8000000000000}]}
          """#)
    }
    let script = """
      local gw = "\(Self.gateway)"
      put_maintenance_start_time(gw, get_gateway(gw).MaintenanceStartTime)
      local intervals = get_bandwidth_rate_limit_schedule(gw).BandwidthRateLimitIntervals
      put_bandwidth_rate_limit_schedule(gw, { BandwidthRateLimitIntervals = intervals })
      local kept = items(intervals):filter(function(i) return i.StartHourOfDay == 1 end)
      local ok, e = pcall(put_bandwidth_rate_limit_schedule, gw, { BandwidthRateLimitIntervals = kept })
      assert(not ok and e.message:find("listing"))
      """
    #expect(bench.run(script)?.message == nil)
    let sent = try bench.service.requests.map { try JSON.decode(Array($0.parameters.utf8)) }
    #expect(
      sent[1] == ["GatewayArn": .string(Self.gateway), "DayOfWeek": 0, "HourOfDay": 3, "MinuteOfHour": 15])
    #expect(
      sent[3]["BandwidthRateLimitIntervals"]?.array?.first?["AverageUploadRateLimitInBitsPerSec"]
        == 8_000_000_000_000)
    #expect(sent.count == 4)
  }

  @Test(arguments: [
    (
      "local vm = list_virtual_machines():first() print(vm.HypervisorArn)",
      "VirtualMachine has no HypervisorArn; did you mean HypervisorId?"
    ),
    (
      "print(list_virtual_machines():first().VmwareTags)",
      "VirtualMachine has no VmwareTags; what a list gives is short, get_virtual_machine(virtual_machine) has it"
    ),
    (
      "local vm = get_virtual_machine('\(FakeService.arn(1))') print(vm.VirtualMachine)",
      "this already is the VirtualMachine"
    ),
    (
      "print(list_virtual_machines():first().lastBackupDate)",
      "VirtualMachine has no lastBackupDate; did you mean LastBackupDate?"
    ),
    ("list_virtual_machines():find{ name = 'vm 1' }", "did you mean Name?"),
    (
      "print(list_tags_for_resource('\(FakeService.arn(1))').Tag)",
      "ListTagsForResource response has no Tag; did you mean Tags?"
    ),
  ])
  func aMistypedMemberIsAnError(_ script: String, _ words: String) throws {
    let bench = try Bench()
    bench.service.answer = { request in
      request.operation == "GetVirtualMachine"
        ? FakeService.json(#"{"VirtualMachine":{"Name":"x"}}"#) : FakeService.tenMachines(request)
    }
    #expect(bench.run(script)?.message.contains(words) == true)
  }

  @Test func anErrorOfTheServiceIsATable() throws {
    let bench = try Bench()
    bench.service.answer = { _ in
      FakeService.json(
        #"{"__type":"com.amazonaws.backupgateway#ResourceNotFoundException","Message":"no such gateway"}"#,
        status: 400)
    }
    let script = """
      local ok, e = pcall(get_gateway, "\(Self.gateway)")
      assert(not ok and e.code == "ResourceNotFoundException" and e.message == "no such gateway")
      assert(e.operation == "GetGateway" and e.request_id == "id-1" and e.http_status == 400 and e.attempts == 1)
      assert(e.retryable == false and e.where == "test:1")
      assert(tostring(e) == "test:1: GetGateway: ResourceNotFoundException: no such gateway (127.0.0.1:1, HTTP 400, request id id-1)", tostring(e))
      assert(missing_ok(get_gateway, "\(Self.gateway)") == nil)
      error(e)
      """
    let report = try #require(bench.run(script))
    #expect(report.exitCode == ExitCode.service, "it keeps its own code through pcall and error")
    #expect(report.message.contains("no such gateway"))
  }

  @Test(arguments: [
    (#"{"Gateway":{"LastSeenTime":9.2e18}}"#, "gw.LastSeenTime == 9.2e18"),
    (#"{"Gateway":{"LastSeenTime":"soon"}}"#, "gw.LastSeenTime == 'soon'"),
    (#"{"Gateway":{"MaintenanceStartTime":7}}"#, "gw.MaintenanceStartTime == 7"),
    (#"{"Gateway":null}"#, "gw == nil"),
    (#"{}"#, "gw == nil"),
  ])
  func answersThatBreakTheModelAreShownAsTheyAre(_ body: String, _ expectation: String) throws {
    let bench = try Bench()
    bench.service.answer = { _ in FakeService.json(body) }
    #expect(bench.run("local gw = get_gateway('\(Self.gateway)') assert(\(expectation))")?.message == nil)
  }

  @Test func duplicateMembersAreRefused() throws {
    let bench = try Bench()
    for body in [#"{"Gateway":{"GatewayArn":"a","GatewayArn":"b"}}"#, #"{"Gateway":{"New":1,"New":2}}"#] {
      bench.service.answer = { _ in FakeService.json(body) }
      #expect(bench.run("get_gateway('\(Self.gateway)')")?.message.contains("duplicate member") == true)
    }
  }

  @Test func exitEndsTheRunPastEveryPcall() throws {
    let bench = try Bench()
    let report = bench.run("while true do pcall(function() pcall(exit, 7, 'bye') end) end")
    #expect(report?.exitCode == 7)
    #expect(report?.message == "bye")
  }

  @Test func aCallToAnUnknownNameSuggestsOne() throws {
    let bench = try Bench()
    #expect(bench.run("get_gatway()")?.message.contains("did you mean get_gateway?") == true)
  }

  @Test func whatIsSharedIsNotForScriptsToChange() throws {
    let bench = try Bench()
    let script = """
      local step, t = pairs(moongate)
      assert(t == nil and step())
      for _, library in ipairs{ string, table, math, os, utf8, coroutine } do
        for name in pairs(library) do assert(not pcall(function() library[name] = nil end), name) end
        for name in pairs(library) do assert(not pcall(rawset, library, name, nil), name) end
      end
      function string.trim(s) return s:match("^%s*(.-)%s*$") end
      assert((" x "):trim() == "x" and string.trim("y ") == "y", "adding a name is no change")
      string.trim = nil
      assert(not pcall(function() return (" x "):trim() end))
      assert(ago("7d") and now():ago())
      """
    #expect(bench.run(script)?.message == nil)
  }

  @Test func aScriptsOwnGlobalsHideOursAndHarmNothing() throws {
    let bench = try Bench()
    let script = """
      pairs, ipairs, type, error, string, table, setmetatable, now = nil, nil, nil, nil, nil, nil, nil, 1
      assert(list_virtual_machines():count() == 10 and now == 1 and tostring(moongate.now()))
      """
    #expect(bench.run(script)?.message == nil)
    #expect(bench.run("moongate.now = 1")?.message.contains("read-only") == true)
    #expect(bench.run("session.region = 'x'")?.message.contains("cannot be changed") == true)
  }

  @Test func timestampsAreValues() throws {
    let bench = try Bench()
    let script = """
      local a, b = timestamp("2022-09-22T00:00:00Z"), timestamp("2022-09-22T00:00:00.5Z")
      assert(b == timestamp(b.epoch) and a:format("%H %Z", "Europe/Berlin") == "02 CEST")
      assert(a == timestamp(a.epoch) and a < b and a <= a and b > a and b - a == 0.5)
      assert(({ [a] = 1 })[timestamp("2022-09-22T00:00:00Z")] == 1)
      assert(a + "1d" == timestamp("2022-09-23T00:00:00Z") and a - 60 == timestamp("2022-09-21T23:59:00Z"))
      assert(tostring(b) == "2022-09-22T00:00:00.5Z" and a:format("%Y-%m") == "2022-09")
      assert(duration("7d12h") == 648000 and duration.text(648000) == "7d 12h" and duration.text(0) == "0s")
      assert(older_than(nil, "1s") and older_than(a, "7d") and not older_than(now(), "1h"))
      assert((now() - "26h"):ago():find("1d 2h") or (now() - "26h"):ago():find("1d 1h"))
      for _, bad in ipairs{ function() return a .. "" end, function() return a < "x" end, function() return a.foo end,
        function() return duration("7 days") end, function() return timestamp("yesterday") end,
        function() return a + b end, function() return timestamp(1e300) end } do
        assert(not pcall(bad))
      end
      """
    #expect(bench.run(script)?.message == nil)
  }

  @Test func aLineIsShownAndAnUnfinishedOneIsKnown() throws {
    let bench = try Bench()
    #expect(bench.console.evaluate("x = 1") == .done)
    #expect(bench.console.evaluate("exit(4)") == .leave(code: 4))
    #expect(bench.console.evaluate("error('no')") == .failed)
    #expect(bench.console.isIncomplete("for i = 1, 2 do"))
    #expect(!bench.console.isIncomplete("for for"))
    #expect(!bench.console.isIncomplete("1 + 1"))
    #expect(bench.console.isIncomplete("get_gateway("))
    #expect(bench.console.isIncomplete("1 +"))
  }

  @Test func memoryHasAnEnd() throws {
    let bench = try Bench(memoryLimit: 16 << 20)
    let report = bench.run("local s = 'x' while true do s = s .. s end")
    #expect(report?.exitCode == ExitCode.limit)
    #expect(bench.run("assert(list_virtual_machines():count() == 10)")?.message == nil)
  }
}
