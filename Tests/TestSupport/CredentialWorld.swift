// CredentialWorld: everything that sources of credentials reach, made of dictionaries and lists: variables, files, a
// network that answers from a list, a clock that moves when told, processes that never start.
import AWSCore

public final class CredentialWorld {
  public typealias Outcome = Result<HTTPResponse, TransportError>

  public let clock = Clock()
  public let network = Network()
  public let processes = Processes()
  public let files = Files()
  public var variables: [String: String]
  public private(set) var notices: [String] = []
  public let knowledge = CredentialKnowledge()
  /// The operator at the terminal; nil when there is none.
  public var operatorAnswers: ((_ prompt: String) -> String?)?

  /// - Parameters:
  ///   - config: the text of ~/.aws/config.
  ///   - credentials: the text of ~/.aws/credentials.
  public init(_ variables: [String: String] = [:], config: String? = nil, credentials: String? = nil) {
    self.variables = variables
    files["/home/op/.aws/config"] = config
    files["/home/op/.aws/credentials"] = credentials
  }

  public var environment: Environment {
    let files = files
    return Environment(
      variables: variables, homeDirectory: variables["HOME"] ?? "/home/op",
      readFile: { path throws(Environment.FileError) in
        if files.unreadable.contains(path) { throw Environment.FileError(reason: "Permission denied") }
        return files.bytes[path]
      },
      writeFile: { path, bytes, mode throws(Environment.FileError) in
        if files.isReadOnly { throw Environment.FileError(reason: "Read-only file system") }
        files.bytes[path] = bytes
        files.modes[path] = mode
      })
  }

  public func context(profile: String? = nil) throws(CallError) -> CredentialContext {
    let settings = try Settings.resolve(options: .init(profile: profile), environment: environment)
    let caller = ServiceCaller(settings: settings, transport: network, timers: clock, random: { 0 })
    return CredentialContext(
      settings: settings, environment: environment, transport: network, timers: clock, caller: caller,
      processes: processes, knowledge: knowledge, askForCode: operatorAnswers,
      notice: { [self] in notices.append($0) })
  }

  /// Lets everything happen that is under way, and moves the clock on to what waits.
  public func settle() {
    while network.deliver() || processes.deliver() || clock.fire() {}
  }

  /// What a provider found, once everything has happened.
  public func load(_ provider: any CredentialProvider) -> Result<CredentialLookup, CallError> {
    var found: Result<CredentialLookup, CallError>?
    provider.load { result in
      precondition(found == nil, "a provider completes once")
      found = result
    }
    settle()
    return found ?? .failure(CallError(.network, code: "Test", message: "the provider never completed"))
  }

  /// A clock that stands still but for `fire`.
  public final class Clock: Timers {
    public var now = Timestamp(year: 2026, month: 1, day: 1)
    public private(set) var monotonicSeconds = 1_000.0
    private var pending: [(id: TimerID, at: Double, body: () -> Void)] = []
    private var lastNumber: UInt64 = 0

    public func after(_ seconds: Double, _ body: @escaping () -> Void) -> TimerID {
      lastNumber += 1
      pending.append((TimerID(lastNumber), monotonicSeconds + seconds, body))
      return TimerID(lastNumber)
    }

    public func cancel(_ timer: TimerID) { pending.removeAll { $0.id == timer } }

    public func advance(_ seconds: Double) {
      monotonicSeconds += seconds
      now = Timestamp(microseconds: now.microseconds + Int64(seconds * 1_000_000))
    }

    fileprivate func fire() -> Bool {
      guard let next = pending.min(by: { $0.at < $1.at }) else { return false }
      pending.removeAll { $0.id == next.id }
      advance(max(0, next.at - monotonicSeconds))
      next.body()
      return true
    }
  }

