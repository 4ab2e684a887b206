// The oracle of Backup Gateway: what botocore sends, how it decodes, and what Smithy says about errors, for every
// operation. Both ends are held against it: the client's wire protocol and signer, Lua's view of an answer, and the
// local gateway's check of a signature.
import AWSCore
import Host
import LuaRuntime
import TestSupport
import Testing

@testable import BackupGateway
@testable import LocalGateway

private let suite = "backup-gateway-oracle"

private func cases(_ report: Report, _ file: String) -> [(id: String, Value)] {
  (Conformance.json("\(report.folder)/\(file).json")?.array ?? []).enumerated().map { index, item in
    ("\(file)/\(item["id"]?.string ?? "")#\(index)", item)
  }
}

/// What differs, or nil.
private func difference<T: Equatable>(_ what: String, _ found: T, _ expected: T) -> String? {
  found == expected ? nil : "\(what) is \(shown(found)) instead of \(shown(expected))"
}

private func shown(_ value: Any) -> String {
  (value as? Value).map { String(decoding: JSON.encode($0), as: UTF8.self) } ?? "\(value)"
}

private func operation(_ item: Value) throws -> BackupGateway.Operation {
  let name = item["operation"]?.string ?? ""
  return try #require(Service.operation(name), "the model has no \(name)")
}

private func credentials(_ item: Value) -> Credentials {
  let keys = item["credentials"]
  return Credentials(
    accessKeyID: keys?["accessKeyId"]?.string ?? "", secretAccessKey: keys?["secretAccessKey"]?.string ?? "",
    sessionToken: keys?["sessionToken"]?.string, accountID: "123456789012", source: "the oracle")
}

// MARK: Requests

@Test func whatBotocoreSendsIsWhatWeSend() {
  conformance(suite) { report in
    for (id, item) in cases(report, "requests") {
      report.check(id) { try problemOfRequest(item) ?? problemOfSignature(item) }
    }
  }
}

private func url(_ item: Value) throws -> URLParts {
  let options = Settings.Options(region: item["region"]?.string, endpoint: item["endpointOverride"]?.string)
  return try Settings.resolve(options: options, environment: Environment()).endpointURL(of: .backupGateway)
}

