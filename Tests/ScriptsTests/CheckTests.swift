// What `moongate check` finds, and what it leaves alone.
import BackupGateway
import Testing

@testable import Scripts

private let gateway = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-1"
private let hypervisor = "arn:aws:backup-gateway:us-east-1:123456789012:hypervisor/hype-1"

@Suite struct CheckTests {
  private func findings(_ source: String, as kind: Check.Kind? = nil, name: String = "x.lua") -> [Finding] {
    Check.findings(Array(source.utf8), name: name, as: kind)
  }

  private func rules(_ source: String, as kind: Check.Kind? = nil, name: String = "x.lua") -> [String] {
    findings(source, as: kind, name: name).map(\.rule)
  }

  @Test(arguments: Rule.all.map(\.id))
  func theExampleOfARuleIsFoundByItAlone(_ id: String) throws {
    let rule = try #require(Rule.named(id))
    let found = findings(rule.example)
    #expect(found.map(\.rule) == [id], "\(found)")
    #expect(found.allSatisfy { $0.severity == rule.severity } || id == "source-trick")
  }

  @Test(arguments: Rule.all.map(\.id))
  func aCommentSilencesARule(_ id: String) throws {
    let rule = try #require(Rule.named(id))
    guard id != "syntax", !rule.example.hasPrefix("--") else { return }
    let found = try #require(findings(rule.example).first)
    var lines = rule.example.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines[found.start.line - 1] += " -- check: ignore \(id)"
    #expect(rules(lines.joined(separator: "\n")).isEmpty)
    lines = rule.example.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines.insert("  -- check: ignore \(id) because it is so here", at: found.start.line - 1)
    #expect(rules(lines.joined(separator: "\n")).isEmpty)
    lines[found.start.line - 1] = "-- check: ignore another-rule"
    #expect(rules(lines.joined(separator: "\n")) == [id])
  }

  @Test(arguments: [
    // What is known of a value goes through loops, methods, functions that are handed over, and waits.
    "for vm in list_virtual_machines():filter(function(vm) return vm.Nam end) do print(vm.Name) end",
    "for _, gw in ipairs(list_gateways():collect()) do print(gw.Nam) end",
    "for _, group in ipairs(list_gateways():group(\"HypervisorId\")) do print(group.items[1].Nam) end",
    "print(list_hypervisors():index(\"Name\")[\"x\"].Nam)",
    "parallel(list_gateways(), function(gw) print(gw.Nam) end)",
    "list_gateways():parallel(function(gw) print(gw.Nam) end)",
    "for page in list_gateways():pages() do print(page.Gateway) end",
    "print(get_gateway(list_gateways():first()).MaintenanceStartTime.Hour)",
    "print(wait(get_gateway, \"\(gateway)\", { field = \"HypervisorI\", is = \"h\" }))",
    "wait(get_gateway, \"\(gateway)\", { ready = function(gw) return gw.Nam end })",
    "print((missing_ok(get_gateway, \"\(gateway)\") or {}), missing_ok(get_gateway, \"\(gateway)\").Nam)",
    "print(call(\"GetGateway\", { GatewayArn = \"\(gateway)\" }).Gatewy)",
    "show(list_gateways(), { \"GatewayName\" })",
    "output.csv(list_gateways(), { { \"Title\", \"GatewayName\" } }, { to = \"x\" })",
    "print(list_gateways():sort(\"LastSeen\"):first())",
    "print(list_gateways():find{ Name = \"x\" })",
    "local l = args and list_gateways() or list_gateways() for gw in l do print(gw.Nam) end",
    "for gw in fleet{ regions = \"all\" }.list_gateways() do print(gw.Nam, gw.target.region) end",
    "for gw in progress(list_gateways()) do print(gw.Nam) end",
    "for gw in shard(list_gateways()) do print(gw.Nam) end",
    "print(get_gateway(list_gateways():first())[\"Nam\"])",
  ])
  func aMemberThatARecordHasNot(_ source: String) {
    #expect(rules(source).filter { $0 != "undefined-global" } == ["unknown-member"], "\(findings(source))")
  }

  @Test(arguments: [
    "session.get_gatewy(\"\(gateway)\")", "connect{ region = \"x\" }.get_gatewy()", "moongate.get_gatewy()",
    "local todo = changes(\"x\") todo.tag_resorce()",
    "local todo = changes(\"x\") todo.get_gateway(\"\(gateway)\")",
    "fleet{ regions = \"all\" }.get_gateway(\"\(gateway)\")", "fleet{ regions = \"all\" }.list_gatewys()",
    "call(\"GetGatewy\")", "for gw in list_gateways() do gw.target.get_gatewy(gw) end",
  ])
  func anOperationThatIsNotThere(_ source: String) {
    #expect(rules(source) == ["unknown-operation"], "\(findings(source))")
  }

