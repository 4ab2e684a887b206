// Interaction: the console as the shell sees it, and its greeting.
import AWSCore
import Glibc
import Host
import Shell

extension Command {
  static func interact(_ console: Console, _ connection: Connection) -> Int32 {
    var greeting = ["Moongate \(Version.current), Lua console for AWS Backup Gateway."]
    if let notice = connection.localNotice { greeting.append(notice) }
    greeting.append("Try list_gateways(), help(), or Ctrl-D to leave.")
    return Shell(interpreter: Interactive(console, connection), historyPath: historyPath, greeting: greeting)
      .run()
  }

  /// `~/.local/state/moongate/history` (XDG Base Directory Specification).
  private static var historyPath: String? {
    let environment = Environment.process()
    let state =
      environment.variable("XDG_STATE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
      ?? environment.homeDirectory.map { "\($0)/.local/state" }
    return state.map { "\($0)/moongate/history" }
  }
}

/// A console behind the shell's protocol.
private final class Interactive: Interpreter {
  private let console: Console
  private let connection: Connection

  init(_ console: Console, _ connection: Connection) {
    self.console = console
    self.connection = connection
  }

  var promptLabel: String { console.session.place }
  var wakeDescriptor: Int32 { console.wakeDescriptor ?? -1 }
  func isIncomplete(_ source: String) -> Bool { console.isIncomplete(source) }
  private(set) var succeeded = true

  func evaluate(_ source: String) -> Int32? {
    let evaluation = console.evaluate(source)
    connection.rest()
    succeeded = evaluation == .done
    guard case .leave(let code) = evaluation else { return nil }
    return code
  }

  func takeInterrupt() -> Bool { Console.takeSignals() > 0 }
}
