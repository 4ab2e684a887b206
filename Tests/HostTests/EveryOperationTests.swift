// Every operation of the model, from Lua: what is sent, what comes back, what is refused. The parameters and answers
// are made from the model, so that a new row is tested without a new line here.
import AWSCore
import BackupGateway
import Host
import LuaRuntime
import TestSupport
import Testing

extension BackupGateway.Operation: CustomTestStringConvertible {
  public var testDescription: String { name }
}

@Suite struct EveryOperationTests {
  /// A bench whose service answers every operation with a sample of its output.
  private func bench(_ permissions: Permissions = .everything) throws -> Bench {
    let bench = try Bench(permissions: permissions)
    bench.service.answer = { request in
      guard let operation = Service.operation(request.operation) else {
        return FakeService.json("{}", status: 400)
      }
      return FakeService.json(String(decoding: JSON.encode(Sample.value(operation.output)), as: UTF8.self))
    }
    return bench
  }

  /// The call as a script writes it; of a listing its first page.
  private func call(_ operation: BackupGateway.Operation, _ arguments: String) -> String {
    let page = if case .listing = operation.result { ":pages()()" } else { "" }
    return "\(operation.luaName)(\(arguments))\(page)"
  }

  private func expectation(_ operation: BackupGateway.Operation) -> Value? {
    let whole = plain(Sample.value(operation.output), as: operation.output)
    if case .member(let name) = operation.result { return whole[name] }
    return whole
  }

  private func parameters(_ request: FakeService.Request?) throws -> Value {
    try JSON.decode(Array((request?.parameters ?? "").utf8))
  }

  @Test(arguments: Service.operations, [true, false])
  func sendsItsParametersAndHandsBackItsResult(_ operation: BackupGateway.Operation, full: Bool) throws {
    let bench = try bench()
    let sent = Sample.value(operation.input, full: full)
    let found = try bench.value(of: call(operation, luaLiteral(sent)))
    #expect(plain(found) == expectation(operation))
    #expect(bench.service.requests.map(\.operation) == [operation.name])
    #expect(try parameters(bench.service.requests.first) == sent)
  }

