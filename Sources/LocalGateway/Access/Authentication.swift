// Authentication: who signed a request. The signature is made again with the secret that this server keeps
// and compared; the same SigV4 signs in the client.
//
//   Authorization: AWS4-HMAC-SHA256 Credential=KEY/DAY/REGION/backup-gateway/aws4_request,
//                  SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=64 hexadecimal digits
//
// Errors carry AWS's names and, where they are known, its words: clients correct their clocks by them. None
// of them repeats the header.
import AWSCore
import BackupGateway

struct Authentication {
  /// The keys that may sign, by their public half.
  private let keys: [String: AccessKey]
  private let signingKeys = SigningKeys()

  init(_ keys: [AccessKey]) {
    self.keys = Dictionary(keys.map { ($0.credentials.accessKeyID, $0) }) { first, _ in first }
  }

  /// The world whose key signed the request, in the region that the signature is scoped to. Throws the
  /// framework's faults when the request is not by a key of this server, not in time, or not as it was signed.
  /// - Parameters:
  ///   - claim: what the request says of itself.
  ///   - date: the time by which signatures are judged.
  ///   - now: the time by which session tokens end.
  func world(
    of request: HTTPRequest, claiming claim: Claim, at date: Timestamp, now: Timestamp
  ) throws(Fault) -> World {
    guard let key = keys[claim.accessKeyID],
      isSame(request.headers["X-Amz-Security-Token"], key.credentials.sessionToken)
    else {
      throw .framework(
        "UnrecognizedClientException", "The security token included in the request is invalid.")
    }
    try claim.checkScope()
    try claim.checkSignedHeaders(of: request)
    try checkTime(claim, date)
    let expected = SigV4(service: Service.name, region: claim.region)
      .signature(
        of: request, signedHeaders: claim.signedHeaders, with: key.credentials, at: claim.date,
        keys: signingKeys)
    guard Digest.equal(Array(expected.signature.utf8), Array(claim.signature.utf8)) else {
      throw Claim.invalid(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
          + "Access Key and signing method. Consult the service documentation for details.")
    }
    if let expiration = key.credentials.expiration, expiration <= now { throw .expiredToken }
    if let regions = key.regions, !regions.contains(claim.region) {
      throw Rules.wrongRegion(claim.region, of: key)
    }
    return World(account: key.account, region: claim.region)
  }

  private func isSame(_ given: String?, _ kept: String?) -> Bool {
    Digest.equal(Array((given ?? "").utf8), Array((kept ?? "").utf8))
  }

  private func checkTime(_ claim: Claim, _ now: Timestamp) throws(Fault) {
    let minutes = Rules.clockTolerance / 60
    let earliest = now.advanced(bySeconds: -Rules.clockTolerance)
    let latest = now.advanced(bySeconds: Rules.clockTolerance)
    if claim.signedAt < earliest {
      throw Claim.invalid(
        "Signature expired: \(claim.date) is now earlier than \(earliest.basicFormat) "
          + "(\(now.basicFormat) - \(minutes) min.)")
    }
    if claim.signedAt > latest {
      throw Claim.invalid(
        "Signature not yet current: \(claim.date) is still later than \(latest.basicFormat) "
          + "(\(now.basicFormat) + \(minutes) min.)")
    }
  }
}

/// What a signed request says of itself: nothing of it is checked yet.
struct Claim {
  let accessKeyID: String
  let region: String
  /// X-Amz-Date as sent, and as a time.
  let date: String
  let signedAt: Timestamp
  let signedHeaders: [String]
  let signature: String
  private let day: String
  private let service: String
  private let terminator: String

