// The sigv4 suite: canonical request, string to sign and signature of requests in the header form. Presigned URLs, the
// query form of the same cases, are nothing that this client makes.
import AWSCore
import TestSupport
import Testing

@Test func sigV4Conformance() {
  conformance("sigv4") { report in
    for path in Conformance.files(under: report.folder, suffix: "/context.json") { context(path, report) }
    for path in Conformance.files(under: report.folder, suffix: ".req") { botocore(path, report) }
  }
}

/// aws-c-auth's form: context.json and request.txt in a folder of their own.
private func context(_ path: String, _ report: Report) {
  let folder = String(path.dropLast("/context.json".count))
  let id = String(folder.dropFirst(report.folder.count + 1))
  guard let wanted = Conformance.text("\(folder)/header-canonical-request.txt") else {
    return report.skip(id, because: "the case is about presigned URLs only")
  }
  report.check(id) {
    guard let context = Conformance.json(path), let keys = context["credentials"],
      let raw = Conformance.text("\(folder)/request.txt"), var request = parsedRequest(raw),
      let date = context["timestamp"]?.string.flatMap({ Timestamp(iso8601: $0) })
    else { return "the case cannot be read" }
    // A token that is left out here is added after signing.
    let isTokenSigned = context["omit_session_token"] != true
    let credentials = Credentials(
      accessKeyID: keys["access_key_id"]?.string ?? "",
      secretAccessKey: keys["secret_access_key"]?.string ?? "",
      sessionToken: isTokenSigned ? keys["token"]?.string : nil, source: "the case")
    var signer = SigV4(
      service: context["service"]?.string ?? "", region: context["region"]?.string ?? "")
    signer.normalizesPath = context["normalize"] != false
    signer.encodesPathTwice = context["double_uri_encode"] != false
    if context["sign_body"] == true {
      request.headers["X-Amz-Content-Sha256"] = Digest.hex(Digest.sha256(request.body))
    }
    let found = signer.sign(&request, with: credentials, at: date)
    if found.canonicalRequest != wanted { return found.canonicalRequest }
    if found.stringToSign != Conformance.text("\(folder)/header-string-to-sign.txt") {
      return found.stringToSign
    }
    return found.signature == Conformance.text("\(folder)/header-signature.txt") ? nil : found.signature
  }
}

/// botocore's form: NAME.req, .creq, .sts and .authz. Credentials and scope are the same in all cases; a session token
/// is in the canonical request, where it is signed.
private func botocore(_ path: String, _ report: Report) {
  let stem = String(path.dropLast(".req".count))
  report.check(String(stem.dropFirst(report.folder.count + 1))) {
    guard let raw = Conformance.text(path), var request = parsedRequest(raw),
      let canonical = Conformance.text(stem + ".creq"), let toSign = Conformance.text(stem + ".sts")
    else { return "the case cannot be read" }
    let header = "x-amz-security-token:"
    let token = canonical.split(separator: "\n").first { $0.hasPrefix(header) }?.dropFirst(header.count)
    // The string to sign has the date in its second line: 20150830T123600Z.
    guard let date = toSign.split(separator: "\n").dropFirst().first.flatMap({ basicDate(String($0)) }) else {
      return "its string to sign has no date"
    }
    let credentials = Credentials(
      accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      sessionToken: token.map(String.init), source: "the suite")
    let found = SigV4(service: "service", region: "us-east-1").sign(&request, with: credentials, at: date)
    if found.canonicalRequest != canonical { return found.canonicalRequest }
    if found.stringToSign != toSign { return found.stringToSign }
    return found.authorization == Conformance.text(stem + ".authz") ? nil : found.authorization
  }
}

/// A request as the suites write it: raw spaces in the target, folded header lines, LF at the ends of lines.
private func parsedRequest(_ text: String) -> HTTPRequest? {
  let parts = text.replacing("\r\n", with: "\n").split(
    separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
  var lines = parts[0].split(separator: "\n", omittingEmptySubsequences: false)
  let first = lines.removeFirst()
  guard let space = first.firstIndex(of: " "), let last = first.lastIndex(of: " "), space < last else {
    return nil
  }
  let target = first[first.index(after: space)..<last].split(
    separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
  var headers: [(String, String)] = []
  for line in lines where !line.isEmpty {
    if line.first == " ", let folded = headers.popLast() {
      headers.append((folded.0, folded.1 + "\n" + line))
    } else if let colon = line.firstIndex(of: ":") {
      headers.append((String(line[..<colon]), String(line[line.index(after: colon)...])))
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
