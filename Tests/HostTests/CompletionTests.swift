// Completion: what may stand at the cursor, and that finding out runs nothing and sends nothing but a listing.
import AWSCore
import BackupGateway
import TestSupport
import Testing

@testable import Host

@Suite struct CompletionTests {
  /// A source with its cursor at `|`; without one at the end.
  static func split(_ text: String) -> (source: String, offset: Int) {
    let bytes = Array(text.utf8)
    guard let cursor = bytes.lastIndex(of: UInt8(ascii: "|")) else { return (text, bytes.count) }
    return (String(decoding: bytes[..<cursor] + bytes[(cursor + 1)...], as: UTF8.self), cursor)
  }

  static func labels(_ text: String, _ bench: Bench) -> [String] { found(text, bench).items.map(\.label) }

  static func found(_ text: String, _ bench: Bench) -> Candidates {
    let (source, offset) = split(text)
    return bench.console.candidates(for: source, at: offset)
  }

  static let maintenance = ["GatewayArn", "HourOfDay", "MinuteOfHour", "DayOfMonth", "DayOfWeek"]

  @Test(arguments: [
    ("put_maintenance_start_time{", maintenance),
    ("put_maintenance_start_time({ ", maintenance),
    ("x = put_maintenance_start_time{ Hou", maintenance),
    ("moongate.put_maintenance_start_time{", maintenance),
    ("put_maintenance_start_time{ HourOfDay = 3, ", maintenance.filter { $0 != "HourOfDay" }),
    ("put_maintenance_start_time{ |, HourOfDay = 3 }", maintenance.filter { $0 != "HourOfDay" }),
    ("put_maintenance_start_time{ | } x = { HourOfDay = 3 }", maintenance),
    ("put_maintenance_start_time(gw, { ", maintenance.filter { $0 != "GatewayArn" }),
    ("tag_resource(vm, { ", ["Tags"]), ("tag_resource(f(a, b), { ", ["Tags"]),
    ("tag_resource(vm, { Tags = { { ", ["Key", "Value"]),
    ("tag_resource(vm, { Tags = { { Key = \"a\", Value = \"b\" }, { ", ["Key", "Value"]),
    ("tag_resource(vm, { Tags = { { Key = \"}\", ", ["Value"]),
    ("call(\"DeleteGateway\", { ", ["GatewayArn"]), ("pcall(delete_gateway, { ", ["GatewayArn"]),
    ("-- put_maintenance_start_time{\ndelete_gateway{", ["GatewayArn"]),
    ("create_gateway{ GatewayType = ", ["BACKUP_VM"]), ("create_gateway{ GatewayType = \"", ["BACKUP_VM"]),
    ("create_gateway{ ['GatewayType'] = ", []),
    ("for h in list_hypervisors() do if h.State == ", ["PENDING", "ONLINE", "OFFLINE", "ERROR"]),
    ("for h in list_hypervisors() do if h.State ~= '", ["PENDING", "ONLINE", "OFFLINE", "ERROR"]),
    ("delete_gateway{ GatewayArn = arn ", []), ("-- delete_gateway{", []), ("--[[ delete_gateway{", []),
    ("x = \"delete_gateway{", []), ("x = [[ delete_gateway{", []), ("x = 'a\\' delete_gateway{", []),
    ("put_maintenance_start_time{ HourOfDay = 3", []), ("x = 3", []), ("x = 0x", []),
  ])
  func parametersAndTheirValues(_ text: String, _ labels: [String]) throws {
    let bench = try Bench()
    let found = Self.found(text, bench)
    #expect(found.takeAnything ? labels.isEmpty : found.items.map(\.label) == labels)
    #expect(bench.service.requests.isEmpty)
  }

