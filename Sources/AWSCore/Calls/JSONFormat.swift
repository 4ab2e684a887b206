// JSONFormat: how services that speak JSON write their answers: AWS JSON and REST-JSON alike. Source: Smithy, "AWS JSON
// 1.0 protocol", operation error serialization.

public struct JSONFormat: AnswerFormat {
  public let name = "the JSON of AWS"

  /// False for an operation whose answers have members: there an empty body is one that was lost on its way, and must
  /// not become an empty list.
  private let allowsEmptyBody: Bool

  public init(allowsEmptyBody: Bool = true) { self.allowsEmptyBody = allowsEmptyBody }

  public func body(of response: HTTPResponse) throws(AnswerProblem) -> [UInt8] {
    // Operations without output may answer nothing at all.
    if response.body.isEmpty && allowsEmptyBody { return Array("{}".utf8) }
    if response.body.isEmpty { throw AnswerProblem("is empty") }
    if let problem = JSON.problemAsObject(response.body) {
      throw AnswerProblem("is not a whole JSON object (\(problem))")
    }
    return response.body
  }

  public func error(in response: HTTPResponse) -> ServiceError? {
    let body = (try? JSON.decode(response.body))?.object
    let value = body.map(Value.object)
    // Exact names only: every error of this service also has a member ErrorCode, which is something else.
    // `Code` is what some front ends write.
    let named =
      ([response.headers["x-amzn-errortype"]] + ["code", "__type", "Code"].map { value?[$0]?.string })
      .lazy.compactMap(\.self).first { !bareName($0).isEmpty }
    guard body != nil || named != nil else { return nil }
    let message = ["message", "Message"].lazy.compactMap { value?[$0]?.string }.first
    return ServiceError(code: named.map(bareName) ?? String(response.status), message: message)
  }

  /// `com.amazonaws.backupgateway#ValidationException:http://…` → `ValidationException`.
  private func bareName(_ type: String) -> String {
    let name = type.firstIndex(of: "#").map { type[type.index(after: $0)...] } ?? type[...]
    return String(name.prefix { $0 != ":" })
  }
}