  @Test(arguments: [
    ("tag_resource(\"\(gateway)\", { Tags = { { Key = \"a\" } } })", "missing-parameter"),
    (
      "tag_resource(\"\(gateway)\", { Tags = { { Key = \"a\", Value = \"b\", Kex = 1 } } })",
      "unknown-parameter"
    ),
    ("tag_resource(\"\(gateway)\", { Tags = { Key = \"a\" } })", "wrong-value"),
    ("tag_resource(\"\(gateway)\")", "missing-parameter"),
    ("get_gateway()", "missing-parameter"), ("get_gateway{}", "missing-parameter"),
    ("get_gateway(\"arn:aws:backup-gateway:us-east-1:123456789012:vm/vm-1\")", "wrong-value"),
    ("get_gateway(list_gateways())", "wrong-arguments"), ("get_gateway(now())", "wrong-arguments"),
    ("get_gateway(\"\(gateway)\", {}, 1)", "wrong-arguments"),
    (
      "create_gateway{ ActivationKey = \"AAAAA\", GatewayDisplayName = \"x\", GatewayType = \"BACKUP_VMS\" }",
      "wrong-value"
    ),
    ("list_gateways{ MaxResults = \"5\" }", "wrong-value"),
    // The name of a gateway is no ARN, and exit codes above 125 are Moongate's own.
    ("get_gateway(\"zurich-backup-01\")", "wrong-value"), ("exit(300)", "wrong-value"),
    ("list_virtual_machines{ HypervisorArn = \"vcenter-zurich\" }", "wrong-value"),
    ("get_gateway{ GatewayArn = \"arn:zurich\" }", "wrong-value"),
    (
      "get_gateway{ GatewayArn = \"arn:aws:backup-gateway:us-east-1:123456789012:widget/bgw-0123456789ABCDEF0\" }",
      "wrong-value"
    ),
    ("get_gateway(\"arn:aws:backup-gateway:us-east-1:123456789012:gateway/\")", "wrong-value"),
    ("list_gateways{ MaxResults = 1.5 }", "wrong-value"),
    ("list_gateways{ MaxResults = -1 }", "wrong-value"),
    ("list_gateways():parallel(get_hypervisor)", "wrong-arguments"),
    ("pcall(get_gateway, \"\(gateway)\") sleep(\"1 h\")", "bad-duration"),
    ("print(now() - \"3x\")", "bad-duration"),
    ("older_than(now(), \"a week\")", "bad-duration"), ("timestamp(\"yesterday\")", "bad-duration"),
    ("parallel({}, print, { on_error = \"colect\" })", "unknown-option"),
    ("list_gateways():parallel(print, { limits = 3 })", "unknown-option"),
    ("changes(\"x\"):run{ limits = 8 }", "unknown-option"),
    ("output.csv({}, { \"a\" }, { too = \"x\" })", "unknown-option"),
    ("print(chart.bar({}, \"a\", \"b\", { titel = \"x\" }))", "unknown-option"),
    ("connect{ regoin = \"x\" }", "unknown-option"),
    ("print(output.cvs)", "unknown-field"), ("print(string.trim(\"x\"))", "unknown-field"),
    ("print((\"x\"):trim())", "unknown-field"), ("print(now().epok)", "unknown-field"),
    ("print(#list_gateways())", "unknown-field"), ("print(list_gateways()[1])", "unknown-field"),
    ("print(list_gateways().Name)", "unknown-field"), ("os.exit(1)", "unknown-field"),
    ("for gw in list_gateways() do if gw.GatewayType == \"VM\" then print() end end", "never-equal"),
    ("wait(get_hypervisor, \"\(hypervisor)\", { field = \"State\", is = { \"ONLIN\" } })", "never-equal"),
    ("if list_virtual_machines():first().LastBackupDate == \"x\" then print() end", "never-equal"),
    (
      "for _, e in ipairs(fleet{ regions = \"all\" }:errors()) do print(e.code == \"AccesDenied\") end",
      "unknown-code"
    ),
    (
      "local done, failed = changes(\"x\"):run() print(done, failed[1].error.code == \"Throtling\")",
      "unknown-code"
    ),
    ("local now = now() print(now())", "hidden-name"), ("function show() end", "hidden-name"),
  ])
  func aSlipIsFound(_ source: String, _ rule: String) {
    #expect(rules(source) == [rule], "\(findings(source))")
  }