private func problemOfRequest(_ item: Value) throws -> String? {
  let expected = item["expect"]
  let wire = AWSJSON()
  let request = wire.request(
    for: try operation(item).name, body: wire.body(of: item["params"]?.object ?? [:]), to: try url(item))
  return try difference("the URL", request.url, #require(expected?["url"]?.string.flatMap { URLParts($0) }))
    ?? difference("the method", request.method, expected?["method"]?.string)
    ?? difference("the body", try JSON.decode(request.body), expected?["bodyJSON"])
    ?? request.headers.fields.lazy.compactMap { field in
      difference(field.name, field.value, expected?["headers"]?[field.name]?.string)
    }.first
}

/// The same members in another order or spacing sign differently, so the signature is checked over botocore's bytes.
private func problemOfSignature(_ item: Value) throws -> String? {
  let expected = item["expect"]
  let body = Array((expected?["bodyUsedForSignature"]?.string ?? "").utf8)
  var request = AWSJSON().request(for: try operation(item).name, body: body, to: try url(item))
  request.headers["Host"] = request.url.hostHeader
  let date = try #require(item["timestamp"]?.string.flatMap { Timestamp(iso8601: $0) })
  let signer = SigV4(service: Service.name, region: item["region"]?.string ?? "")
  let signature = signer.sign(&request, with: credentials(item), at: date)
  return difference(
    "the signed headers", signature.signedHeaders,
    (expected?["signedHeaders"]?.array ?? []).compactMap(\.string))
    ?? difference(
      "the canonical request", signature.canonicalRequest, expected?["canonicalRequest"]?.string)
    ?? difference("the string to sign", signature.stringToSign, expected?["stringToSign"]?.string)
    ?? difference("the signature", signature.signature, expected?["signature"]?.string)
    ?? difference("Authorization", request.headers["Authorization"], expected?["authorization"]?.string)
    ?? (expected?["headers"]?.object?.members ?? []).lazy.compactMap { name, value in
      difference(name, request.headers[name], value.string)
    }.first
}

// MARK: The same requests at the local gateway

@Test func whatBotocoreSignedIsAccepted() {
  conformance(suite) { report in
    for (id, item) in cases(report, "requests") {
      report.check("server \(id)") { try problemOfAuthentication(item) }
    }
  }
}

/// What botocore sent, byte for byte.
private func rawRequest(_ item: Value) throws -> HTTPRequest {
  let expected = item["expect"]
  let url = try #require(expected?["url"]?.string.flatMap { URLParts($0) })
  var request = HTTPRequest(method: "POST", url: url, headers: ["Host": url.hostHeader])
  for (name, value) in expected?["headers"]?.object?.members ?? [] { request.headers[name] = value.string }
  request.headers["Authorization"] = expected?["authorization"]?.string
  request.body = Array((expected?["bodyUsedForSignature"]?.string ?? "").utf8)
  return request
}

@Test func whatBotocoreSentReachesItsOperation() {
  conformance(suite) { report in
    for (id, item) in cases(report, "requests") {
      report.check("routed \(id)") { try problemOfRouting(item) }
    }
  }
}

/// The whole gateway but the socket, with operations that only tell what they were given.
private func problemOfRouting(_ item: Value) throws -> String? {
  let request = try rawRequest(item)
  let date = try #require(request.headers["X-Amz-Date"].flatMap { Timestamp(basicFormat: $0) })
  var options = LocalGateway.Options(seed: .empty)
  options.clock = { date }
  let bodies = Service.operations.map { operation -> (String, Operations.Body) in
    let told: Operations.Body = { call in
      ["operation": .string(call.operation.name), "input": call.input, "region": .string(call.world.region)]
    }
    return (operation.name, told)
  }
  let responder = try Responder(
    store: LocalGateway.store(options), keys: [AccessKey(credentials(item), account: "123456789012")],
    clock: ServerClock(options.clock), perimeter: Perimeter(names: [request.url.host]),
    operations: Dictionary(uniqueKeysWithValues: bodies))
  guard case .reply(let reply) = responder.begin(request) else { return "it waits" }
  // The protocol's path is `/`; a client that was told another endpoint means another server.
  guard request.url.path == "/" else { return difference("the status", reply.response.status, 404) }
  let answer = try JSON.decode(reply.response.body)
  guard reply.response.status == 200 else { return "it is refused: \(shown(answer))" }
  return difference("the operation", answer["operation"]?.string, item["operation"]?.string)
    ?? difference("what it is given", answer["input"], item["params"])
    ?? difference("the region", answer["region"]?.string, item["region"]?.string)
}

private func problemOfAuthentication(_ item: Value) throws -> String? {
  let request = try rawRequest(item)
  let date = try #require(request.headers["X-Amz-Date"].flatMap { Timestamp(basicFormat: $0) })
  let authentication = Authentication([AccessKey(credentials(item), account: "123456789012")])
  func world(of request: HTTPRequest) throws -> World {
    try authentication.world(of: request, claiming: Claim(of: request), at: date, now: date)
  }
  let region = try world(of: request).region
  if let problem = difference("the region", region, item["region"]?.string) { return problem }

  // Nothing of it can be changed.
  func isAccepted(_ change: (inout HTTPRequest) -> Void) -> Bool {
    var altered = request
    change(&altered)
    return (try? world(of: altered)) != nil
  }
  if isAccepted({ $0.body.append(UInt8(ascii: " ")) }) { return "another body is accepted" }
  for field in request.headers.fields {
    let last = field.value.last == "0" ? "1" : "0"
    if isAccepted({ $0.headers[field.name] = field.value.dropLast() + last }) {
      return "another \(field.name) is accepted"
    }
  }
  return nil
}

// MARK: Responses

@Test func whatBotocoreDecodesIsWhatLuaIsGiven() throws {
  let bench = try Bench(permissions: .everything)
  conformance(suite) { report in
    for (id, item) in cases(report, "responses") {
      report.check(id) { try problemOfResponse(item, bench) }
    }
  }
}

private func response(_ item: Value) -> HTTPResponse {
  var response = HTTPResponse(status: Int(item["status"]?.integer ?? 0))
  for (name, value) in item["headers"]?.object?.members ?? [] {
    response.headers.append(name, value.string ?? "")
  }
  response.body = Array((item["body"]?.string ?? "").utf8)
  return response
}

private func problemOfResponse(_ item: Value, _ bench: Bench) throws -> String? {
  let operation = try operation(item)
  bench.service.answer = { _ in response(item) }
  let page = if case .listing = operation.result { ":pages()()" } else { "" }
  let call = "\(operation.luaName)\(luaLiteral(Sample.value(operation.input)))\(page)"
  let found = plain(try bench.value(of: call))

  // Lua is given the whole document, members that the model does not know included; botocore leaves those out.
  let answer = try result(of: operation, item).get()
  let document = plain(try JSON.decode(answer.body), as: operation.output)
  let expected = plain(item["expect"]?["output"] ?? [:], as: nil)
  return difference("the request id", answer.requestID, item["expect"]?["requestId"]?.string)
    ?? difference("what the model knows of it", known(document, operation.output), expected)
    ?? difference("the value", found, unwrapped(document, operation))
}

private func unwrapped(_ document: Value, _ operation: BackupGateway.Operation) -> Value {
  if case .member(let name) = operation.result { document[name] ?? .null } else { document }
}

/// Without the members that a shape does not have.
private func known(_ value: Value, _ shape: Shape) -> Value {
  switch (shape.kind, value) {
  case (.structure(let members), .object(let object)):
    var kept = Value.Object()
    for member in members { kept[member.name] = object[member.name].map { known($0, member.shape) } }
    return .object(kept)
  case (.list(let item), .array(let items)): return .array(items.map { known($0, item) })
  default: return value
  }
}

// MARK: Errors

@Test func errorsAreWhatSmithySaysTheyAre() {
  conformance(suite) { report in
    for (id, item) in cases(report, "errors") {
      report.check(id) { try problemOfError(item) }
    }
  }
}

private func problemOfError(_ item: Value) throws -> String? {
  let expected = item["expect"]
  let operation = try #require(Service.operation("GetGateway"))
  guard case .failure(let error) = try result(of: operation, item) else { return "the call succeeds" }
  // To some messages the client adds what to do.
  let message = expected?["message"]?.string ?? ""
  return difference("the code", error.code, expected?["code"]?.string)
    ?? difference("the request id", error.requestID, expected?["requestId"]?.string)
    ?? (error.message.hasPrefix(message) ? nil : "the message is \(error.message) instead of \(message)")
}

/// What a call comes to that is always answered with a case's response.
private func result(
  of operation: BackupGateway.Operation, _ item: Value
) throws -> Result<Response, CallError> {
  let service = FakeService()
  service.answer = { _ in response(item) }
  let loop = EventLoop(network: service)
  let keys = Credentials(accessKeyID: "AKID", secretAccessKey: "secret", source: "the test")
  let settings = Settings(
    region: "us-east-1", endpoint: URLParts(scheme: "http", host: "127.0.0.1"), source: "the test")
  let caller = ServiceCaller(settings: settings, transport: service, timers: loop, random: { 0 })
  let client = Client(
    settings: settings, caller: caller, credentials: CredentialChain([StaticCredentials(keys)]))
  var result: Result<Response, CallError>?
  _ = client.start(try Request(operation, Sample.value(operation.input).object ?? [:])) { result = $0 }
  for _ in 0..<100 where result == nil { loop.turn(longest: 1) }
  return try #require(result, "the call does not end")
}
