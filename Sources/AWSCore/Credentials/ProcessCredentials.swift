// ProcessCredentials: keys that a command of the operator's configuration prints. Source: AWS SDKs and Tools Reference,
// "Process credential provider".

/// `credential_process` of a profile.
final class ProcessCredentials: CredentialProvider {
  private let context: CredentialContext
  private let command: SharedConfig.Entry
  private let profile: String

  /// Time for somebody to type a code or touch a key.
  private static let timeout = 60.0
  /// An answer has about 1,500 bytes.
  private static let outputLimit = 64 << 10

  /// - Parameters:
  ///   - command: the entry `credential_process`.
  ///   - profile: the name of the profile it stands in.
  init(_ context: CredentialContext, command: SharedConfig.Entry, profile: String) {
    self.context = context
    self.command = command
    self.profile = profile
  }

  func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    run(again: true, completion)
  }

  /// - Parameter again: whether keys that have ended already are worth another run, as of a tool that renews them in the
  ///   background.
  private func run(again: Bool, _ completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    context.processes.run(command.value, timeout: Self.timeout, outputLimit: Self.outputLimit) {
      [self] result in
      do throws(CredentialDocumentProblem) {
        let credentials = try read(result)
        guard let end = credentials.expiration, end <= context.caller.now else {
          return completion(.success(.found(credentials)))
        }
        if again { return run(again: false, completion) }
        throw CredentialDocumentProblem("its keys had ended already, at \(end.iso8601)")
      } catch {
        completion(.failure(self.error(error.text)))
      }
    }
  }

  private func read(_ result: Result<ProcessOutput, ProcessFailure>) throws(CredentialDocumentProblem)
    -> Credentials
  {
    let ended: ProcessOutput
    switch result {
    case .success(let output): ended = output
    case .failure(let failure): throw CredentialDocumentProblem(failure.reason)
    }
    guard ended.exitCode == 0 else {
      throw CredentialDocumentProblem("it ended with exit code \(ended.exitCode)")
    }
    // From here on nothing is quoted: what was printed may hold keys whatever its form.
    guard let document = try? JSON.decode(ended.output), document.object != nil else {
      throw CredentialDocumentProblem("what it printed is not one JSON object")
    }
    guard document["Version"]?.integer == 1 else {
      throw CredentialDocumentProblem("Unsupported version: \"Version\" must be 1")
    }
    var credentials = try Credentials(
      document: document, tokenName: "SessionToken",
      source: "credential_process of profile '\(profile)' (\(command.source))")
    // The command has the terminal while it runs, so it must run while a call waits for it, not behind a prompt.
    credentials.neededOperator = true
    return credentials
  }

  private func error(_ problem: String) -> CallError {
    CallError(
      .configuration, code: "NoCredentials",
      message:
        "The credential_process of profile '\(profile)' (\(command.source)) gave no keys: \(problem). Run the command "
        + "by itself to see what it does.")
  }
}