  @Test func whatIsRequiredComesFirstAndSaysSo() throws {
    let items = Self.found("put_maintenance_start_time(gw, {", try Bench()).items
    #expect(items.map { $0.detail.hasPrefix("required") } == [true, true, false, false])
    #expect(items[0].detail.contains("integer, 0 to 23"))
    #expect(items[0].text == "HourOfDay = ")
    #expect(Self.found("put_maintenance_start_time(gw, { |= 3 }", try Bench()).items[0].text == "HourOfDay")
    #expect(Self.found("put_maintenance_start_time{ HourOfDay = ", try Bench()).note == "integer, 0 to 23")
  }

  static let gateway = ["GatewayArn", "GatewayDisplayName", "GatewayType", "HypervisorId", "LastSeenTime"]
  static let methods = [
    "collect", "count", "filter", "find", "first", "group", "index", "map", "pages", "parallel", "sort",
    "take",
  ]

  /// From the text alone: nothing is called.
  @Test(arguments: [
    (
      "get_gateway(x).",
      gateway + [
        "MaintenanceStartTime", "NextUpdateAvailabilityTime", "VpcEndpoint", "DeprecationDate",
        "SoftwareVersion",
      ]
    ),
    ("get_gateway(x).MaintenanceStartTime.", ["DayOfMonth", "DayOfWeek", "HourOfDay", "MinuteOfHour"]),
    ("delete_gateway(x).", ["GatewayArn"]), ("list_gateways():", methods), ("list_gateways().", []),
    ("list_gateways():first().", gateway), ("list_gateways():filter(f):sort('a'):first().", gateway),
    ("list_gateways():collect()[1].", gateway), ("list_gateways():map(f):first().", []),
    ("list_gateways():filter(f):", methods), ("for gw in list_gateways() do print(gw.", gateway),
    ("list_gateways():filter(function(gw) return gw.", gateway),
    ("local gw = list_gateways():first()\nprint(gw.", gateway),
    (
      "gw = get_gateway(x) m = gw.MaintenanceStartTime print(m.",
      ["DayOfMonth", "DayOfWeek", "HourOfDay", "MinuteOfHour"]
    ),
    ("for _, tag in ipairs(list_tags_for_resource(vm).Tags) do print(tag.", ["Key", "Value"]),
    ("f().", []), ("f():", []), ("t[g()].", []), ("(f()).", []), ("x..", []), ("1.", []),
    ("local get_gateway = f get_gateway(x).", []), ("a = a a.", []),
  ])
  func membersOfWhatIsNotThereYet(_ text: String, _ labels: [String]) throws {
    let bench = try Bench()
    let found = Self.found(text, bench)
    #expect(found.takeAnything ? labels.isEmpty : found.items.map(\.label) == labels)
    #expect(bench.service.requests.isEmpty)
  }

