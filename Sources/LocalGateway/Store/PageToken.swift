// PageToken: where a listing goes on, in a form that only this store can have made.
//
//   hex( HMAC-SHA-256(key, scope 0x00 ARN), first 16 bytes || ARN )      scope: see Rules.tokenScope
import AWSCore
import CSQLite

struct PageToken {
  private static let setting = "page_token_key"
  private static let macLength = 16

  private let key: [UInt8]

  /// The key is made with the store and kept in it, so that tokens outlive a restart.
  init(_ store: Store) throws(DatabaseError) {
    guard let key = try store.setting(Self.setting) else {
      throw DatabaseError(code: SQLITE_CORRUPT, problem: "the key of page tokens is missing", statement: "")
    }
    self.key = Array(key.utf8)
  }

  /// Gives a new store its key.
  static func prepare(_ store: Store) throws(DatabaseError) {
    try store.set(setting, Digest.hex(AES256GCM.random(32)))
  }

  /// The token of the page that begins after a resource.
  func text(after arn: String, scope: String) -> String { Digest.hex(mac(arn, scope) + Array(arn.utf8)) }

  /// The ARN that a page begins after. Throws ValidationException for a token that was not made for this
  /// scope.
  func arn(_ text: String, scope: String) throws(Fault) -> String {
    guard let bytes = Digest.bytes(hex: text), bytes.count > Self.macLength else { throw Self.refusal }
    let arn = String(decoding: bytes[Self.macLength...], as: UTF8.self)
    guard Digest.equal(Array(bytes.prefix(Self.macLength)), mac(arn, scope)) else { throw Self.refusal }
    return arn
  }

  private func mac(_ arn: String, _ scope: String) -> [UInt8] {
    Array(Digest.hmac(key: key, Array("\(scope)\0\(arn)".utf8)).prefix(Self.macLength))
  }

  private static let refusal = Fault.validation(
    "NextToken is not valid for this request: pass the token of the page before, unchanged, with the same filter."
  )
}
