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

  /// `history` in the state folder.
  private static var historyPath: String? { Environment.process().stateFolder.map { "\($0)/history" } }
}

/// A console behind the shell's protocol.
final class Interactive: Interpreter {
  let console: Console
  let connection: Connection

  init(_ console: Console, _ connection: Connection) {
    self.console = console
    self.connection = connection
    console.isInteractive = true
  }

  var promptLabel: String { console.session.place }
  var wakeDescriptor: Int32 { console.wakeDescriptor ?? -1 }
  func isIncomplete(_ source: String) -> Bool { console.isIncomplete(source) }
  func isSensitive(_ source: String) -> Bool { console.isSensitive(source) }
  private(set) var succeeded = true
  /// What is told of each line when it has run.
  var timing = Timing.off
  /// The rows stand beside this file, by what they are about.
  var commands: [DotCommand] {
    sessionCommands + outputCommands + errorCommands + timingCommands + watchingCommands
  }

  func evaluate(_ source: String) -> Int32? {
    let begun = Effort.now(connection.sessions)
    let evaluation = console.evaluate(source)
    connection.rest()
    succeeded = evaluation != .failed
    tell(Effort.now(connection.sessions).since(begun))
    guard case .leave(let code) = evaluation else { return nil }
    return code
  }

  func takeInterrupt() -> Bool { Console.takeSignals() > 0 }
}
