// What the doctor looks at by sending something: whether the service answers, and what time it is there. One request, which
// is not signed and says nothing of anybody: the service refuses it, and that is an answer. With --signed a second one,
// which is signed. --offline sends neither.
import AWSCore
import BackupGateway
import Host

extension Doctor {
  static let ofNetwork = [
    Check(name: "connection", look: connect),
    Check(name: "clock", look: clock),
    Check(name: "signed call", look: call),
  ]

  /// What the endpoint said, and this machine's time in the middle of that.
  struct Answer {
    var response: HTTPResponse
    var middle: Timestamp
  }

  /// Beyond this AWS refuses signatures; Moongate then signs by the service's clock (ClockSkew.swift).
  private static let tolerated = 240.0
  /// What answers may take on their way, and a Date that has whole seconds.
  private static let unnoticed = 5.0

  /// What is asked: it reads, and is the least that can be asked for.
  private static var question: Request? {
    Service.operation("ListGateways").flatMap { try? Request($0, ["MaxResults": 1]) }
  }

  private static func connect(_ doctor: Doctor) -> Finding? {
    guard let endpoint = try? doctor.endpoint, case .success(let settings) = doctor.settings else {
      return nil
    }
    guard !doctor.arguments.isOffline else { return .skipped("--offline sends nothing") }
    guard var request = question?.unsigned(to: endpoint) else { return nil }
    request.headers["User-Agent"] = "moongate/\(Version.current)"
    var limits = TransferLimits()
    limits.connect = settings.connectTimeout.value
    limits.caBundle = settings.caBundle?.value
    var outcome: Result<HTTPResponse, TransportError>?
    let (begin, now) = (doctor.loop.monotonicSeconds, doctor.loop.now)
    _ = doctor.transport.start(request, limits: limits) { outcome = $0 }
    while outcome == nil { doctor.loop.turn() }
    let seconds = doctor.loop.monotonicSeconds - begin
    doctor.sent.append("ListGateways to \(endpoint), unsigned")
    switch outcome {
    case .success(let response):
      doctor.answer = Answer(
        response: response, middle: Timestamp(microseconds: now.microseconds + Int64(seconds * 500_000)))
      guard isRefusal(response) else {
        return .problem(
          "what answers at \(endpoint.hostHeader) is not AWS (HTTP \(response.status))",
          "is the endpoint right, or does a proxy or a login page answer in its place?")
      }
      return .ok(
        "answered within \(milliseconds(seconds)) ms, without a signature by HTTP \(response.status)")
    case .failure(let error):
      return .problem(
        error.message + ". \(settings.hostExplanation(of: .backupGateway))", advice(error.reason))
    case nil: return nil
    }
  }

  /// Whether an answer is what the service says to those who do not sign: an error by its name.
  private static func isRefusal(_ response: HTTPResponse) -> Bool {
    response.headers["x-amzn-ErrorType"] != nil || (try? JSON.decode(response.body))?["__type"] != nil
  }

  private static func milliseconds(_ seconds: Double) -> Int { max(1, Int(seconds * 1_000)) }

  private static func advice(_ reason: TransportError.Reason) -> String? {
    switch reason {
    case .cannotResolve: "is this computer online, is the region right, and does a name server answer?"
    case .cannotConnect, .timedOut:
      "is the host right, and what is in between, a firewall or a proxy? A VPC without a way out needs a VPC endpoint"
    default: nil
    }
  }

  private static func clock(_ doctor: Doctor) -> Finding? {
    guard let answer = doctor.answer else { return nil }
    guard let date = answer.response.headers["Date"], let server = Timestamp(httpDate: date) else {
      return .skipped("the endpoint does not say what time it is there")
    }
    let skew = answer.middle.epochSeconds - server.epochSeconds
    guard skew.magnitude > unnoticed else { return .ok("as the endpoint's") }
    let text =
      "\(Duration.seconds(skew.magnitude.rounded()).roughly) \(skew > 0 ? "ahead of" : "behind") the endpoint's"
    if skew.magnitude < tolerated { return .ok("\(text), which is within what AWS takes") }
    return .warning(
      "\(text): requests are signed by the endpoint's time, but ages and the ends of credentials are told wrong",
      "set the clock, as with timedatectl set-ntp true")
  }

  /// The credentials as a run finds them, and one reading call.
  private static func call(_ doctor: Doctor) -> Finding? {
    guard doctor.arguments.isSigned else { return nil }
    switch doctor.connection {
    case .failure(let report)?: return .problem(report.message)
    case .success(let connection)?:
      guard let request = question else { return nil }
      var outcome: Result<Response, CallError>?
      let begin = connection.loop.monotonicSeconds
      _ = connection.session.door.start(request) { outcome = $0 }
      while outcome == nil { connection.loop.turn() }
      doctor.sent.append("ListGateways, signed, with what its credentials took")
      let keys = connection.session.facts.rows.last { $0.name == "credentials" }
      let from = keys.map { " with \($0.value) from \($0.source)" } ?? ""
      switch outcome {
      case .success:
        let seconds = connection.loop.monotonicSeconds - begin
        return .ok("ListGateways\(from) was answered within \(milliseconds(seconds)) ms")
      case .failure(let error): return .problem("ListGateways\(from): \(error.code): \(error.message)")
      case nil: return nil
      }
    case nil: return nil
    }
  }
}
