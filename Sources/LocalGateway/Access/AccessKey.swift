// AccessKey: who may sign requests, whose world that opens, and the file that says so.
//
//   [
//     {"access_key_id": "AKIDALICE", "secret_access_key": "…", "account": "111122223333"},
//     {"access_key_id": "ASIABOB", "secret_access_key": "…", "session_token": "…", "account": "444455556666",
//      "regions": ["eu-central-1"], "expires": "2026-12-31T23:59:59Z"}
//   ]
import AWSCore
import BackupGateway

/// A key that this server knows.
public struct AccessKey: Sendable {
  let credentials: Credentials
  /// Twelve digits.
  let account: String
  /// Where it may be used; nil is everywhere.
  let regions: Set<String>?

  /// - Parameter account: whose world the key opens.
  public init(_ credentials: Credentials, account: String, regions: Set<String>? = nil) {
    self.credentials = credentials
    self.account = account
    self.regions = regions
  }

  /// The keys in a file. Throws a LocalGatewayError that says what to correct, and where.
  public static func read(_ path: String) throws(LocalGatewayError) -> [AccessKey] {
    let bytes: [UInt8]?
    do {
      bytes = try Environment.process().readFile(path)
    } catch {
      throw LocalGatewayError("Cannot read the credentials file \(path): \(error.reason).")
    }
    guard let bytes else { throw LocalGatewayError("There is no credentials file \(path).") }
    do throws(FieldProblem) {
      return try parse(bytes)
    } catch {
      throw LocalGatewayError(
        "The credentials file \(path) cannot be used: \(error.text). docs/local-gateway.md shows its form.")
    }
  }

  /// - Throws: what is wrong, never with a value of the file in it: any of them may be a secret in the wrong
  ///   place.
  static func parse(_ bytes: [UInt8]) throws(FieldProblem) -> [AccessKey] {
    let document: Value
    do throws(JSONError) {
      document = try JSON.decode(bytes)
    } catch {
      // Without the name that the words may quote.
      throw FieldProblem(
        "it is not JSON (\(trimmed(error.problem.prefix { $0 != "'" })) at byte \(error.offset))")
    }
    guard let entries = document.array else { throw FieldProblem("it must be a list of keys") }
    var keys: [AccessKey] = []
    for (index, entry) in entries.enumerated() {
      do throws(FieldProblem) {
        keys.append(try AccessKey(entry))
      } catch {
        throw FieldProblem("key \(index + 1): \(error.text)")
      }
      let id = keys[index].credentials.accessKeyID
      guard id != LocalGateway.accessKeyID,
        !keys[..<index].contains(where: { $0.credentials.accessKeyID == id })
      else { throw FieldProblem("key \(index + 1): its access_key_id is taken by another key") }
    }
    return keys
  }

  private init(_ entry: Value) throws(FieldProblem) {
    guard let members = entry.object else { throw FieldProblem("it must be an object") }
    let known = [
      "access_key_id", "secret_access_key", "session_token", "account", "regions", "expires",
    ]
    for (name, _) in members.members where !known.contains(name) {
      throw FieldProblem("a field that does not exist; there is \(listed(known))")
    }
    func text(_ name: String) throws(FieldProblem) -> String? {
      guard let value = entry[name] else { return nil }
      guard let text = value.string, !text.isEmpty else {
        throw FieldProblem("\(name) must be a text that is not empty")
      }
      return text
    }
    func required(_ name: String) throws(FieldProblem) -> String {
      guard let text = try text(name) else { throw FieldProblem("\(name) is missing") }
      return text
    }
    let id = try required("access_key_id")
    guard id.utf8.count <= 128, id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
    else {
      throw FieldProblem("access_key_id must be up to 128 letters, digits and underscores")
    }
    let account = try required("account")
    guard account.utf8.count == 12, account.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw FieldProblem("account must be twelve digits, in quotes")
    }
    var expiration: Timestamp?
    if let expires = try text("expires") {
      expiration = Timestamp(iso8601: expires)
      guard expiration != nil else { throw FieldProblem("expires must be a time as 2026-12-31T23:59:59Z") }
    }
    if let value = entry["regions"] {
      let names = value.array?.compactMap(\.string) ?? []
      guard !names.isEmpty, names.count == value.array?.count, names.allSatisfy(isHostLabel) else {
        throw FieldProblem("regions must be a list of regions as us-east-1; leave it out for all")
      }
      regions = Set(names)
    } else {
      regions = nil
    }
    self.account = account
    credentials = Credentials(
      accessKeyID: id, secretAccessKey: try required("secret_access_key"),
      sessionToken: try text("session_token"), expiration: expiration, accountID: account,
      source: "the credentials file")
  }
}

/// What is wrong with a field of something that a person wrote.
struct FieldProblem: Error {
  let text: String
  init(_ text: String) { self.text = text }
}
