// SigV4: AWS Signature Version 4 in the Authorization header.
//
//   canonical request            string to sign                  key                      signature
//   METHOD \n                    AWS4-HMAC-SHA256 \n             HMAC("AWS4" + secret,    hex(HMAC(key,
//   /path/ \n                    20220922T083000Z \n               20220922)                string to sign))
//   query=sorted \n              20220922/REGION/SERVICE/          → REGION
//   name:value \n  (a header)      aws4_request \n                 → SERVICE
//   \n                           hex(SHA-256(canonical request))   → "aws4_request"
//   name;name \n
//   hex(SHA-256(body))
//
// Source: AWS IAM User Guide, "Create a signed AWS API request". Client and local gateway share this file: the one
// signs, the other computes the same signature and compares.

/// The signer of one service in one region.
public struct SigV4: Sendable {
  public static let algorithm = "AWS4-HMAC-SHA256"

  /// Whom a signature is for, as its credential scope names them.
  public var service: String
  public var region: String
  /// Remove dot segments and repeated slashes from the path before it is signed: every service but S3 does.
  public var normalizesPath = true
  /// Percent-encode the path, which is encoded as sent, once more: every service but S3 does.
  public var encodesPathTwice = true

  public init(service: String, region: String) {
    self.service = service
    self.region = region
  }

  /// A signature with the two texts it was made from, for tests and for `--debug`.
  public struct Signature: Sendable {
    fileprivate var canonicalBytes: [UInt8]
    fileprivate var bytesToSign: [UInt8]
    /// 64 hexadecimal digits.
    public var signature: String
    public var signedHeaders: [String]
    fileprivate var joinedHeaders: String
    fileprivate var accessKeyID: String
    fileprivate var scope: String

    /// The header's value.
    public var authorization: String {
      // Put together by bytes, which interpolation takes six times as long for: one has some 250.
      var text: [UInt8] = []
      text.reserveCapacity(320)
      text.append(text: SigV4.algorithm)
      text.append(text: " Credential=")
      text.append(text: accessKeyID)
      text.append(UInt8(ascii: "/"))
      text.append(text: scope)
      text.append(text: ", SignedHeaders=")
      text.append(text: joinedHeaders)
      text.append(text: ", Signature=")
      text.append(text: signature)
      return String(decoding: text, as: UTF8.self)
    }

    /// The two texts in the middle, for who compares them with a service's.
    public var canonicalRequest: String { String(decoding: canonicalBytes, as: UTF8.self) }
    public var stringToSign: String { String(decoding: bytesToSign, as: UTF8.self) }
  }

  /// What proxies change, and what tells attempts apart.
  private static let unsigned = [
    "authorization", "user-agent", "x-amzn-trace-id", "expect", "transfer-encoding", "connection",
    "amz-sdk-invocation-id", "amz-sdk-request",
  ]

  /// Adds X-Amz-Date, X-Amz-Security-Token when there is one, and Authorization. Host must be among the headers.
  /// Every header present is signed but those that proxies change.
  /// - Parameter keys: those of signatures before this one.
  @discardableResult
  public func sign(
    _ request: inout HTTPRequest, with credentials: Credentials, at date: Timestamp,
    keys: SigningKeys = SigningKeys()
  ) -> Signature {
    let date = date.basicFormat
    request.headers["X-Amz-Date"] = date
    request.headers["X-Amz-Security-Token"] = credentials.sessionToken
    var names: [String] = []
    for field in request.headers.fields
    where !Self.unsigned.contains(where: { HTTPHeaders.areSameName($0, field.name) }) {
      let name = field.name.lowercased()
      if !names.contains(name) { names.append(name) }
    }
    names.sort()
    let signature = self.signature(of: request, signedHeaders: names, with: credentials, at: date, keys: keys)
    request.headers["Authorization"] = signature.authorization
    return signature
  }

  /// The signature over exactly the named headers (lower case, sorted) at a date in basic format.
  public func signature(
    of request: HTTPRequest, signedHeaders: [String], with credentials: Credentials, at date: String,
    keys: SigningKeys = SigningKeys()
  ) -> Signature {
    let names = signedHeaders.joined(separator: ";")
    let canonical = canonicalRequest(request, signedHeaders: signedHeaders, joined: names)
    let key = keys.key(
      secret: credentials.secretAccessKey, day: String(date.prefix(8)), region: region, service: service)
    var bytesToSign: [UInt8] = []
    // The scope, and 98 bytes that are there always.
    bytesToSign.reserveCapacity(192)
    bytesToSign.append(text: Self.algorithm)
    bytesToSign.append(line: date)
    bytesToSign.append(line: key.scope)
    bytesToSign.append(line: Digest.sha256(canonical))
    let signature = Digest.hex(key.hmac.code(of: bytesToSign))
    return Signature(
      canonicalBytes: canonical, bytesToSign: bytesToSign, signature: signature, signedHeaders: signedHeaders,
      joinedHeaders: names, accessKeyID: credentials.accessKeyID, scope: key.scope)
  }

