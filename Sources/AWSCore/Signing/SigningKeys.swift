// SigningKeys: what a day's signatures of one service in one region are made with.

/// A key that SigV4 derives from a secret key: HMAC of HMAC of HMAC of HMAC.
struct SigningKey: Sendable {
  /// `20220922/REGION/SERVICE/aws4_request`.
  let scope: String
  let hmac: HMACState
  private let secret: String
  private let day: String
  private let region: String
  private let service: String

  init(secret: String, day: String, region: String, service: String) {
    (self.secret, self.day, self.region, self.service) = (secret, day, region, service)
    let parts = [day, region, service, "aws4_request"]
    scope = parts.joined(separator: "/")
    hmac = HMACState(
      key: parts.reduce(Array("AWS4\(secret)".utf8)) { key, part in Digest.hmac(key: key, Array(part.utf8)) })
  }

  func isOf(secret: String, day: String, region: String, service: String) -> Bool {
    (self.secret, self.day, self.region, self.service) == (secret, day, region, service)
  }
}

/// Keeps the key that was used last: the next request is mostly of the same day, region and service, and to derive the key
/// took ten times what the rest of a signature does.
public final class SigningKeys {
  private var last: SigningKey?

  public init() {}

  func key(secret: String, day: String, region: String, service: String) -> SigningKey {
    if let last, last.isOf(secret: secret, day: day, region: region, service: service) { return last }
    let key = SigningKey(secret: secret, day: day, region: region, service: service)
    last = key
    return key
  }
}

@available(*, unavailable) extension SigningKeys: Sendable {}
