// Interactive: the console as the shell sees it.
import AWSCore
import Glibc
import Host
import Shell

extension Command {
  static func interact(_ console: Console, _ connection: Connection, _ arguments: Arguments) -> Int32 {
    let greeting = Greeting.lines(notice: connection.localNotice, historyPath: historyPath)
    let interactive = Interactive(console, connection, arguments)
    if !arguments.isPlain, let code = interactive.begin() { return code }
    defer { interactive.endRecording() }
    return Shell(
      interpreter: interactive, historyPath: arguments.keepsHistory ? historyPath : nil, greeting: greeting,
      readsEditrc: !arguments.isPlain
    ).run()
  }

  /// `history` in the state folder.
  private static var historyPath: String? { Environment.process().stateFolder.map { "\($0)/history" } }
}

/// A console behind the shell's protocol.
final class Interactive: Interpreter {
  let console: Console
  let connection: Connection
  /// What the command line that opened the session says.
  let arguments: Arguments

  init(_ console: Console, _ connection: Connection, _ arguments: Arguments) {
    self.console = console
    self.connection = connection
    self.arguments = arguments
    console.isInteractive = true
  }

  /// With the account, once it is known; that of a local world says nothing.
  var promptLabel: String {
    if recording.player ?? connection.player != nil { return "replay:\(console.session.place)" }
    return connection.sessions.isLocal ? console.session.place : console.session.name
  }
  var isProduction: Bool { console.isProduction }
  var wakeDescriptor: Int32 { console.wakeDescriptor ?? -1 }
  func isIncomplete(_ source: String) -> Bool { console.isIncomplete(source) }
  func isSensitive(_ source: String) -> Bool { console.isSensitive(source) }
  private(set) var succeeded = true
  /// What is told of each line when it has run.
  var timing = Timing.off
  /// What is kept of the session.
  var recording = Recording()
  /// What there was at the end of the last line.
  var told: Effort?
  /// The rows stand beside this file, by what they are about.
  var commands: [DotCommand] {
    sessionCommands + outputCommands + errorCommands + timingCommands + watchingCommands + recordingCommands
      + snippetCommands + runningCommands + checkCommands
  }

  func evaluate(_ source: String) -> Int32? {
    let begun = Effort.now(self)
    let evaluation = console.evaluate(source)
    connection.rest()
    succeeded = evaluation != .failed
    keep(source)
    tellCost(since: begun)
    guard case .leave(let code) = evaluation else { return nil }
    return code
  }

  func page(_ text: String) { console.page(text) }

  func takeInterrupt() -> Bool { Console.takeSignals() > 0 }
}
