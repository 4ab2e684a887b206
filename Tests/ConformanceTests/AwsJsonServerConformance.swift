// The protocol suite awsjson, from the server's side: requests are parsed to parameters, parameters and errors
// written as responses. A case's service and version stand for ours, since the bodies have the same rules.
import AWSCore
import TestSupport
import Testing

@testable import BackupGateway
@testable import LocalGateway

@Test func awsJsonServerConformance() {
  conformance("awsjson") { report in
    for file in Conformance.names(report.folder) where file.hasSuffix(".cases.json") {
      for item in Conformance.json("\(report.folder)/\(file)")?.array ?? []
      where item["appliesTo"]?.string != "client" {
        let id = "server/\(item["id"]?.string ?? file)"
        if let reason = whyNotApplicable(item) {
          report.skip(id, because: reason)
          continue
        }
        switch item["kind"]?.string {
        case "httpRequestTests": check(request: item, id, report)
        case "httpResponseTests": check(response: item, id, report)
        default: report.skip(id, because: "the driver does not know this kind of case")
        }
      }
    }
  }
}

/// What this service lacks, as far as a case says that it is about it.
private func whyNotApplicable(_ item: Value) -> String? {
  if item["tags"]?.array?.contains("defaults") == true {
    return "no member of the service's model has a default value"
  }
  if item["headers"]?["Content-Encoding"] != nil {
    return "no operation of the service compresses its request"
  }
  guard item["kind"]?.string == "httpRequestTests" else {
    let isEmpty = item["body"]?.string == "" && item["params"] == nil
    return isEmpty ? "every operation of this service has an output, and answers with an object" : nil
  }
  return item["headers"]?["X-Amz-Target"] == nil
    ? "it does not say how the request names its operation, so only a client can be held to it" : nil
}

// MARK: Requests

private func check(request item: Value, _ id: String, _ report: Report) {
  let target = item["headers"]?["X-Amz-Target"]?.string ?? ""
  let operation = String(target.split(separator: ".").last ?? "")
  var request = HTTPRequest(
    method: item["method"]?.string ?? "",
    url: URLParts(scheme: "http", host: "localhost", path: item["uri"]?.string ?? ""),
    body: Array((item["body"]?.string ?? "").utf8))
  for (name, value) in item["headers"]?.object?.members ?? [] {
    request.headers[name] = value.string?.replacing("json-1.1", with: "json-1.0")
  }
  request.headers["X-Amz-Target"] = "\(Service.targetPrefix).\(operation)"
  let wire = AwsJson10()
  do {
    let found = try wire.document(of: request)
    let expected = item["params"] ?? [:]
    if let reason = difference(found, expected).flatMap(\.reason) { return report.skip(id, because: reason) }
    let routed = try wire.operation(of: request)
    report.check(id) {
      if !wire.claims(request) { return "the protocol does not claim it" }
      if routed != operation || routed != item["shape"]?.string { return "it is a call of \(routed)" }
      return difference(found, expected).map { "\($0.path): \($0.found) instead of \($0.expected)" }
    }
  } catch {
    report.check(id) { "\(error)" }
  }
}

// MARK: Responses

private func check(response item: Value, _ id: String, _ report: Report) {
  let code = Int(item["code"]?.integer ?? 0)
  let params = item["params"]?.object ?? [:]
  let wire = AwsJson10()
  let response: HTTPResponse
  if code >= 400 {
    guard code == 400 else {
      return report.skip(id, because: "this service has one error of its own making, InternalServerException")
    }
    let extra = params.members.map(\.name).filter { $0.lowercased() != "message" }
    guard extra.isEmpty else {
      return report.skip(id, because: "errors of this service have a code and a message, and nothing else")
    }
    guard let message = params.members.first?.value.string else {
      return report.skip(id, because: "every error of this service has a message")
    }
    response = wire.response(Fault(origin: .service, name: item["shape"]?.string ?? "", message: message))
  } else {
    response = wire.response(params)
  }
  do {
    let found = plain(try JSON.decode(response.body), isError: code >= 400)
    let expected = plain(try JSON.decode(Array((item["body"]?.string ?? "").utf8)), isError: code >= 400)
    if let reason = difference(found, expected).flatMap(\.reason) { return report.skip(id, because: reason) }
    report.check(id) {
      if response.status != code { return "status \(response.status)" }
      let type = item["headers"]?["Content-Type"]?.string?.replacing("json-1.1", with: "json-1.0")
      if response.headers["Content-Type"] != type {
        return "Content-Type \(response.headers["Content-Type"] ?? "")"
      }
      return difference(found, expected).map { "\($0.path): \($0.found) instead of \($0.expected)" }
    }
  } catch {
    report.check(id) { "\(error)" }
  }
}

/// An error's body without what is each service's own: the namespace, the spelling of `message`, `ErrorCode`.
private func plain(_ body: Value, isError: Bool) -> Value {
  guard isError, let object = body.object else { return body }
  var plain = Value.Object()
  for (name, value) in object.members where name != "ErrorCode" {
    let isType = name == "__type"
    plain[isType ? name : name.lowercased()] =
      isType ? .string(value.string?.split(separator: "#").last.map(String.init) ?? "") : value
  }
  return .object(plain)
}

// MARK: Comparison

private struct Difference {
  var path: String
  var found: Value
  var expected: Value

  /// Why no service without this type could agree; nil for a real difference.
  var reason: String? {
    switch (found, expected) {
    case (.object(let a), .object(let b))
    where b.members.allSatisfy({ a[$0.name] != nil || $0.value == .null })
      && a.members.count < b.members.count:
      "the service's model has no map, which alone can hold members without a value"
    case (.string(let a), .string(let b)) where base64(a) == b || base64(b) == a:
      "the service's model has no blob"
    case (.string, .integer), (.string, .number), (.integer, .string), (.number, .string):
      "timestamps of this service have one format, epoch seconds"
    default: nil
    }
  }
}

private func difference(_ found: Value, _ expected: Value, at path: String = "") -> Difference? {
  let here = Difference(path: path, found: found, expected: expected)
  switch (found, expected) {
  case (.object(let a), .object(let b)):
    guard Set(a.members.map(\.name)) == Set(b.members.map(\.name)) else { return here }
    return a.members.lazy.compactMap { member in
      difference(member.value, b[member.name] ?? .null, at: "\(path)/\(member.name)")
    }.first
  case (.array(let a), .array(let b)):
    guard a.count == b.count else { return here }
    return zip(a, b).enumerated().lazy.compactMap { index, pair in
      difference(pair.0, pair.1, at: "\(path)/\(index)")
    }.first
  case (.integer(let a), .number(let b)), (.number(let b), .integer(let a)):
    return Double(a) == b ? nil : here
  default: return found == expected ? nil : here
  }
}

private func base64(_ text: String) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  let bytes = Array(text.utf8)
  var out = ""
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for place in 0..<4 { out.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : "=") }
  }
  return out
}