  @Test(arguments: [
    "", "#!/usr/bin/env -S moongate run\nprint(1)",
    "local vm = list_virtual_machines():first() vm.age = 3 print(vm.age)",
    "local vm = list_virtual_machines():first() vm.Extra = 3 print(vm.Extra)",
    "local p = {} p.HypervisorArn = \"x\" for vm in list_virtual_machines(p) do print(vm) end",
    "local name = \"MaxResults\" print(list_gateways{ [name] = 5 }:count())",
    "function list_gatways() return {} end print(list_gatways())",
    "local row = {} print(row.code == \"green\", row.Anything)",
    "local r = { code = \"Mine\" } local ok, e = pcall(error, r) print(ok, e.code == \"Mine\")",
    "local ok, e = pcall(get_gateway, \"\(gateway)\") print(ok, e.code == \"ResourceNotFoundException\", e.code == \"WaitTimeout\")",
    "local now = now() print(now - \"7d\", now:ago())", "local items = {} print(items[1])",
    "local json = require \"json\" print(json.encode{ 1 })", "local output = { csv = print } output.csv(1)",
    "local gw = list_gateways():first() gw = get_hypervisor(gw.HypervisorId) print(gw.Name)",
    "string.trim = function(s) return s end print(string.trim(\"x\"), (\"x\"):trim())",
    "local function get(...) return get_gateway(...) end print(get(\"x\"))",
    "tag_resource(list_gateways():first(), { Tags = tags.list{ a = \"b\" } })",
    "local arn, more = \"x\", {} tag_resource(arn, more) tag_resource(more)",
    "print(list_gateways():map(function(gw) return { Name = gw.GatewayDisplayName } end):first().Name)",
    "setmetatable(_ENV, { __index = function() return print end }) anything(1)",
    "for _, x in ipairs{ 1 } do print(x) end", "goto done do print(1) end ::done::",
    "local f <close> = setmetatable({}, { __close = print })",
  ])
  func whatMayBeMeantIsLeftAlone(_ source: String) {
    #expect(rules(source).isEmpty, "\(findings(source))")
  }

  // MARK: Permissions

  @Test(arguments: [
    "get_gateway(\"\(gateway)\")", "session.get_gateway(\"\(gateway)\")",
    "moongate.get_gateway(\"\(gateway)\")",
    "pcall(get_gateway, \"\(gateway)\")",
    "call(\"GetGateway\", { GatewayArn = \"\(gateway)\" })",
    "wait(get_gateway, \"\(gateway)\", { ready = print })",
    "parallel({}, get_gateway)", "local function f(gw) return gw.target.get_gateway(gw) end f()",
    "session[\"get_gateway\"](\"\(gateway)\")", "missing_ok(get_gateway, \"\(gateway)\")",
  ])
  func anOperationIsCalledHoweverItIsNamed(_ call: String) {
    #expect(rules("-- @allow GetGateway\n\(call)").isEmpty)
    #expect(rules("-- @allow ListGateways\nlist_gateways():first()\n\(call)") == ["not-allowed"])
    #expect(rules("-- @name x\n\(call)") == ["not-allowed"])
    #expect(rules(call).isEmpty)
    #expect(rules(call, as: .snippet) == ["not-allowed"])
  }

