// What may be sent: rules with patterns, the order of what refuses, the operator's answers, and dry runs.
import AWSCore
import BackupGateway
import Glibc
import Host
import LuaRuntime
import TestSupport
import Testing

@Suite struct AllowRuleTests {
  private let hypervisor = "arn:aws:backup-gateway:us-east-1:123456789012:hypervisor/hype-1"

  @Test(arguments: [
    ("*", true), ("arn:*", true), ("arn:aws:backup-gateway:us-east-1:123456789012:hypervisor/hype-1", true),
    ("arn:aws:backup-gateway:*:*:hypervisor/*", true), ("*hype-1", true), ("*hype*1*", true), ("**", true),
    ("arn:aws:backup-gateway:*:*:gateway/*", false), ("*hype-2", false), ("arn:", false),
    ("arn:aws:backup-gateway:us-east-1:123456789012:hypervisor/hype-", false),
    ("*hype-1*x", false), ("arn:aws:backup-gateway:us-east-1:123456789012:hypervisor/hype-11", false),
  ])
  func aPatternMatchesTheWholeArn(pattern: String, matches: Bool) throws {
    var permissions = Permissions()
    permissions.allowed = [try AllowRule("DeleteHypervisor:\(pattern)")]
    let bench = try Bench(permissions: permissions)
    let report = bench.run("delete_hypervisor('\(hypervisor)')")
    #expect((report == nil) == matches, "\(report?.message ?? "")")
    #expect(bench.service.requests.count == (matches ? 1 : 0))
  }

  /// The work of matching is bounded: this takes for ever where every star backtracks into every other.
  @Test func manyStarsAreMatchedAtOnce() throws {
    var permissions = Permissions()
    permissions.allowed = [
      try AllowRule("DeleteHypervisor:" + String(repeating: "*a", count: 500) + "b")
    ]
    let long = hypervisor + String(repeating: "a", count: 400)
    #expect(try Bench(permissions: permissions).run("delete_hypervisor('\(long)')") != nil)
  }

  @Test func everyArnThatARequestNamesIsAsked() throws {
    let role = "arn:aws:iam::123456789012:role/sync"
    let call = """
      put_hypervisor_property_mappings('\(hypervisor)', { IamRoleArn = '\(role)', VmwareToAwsTagMappings = {} })
      """
    func report(_ patterns: String...) throws -> Report? {
      var permissions = Permissions()
      for pattern in patterns {
        permissions.allowed.append(try AllowRule("PutHypervisorPropertyMappings:\(pattern)"))
      }
      return try Bench(permissions: permissions).run(call)
    }
    #expect(try report("*:hypervisor/*")?.message.contains("other targets than \(role)") == true)
    #expect(try report("*:role/sync")?.message.contains("other targets than \(hypervisor)") == true)
    #expect(try report("*:hypervisor/*", "*:role/sync") == nil)
  }

  /// A value that looks like an ARN names nothing; an ARN in capitals is not the one that was allowed.
  @Test func onlyWhatTheModelCallsAnArnCounts() throws {
    var permissions = Permissions()
    permissions.allowed = [try AllowRule("tag_resource:*:hypervisor/hype-1")]
    let bench = try Bench(permissions: permissions)
    let tags = "{ Tags = { { Key = 'a', Value = 'arn:aws:iam::1:role/x' } } }"
    #expect(bench.run("tag_resource('\(hypervisor)', \(tags))") == nil)
    #expect(bench.run("tag_resource('\(hypervisor.replacing("hype-1", with: "HYPE-1"))', \(tags))") != nil)
    #expect(bench.service.requests.count == 1)
  }

  @Test(arguments: [
    ("UpdateHypervisr", "did you mean UpdateHypervisor?"), ("", "not ''"), (":arn:aws:*", "not ''"),
    ("CreateGateway:arn:aws:*", "names no ARN"), ("DeleteGateway:", "is no pattern of ARNs"),
    ("DeleteGateway:bgw-1", "is no pattern of ARNs"), ("*", "not '*'"),
  ])
  func whatIsNoRuleIsRefused(text: String, problem: String) {
    let error = #expect(throws: AllowRule.Problem.self) { try AllowRule(text) }
    #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
  }

