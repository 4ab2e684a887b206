// The awsjson suite: what goes over the wire for a call, and what is made of the answer.
//
// Smithy's cases and botocore's come in different shapes; both are read as an `AwsJsonCase`. Requests go through
// `AWSJSON`, which writes those of every operation; answers go through `AWSJSON` and the builder that makes Lua values
// of them, with a model made from the case's own shapes. awsJson1_1 differs from our 1.0 in the content type only, so
// its cases count as well. What a server is held to is in AwsJsonServerConformance.
import AWSCore
import BackupGateway
import TestSupport
import Testing

@Test func awsJsonConformance() {
  conformance("awsjson") { report in
    let botocore = AwsJsonCase.botocore(in: report.folder)
    // Smithy's cases bring no shapes; botocore has most of the same cases with theirs.
    let models = Dictionary(botocore.map { ($0.id, $0.model) }) { first, _ in first }
    for item in botocore + AwsJsonCase.smithy(in: report.folder, models: models) {
      run(item, report)
    }
    for item in AwsJsonCase.recordedErrors(in: report.folder) { run(item, report) }
  }
}

private func run(_ item: AwsJsonCase, _ report: Report) {
  let id = "\(item.source)/\(item.id)"
  if let reason = item.reasonToSkip { return report.skip(id, because: reason) }
  do throws(NotApplicable) {
    let problem =
      switch item.kind {
      case .request: try AwsJsonRun.send(item)
      case .answer: try AwsJsonRun.read(item)
      case .error: AwsJsonRun.readError(item)
      }
    report.check(id) { problem }
  } catch {
    report.skip(id, because: error.reason)
  }
}

/// Why a case asks for something that this client does not have.
struct NotApplicable: Error { var reason: String }

/// One case: parameters and the request they make, or an answer and what is read from it.
struct AwsJsonCase {
  enum Kind { case request, answer, error }

  var source: String
  var id: String
  var kind: Kind
  /// botocore's shapes and the name of the one that the case is about.
  var model: (shapes: Value, top: String)?
  /// The parameters of a request, or what is read from an answer.
  var value: Value
  var headers: [String: String] = [:]
  /// Nil when the case says nothing of it.
  var body: String?
  var path: String?
  var host: String?
  var status = 200
  var code: String?
  var message: String?
  var requestID: String?
  var reasonToSkip: String?
}

// MARK: Reading the suites

extension AwsJsonCase {
  static func botocore(in folder: String) -> [AwsJsonCase] {
    Conformance.files(under: "\(folder)/botocore", suffix: ".json").flatMap { path in
      (Conformance.json(path)?.array ?? []).enumerated().flatMap { index, suite in
        (suite["cases"]?.array ?? []).enumerated().map { number, item in
          var source = String(path.dropFirst(folder.count + 1).dropLast(".json".count))
          if item["id"] == nil { source += "#\(index)" }
          return AwsJsonCase(botocore: item, of: suite, source, item["id"]?.string ?? String(number))
        }
      }
    }
  }

  private init(botocore item: Value, of suite: Value, _ source: String, _ id: String) {
    let given = item["given"]
    let request = item["serialized"]
    let wire = request ?? item["response"]
    let shape = given?[request == nil ? "output" : "input"]?["shape"]?.string
    let kind: Kind = request != nil ? .request : item["errorCode"] != nil ? .error : .answer
    self.init(
      source: source, id: id, kind: kind, model: (suite["shapes"] ?? [:], shape ?? ""),
      value: item[request == nil ? "result" : "params"] ?? [:])
    readWire(wire)
    path = wire?["uri"]?.string
    host = suite["clientEndpoint"]?.string.flatMap { URLParts($0)?.host }
    status = Int(wire?["status_code"]?.integer ?? 200)
    code = item["errorCode"]?.string
    message = item["errorMessage"]?.string
    if given?["endpoint"] != nil { reasonToSkip = Self.hostPrefix }
    if given?["requestcompression"] != nil { reasonToSkip = Self.compression }
  }

  static func smithy(in folder: String, models: [String: (shapes: Value, top: String)?]) -> [AwsJsonCase] {
    Conformance.files(under: folder, suffix: ".cases.json").flatMap { path in
      (Conformance.json(path)?.array ?? []).filter { $0["appliesTo"] != "server" }.map { item in
        let source = String(path.dropFirst(folder.count + 1).dropLast(".cases.json".count))
        let id = item["id"]?.string ?? ""
        return AwsJsonCase(smithy: item, source, id, models[id] ?? nil)
      }
    }
  }

