// QueryFormat: the AWS Query protocol, which STS speaks: a form goes out, XML comes back. Source: Smithy, "AWS Query
// protocol".

struct QueryFormat: AnswerFormat {
  let name = "the XML of AWS"

  func body(of response: HTTPResponse) throws(AnswerProblem) -> [UInt8] {
    do throws(XMLProblem) {
      _ = try XML(response.body)
    } catch {
      throw AnswerProblem("is not XML: \(error.text)")
    }
    return response.body
  }

  /// Where errors stand: in the protocol's own place, and in that of EC2's form of it, which emulators take too.
  private static let errors = ["ErrorResponse/Error", "ErrorResponse/Errors/Error", "Response/Errors/Error"]

  func error(in response: HTTPResponse) -> ServiceError? {
    guard let document = try? XML(response.body) else { return nil }
    return Self.errors.lazy.compactMap { place in
      document[place, "Code"].map { ServiceError(code: $0, message: document[place, "Message"]) }
    }.first
  }

  /// The body of a request: `Action=AssumeRole&Version=2011-06-15&…`; parameters without a value are left out.
  static func form(_ parameters: [(name: String, value: String?)]) -> [UInt8] {
    let pairs = parameters.compactMap { name, value in value.map { "\(name)=\(uriEncoded($0))" } }
    return Array(pairs.joined(separator: "&").utf8)
  }
}
