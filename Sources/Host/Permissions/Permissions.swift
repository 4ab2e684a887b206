// Permissions: which calls of the service the command line lets code make. Reading is free, writing is asked for.
import BackupGateway

/// What the command line says about calls of the service.
public struct Permissions: Sendable {
  /// What code may write without being asked.
  public var allowed: [AllowRule] = []
  /// Nothing is written, whoever asks.
  public var isReadOnly = false
  /// Writing requests are shown and withheld.
  public var isDryRun = false
  /// How many writing requests a run may send; nil for any number.
  public var mostWrites: Int?
  /// Where a write that is typed is asked about too.
  public var production = Production()

  public init() {}

  /// What `--allow` says about a request.
  enum Allowance: Equatable {
    /// The rule, as the operator wrote it.
    case allowed(by: String)
    /// There are rules for the operation, and none matches this ARN, or the request names none.
    case otherTargets(arn: String?)
    case nothingSaid
  }

  func allowance(_ request: Request) -> Allowance {
    let rules = allowed.filter { $0.operation == request.operation.name }
    guard !rules.isEmpty else { return .nothingSaid }
    if rules.contains(where: { $0.pattern == nil }) { return .allowed(by: request.operation.name) }
    let arns = request.arns.map(\.arn)
    guard !arns.isEmpty else { return .otherTargets(arn: nil) }
    // Each ARN that is named must be one that was spoken of: a role handed over is a target too.
    guard let stranger = arns.first(where: { arn in !rules.contains { $0.matches(arn) } }) else {
      return .allowed(by: "\(request.operation.name):\(rules.compactMap(\.pattern).joined(separator: ", "))")
    }
    return .otherTargets(arn: stranger)
  }
}