  private init(
    smithy item: Value, _ source: String, _ id: String, _ model: (shapes: Value, top: String)?
  ) {
    let status = item["code"]?.integer
    let kind: Kind = status == nil ? .request : status ?? 0 >= 400 ? .error : .answer
    self.init(source: source, id: id, kind: kind, model: model, value: item["params"] ?? [:])
    readWire(item)
    path = item["uri"]?.string
    host = item["host"]?.string
    self.status = Int(status ?? 200)
    if kind == .error {
      code = item["shape"]?.string
      message = (value["message"] ?? value["Message"])?.string
    }
    if item["tags"]?.array?.contains("defaults") == true {
      reasonToSkip = "no member of the service's model has a default value"
    } else if let resolved = item["resolvedHost"], resolved != item["host"] {
      reasonToSkip = Self.hostPrefix
    } else if headers["content-encoding"] != nil {
      reasonToSkip = Self.compression
    }
  }

  /// Error answers with what botocore read from them.
  static func recordedErrors(in folder: String) -> [AwsJsonCase] {
    var cases: [AwsJsonCase] = []
    for item in Conformance.json("\(folder)/derived/error-bodies.json")?.array ?? [] {
      let expected = item["expect"]
      var found = AwsJsonCase(
        source: "derived/error-bodies", id: item["name"]?.string ?? "", kind: .error, value: [:])
      found.readWire(item)
      found.status = Int(item["status"]?.integer ?? 0)
      found.code = expected?["code"]?.string
      found.message = expected?["message"]?.string
      found.requestID = expected?["requestId"]?.string
      cases.append(found)
    }
    let recorded = "\(folder)/botocore/response_parsing"
    for path in Conformance.files(under: recorded, suffix: ".json") where !path.contains("/expected/") {
      let name = path.split(separator: "/").last.map(String.init) ?? ""
      let expected = Conformance.json("\(recorded)/expected/\(name)")
      var found = AwsJsonCase(source: "botocore/response_parsing", id: name, kind: .error, value: [:])
      found.body = Conformance.text(path)
      found.status = 400
      found.code = expected?["Error"]?["Code"]?.string
      found.message = expected?["Error"]?["Message"]?.string
      if found.code == nil { found.reasonToSkip = "an answer of a service whose model is not here" }
      cases.append(found)
    }
    return cases
  }

  private mutating func readWire(_ wire: Value?) {
    body = wire?["body"]?.string
    for (name, value) in wire?["headers"]?.object?.members ?? [] {
      headers[name.lowercased()] = value.string
    }
    // `CODE;FAULT`; without a code it is ignored.
    if headers["x-amzn-query-error"]?.split(separator: ";", omittingEmptySubsequences: false).first
      .map(\.isEmpty) == false
    {
      reasonToSkip = "only services that were once awsQuery send x-amzn-query-error"
    }
  }

  private static let hostPrefix = "no operation of the service has a host prefix"
  private static let compression = "no operation of the service compresses its request"
}

// MARK: Running a case

enum AwsJsonRun {
  /// What the client sends.
  static func send(_ item: AwsJsonCase) throws(NotApplicable) -> String? {
    let sent = item.body.flatMap { try? JSON.decode(Array($0.utf8)) }
    let shape = try AwsJsonModel.shape(of: item, samples: [item.value, sent].compactMap { $0 })
    let target = item.headers["x-amz-target"]?.split(separator: ".").last.map(String.init) ?? "Operation"
    let operation = AwsJsonModel.operation(target, input: shape)
    let parameters = AwsJsonModel.typed(item.value, shape)
    guard let endpoint = URLParts("https://\(item.host ?? "example.com")") else { return "no endpoint" }
    let issues = AwsJsonModel.issues(parameters, shape)
    guard issues.isEmpty else { return issues }
    let request = AwsJsonModel.request(for: operation, parameters, to: endpoint)
    if request.method != "POST" || request.url.path != item.path ?? "/" { return "\(request.url.path)" }
    if let expected = item.headers["content-type"]?.replacing("json-1.1", with: "json-1.0"),
      request.headers["content-type"] != expected
    {
      return "Content-Type is not \(expected)"
    }
    if request.headers["x-amz-target"]?.hasSuffix(".\(target)") != true { return "X-Amz-Target" }
    guard let sent else { return nil }
    let found = try? JSON.decode(request.body)
    return found == sent ? nil : String(decoding: request.body, as: UTF8.self)
  }

  /// What a script gets from an answer.
  static func read(_ item: AwsJsonCase) throws(NotApplicable) -> String? {
    let text = item.body ?? ""
    let received = try? JSON.decode(Array(text.utf8))
    let shape = try AwsJsonModel.shape(of: item, samples: [item.value, received].compactMap { $0 })
    let answer = HTTPResponse(status: item.status, body: Array(text.utf8))
    return AwsJsonModel.difference(between: answer, and: item.value, shape)
  }

  static func readError(_ item: AwsJsonCase) -> String? {
    var answer = HTTPResponse(status: item.status, body: Array((item.body ?? "").utf8))
    for (name, value) in item.headers { answer.headers[name] = value }
    let (code, message) = AwsJsonModel.error(in: answer) ?? (String(item.status), nil)
    if code != item.code { return "code \(code)" }
    if let expected = item.message, message != expected { return "message \(message ?? "none")" }
    if let expected = item.requestID, answer.headers["x-amzn-RequestId"] != expected { return "request id" }
    return nil
  }
}