  @Test func whatIsDecidedWhileItRunsIsSaidToBeUnclear() {
    #expect(rules("-- @allow read, DeleteGateway\nprint(session[tostring(1)])") == ["unclear-permission"])
    #expect(
      rules("-- @name x\n-- @require y@1.0.0\n-- @allow GetGateway\nrequire \"y\"") == ["unclear-permission"])
    #expect(rules("-- @allow ListTagsForResource\nprint(tags.get(\"x\"))").isEmpty)
    #expect(rules("-- @allow read\nprint(1)") == ["unused-permission"])
  }

  // MARK: Headers

  @Test func everyProblemOfAHeaderIsFoundAtItsPlace() {
    let found = findings("-- @allow ListGatways\n-- @versoin 1.0.0\n-- @limit time=soon\nprint(1)")
    #expect(found.map(\.rule) == ["header", "header", "header"])
    #expect(found.map(\.start.line) == [1, 2, 3])
    #expect(found.map(\.suggestion).prefix(2) == ["ListGateways", "@version"])
  }

  @Test func argumentsHaveTheTypesThatTheHeaderSays() {
    let header = "-- @arg form table|csv=table  How\n-- @arg age duration=7d  Age\n"
    #expect(rules(header + "print(args.form == \"jsn\", args.age)") == ["never-equal"])
    #expect(rules(header + "print(args.form == \"csv\", args.age)").isEmpty)
    #expect(
      rules(header + "for name in pairs(args) do print(name) end print(args[args.form])").contains(
        "unused-argument") == false)
    #expect(rules("print(args.age)") == ["undeclared-argument"])
  }

  @Test func sharedCodeHasLess() {
    for use in [
      "io.write(\"x\")", "connect{ region = \"x\" }", "gateway_lab.clock{}", "os.execute(\"x\")",
      "require \"x\"",
    ] {
      #expect(rules(use, as: .snippet) == ["not-in-shared-code"], "\(use)")
      #expect(rules(use).isEmpty, "\(use)")
    }
  }

  @Test func aFileOfTestsHasWhatTestsHave() {
    let source =
      "function test_it() clock.set(\"2026-03-01T06:00:00Z\") assert(run{ \"x.lua\" }.code == 0) end"
    #expect(rules(source, name: "x_test.lua").isEmpty)
    #expect(rules("clock.set(\"2026-03-01T06:00:00Z\")", name: "x_test.lua").isEmpty)
    #expect(rules("clock.set(\"2026-03-01T06:00:00Z\")") == ["undefined-global"])
  }

  @Test func theLabsFunctionsAreHeldToTheirParameters() {
    let lab = [
      Operation(
        "clock", luaName: "gateway_lab.clock", .write,
        input: [Member("advance", Shape("Text", .string), "How far.")], output: [], summary: "", example: "")
    ]
    func rules(_ source: String) -> [String] {
      Check.findings(Array(source.utf8), name: "x.lua", lab: lab).map(\.rule)
    }
    #expect(rules("gateway_lab.clock{ advance = \"2h\" }").isEmpty)
    #expect(rules("gateway_lab.clock{ advanse = \"2h\" }") == ["unknown-parameter"])
    #expect(rules("gateway_lab.clok{}") == ["unknown-field"])
  }

  // MARK: Places

  @Test func placesCountCharactersAndLines() throws {
    let found = try #require(findings("-- ü\r\nprint(\"ü\", lst_gateways())").first)
    #expect(found.start == Finding.Place(line: 2, column: 12))
    #expect(found.end == Finding.Place(line: 2, column: 24))
    #expect(found.suggestion == "list_gateways")
  }

  @Test func severalSlipsOfSyntaxAreTold() {
    let source = """
      local function first()
        if x print(1) end
        return 1
      end
      local t = { 1, 2
      print(first(), t)
      for i = 1 do
        print(i)
      end
      print("ready)
      """
    #expect(findings(source).map(\.start.line) == [2, 6, 7, 10])
  }

  @Test(arguments: [
    "(", "not ", "{", "a.b", "f()", "-", "x=function() ", "do ", "if x then ", "[[", "\"", "1 + ", "a,",
    "::a::",
  ])
  func nothingIsTooDeepOrTooLong(_ part: String) {
    // Far beyond Lua's own levels, and what is flat in Lua too.
    _ = findings(String(repeating: part, count: 5_000))
    _ = findings("x = " + String(repeating: part, count: 5_000))
  }

  /// What took time that grew with the square of the file: each of these took minutes, most of it for names that are
  /// spelt nearly so, of which nobody reads more than the first thousand.
  @Test(
    .timeLimit(.minutes(2)),
    arguments: [
      ("print(n#)\n", ""), ("session.n#()\n", ""), ("if e.code == 'Nope#Exception' then end\n", ""),
      ("do local n# = 1 end print(n#)\n", ""), ("local n# = 1\nprint(n#)\n", ""),
      ("n# = 1\n", "function f()\n"),
      ("print(gw.N#)\n", "for gw in list_gateways() do\n"),
    ])
  func manyNamesTakeNoLongerEach(_ row: String, _ before: String) {
    let rows = (0..<5_000).map {
      row.split(separator: "#", omittingEmptySubsequences: false).joined(separator: "\($0)")
    }
    let found = findings(before + rows.joined() + (before.isEmpty ? "" : "end"))
    #expect(found.count == 1_000 || found.contains { $0.rule == "syntax" })
  }

  /// Each wrong escape looked for the end of its row, for each error behind it.
  /// What comes after a thousand remarks once went unsaid, and the command ended with 0.
  @Test func aSlipAfterAThousandRemarksIsFound() {
    let remark = "print(function() local unused = 1 end)\n"
    #expect(rules(String(repeating: remark, count: 1_200) + "print(nosuchname)") == ["undefined-global"])
  }

  @Test(.timeLimit(.minutes(2))) func aRowOfManyWrongEscapesIsReadOnce() {
    let found = findings("x = \"" + String(repeating: "\\q", count: 100_000) + "\"\n)\n")
    #expect(found.count == 10)
    #expect(found.allSatisfy { $0.rule == "syntax" })
  }
}