  private func canonicalRequest(
    _ request: HTTPRequest, signedHeaders: [String], joined names: String
  ) -> [UInt8] {
    var text: [UInt8] = []
    // One of this service has some 300 bytes.
    text.reserveCapacity(512)
    text.append(text: request.method)
    text.append(line: canonicalPath(request.url.path))
    text.append(line: canonicalQuery(request.url.query))
    for name in signedHeaders {
      text.append(line: name)
      var separator = UInt8(ascii: ":")
      for field in request.headers.fields where HTTPHeaders.areSameName(field.name, name) {
        text.append(separator)
        text.append(folded: field.value)
        separator = UInt8(ascii: ",")
      }
      // Signed, and not there.
      if separator == UInt8(ascii: ":") { text.append(separator) }
    }
    text.append(line: "")
    text.append(line: names)
    text.append(line: Digest.sha256(request.body))
    return text
  }

  private func canonicalPath(_ path: String) -> String {
    guard path != "/" else { return path }
    let path = normalizesPath ? normalized(path) : path
    return encodesPathTwice ? uriEncoded(path, keepSlash: true) : path
  }

  private func normalized(_ path: String) -> String {
    var kept: [Substring] = []
    let segments = path.split(separator: "/", omittingEmptySubsequences: true)
    for segment in segments {
      if segment == ".." { _ = kept.popLast() } else if segment != "." { kept.append(segment) }
    }
    let trailing = path.hasSuffix("/") || segments.last == "." || segments.last == ".."
    return "/" + kept.joined(separator: "/") + (trailing && !kept.isEmpty ? "/" : "")
  }

  private func canonicalQuery(_ query: String?) -> String {
    guard let query, !query.isEmpty else { return "" }
    let pairs = query.split(separator: "&", omittingEmptySubsequences: true).map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (
        uriEncoded(bytes: percentDecoded(parts[0])),
        uriEncoded(bytes: percentDecoded(parts.count > 1 ? parts[1] : ""))
      )
    }
    return pairs.sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
  }
}

extension [UInt8] {
  /// A line break, then the text.
  fileprivate mutating func append(line text: String) {
    append(UInt8(ascii: "\n"))
    append(text: text)
  }

  /// A line break, then a digest in lower-case hexadecimal.
  fileprivate mutating func append(line digest: [UInt8]) {
    append(UInt8(ascii: "\n"))
    Digest.appendHex(digest, to: &self)
  }

  /// The text without white space at both ends, and with each run of it inside made one space.
  fileprivate mutating func append(folded text: String) {
    let bytes = text.utf8.span
    // As nearly always: there is none.
    guard bytes.indices.contains(where: { isWhiteSpace(bytes[$0]) }) else { return append(text: text) }
    let start = count
    var isApart = false
    for index in bytes.indices {
      let byte = bytes[index]
      if isWhiteSpace(byte) {
        isApart = count > start
      } else {
        if isApart { append(UInt8(ascii: " ")) }
        append(byte)
        isApart = false
      }
    }
  }
}

/// RFC 3986 percent-encoding of everything but the unreserved characters.
func uriEncoded(_ text: some StringProtocol, keepSlash: Bool = false) -> String {
  uriEncoded(bytes: text.utf8, keepSlash: keepSlash)
}

private func uriEncoded(bytes: some Sequence<UInt8>, keepSlash: Bool = false) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  var out: [UInt8] = []
  for byte in bytes {
    let isUnreserved = isLetter(byte) || isDigit(byte) || "-._~".utf8.contains(byte)
    if isUnreserved || (keepSlash && byte == UInt8(ascii: "/")) {
      out.append(byte)
    } else {
      out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: out, as: UTF8.self)
}

/// The bytes that a percent-encoded text stands for; a `%` without two digits stands for itself.
private func percentDecoded(_ text: some StringProtocol) -> [UInt8] {
  var out: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "%"), let high = hexDigit(rest.first), let low = hexDigit(rest.dropFirst().first)
    {
      out.append(high << 4 | low)
      rest = rest.dropFirst(2)
    } else {
      out.append(byte)
    }
  }
  return out
}

private func hexDigit(_ byte: UInt8?) -> UInt8? {
  byte.flatMap { Character(Unicode.Scalar($0)).hexDigitValue }.map(UInt8.init)
}