  @Test func aPatternDoesNotCoverARequestWithoutArns() throws {
    var permissions = Permissions()
    permissions.allowed = [try AllowRule("ImportHypervisorConfiguration:*")]
    let report = try Bench(permissions: permissions)
      .run("import_hypervisor_configuration{ Name = 'x', Host = 'h.example' }")
    #expect(report?.message.contains("this request names none") == true)
  }
}

@Suite struct PermissionGateTests {
  private static let writing = Service.operations.filter { !$0.isReading }

  private func call(_ operation: BackupGateway.Operation) -> String {
    "\(operation.luaName)(\(luaLiteral(Sample.value(operation.input))))"
  }

  /// A bench whose operator gives these answers, one after the other, then none; what was asked is in `questions`.
  private func bench(
    _ permissions: Permissions = Permissions(), answers: [WriteAnswer]
  ) throws -> (bench: Bench, asked: Asked) {
    let gate = PermissionGate(permissions)
    let asked = Asked(answers)
    gate.ask = { asked.answer($0) }
    let bench = try Bench(gate: gate)
    bench.service.answer = { _ in FakeService.json("{}") }
    return (bench, asked)
  }

  final class Asked {
    private(set) var questions: [WriteQuestion] = []
    private var answers: [WriteAnswer]
    init(_ answers: [WriteAnswer]) { self.answers = answers }

    func answer(_ question: WriteQuestion) -> WriteAnswer {
      questions.append(question)
      return answers.isEmpty ? .no : answers.removeFirst()
    }
  }

  @Test(arguments: writing)
  func theQuestionNamesOperationTargetsAndSession(_ operation: BackupGateway.Operation) throws {
    let (bench, asked) = try bench(answers: [.this])
    #expect(bench.run(call(operation))?.message == nil)
    #expect(bench.service.requests.map(\.operation) == [operation.name])
    let question = try #require(asked.questions.first)
    #expect(asked.questions.count == 1)
    #expect(question.operation == operation.name && question.author == "test")
    let request = try Request(operation, Sample.value(operation.input).object ?? [:])
    #expect(!question.targets.isEmpty)
    #expect(request.arns.isEmpty || question.targets.map(\.value) == request.arns.map(\.arn))
    #expect(question.session.contains { $0.value.hasSuffix("/us-east-1") })
    for member in operation.input.members where member.shape.isSensitive {
      let secret = try #require(request.parameters[member.name]?.string)
      #expect(question.fullText.contains("\(member.name) = \"•••\""))
      #expect(!question.targets.contains { $0.value == secret })
    }
  }

  @Test func aYesIsForOneCallOrForAllFurtherOnes() throws {
    let delete = "delete_gateway('\(Sample.arn(.gateway))')"
    let other = "delete_hypervisor('\(Sample.arn(.hypervisor))')"
    let (one, askedEach) = try bench(answers: [.this, .this])
    #expect(one.run("\(delete) \(delete)") == nil)
    #expect(askedEach.questions.count == 2)
    let (all, askedOnce) = try bench(answers: [.all, .this])
    #expect(all.run("\(delete) \(delete) \(delete) \(other)") == nil)
    #expect(askedOnce.questions.map(\.operation) == ["DeleteGateway", "DeleteHypervisor"])
    #expect(all.service.requests.count == 4)
  }

  @Test func aNoIsAnErrorThatCanBeCaught() throws {
    let (bench, _) = try bench(answers: [.no])
    let delete = "delete_gateway, '\(Sample.arn(.gateway))'"
    let script =
      "local ok, e = pcall(\(delete)) assert(not ok and e.code == 'Declined', tostring(e)) error(e)"
    #expect(bench.run(script)?.exitCode == ExitCode.refused)
    #expect(bench.service.requests.isEmpty)
  }

