// Seal: what the doctor gives a search for credentials instead of the network, of other programs and of the operator:
// nothing is sent, run or asked, and what would have been is remembered.
import AWSCore

final class Seal: Transport, ProcessRunner {
  private let timers: any Timers
  private var count: UInt64 = 0
  /// In order, in words that complete "a run gets them from …".
  private(set) var wanted: [String] = []
  /// Whether all that was left to ask was the metadata service of this machine.
  private(set) var isLastResort = true

  init(_ timers: any Timers) { self.timers = timers }

  func context(_ settings: Settings, _ environment: Environment) -> CredentialContext {
    var environment = environment
    environment.writeFile = { (_, _, _) throws(Environment.FileError) in
      throw Environment.FileError(reason: "nothing is written here")
    }
    return CredentialContext(
      settings: settings, environment: environment, transport: self, timers: timers,
      caller: ServiceCaller(settings: settings, transport: self, timers: timers), processes: self,
      askForCode: { [self] _ in
        want("a role that wants the code of a multi-factor device")
        return nil
      })
  }

  private func want(_ what: String, isLastResort: Bool = false) {
    wanted.append(what)
    self.isLastResort = self.isLastResort && isLastResort
  }

  // MARK: Transport

  func start(
    _ request: HTTPRequest, limits: TransferLimits,
    completion: @escaping (Result<HTTPResponse, TransportError>) -> Void
  ) -> TransferID {
    let url = request.url
    want("\(url.scheme)://\(url.hostHeader)", isLastResort: url.path.hasPrefix("/latest/"))
    count += 1
    _ = timers.after(0) {
      completion(.failure(TransportError(.other, "nothing is sent here", isConfiguration: true)))
    }
    return TransferID(count)
  }

  func cancel(_ transfer: TransferID) {}

  // MARK: ProcessRunner

  func run(
    _ command: String, timeout: Double, outputLimit: Int,
    completion: @escaping (Result<ProcessOutput, ProcessFailure>) -> Void
  ) {
    want("the command of credential_process")
    _ = timers.after(0) { completion(.failure(ProcessFailure(reason: "nothing is run here"))) }
  }
}
