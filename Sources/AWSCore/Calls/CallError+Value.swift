// A CallError as a document: how one travels to another process, and how one is kept.

extension CallError {
  private static let categories: [(category: Category, name: String)] = [
    (.parameters, "parameters"), (.configuration, "configuration"), (.service, "service"),
    (.network, "network"),
  ]

  /// Everything that there is to know of it. What is not known is null.
  public var document: Value.Object {
    [
      "category": .string(Self.categories.first { $0.category == category }?.name ?? "network"),
      "code": .string(code), "message": .string(message), "operation": operation.map(Value.string) ?? .null,
      "request_id": requestID.map(Value.string) ?? .null,
      "http_status": httpStatus.map { .integer(Int64($0)) } ?? .null,
      "host": host.map(Value.string) ?? .null, "attempts": .integer(Int64(attempts)),
      "retryable": .bool(isRetryable), "closure": closure.map { .string($0.rawValue) } ?? .null,
    ]
  }

  /// Takes what is there; what is not, is as in an error of which nothing is known.
  public init(document: Value.Object) {
    func number(_ name: String) -> Int? { document[name]?.integer.flatMap { Int(exactly: $0) } }
    self.init(
      Self.categories.first { $0.name == document["category"]?.string }?.category ?? .network,
      code: document["code"]?.string ?? "Network", message: document["message"]?.string ?? "",
      operation: document["operation"]?.string, requestID: document["request_id"]?.string,
      httpStatus: number("http_status"), attempts: number("attempts") ?? 0,
      isRetryable: document["retryable"] == .bool(true))
    host = document["host"]?.string
    closure = document["closure"]?.string.flatMap(Closure.init(rawValue:))
  }
}