  @Test(arguments: [
    "pcall(delete, arn) went_on()", "xpcall(delete, went_on, arn)",
    "coroutine.wrap(function() pcall(delete, arn) end)() went_on()",
    "table.sort({ 2, 1 }, function(a, b) pcall(delete, arn) return a < b end) went_on()",
    "local x <close> = setmetatable({}, { __close = function() list_gateways():first() end }) delete(arn)",
  ])
  func endingTheRunCannotBeCaught(script: String) throws {
    let (bench, asked) = try bench(answers: [.quit, .this, .this])
    let arn = Sample.arn(.gateway)
    let report = bench.run(
      "local delete, arn = delete_gateway, '\(arn)' function went_on() delete_hypervisor(arn) end \(script)")
    #expect(report?.exitCode == ExitCode.refused)
    #expect(report?.message == "ended by the operator, before DeleteGateway")
    #expect(asked.questions.count == 1)
    #expect(bench.service.requests.isEmpty)
    // The console goes on.
    #expect(bench.run("assert(true)") == nil)
  }

  @Test func whatIsTypedNamesItsOperations() throws {
    let (bench, asked) = try bench(answers: [])
    let arn = Sample.arn(.gateway)
    #expect(bench.console.evaluate("function clean(g) delete_gateway(g) end") == .done)
    #expect(bench.console.evaluate("delete_gateway '\(arn)'") == .done)
    // A line's yes ends with the line.
    #expect(bench.console.evaluate("clean '\(arn)'") == .failed)
    #expect(bench.console.evaluate("moongate['update_' .. 'gateway_software_now']('\(arn)')") == .failed)
    #expect(asked.questions.map(\.operation) == ["DeleteGateway", "UpdateGatewaySoftwareNow"])
    #expect(bench.service.requests.map(\.operation) == ["DeleteGateway"])
  }

  @Test func whatRefusesComesFirst() throws {
    let delete = "delete_gateway('\(Sample.arn(.gateway))')"
    var permissions = Permissions.everything
    permissions.isDryRun = true
    permissions.isReadOnly = true
    let (bench, asked) = try bench(permissions, answers: [.this])
    #expect(bench.run(delete)?.message.contains("ReadOnly") == true)
    #expect(bench.console.evaluate(delete) == .failed)
    permissions.isReadOnly = false
    permissions.isDryRun = false
    permissions.mostWrites = 0
    let (bounded, askedToo) = try self.bench(permissions, answers: [.this])
    #expect(bounded.run(delete)?.exitCode == ExitCode.limit)
    #expect(asked.questions.isEmpty && askedToo.questions.isEmpty)
    #expect(bench.service.requests.isEmpty && bounded.service.requests.isEmpty)
  }

  @Test func writesAreCountedWhetherTheySucceedOrNot() throws {
    var permissions = Permissions.everything
    permissions.mostWrites = 2
    let bench = try Bench(permissions: permissions)
    bench.service.answer = { _ in
      FakeService.json(#"{"__type":"ResourceNotFoundException","Message":"no"}"#, status: 400)
    }
    let script = """
      local codes = {}
      for i = 1, 4 do
        local _, e = pcall(delete_gateway, '\(Sample.arn(.gateway))')
        codes[i] = e.code
      end
      assert(table.concat(codes, ' ') == 'ResourceNotFoundException ResourceNotFoundException Limit Limit', table.concat(codes, ' '))
      pcall(get_gateway, '\(Sample.arn(.gateway))')
      """
    #expect(bench.run(script)?.message == nil)
    #expect(bench.service.requests.map(\.operation) == ["DeleteGateway", "DeleteGateway", "GetGateway"])
  }

  @Test func aHeaderIsTheWholeList() throws {
    let bench = try Bench(permissions: .everything)
    bench.service.answer = { _ in FakeService.json("{}") }
    func run(_ code: String, _ kind: Author.Kind, _ operations: Set<String>?) -> String {
      let author = Author(kind, name: "x.lua", source: Array(code.utf8), operations: operations)
      switch bench.console.run(
        Array(code.utf8), name: "x.lua", chunkName: "=x", arguments: [], author: author)
      {
      case .failed(let report): return report.message
      default: return "sent"
      }
    }
    let read = "get_gateway('\(Sample.arn(.gateway))')"
    let write = "delete_gateway('\(Sample.arn(.gateway))')"
    #expect(run(read, .script, nil) == "sent")
    #expect(run(read, .script, ["GetGateway"]) == "sent")
    #expect(run(write, .script, ["GetGateway", "DeleteGateway"]) == "sent")
    #expect(
      run(write, .script, ["GetGateway"]).contains("its @allow is the whole list: add DeleteGateway to it"))
    #expect(run(read, .script, []).contains("NotAllowed"))
    #expect(run(read, .snippet, nil).contains("NotAllowed"))
    #expect(run(read, .snippet, ["GetGateway"]) == "sent")
  }

