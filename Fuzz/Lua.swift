// Lua: calls across the boundary. An input is a program: which functions of Moongate and of Lua are called, in which order,
// with which values, hostile ones among them, and with what earlier calls gave.
import AWSCore
import BackupGateway
import Glibc
import Host
import LuaRuntime
import TestSupport

extension FuzzTarget {
  static let lua = FuzzTarget(name: "lua") { bytes in
    if !playground.isFresh { playground = Playground() }
    playground.run(bytes)
  }

  private static var playground = Playground()
}

/// A console whose every request is answered, and which may send everything.
private final class Playground {
  private let console: Console
  private var runs = 0

  /// What scripts leave behind makes the next ones slower, and their inputs hard to repeat.
  var isFresh: Bool { runs < 200 }

  init() {
    do {
      var options = Console.Options()
      options.memoryLimit = 64 << 20
      options.gate = PermissionGate(Permissions.everything)
      let bench = try Bench(options: options)
      bench.service.answer = Self.answer
      console = bench.console
    } catch { fail("there is no console: \(error)") }
  }

  func run(_ bytes: [UInt8]) {
    runs += 1
    let literal = bytes.map { "\\\($0 < 100 ? $0 < 10 ? "00" : "0" : "")\($0)" }.joined()
    let source = Array("local input = \"\(literal)\" ".utf8) + PackageResources.calls_lua
    switch console.run(source, name: "fuzz", chunkName: "=fuzz", arguments: []) {
    case .finished, .exit: break
    case .failed(let report):
      // The limits of memory and time are there to be reached. A task whose error nobody asked for fails the run that
      // began it (docs/tasks.md), and programs made of random calls begin many: CI fuzzed until one of them failed.
      let isForgottenTask = report.message.hasPrefix("a task that nobody waited for failed: ")
      check(
        report.exitCode == ExitCode.limit || isForgottenTask, "the program itself fails: \(report.message)")
    }
  }

  /// Two pages of rows for a listing, machines as lazy ones and not, and a little of everything for all else.
  private static func answer(_ request: FakeService.Request) -> HTTPResponse {
    let row = """
      {"ResourceArn":"\(FakeService.arn(1))","GatewayArn":"\(FakeService.arn(2))","Name":"a","HypervisorId":"h",\
      "LastBackupDate":1700000000.5,"LastSeenTime":1e9,"Tags":[{"Key":"k","Value":"v"}],"Unknown":{"x":[1,null]}}
      """
    guard request.operation.hasPrefix("List") else {
      return FakeService.json("{\"Gateway\":\(row),\(row.dropFirst())")
    }
    let machine = #"{"ResourceArn":"\#(FakeService.arn(3))","Name":"m","Path":"","LastBackupDate":1.7E9}"#
    let lists = ["Gateways", "Hypervisors", "VirtualMachines", "Tags"].map { name in
      "\"\(name)\":[\(row),\(name == "VirtualMachines" ? "\(machine),\(machine),{}" : row),\(row)]"
    }
    let token = request.parameters.contains("NextToken") ? "" : ",\"NextToken\":\"2\""
    return FakeService.json("{\(lists.joined(separator: ","))\(token)}")
  }
}
