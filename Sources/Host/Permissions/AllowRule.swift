// AllowRule: `--allow UpdateHypervisor[:arn-pattern]`: a yes that the operator gives before a run.
import AWSCore
import BackupGateway

/// A writing operation that code may call, on everything or on what a pattern matches.
public struct AllowRule: Sendable, Equatable {
  /// Why a rule cannot be used, for people.
  public struct Problem: Error, Equatable {
    public let message: String
  }

  /// AWS's name.
  public let operation: String
  /// Matched against whole ARNs; `*` stands for any characters, also none. Nil for every target.
  public let pattern: String?

  public init(_ operation: Operation) {
    self.operation = operation.name
    pattern = nil
  }

  /// - Parameter text: an operation, by AWS's name or its name in Lua, then perhaps a colon and a pattern.
  public init(_ text: String) throws(Problem) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = parts[0]
    guard let operation = Service.operation(named: name) else {
      let hint =
        nearest(to: name, in: Service.operations.flatMap { [$0.name, $0.luaName] })
        .map { "; did you mean \($0)?" } ?? ""
      throw Problem(message: "takes an operation of AWS Backup Gateway, not '\(name)'\(hint)")
    }
    self.operation = operation.name
    pattern = parts.count > 1 ? parts[1] : nil
    guard let pattern else { return }
    guard operation.takesARNs else {
      throw Problem(
        message: "\(name): a request of it names no ARN that a pattern could match; leave out ':\(pattern)'")
    }
    guard pattern.hasPrefix("arn:") || pattern.hasPrefix("*") else {
      throw Problem(
        message: "\(name): '\(pattern)' is no pattern of ARNs; it begins with arn: or *, as in "
          + "\(name):arn:aws:backup-gateway:*:hypervisor/hype-12AB34CD")
    }
  }

  /// True when the rule covers an ARN.
  func matches(_ arn: String) -> Bool {
    pattern.map { Wildcard.matches($0, arn) } ?? true
  }
}