  @Test(arguments: [
    ("t.", ["a", "b", "inner"]), ("t:", ["b"]), ("t.inner.", ["deep"]), ("t.inner.d", ["deep"]),
    ("t[1].", ["one"]),
    ("t['inner'].", ["deep"]), ("kept.", ["here"]), ("object:", ["method"]),
    ("object.", ["field", "method"]),
    ("nothing.", []), ("t.a.", []),
    (
      "s:",
      [
        "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize",
        "rep", "reverse", "sub", "unpack", "upper",
      ]
    ),
    ("now():", []), ("moment:", ["ago", "date", "format"]), ("moment.", ["epoch"]), ("gws:", methods),
    ("gws:first().", ["ResourceArn", "Name", "HostName", "HypervisorId", "Path", "LastBackupDate"]),
    ("gws:map(f):first().", []), ("tags.", ["get", "has", "list", "map"]),
    ("utf8.c", ["char", "charpattern", "codepoint", "codes"]),
    ("vm.", ["ResourceArn", "Name", "HostName", "HypervisorId", "Path", "LastBackupDate"]),
  ])
  func membersOfWhatIsThere(_ text: String, _ labels: [String]) throws {
    let bench = try Bench()
    for line in [
      "t = { a = 1, b = print, inner = { deep = 1 }, { one = 1 }, ['no name'] = 1, [print] = 2 }",
      "local kept = { here = 1 }", "s = 'text'", "moment = now()", "gws = list_virtual_machines()",
      "object = setmetatable({ field = 1 }, { __index = { method = print } })",
      "vm = list_virtual_machines():first()",
    ] { #expect(bench.console.evaluate(line) == .done) }
    let asked = bench.service.requests.count
    let found = Self.found(text, bench).items.map(\.label)
    // What is typed of a name has chosen nothing yet.
    #expect(text.last == "d" || text.last == "c" ? found.contains(labels[0]) : found == labels)
    #expect(bench.service.requests.count == asked)
  }

  @Test func namesOfThePromptOfScriptsOfTheHostAndOfLua() throws {
    let bench = try Bench()
    #expect(bench.console.evaluate("local mine = 1") == .done)
    #expect(bench.console.evaluate("zebra = 2") == .done)
    let labels = Self.labels("for gw in list_gateways() do g", bench)
    #expect(Array(labels.prefix(3)) == ["gw", "mine", "zebra"])
    for name in ["get_gateway", "print", "while", "session", "tags"] { #expect(labels.contains(name)) }
    #expect(Set(labels).count == labels.count)
    #expect(Self.found("x = ", bench).takeAnything)
    #expect(!Self.found("x = g", bench).takeAnything)
  }

  @Test func theLowDoorTakesTheServicesOwnNames() throws {
    let bench = try Bench()
    let found = Self.found("call(\"List", bench)
    #expect(found.items.count == Service.operations.count)
    #expect(found.items.contains { $0.text == "ListGateways\"" && $0.label == "ListGateways" })
    #expect(Self.found("call(", bench).items.first?.text == "\"AssociateGatewayToServer\"")
  }

  @Test func methodsSayHowTheyAreCalledAndWhatFor() throws {
    let items = Self.found("list_gateways():", try Bench()).items
    #expect(items.first { $0.label == "filter" }?.detail.hasPrefix("(f) ") == true)
    #expect(items.allSatisfy { !$0.detail.isEmpty })
  }

  @Test func sessionsAndTheTableOfAllNames() throws {
    let bench = try Bench()
    let session = Self.labels("session.", bench)
    #expect(session.contains("region") && session.contains("whoami") && session.contains("get_gateway"))
    #expect(Self.labels("session:", bench).isEmpty)
    let names = Self.labels("moongate.", bench)
    #expect(names.contains("get_gateway") && names.contains("ago"))
    #expect(Self.labels("fleet{}.", bench).isEmpty)
  }

  /// `__index`, `__call`, `__pairs`, `__len` and `__tostring` are traps, and so are all that stand on the way.
  @Test func nothingOfAScriptRuns() throws {
    let bench = try Bench()
    #expect(
      bench.console.evaluate(
        """
        function trap() fell = true error "trap" end
        local all = { __index = trap, __call = trap, __pairs = trap, __tostring = trap, __len = trap, __eq = trap, __name = {} }
        t = setmetatable({ inner = setmetatable({}, all) }, all)
        deep = setmetatable({}, { __index = t })
        loop = {} setmetatable(loop, { __index = loop })
        f = trap
        """) == .done)
    for text in [
      "delete_gateway(x).", "t.", "t:", "t.inner.", "t.gone.", "t[1].", "f().", "f():", "t().", "t{}.",
      "deep.", "deep.x.",
      "loop.", "loop.x.", "t.inner():", "delete_gateway(t).", "delete_gateway(f()).", "x = t.", "t .. ",
      "f(t.", "#t.",
    ] { _ = Self.found(text, bench) }
    #expect(bench.service.requests.isEmpty)
    #expect(bench.console.evaluate("assert(fell == nil)") == .done)
  }

  // MARK: Resources

  static let resource = "arn:aws:backup-gateway:us-east-1:123456789012:vm/vm-0000000000000001"

  @Test(arguments: [
    ("get_virtual_machine(\"", "", "\""), ("get_virtual_machine(\"|\")", "", ""),
    ("get_virtual_machine('", "", "'"),
    ("get_virtual_machine [[", "", ""), ("get_virtual_machine \"", "", "\""),
    ("get_virtual_machine(", "\"", "\""),
    ("get_virtual_machine{ ResourceArn = ", "\"", "\""), ("get_virtual_machine({ ResourceArn = \"", "", "\""),
    ("session.get_virtual_machine(\"", "", "\""), ("missing_ok(get_virtual_machine, \"", "", "\""),
  ])
  func anARNIsOfferedByTheNameOfTheResource(_ text: String, _ before: String, _ after: String) throws {
    let bench = try Bench()
    let found = Self.found(text, bench)
    let first = try #require(found.items.first)
    #expect(first.text == before + Self.resource + after)
    #expect(first.label == "vm 1")
    #expect(first.detail.hasPrefix("vm/vm-0000000000000001  last backup "))
    #expect(found.areFoundAnywhere && found.items.count == 10 && found.note == nil)
    #expect(bench.service.requests.allSatisfy { $0.operation == "ListVirtualMachines" })
    let asked = bench.service.requests.count
    _ = Self.found(text, bench)
    #expect(bench.service.requests.count == asked, "what was listed is remembered")
  }

  @Test func tagOperationsTakeAllThreeKinds() throws {
    let bench = try Bench()
    _ = Self.found("tag_resource(\"", bench)
    #expect(
      Set(bench.service.requests.map(\.operation)) == [
        "ListGateways", "ListHypervisors", "ListVirtualMachines",
      ])
  }

