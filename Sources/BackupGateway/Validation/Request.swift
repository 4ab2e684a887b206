// Request: one call of the service, checked.
import AWSCore

/// An operation with parameters that satisfy the model. Whoever is handed one need not check again.
public struct Request: Sendable {
  public let operation: Operation
  public let parameters: Value.Object

  /// - Parameter firstIndex: what the first item of a list is called in messages; see `Validate.issues`.
  /// - Throws: everything that is wrong with the parameters.
  public init(
    _ operation: Operation, _ parameters: Value.Object, firstIndex: Int = 0
  ) throws(InvalidRequest) {
    let issues = Validate.issues(.object(parameters), as: operation.input, firstIndex: firstIndex)
    guard issues.isEmpty else { throw InvalidRequest(issues: issues) }
    self.operation = operation
    self.parameters = parameters
  }
}

/// What is wrong with a request; at least one thing.
public struct InvalidRequest: Error, Equatable {
  public let issues: [ValidationIssue]
}
