// RecordedTraffic: exchanges as another SDK recorded them, played to this client in their order.
import TestSupport

@testable import AWSCore

/// One request that was made, and what came back.
struct Exchange {
  var method: String
  var url: URLParts
  var headers: [String: String]
  var body: String
  var outcome: Result<HTTPResponse, TransportError>

  /// The exchanges of `http-traffic.json`, which is a list of pairs (aws-sdk-kotlin) or the events of connections
  /// (smithy-rs); none when there is no such file.
  static func all(in path: String) -> [Exchange] {
    guard let document = Conformance.json(path) else { return [] }
    if let pairs = document.array { return pairs.compactMap(Exchange.init(pair:)) }
    var connections: [(id: Int64, events: [Value])] = []
    for event in document["events"]?.array ?? [] {
      guard let id = event["connection_id"]?.integer, let action = event["action"] else { continue }
      if let index = connections.firstIndex(where: { $0.id == id }) {
        connections[index].events.append(action)
      } else {
        connections.append((id, [action]))
      }
    }
    return connections.compactMap { Exchange(events: $0.events) }
  }

  private init?(pair: Value) {
    guard let request = pair["request"], let response = pair["response"] else { return nil }
    self.init(
      request: request, body: request["body"]?.string ?? "", response: response,
      answer: response["body"]?.string ?? "")
  }

  private init?(events: [Value]) {
    func data(_ direction: String) -> String {
      events.compactMap { $0["Data"] }.filter { $0["direction"]?.string == direction }
        .compactMap { $0["data"]?["Utf8"]?.string }.joined()
    }
    guard let request = events.lazy.compactMap({ $0["Request"]?["request"] }).first else { return nil }
    let response = events.lazy.compactMap { $0["Response"]?["response"] }.first
    self.init(request: request, body: data("Request"), response: response?["Ok"], answer: data("Response"))
  }

  /// - Parameter response: nil when no answer came.
  private init?(request: Value, body: String, response: Value?, answer: String) {
    guard let method = request["method"]?.string, let url = request["uri"]?.string.flatMap({ URLParts($0) })
    else { return nil }
    self.method = method
    self.url = url
    self.body = body
    headers = Self.headers(request)
    guard let status = response?["status"]?.integer else {
      outcome = .failure(TransportError(.timedOut, "the recorded request had no answer"))
      return
    }
    var fields = HTTPHeaders()
    for (name, value) in Self.headers(response ?? .null) { fields.append(name, value) }
    outcome = .success(HTTPResponse(status: Int(status), headers: fields, body: Array(answer.utf8)))
  }

  /// Names in small letters; a value is a text, or a list with one.
  private static func headers(_ message: Value) -> [String: String] {
    var found: [String: String] = [:]
    for (name, value) in message["headers"]?.object?.members ?? [] {
      found[name.lowercased()] = value.string ?? value.array?.first?.string
    }
    return found
  }
}

/// Gives the recorded answers in their order, and notes what was asked otherwise than recorded.
final class Replay {
  private var rest: ArraySlice<Exchange>
  /// Texts of the case: a recorded parameter that none of them holds is of another recording.
  private let known: String
  private(set) var differences: [String] = []
  /// Requests after the last recorded one, without those that only repeat it.
  private(set) var further: [String] = []
  /// Repetitions of the last recorded request.
  private(set) var repetitions: [String] = []
  private let last: Exchange?

  init(_ exchanges: [Exchange], known: String) {
    rest = exchanges[...]
    last = exchanges.last
    answers = exchanges.compactMap { try? $0.outcome.get() }
      .map { String(decoding: $0.body, as: UTF8.self) }.joined(separator: "\n")
    self.known = known
  }

  /// The bodies of all recorded answers.
  let answers: String
  /// Recorded requests that were not made.
  var missing: [String] { rest.map { "\($0.method) \($0.url)" } }

  func answer(_ request: HTTPRequest) -> CredentialWorld.Outcome {
    guard let next = rest.popFirst() else {
      let isRepetition = last.map { $0.method == request.method && $0.url.host == request.url.host } ?? false
      let text = "\(request.method) \(request.url)"
      if isRepetition { repetitions.append(text) } else { further.append(text) }
      return .failure(TransportError(.cannotConnect, "nothing more is recorded", beforeSending: true))
    }
    differences += difference(request, next)
    return next.outcome
  }

  // MARK: Comparing

  /// Method, host, path, query (in any order), the header fields that carry tokens, and a form's parameters. Not the
  /// scheme: see `CredentialCase`. Signatures, dates and user agents are each SDK's own.
  private func difference(_ request: HTTPRequest, _ recorded: Exchange) -> [String] {
    var found: [String] = []
    func compare(_ what: String, _ ours: String?, _ theirs: String?) {
      if ours != theirs { found.append("\(what) is \(ours ?? "none"), recorded \(theirs ?? "none")") }
    }
    func query(_ url: URLParts) -> String {
      (url.query ?? "").split(separator: "&").sorted().joined(separator: "&")
    }
    compare("method", request.method, recorded.method)
    compare("host", request.url.hostHeader, recorded.url.hostHeader)
    // One SDK lists a folder with a slash at its end, another without.
    compare("path", request.url.path.trimming("/"), recorded.url.path.trimming("/"))
    compare("query", query(request.url), query(recorded.url))
    for (name, value) in recorded.headers where Self.tokens.contains(name) {
      compare(name, request.headers[name], value)
    }
    if recorded.headers["content-type"]?.hasPrefix("application/x-www-form-urlencoded") == true {
      found += formDifference(Form.parameters(request.body), Form.parameters(Array(recorded.body.utf8)))
    }
    return found
  }

  private static let tokens: Set = [
    "x-aws-ec2-metadata-token", "x-aws-ec2-metadata-token-ttl-seconds", "x-amz-sso_bearer_token",
  ]

  /// The same parameters; and the same values, unless the recorded one occurs nowhere in the case: some bodies were
  /// recorded with another role than the case's configuration names, and session names are made up.
  private func formDifference(_ ours: [String: String], _ theirs: [String: String]) -> [String] {
    if ours.keys.sorted() != theirs.keys.sorted() {
      return ["the form has \(ours.keys.sorted()), recorded \(theirs.keys.sorted())"]
    }
    return theirs.filter { name, value in
      ours[name] != trimmed(value)
        && (["Action", "Version"].contains(name) || known.contains(trimmed(value)))
    }.map { "\($0) is \(ours[$0] ?? "none"), recorded \($1)" }
  }
}