  @Test func everyResourceOfAnOperationHasAListing() {
    for operation in Service.operations {
      for kind in operation.resource?.shape.resources ?? [] { #expect(ResourceSource(kind) != nil) }
    }
    #expect(ResourceSource(.hypervisor)?.state?.name == "State")
    #expect(ResourceSource(.gateway)?.name?.name == "GatewayDisplayName")
  }

  @Test func aWriteOutdatesWhatIsRemembered() throws {
    let bench = try Bench()
    _ = Self.found("get_virtual_machine(\"", bench)
    let asked = bench.service.requests.count
    #expect(
      bench.console.evaluate(
        "delete_gateway(\"arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-12345678\")") == .done)
    _ = Self.found("get_virtual_machine(\"", bench)
    #expect(bench.service.requests.count > asked + 1)
  }

  /// Whatever the service says of when.
  @Test(arguments: ["1e300", "-1e300", "1e18", "\"soon\"", "null", "9e15", "99999999999"])
  func noTimeIsTooStrange(_ time: String) throws {
    let bench = try Bench()
    bench.service.answer = { _ in
      FakeService.json(
        #"{"Gateways":[{"GatewayArn":"arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-1","LastSeenTime":\#(time)},7,{}]}"#
      )
    }
    #expect(Self.found("get_gateway(\"", bench).items.count == 1)
  }