  @Test(arguments: Service.operations)
  func itsFirstArgumentIsTheResource(_ operation: BackupGateway.Operation) throws {
    let bench = try bench()
    guard case .object(var others) = Sample.value(operation.input, full: false) else { return }
    guard let resource = operation.resource else {
      let report = bench.run(call(operation, "list_gateways():first()"))
      #expect(
        report?.message.contains("\(operation.luaName): takes a table of parameters, not a Gateway") == true)
      return
    }
    others[resource.name] = nil
    let table = others.isEmpty ? "" : ", \(luaLiteral(.object(others)))"
    for kind in ResourceKind.allCases {
      let listing = [
        "gateway": "list_gateways", "hypervisor": "list_hypervisors", "vm": "list_virtual_machines",
      ]
      for first in ["'\(Sample.arn(kind))'", "\(listing[kind.rawValue] ?? "")():first()"] {
        let before = bench.service.requests.count
        let report = bench.run("local x = \(call(operation, first + table))")
        if resource.shape.resources.contains(kind) {
          #expect(report?.message == nil)
          var expected = others
          expected[resource.name] = .string(Sample.arn(kind))
          #expect(bench.service.requests.last?.operation == operation.name)
          #expect(try parameters(bench.service.requests.last) == .object(expected))
        } else {
          #expect(report?.message.contains("this is a \(kind.noun)'s") == true)
          // What lists the wrong resource may be the operation itself.
          #expect(
            bench.service.requests[before...].allSatisfy {
              $0.operation != operation.name || $0.parameters == "{}"
            })
        }
      }
    }
  }

  @Test(arguments: Service.operations)
  func whatBreaksTheModelIsRefusedByItsPath(_ operation: BackupGateway.Operation) throws {
    let bench = try bench()
    for (path, value) in Sample.violations(of: operation.input) where value.object != nil {
      let report = bench.run(call(operation, luaLiteral(value)))
      let message = report?.message ?? "not refused"
      #expect(report?.exitCode == ExitCode.usage)
      #expect(message.contains(path), "\(path) should stand in: \(message)")
      #expect(!message.contains("\n"))
      for member in operation.input.members where member.shape.isSensitive {
        guard let secret = value[member.name]?.string, secret.count > 3 else { continue }
        #expect(!message.contains(secret))
      }
    }
    #expect(bench.service.requests.isEmpty)
  }

  @Test(arguments: Service.operations.filter { !$0.isReading })
  func aScriptWritesOnlyWhatIsAllowed(_ operation: BackupGateway.Operation) throws {
    let call = call(operation, luaLiteral(Sample.value(operation.input)))
    var others = Permissions.everything
    others.allowed.removeAll { $0.operation == operation.name }
    for permissions in [Permissions(), others] {
      let bench = try bench(permissions)
      let report = try #require(
        bench.run("local ok, e = pcall(function() \(call) end) assert(not ok) error(e)"))
      #expect(report.exitCode == ExitCode.refused)
      #expect(report.message.contains("\(operation.name): NotAllowed: "))
      #expect(report.message.contains("--allow \(operation.name)"))
      #expect(bench.service.requests.isEmpty)
    }
    var readOnly = Permissions.everything
    readOnly.isReadOnly = true
    let bench = try bench(readOnly)
    #expect(bench.run(call)?.message.contains("\(operation.name): ReadOnly: ") == true)
    #expect(
      bench.run("local ok, e = pcall(function() \(call) end) assert(e.code == 'ReadOnly')")?.message == nil)
    #expect(bench.console.evaluate(call) == .failed)
    #expect(bench.service.requests.isEmpty)
  }

  @Test(arguments: Service.operations)
  func aLineTypedAtThePromptIsItsOwnPermission(_ operation: BackupGateway.Operation) throws {
    let bench = try bench(Permissions())
    let line = call(operation, luaLiteral(Sample.value(operation.input)))
    #expect(bench.console.evaluate("local x = \(line)") == .done)
    #expect(bench.service.requests.count == 1)
    // What was allowed to the line is not allowed to a script that runs after it.
    if !operation.isReading { #expect(bench.run(line)?.exitCode == ExitCode.refused) }
  }

  @Test(arguments: Service.operations.filter(\.isReading))
  func readingIsFree(_ operation: BackupGateway.Operation) throws {
    var readOnly = Permissions()
    readOnly.isReadOnly = true
    let bench = try bench(readOnly)
    #expect(
      bench.run("local x = \(call(operation, luaLiteral(Sample.value(operation.input))))")?.message == nil)
  }

  @Test(arguments: Service.operations)
  func itsExampleRuns(_ operation: BackupGateway.Operation) throws {
    let bench = try bench()
    bench.service.answer = { request in
      guard let operation = Service.operation(request.operation),
        case .object(var output) = Sample.value(operation.output)
      else { return FakeService.json("{}", status: 400) }
      output["NextToken"] = nil
      return FakeService.json(String(decoding: JSON.encode(.object(output)), as: UTF8.self))
    }
    let report = bench.run(
      "local io = { read = function() return 'typed' end } local function print() end \(operation.example)")
    #expect(report?.message == nil)
    #expect(!bench.service.requests.isEmpty)
  }

  @Test(arguments: Service.operations)
  func helpNamesEverythingThatItTakes(_ operation: BackupGateway.Operation) throws {
    let page = try #require(Help.text(for: operation.luaName))
    #expect(page == Help.text(for: operation.name))
    #expect(page.contains(operation.summary))
    for member in operation.input.members { #expect(page.contains("  \(member.name) ")) }
    #expect(page.contains("--allow \(operation.name)") == !operation.isReading)
    #expect(Help.text(for: nil)?.contains(operation.luaName) == true)
  }

  @Test(arguments: Service.operations)
  func anAnswerWithoutMembersIsAnEmptyTable(_ operation: BackupGateway.Operation) throws {
    let bench = try bench()
    let line = call(operation, luaLiteral(Sample.value(operation.input)))
    // An empty body where an answer has members is an answer that was lost.
    for body in operation.output.members.isEmpty ? ["", "{}"] : ["{}"] {
      bench.service.answer = { _ in FakeService.json(body) }
      let found = plain(try bench.value(of: line))
      if case .member = operation.result { #expect(found == .null) } else { #expect(found == [:]) }
    }
  }
}
