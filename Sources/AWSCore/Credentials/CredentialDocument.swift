// CredentialDocument: keys as a metadata service or a credential process writes them: one JSON object, whose members
// are spelled alike but for the token.

/// Why a document gives no keys, as the end of a sentence. Never a value out of the document.
struct CredentialDocumentProblem: Error {
  var text: String
  init(_ text: String) { self.text = text }
}

extension Credentials {
  /// Reads `AccessKeyId`, `SecretAccessKey`, `Expiration` and `AccountId`.
  /// - Parameter tokenName: what the session token is called: `Token` by metadata services, `SessionToken` by processes.
  init(document: Value, tokenName: String, source: String) throws(CredentialDocumentProblem) {
    func required(_ name: String) throws(CredentialDocumentProblem) -> String {
      guard let text = document[name]?.string, !text.isEmpty else {
        throw CredentialDocumentProblem("Missing required key \(name)")
      }
      return text
    }
    // Some tools write an empty text for what there is not.
    func optional(_ name: String) -> String? { document[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    self.init(
      accessKeyID: try required("AccessKeyId"), secretAccessKey: try required("SecretAccessKey"),
      sessionToken: optional(tokenName), accountID: optional("AccountId"), source: source)
    guard let end = document["Expiration"] else { return }
    guard let time = end.string.flatMap({ Timestamp(iso8601: $0) }) else {
      throw CredentialDocumentProblem("Expiration is not a time in ISO 8601")
    }
    expiration = time
  }
}
