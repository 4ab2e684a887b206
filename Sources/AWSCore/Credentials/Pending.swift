// Pending: sources that are built elsewhere at the moment.

final class InstanceMetadataCredentials: CredentialProvider {
  init(_ context: CredentialContext) {}
  func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    completion(.success(.absent("the EC2 instance (not built)")))
  }
}

final class ContainerCredentials: CredentialProvider {
  init(_ context: CredentialContext) {}
  func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    completion(.success(.absent("the container (not built)")))
  }
}

final class ProcessCredentials: CredentialProvider {
  init(_ context: CredentialContext, command: SharedConfig.Entry, profile: String) {}
  func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    completion(.success(.absent("the process (not built)")))
  }
}

final class SSOCredentials: CredentialProvider {
  init(_ context: CredentialContext, profile: String, config: SharedConfig) {}
  func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    completion(.success(.absent("IAM Identity Center (not built)")))
  }
}

public final class PendingProcesses: ProcessRunner {
  public init() {}
  public func run(
    _ command: String, timeout: Double, outputLimit: Int,
    completion: @escaping (Result<ProcessOutput, ProcessFailure>) -> Void
  ) {
    completion(.failure(ProcessFailure(reason: "not built")))
  }
}