  @Test func whatTheServiceRefusesIsANote() throws {
    let bench = try Bench()
    bench.service.answer = { _ in
      FakeService.json(
        #"{"__type":"AccessDeniedException","Message":"not you\u001b[31m\nat all"}"#, status: 400)
    }
    let found = Self.found("get_gateway(\"", bench)
    #expect(found.items.isEmpty)
    let note = try #require(found.note)
    #expect(note.hasPrefix("(ListGateways: AccessDeniedException: not you"))
    #expect(!note.contains("\n") && !note.contains("\u{1B}"))
  }

  // MARK: Hints

  @Test(arguments: [
    (
      "put_maintenance_start_time{",
      "GatewayArn*, HourOfDay* 0–23, MinuteOfHour* 0–59, DayOfMonth 1–31, DayOfWeek 0–6"
    ),
    (
      "put_maintenance_start_time{ HourOfDay = 3,",
      " GatewayArn*, MinuteOfHour* 0–59, DayOfMonth 1–31, DayOfWeek 0–6"
    ),
    ("put_maintenance_start_time{ HourOfDay =", "0–23"),
    (
      "put_maintenance_start_time{ HourOfDay = 3",
      ", GatewayArn*, MinuteOfHour* 0–59, DayOfMonth 1–31, DayOfWeek 0–6"
    ),
    (
      "put_maintenance_start_time(gw, { Hour",
      "OfDay* 0–23, MinuteOfHour* 0–59, DayOfMonth 1–31, DayOfWeek 0–6"
    ),
    ("get_gateway(", "gateway"), ("tag_resource(", "gateway or hypervisor or vm, {…}"),
    ("tag_resource(vm, ", "{ Tags* {…} }"),
    ("create_gateway{ GatewayType = ", "BACKUP_VM"), ("tag_resource(vm, { Tags = ", "{…}"),
    ("tag_resource(vm, { Tags = {", "{ Key*, Value* }"), ("ago(", "duration"),
    ("wait(", "f, arg, {field=, is=, never=, ready=, every=\"10s\", timeout=\"10m\", settle=}"),
    ("older_than(ts,", " duration"), ("tags.get(", "resource"),
    ("connect{", "profile =, region =, endpoint =, role_arn ="), ("list_gateways():filter(", "f"),
    ("f:filter(", nil), ("{", nil), ("get_gateway(x", nil), ("get_gateway(x)", nil),
    ("print(", nil),
    ("f(", nil), ("x = \"get_gateway(", nil), ("-- get_gateway(", nil), ("", nil), ("get_gateway", nil),
    ("put_maintenance_start_time{ X", nil),
  ])
  func whatIsStillToBeWritten(_ text: String, _ hint: String?) throws {
    let meanings = Meanings(
      text: TypedText(Array(text.utf8), at: text.utf8.count), look: { _ in .unknown }, isOwn: { _ in false },
      lab: [])
    #expect(ParameterHint(meanings, glyphs: .unicode).hint == hint)
    let plain = ParameterHint(meanings, glyphs: .ascii).hint
    #expect(plain?.utf8.allSatisfy { $0 < 0x80 } ?? (hint == nil))
  }

  /// Whatever stands there, and wherever the cursor is.
  @Test func noTextIsTooStrange() throws {
    let bench = try Bench()
    let texts = [
      "))}}]", "({[", "a.b:c.d[", "\"", "'\\", "[[", "[==[", "--", "--[[", "::a::", "...", "....", "a..b.",
      "=", "==", "{=", "f{=",
      "get_gateway{GatewayArn==", "for in", "for x in", "local", "function(", "function f(a,", "é.ü",
      "\u{0}\u{1}", "x.\u{1}", ".", ":",
      "get_gateway(get_gateway(get_gateway(", "tag_resource(vm,{Tags={{{{", "call(\"\",{", "call(,{",
      "a=a.b b=b.a a.", "-- \"", "9.", "call(\"\n, {", "call('\n',{", "x = \"\n\"",
    ]
    for text in texts {
      for offset in [-1, 0, 1, text.utf8.count / 2, text.utf8.count, text.utf8.count + 9] {
        _ = bench.console.candidates(for: text, at: offset)
      }
      _ = bench.console.parameterHint(for: text)
    }
  }

  /// The hint is asked for at every key, whatever stands there.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      ("a = b() b = a() ", 40, "a("), ("{", 50_000, ""), ("{ Tags = ", 2_000, ""), ("(", 50_000, ""),
      ("a.", 20_000, ""), ("f(", 20_000, ""), ("]", 20_000, ""), ("x = y ", 5_000, "x("), ("a()", 5_000, "("),
    ])
  func aLongTextNeitherOverflowsNorHangs(_ part: String, _ count: Int, _ end: String) throws {
    let bench = try Bench()
    let text = String(repeating: part, count: count) + end
    _ = bench.console.parameterHint(for: text)
    _ = bench.console.candidates(for: text, at: text.utf8.count)
  }

  @Test func aTableOfMoreFieldsThanAnybodyWaitsForIsNotReadToItsEnd() throws {
    let bench = try Bench()
    #expect(bench.console.evaluate("t = {} for i = 1, 200000 do t[i] = i end t.last = 1") == .done)
    #expect(Self.labels("t.", bench).isEmpty)
  }
}