  /// Answers in the order in which they were put in, or as `respond` says; without either, every request fails to
  /// connect.
  public final class Network: Transport {
    public private(set) var requests: [HTTPRequest] = []
    public private(set) var limits: [TransferLimits] = []
    /// Answers what has been asked, instead of a list.
    public var respond: ((HTTPRequest) -> Outcome)?
    /// Called before the answer is delivered, as another process that acts meanwhile.
    public var meanwhile: () -> Void = {}
    private var answers: [Outcome] = []
    private var pending: [(id: TransferID, request: HTTPRequest, completion: (Outcome) -> Void)] = []

    public func answer(_ status: Int, _ body: String = "", _ headers: HTTPHeaders = [:]) {
      answers.append(.success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8))))
    }

    public func fail(_ reason: TransportError.Reason, beforeSending: Bool = false) {
      answers.append(.failure(TransportError(reason, "\(reason) in the test", beforeSending: beforeSending)))
    }

    /// Method and URL of each request.
    public var log: [String] { requests.map { "\($0.method) \($0.url)" } }

    public func start(
      _ request: HTTPRequest, limits: TransferLimits, completion: @escaping (Outcome) -> Void
    ) -> TransferID {
      requests.append(request)
      self.limits.append(limits)
      let id = TransferID(UInt64(requests.count))
      pending.append((id, request, completion))
      return id
    }

    public func cancel(_ transfer: TransferID) { pending.removeAll { $0.id == transfer } }

    fileprivate func deliver() -> Bool {
      guard !pending.isEmpty else { return false }
      let next = pending.removeFirst()
      let none = Outcome.failure(
        TransportError(.cannotConnect, "cannot connect in the test", beforeSending: true))
      meanwhile()
      let listed = answers.isEmpty ? none : answers.removeFirst()
      next.completion(respond.map { $0(next.request) } ?? listed)
      return true
    }
  }

  /// Ends every command in the order of its results; without any, with an error.
  public final class Processes: ProcessRunner {
    public private(set) var commands: [String] = []
    public var results: [Result<ProcessOutput, ProcessFailure>] = []
    /// Ends a command, instead of a list.
    public var respond: ((String) -> Result<ProcessOutput, ProcessFailure>)?
    private var pending: [(command: String, completion: (Result<ProcessOutput, ProcessFailure>) -> Void)] = []

    /// A command that ends like this.
    public func end(_ exitCode: Int32 = 0, printing text: String) {
      results.append(.success(ProcessOutput(exitCode: exitCode, output: Array(text.utf8))))
    }

    public func run(
      _ command: String, timeout: Double, outputLimit: Int,
      completion: @escaping (Result<ProcessOutput, ProcessFailure>) -> Void
    ) {
      commands.append(command)
      pending.append((command, completion))
    }

    fileprivate func deliver() -> Bool {
      guard !pending.isEmpty else { return false }
      let none = ProcessFailure(reason: "the test has no more results")
      let next = pending.removeFirst()
      let listed = results.isEmpty ? .failure(none) : results.removeFirst()
      next.completion(respond.map { $0(next.command) } ?? listed)
      return true
    }
  }

  /// Used from one thread; the seams that it stands behind want it Sendable.
  public final class Files: @unchecked Sendable {
    public var bytes: [String: [UInt8]] = [:]
    public var modes: [String: UInt32] = [:]
    public var unreadable: Set<String> = []
    public var isReadOnly = false

    public subscript(path: String) -> String? {
      get { bytes[path].map { String(decoding: $0, as: UTF8.self) } }
      set { bytes[path] = newValue.map { Array($0.utf8) } }
    }
  }
}

extension Result<CredentialLookup, CallError> {
  /// The credentials, where some were found.
  public var found: Credentials? {
    if case .success(.found(let credentials)) = self { credentials } else { nil }
  }

  /// Why the source is passed over.
  public var absence: String? {
    if case .success(.absent(let reason)) = self { reason } else { nil }
  }

  public var error: CallError? {
    if case .failure(let error) = self { error } else { nil }
  }
}