  // MARK: Dry run

  private func rehearsal() throws -> (bench: Bench, told: Told) {
    var permissions = Permissions()
    permissions.isDryRun = true
    let gate = PermissionGate(permissions)
    let told = Told()
    gate.tell = { told.lines.append($0) }
    return (try Bench(gate: gate), told)
  }

  final class Told {
    var lines: [String] = []
  }

  @Test(arguments: writing)
  func aDryRunShowsAndWithholds(_ operation: BackupGateway.Operation) throws {
    let (bench, told) = try rehearsal()
    let result = plain(try bench.value(of: call(operation)))
    #expect(bench.service.requests.isEmpty)
    #expect(told.lines.count == 1)
    let line = try #require(told.lines.first)
    #expect(line.contains("us-east-1") && line.contains("\(operation.luaName){"))
    let sent = Sample.value(operation.input)
    for member in operation.input.members where member.shape.isSensitive {
      #expect(line.contains("\(member.name) = \"•••\""))
    }
    for member in operation.output.members where !member.shape.resources.isEmpty {
      let arn = try #require(result[member.name]?.string)
      #expect(Validate.issues(.string(arn), as: member.shape).isEmpty, "\(arn)")
      #expect(Arn(arn).map { member.shape.resources.contains($0.kind) } == true)
      let given = sent[member.name]?.string
      #expect(given == nil ? arn.contains("-DRYRUN0000001") : arn == given)
    }
  }

  @Test(
    arguments: Service.operations.filter {
      $0.isReading && $0.input.members.contains { !$0.shape.resources.isEmpty }
    })
  func aPlaceholderIsReadWithoutARequest(_ operation: BackupGateway.Operation) throws {
    let (bench, _) = try rehearsal()
    let member = try #require(operation.input.members.first { !$0.shape.resources.isEmpty })
    let kind = try #require(member.shape.resources.first)
    let arn = "arn:aws:backup-gateway:us-east-1:123456789012:\(kind.rawValue)/x-DRYRUN0000001"
    let page = if case .listing = operation.result { ":collect()" } else { "" }
    let result = plain(try bench.value(of: "\(operation.luaName){ \(member.name) = '\(arn)' }\(page)"))
    #expect(bench.service.requests.isEmpty)
    if page.isEmpty {
      #expect(result.object?.members.contains { $0.value.string == arn } == true, "\(result)")
    }
  }

  @Test func placeholdersAreNumberedAndOthersAreRead() throws {
    let (bench, _) = try rehearsal()
    let script = """
      local function make() return import_hypervisor_configuration{ Name = 'x', Host = 'h.example' }.HypervisorArn end
      local a, b = make(), make()
      assert(a:find('hype%-DRYRUN0000001$') and b:find('hype%-DRYRUN0000002$'), a .. b)
      update_hypervisor(a, { Name = 'y' })
      assert(get_hypervisor(a).HypervisorArn == a and get_hypervisor(a).Name == nil)
      list_virtual_machines():first()
      """
    #expect(bench.run(script)?.message == nil)
    #expect(bench.service.requests.map(\.operation) == ["ListVirtualMachines"])
  }
}

