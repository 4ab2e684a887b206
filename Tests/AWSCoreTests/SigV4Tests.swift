// The signer, stage by stage: canonical request, string to sign, signature.
import AWSCore
import Testing

@Suite struct SigV4Tests {
  /// AWS General Reference, "Signature Version 4 test suite" and "Task 3: Calculate the signature": the IAM
  /// example whose every stage is printed there.
  @Test func signsTheExampleOfTheDocumentation() {
    var request = HTTPRequest(
      method: "GET",
      url: URLParts(
        scheme: "https", host: "iam.amazonaws.com", query: "Action=ListUsers&Version=2010-05-08"),
      headers: [
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Host": "iam.amazonaws.com",
      ])
    let signature = SigV4(service: "iam", region: "us-east-1").sign(
      &request,
      with: Credentials(
        accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        source: "test"),
      at: Timestamp(year: 2015, month: 8, day: 30, hour: 12, minute: 36))
    #expect(
      signature.stringToSign == """
        AWS4-HMAC-SHA256
        20150830T123600Z
        20150830/us-east-1/iam/aws4_request
        f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59
        """)
    #expect(signature.signature == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
    #expect(
      request.headers["Authorization"]
        == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        + "SignedHeaders=content-type;host;x-amz-date, Signature=\(signature.signature)")
  }

  @Test func signsTheTokenAndLeavesOutWhatProxiesChange() {
    var request = HTTPRequest(
      method: "POST", url: URLParts(scheme: "https", host: "h"),
      headers: ["Host": "h", "User-Agent": "x", "amz-sdk-request": "attempt=1", "X-Amz-Target": "T"])
    let signature = SigV4(service: "s", region: "r").sign(
      &request, with: Credentials(accessKeyID: "A", secretAccessKey: "B", sessionToken: "C", source: "test"),
      at: Timestamp(microseconds: 0))
    #expect(signature.signedHeaders == ["host", "x-amz-date", "x-amz-security-token", "x-amz-target"])
    #expect(request.headers["x-amz-security-token"] == "C")
  }

  /// A key is kept from request to request. Each thing that it is made of makes another one.
  @Test func aKeyThatWasKeptSignsAsANewOneDoes() {
    let kept = SigningKeys()
    let days = [Timestamp(year: 2026, month: 1, day: 2), Timestamp(year: 2026, month: 1, day: 3)]
    var signatures: Set<String> = []
    for (secret, region, service, day) in [
      ("B", "r", "s", 0), ("B", "r", "s", 0), ("C", "r", "s", 0), ("C", "q", "s", 0), ("C", "q", "t", 0),
      ("C", "q", "t", 1), ("B", "r", "s", 0),
    ] {
      func signature(_ keys: SigningKeys) -> String {
        var request = HTTPRequest(
          method: "POST", url: URLParts(scheme: "https", host: "h"), headers: ["Host": "h"])
        return SigV4(service: service, region: region).sign(
          &request, with: Credentials(accessKeyID: "A", secretAccessKey: secret, source: "test"),
          at: days[day],
          keys: keys
        ).signature
      }
      let found = signature(kept)
      #expect(found == signature(SigningKeys()), "\(secret) \(region) \(service) \(day)")
      signatures.insert(found)
    }
    #expect(signatures.count == 5)
  }

  private let date = Timestamp(year: 2026, month: 1, day: 2)
  private let keys = Credentials(accessKeyID: "A", secretAccessKey: "B", source: "test")

  private func canonical(_ url: String, _ signer: SigV4 = SigV4(service: "s", region: "r")) -> [Substring]? {
    guard let url = URLParts(url) else { return nil }
    var request = HTTPRequest(method: "POST", url: url, headers: ["Host": url.hostHeader])
    return signer.sign(&request, with: keys, at: date).canonicalRequest.split(
      separator: "\n", omittingEmptySubsequences: false)
  }

  /// Custom endpoints: a port that is not the scheme's, an IPv6 address, a path in front.
  @Test(arguments: [
    ("https://h", "/", "host:h"), ("https://h:443/", "/", "host:h"), ("http://h:443", "/", "host:h:443"),
    ("http://127.0.0.1:4566/prefix/", "/prefix/", "host:127.0.0.1:4566"),
    ("https://[::1]:8443", "/", "host:[::1]:8443"), ("https://h/a//b/./../c", "/a/c", "host:h"),
    ("https://h/a%20b", "/a%2520b", "host:h"),
  ])
  func signsTheHostAndPathThatAreSent(_ url: String, _ path: String, _ host: String) {
    let lines = canonical(url)
    #expect(lines?[1] == Substring(path))
    #expect(lines?[3] == Substring(host))
  }

  @Test func aServiceMayWantItsPathAsItIs() {
    var signer = SigV4(service: "s3", region: "r")
    signer.normalizesPath = false
    signer.encodesPathTwice = false
    #expect(canonical("https://h/a//b%20c/../d", signer)?[1] == "/a//b%20c/../d")
  }

  @Test func aQueryIsSortedAndEncodedOnce() {
    #expect(canonical("https://h/?b=2&a=x%20y&a=%7e&c")?[2] == "a=x%20y&a=~&b=2&c=")
  }

  /// `%FF` is no UTF-8: it went into the signature as U+FFFD, and no server agreed.
  @Test func aQueryMayHoldBytesThatAreNoText() {
    #expect(canonical("https://h/?a=%FF%zz%")?[2] == "a=%FF%25zz%25")
  }

  @Test func whiteSpaceInAHeaderIsFolded() {
    var request = HTTPRequest(
      method: "GET", url: URLParts(scheme: "https", host: "h"),
      headers: ["Host": "h", "X": " a \t b\r\n  c "])
    request.headers.append("X", "d")
    let text = SigV4(service: "s", region: "r").sign(&request, with: keys, at: date).canonicalRequest
    #expect(text.contains("\nx:a b c,d\n"))
  }
}
