// The signer, stage by stage: canonical request, string to sign, signature.
import AWSCore
import TestSupport
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

  /// aws-c-auth's vectors: every case of the header form; the query form is not this client's.
  @Test func agreesWithThePublicSuiteStageByStage() throws {
    for suite in ["sigv4/aws-c-auth-v4", "sigv4/smithy-kotlin-extra"] {
      guard let folder = Conformance.suite(suite) else { continue }
      for name in Conformance.names(folder) {
        let path = "\(folder)/\(name)"
        guard let context = Conformance.json("\(path)/context.json"),
          let raw = Conformance.text("\(path)/request.txt")
        else { continue }
        if context["double_uri_encode"] == false {
          print("not applicable: \(suite)/\(name) (single encoding of the path is S3's)")
          continue
        }
        try check(name, context, raw, path)
      }
    }
  }

  private func check(_ name: String, _ context: Value, _ raw: String, _ path: String) throws {
    let keys = try #require(context["credentials"])
    let token = keys["token"]?.string
    let signsToken = context["omit_session_token"] != true
    let credentials = Credentials(
      accessKeyID: try #require(keys["access_key_id"]?.string),
      secretAccessKey: try #require(keys["secret_access_key"]?.string),
      sessionToken: signsToken ? token : nil, source: "test")
    let date = try #require(context["timestamp"]?.string.flatMap { Timestamp(iso8601: $0) })
    var signer = SigV4(
      service: try #require(context["service"]?.string), region: try #require(context["region"]?.string))
    signer.normalizesPath = context["normalize"] == true
    var request = try #require(parsedRequest(raw))
    if context["sign_body"] == true {
      request.headers["X-Amz-Content-Sha256"] = Digest.hex(Digest.sha256(request.body))
    }
    let signature = signer.sign(&request, with: credentials, at: date)
    #expect(signature.canonicalRequest == Conformance.text("\(path)/header-canonical-request.txt"), "\(name)")
    #expect(signature.stringToSign == Conformance.text("\(path)/header-string-to-sign.txt"), "\(name)")
    #expect(signature.signature == Conformance.text("\(path)/header-signature.txt"), "\(name)")
  }

  /// A request as the suite writes it: raw spaces in the target, folded header lines.
  private func parsedRequest(_ text: String) -> HTTPRequest? {
    let parts = text.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
    var lines = parts[0].split(separator: "\n", omittingEmptySubsequences: false)
    let first = lines.removeFirst()
    guard let space = first.firstIndex(of: " "), let last = first.lastIndex(of: " ") else { return nil }
    let target = first[first.index(after: space)..<last].split(
      separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var headers: [(String, String)] = []
    for line in lines where !line.isEmpty {
      if line.first == " ", let folded = headers.popLast() {
        headers.append((folded.0, folded.1 + "\n" + line))
      } else {
        let field = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        headers.append((String(field[0]), String(field[1])))
      }
    }
    var request = HTTPRequest(
      method: String(first[..<space]),
      url: URLParts(
        scheme: "https", host: "example.amazonaws.com", path: String(target[0]),
        query: target.count > 1 ? String(target[1]) : nil),
      body: parts.count > 1 ? Array(parts[1].utf8) : [])
    for (name, value) in headers { request.headers.append(name, value) }
    return request
  }
}