@Suite struct AuditLogTests {
  private let folder: String

  init() throws {
    var template = Array("/tmp/moongate-audit-XXXXXX".utf8CString)
    folder = String(cString: try #require(mkdtemp(&template)))
  }

  private func lines(_ path: String) throws -> [Value] {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return try bytes.prefix(count).split(separator: UInt8(ascii: "\n")).map { try JSON.decode(Array($0)) }
  }

  @Test func decisionsAndOutcomesAreWrittenDown() throws {
    let path = "\(folder)/state/audit.log"
    umask(0)
    var permissions = Permissions()
    permissions.allowed = [try AllowRule("UpdateHypervisor")]
    let bench = try Bench(gate: PermissionGate(permissions, audit: AuditLog(path: path)))
    bench.service.answer = { _ in FakeService.json("{}") }
    let arn = Sample.arn(.hypervisor)
    let script = """
      get_hypervisor('\(arn)')
      update_hypervisor('\(arn)', { Username = 'CANARY-user', Password = 'CANARY-password' })
      pcall(delete_hypervisor, '\(arn)')
      """
    #expect(bench.run(script)?.message == nil)
    let found = try lines(path)
    #expect(found.map { $0["event"]?.string } == ["decision", "outcome", "decision"])
    #expect(
      found.map { $0["operation"]?.string } == ["UpdateHypervisor", "UpdateHypervisor", "DeleteHypervisor"])
    #expect(found[0]["decision"] == "sent" && found[0]["why"] == "--allow UpdateHypervisor")
    #expect(found[0]["arns"] == [.string(arn)])
    #expect(found[0]["sha256"]?.string == Digest.hex(Digest.sha256(Array(script.utf8))))
    #expect(found[1]["outcome"] == "ok" && found[1]["request_id"] == "id-1")
    #expect(found[1]["call"] == found[0]["call"] && found[1]["run"] == found[0]["run"])
    #expect(found[2]["decision"] == "refused")
    #expect(!found.contains { "\($0)".contains("CANARY") })
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test(arguments: ["link", "fifo", "folder", "open"])
  func aFileThatCannotBeTrustedIsNotWrittenTo(kind: String) throws {
    let path = "\(folder)/\(kind)"
    switch kind {
    case "link": #expect(symlink("\(folder)/target", path) == 0)
    case "fifo": #expect(mkfifo(path, 0o600) == 0)
    case "folder": #expect(mkdir(path, 0o700) == 0)
    default:
      close(Glibc.open(path, O_CREAT | O_WRONLY, 0o600))
      chmod(path, 0o622)
    }
    var told: [String] = []
    let gate = PermissionGate(.everything, audit: AuditLog(path: path))
    gate.tell = { told.append($0) }
    let bench = try Bench(gate: gate)
    bench.service.answer = { _ in FakeService.json("{}") }
    let delete = "delete_gateway('\(Sample.arn(.gateway))')"
    // Own code goes on after one warning.
    #expect(bench.run("\(delete) \(delete)")?.message == nil)
    #expect(told.count == 1 && told.first?.contains(path) == true)
    #expect(bench.service.requests.count == 2)
    // Shared code writes nothing that is not written down.
    let author = Author(.snippet, name: "s", operations: ["DeleteGateway"])
    let ending = bench.console.run(
      Array(delete.utf8), name: "s", chunkName: "=s", arguments: [], author: author)
    guard case .failed(let report) = ending else {
      Issue.record("a write that is not written down was sent")
      return
    }
    #expect(report.message.contains("audit log"))
    #expect(bench.service.requests.count == 2)
    #expect(access("\(folder)/target", F_OK) != 0)
  }
}
