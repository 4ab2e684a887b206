// Doctor: everything that `moongate doctor` looks at, as one table. A check is a row: its name, and what it finds. The
// checks stand beside this file, by what they are about.
import AWSCore
import Host
import LocalGateway

/// What one check found.
struct Finding {
  enum Status: String, CaseIterable {
    case ok
    /// Works, and should be known.
    case warning
    /// Does not work until something is done.
    case problem
    /// Was not looked at; the text says why.
    case skipped
  }

  var status: Status
  var text: String
  /// What to do about it, where the text does not say so itself.
  var advice: String?

  init(_ status: Status, _ text: String, advice: String? = nil) {
    self.status = status
    self.text = text
    self.advice = advice
  }

  static func ok(_ text: String) -> Finding { Finding(.ok, text) }
  static func warning(_ text: String, _ advice: String? = nil) -> Finding {
    Finding(.warning, text, advice: advice)
  }
  static func problem(_ text: String, _ advice: String? = nil) -> Finding {
    Finding(.problem, text, advice: advice)
  }
  static func skipped(_ text: String) -> Finding { Finding(.skipped, text) }
}

/// One examination. What several checks need is found out once.
final class Doctor {
  struct Check: Sendable {
    let name: String
    /// Nil where there is nothing to look at.
    let look: @Sendable (Doctor) -> Finding?
  }

  static let checks: [Check] = ofProgram + ofTerminal + ofFiles + ofSession + ofNetwork

  let arguments: Arguments
  let environment = Environment.process()
  let transport = CurlTransport()
  let loop: EventLoop
  /// The configuration of moongate's own, with what the command line adds.
  let configured: Result<Arguments, Report>
  /// The folder of --data, where a run would make a world.
  let newWorld: String?
  /// What a run has under `--local`, and what signs with `--signed`; nil where neither is wanted.
  let connection: Result<Connection, Report>?
  /// Region, endpoint and the rest, as a run would find them.
  let settings: Result<Settings, Report>
  /// What was sent, for the last line: nobody should have to guess.
  var sent: [String] = []
  /// Why AWS's files cannot be read, once that was said.
  var fileProblem: String?
  /// What the endpoint answered, once it was asked.
  var answer: Answer?

  init(_ arguments: Arguments) {
    loop = EventLoop(network: transport)
    configured = Result { [environment] () throws(Report) in
      var configured = arguments
      try configured.read(environment)
      return configured
    }
    // Where the configuration cannot be used, what the command line says can still be looked at.
    var usable = (try? configured.get()) ?? arguments
    if arguments.isLocal, let folder = arguments.dataFolder, !LocalGateway.hasWorld(folder) {
      // A run would make one there; the rest can be looked at with one in memory.
      newWorld = folder
      usable.dataFolder = nil
    } else {
      newWorld = nil
    }
    self.arguments = usable
    connection =
      arguments.isLocal || arguments.isSigned
      ? Result { [arguments = self.arguments] () throws(Report) in try Connection(arguments) } : nil
    if arguments.isLocal, let connection {
      settings = connection.flatMap { Self.localSettings($0.session) }
    } else {
      let options = Settings.Options(
        profile: arguments.profile, region: arguments.region, endpoint: arguments.endpoint)
      settings = Result { [environment] () throws(CallError) in
        try Settings.resolve(options: options, environment: environment)
      }.mapError { Report($0) }
    }
  }

  private static func localSettings(_ session: Session) -> Result<Settings, Report> {
    let facts = session.facts
    guard let region = facts.region, let endpoint = facts.endpoint.flatMap({ URLParts($0) }) else {
      return .failure(
        Report(message: "the local gateway gave no usable endpoint", exitCode: ExitCode.network))
    }
    return .success(Settings(region: region, endpoint: endpoint, source: "--local"))
  }

  /// A path as people write it: with ~ for their home.
  func shown(_ path: String) -> String {
    guard let home = environment.homeDirectory, path.hasPrefix("\(home)/") else { return path }
    return "~\(path.dropFirst(home.count))"
  }

  /// Looks at everything, in the order of the table.
  /// - Parameter tell: is told each finding when it is there: the network may take its time.
  func examine(_ tell: (_ name: String, _ finding: Finding) -> Void) {
    for check in Self.checks {
      if let finding = check.look(self) { tell(check.name, finding) }
    }
    if case .success(let connection)? = connection { connection.close() }
  }
}