  /// Throws the framework's faults when a request is not signed, or the signature's parts are not all there.
  init(of request: HTTPRequest) throws(Fault) {
    guard let header = request.headers["Authorization"] else {
      throw .framework("MissingAuthenticationTokenException", "Missing Authentication Token")
    }
    let bytes = header.utf8.span
    var rest = 0..<bytes.count
    guard let algorithm = bytes.part(" ", of: &rest), !rest.isEmpty, bytes.has(SigV4.algorithm, at: algorithm)
    else { throw Self.incomplete("Authorization header must begin with \(SigV4.algorithm).") }
    var (credential, signature, signed): (Range<Int>?, Range<Int>?, Range<Int>?)
    while var value = bytes.part(",", of: &rest) {
      guard let name = bytes.part("=", of: &value).map({ bytes.trimmed($0) }), !value.isEmpty else {
        continue
      }
      value = bytes.trimmed(value)
      if bytes.has("Credential", at: name) {
        credential = value
      } else if bytes.has("Signature", at: name) {
        signature = value
      } else if bytes.has("SignedHeaders", at: name) {
        signed = value
      }
    }
    guard let credential, let signature, var signed else {
      let fields = [("Credential", credential), ("Signature", signature), ("SignedHeaders", signed)]
      let missing = fields.filter { $0.1 == nil }
      throw Self.incomplete(
        missing.map { "Authorization header requires '\($0.0)' parameter." }.joined(separator: " "))
    }
    // Counted from the end: a key may hold a slash.
    var key = credential
    guard let terminator = bytes.lastPart("/", of: &key), let service = bytes.lastPart("/", of: &key),
      let region = bytes.lastPart("/", of: &key), let day = bytes.lastPart("/", of: &key)
    else {
      let count = credential.count { bytes[$0] == UInt8(ascii: "/") } + 1
      throw Self.incomplete(
        "Credential must be KEY/DAY/REGION/SERVICE/aws4_request, five parts; got \(count).")
    }
    accessKeyID = bytes.text(key)
    (self.day, self.region) = (bytes.text(day), bytes.text(region))
    (self.service, self.terminator) = (bytes.text(service), bytes.text(terminator))
    var names: [String] = []
    names.reserveCapacity(8)
    while let name = bytes.part(";", of: &signed) { names.append(bytes.text(name)) }
    signedHeaders = names
    self.signature = bytes.text(signature)
    guard let date = request.headers["X-Amz-Date"], let signedAt = Timestamp(basicFormat: date) else {
      throw Self.incomplete("Authorization header requires a 'X-Amz-Date' header such as 20220922T083000Z.")
    }
    (self.date, self.signedAt) = (date, signedAt)
  }

  func checkScope() throws(Fault) {
    guard service == Service.name else {
      throw Self.invalid("Credential should be scoped to correct service: '\(Service.name)'.")
    }
    guard isHostLabel(region) else {
      throw Self.invalid("Credential should be scoped to a valid region.")
    }
    guard terminator == "aws4_request" else {
      throw Self.invalid("Credential should be scoped with a valid terminator: 'aws4_request'.")
    }
    guard date.hasPrefix(day), day.utf8.count == 8 else {
      throw Self.invalid(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.")
    }
  }

  func checkSignedHeaders(of request: HTTPRequest) throws(Fault) {
    for field in request.headers.fields where Rules.mustBeSigned(field.name) {
      let name = field.name.lowercased()
      guard signedHeaders.contains(name) else {
        throw Self.invalid("'\(name)' must be a 'SignedHeader' in the AWS Authorization.")
      }
    }
  }

  static func incomplete(_ message: String) -> Fault {
    .framework("IncompleteSignatureException", message)
  }

  static func invalid(_ message: String) -> Fault { .framework("InvalidSignatureException", message) }
}

/// The parts of a header are places in it: as slices of an array that the standard library split they were an eighth of a
/// call.
extension Span<UInt8> {
  /// What is before the next separator, which is passed, as are those in front; nil at the end.
  fileprivate func part(_ separator: Unicode.Scalar, of rest: inout Range<Int>) -> Range<Int>? {
    let separator = UInt8(ascii: separator)
    var start = rest.lowerBound
    while start < rest.upperBound, self[start] == separator { start += 1 }
    var end = start
    while end < rest.upperBound, self[end] != separator { end += 1 }
    rest = Swift.min(end + 1, rest.upperBound)..<rest.upperBound
    return start < end ? start..<end : nil
  }

  /// What is behind the last separator, empty or not; both are cut off. Nil without a separator.
  fileprivate func lastPart(_ separator: Unicode.Scalar, of rest: inout Range<Int>) -> Range<Int>? {
    let separator = UInt8(ascii: separator)
    guard let mark = rest.last(where: { self[$0] == separator }) else { return nil }
    defer { rest = rest.lowerBound..<mark }
    return mark + 1..<rest.upperBound
  }

  /// Without white space at both ends.
  fileprivate func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, isWhiteSpace(self[start]) { start += 1 }
    while start < end, isWhiteSpace(self[end - 1]) { end -= 1 }
    return start..<end
  }
}

extension Timestamp {
  /// From `20220922T083000Z`; nil for any other text and for dates that do not exist.
  init?(basicFormat text: String) {
    let bytes = text.utf8.span
    func isDigit(_ index: Int) -> Bool { (0x30...0x39).contains(bytes[index]) }
    guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z"),
      (0..<8).allSatisfy(isDigit), (9..<15).allSatisfy(isDigit)
    else { return nil }
    func number(_ range: Range<Int>) -> Int { range.reduce(0) { $0 * 10 + Int(bytes[$1] - 0x30) } }
    let (year, month, day) = (number(0..<4), number(4..<6), number(6..<8))
    let (hour, minute, second) = (number(9..<11), number(11..<13), number(13..<15))
    self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    // A 13th month is another one of the year after.
    let utc = utc
    guard (utc.year, utc.month, utc.day) == (year, month, day),
      (utc.hour, utc.minute, utc.second) == (hour, minute, second)
    else { return nil }
  }
}
