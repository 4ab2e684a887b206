// CredentialContext: what providers of credentials work with. Everything they reach outside comes through here, so that
// tests bring their own.

public struct CredentialContext {
  public let settings: Settings
  public let environment: Environment
  /// For what is no AWS service: the metadata of an instance or a container.
  public let transport: any Transport
  public let timers: any Timers
  /// For AWS services: STS and IAM Identity Center.
  public let caller: ServiceCaller
  /// Runs `credential_process`.
  public let processes: any ProcessRunner
  /// What earlier searches have learned.
  public let knowledge: CredentialKnowledge
  /// Asks the operator for the code of a multi-factor device, with these words; nil where there is no terminal.
  public let askForCode: ((_ prompt: String) -> String?)?
  /// Told what the operator should know though the search goes on.
  public let notice: (String) -> Void

  public init(
    settings: Settings, environment: Environment, transport: any Transport, timers: any Timers,
    caller: ServiceCaller, processes: any ProcessRunner,
    knowledge: CredentialKnowledge = CredentialKnowledge(),
    askForCode: ((_ prompt: String) -> String?)? = nil,
    notice: @escaping (String) -> Void = { _ in }
  ) {
    self.settings = settings
    self.environment = environment
    self.transport = transport
    self.timers = timers
    self.caller = caller
    self.processes = processes
    self.knowledge = knowledge
    self.askForCode = askForCode
    self.notice = notice
  }
}

/// What searches for credentials have learned and need not learn again. One process has one, which its contexts share.
public final class CredentialKnowledge {
  /// Whether an instance metadata service has ever answered, by its endpoint.
  var metadataPresence: [URLParts: InstanceMetadataPresence] = [:]
  /// When a token of IAM Identity Center was last sent for renewal, by its file: monotonic seconds.
  var tokenRenewals: [String: Double] = [:]
  /// The region that the instance metadata service named.
  var region: String?
  public init() {}
}

/// Runs a command of the operator's configuration and collects what it prints.
public protocol ProcessRunner: AnyObject {
  /// Runs `command` under `sh -c` with the operator's environment, standard input and standard error;
  /// `completion` is called once, later, from the event loop's turn.
  func run(
    _ command: String, timeout: Double, outputLimit: Int,
    completion: @escaping (Result<ProcessOutput, ProcessFailure>) -> Void)
}

/// How a command ended that ended by itself.
public struct ProcessOutput: Sendable {
  /// 0 to 255, or 128 and the number of the signal that ended it.
  public var exitCode: Int32
  public var output: [UInt8]
  public init(exitCode: Int32, output: [UInt8]) {
    self.exitCode = exitCode
    self.output = output
  }
}

/// Why a command did not end by itself, as the end of a sentence.
public struct ProcessFailure: Error, Sendable {
  public var reason: String
  public init(reason: String) { self.reason = reason }
}
