// Client: calls of the service. One call is a small machine: validate, sign, send; then read the answer and
// either hand it over, or put right what was wrong (clock, credentials), or wait and send again.
import AWSCore

/// A call under way, to cancel it by.
public struct CallID: Hashable, Sendable {
  public let number: UInt64
}

/// The answer to a call that succeeded.
public struct Response: Sendable {
  /// One JSON object, checked: `{}` when the service sent no body.
  public var body: [UInt8]
  public var requestID: String?
  public var httpStatus: Int
  /// How often the request was sent.
  public var attempts: Int
  /// From the start of the call to its end, waits between attempts included.
  public var seconds: Double
}

/// Calls the service under one set of settings. All on the event loop's thread.
public final class Client {
  public let settings: Settings
  /// Where the credentials of the last request came from, in words; nil before the first.
  public private(set) var credentialSource: String?
  /// The account that those credentials name, where their source says it.
  public private(set) var accountID: String?
  /// Told what the operator should know though the call goes on, as a clock that is wrong.
  public var notice: (String) -> Void = { _ in }

  private let transport: any Transport
  private let timers: any Timers
  private let credentials: CredentialChain
  private let random: () -> Double
  private let limits: TransferLimits
  private let wire: any WireProtocol = AWSJSON()
  private var calls: [CallID: Call] = [:]
  private var lastNumber: UInt64 = 0
  private var quota = RetryQuota()
  private var skew = ClockSkew()

  /// - Parameters:
  ///   - random: a number from 0 to 1, for the jitter of delays.
  ///   - limits: of each attempt; `settings` name the certificate authorities.
  public init(
    settings: Settings, transport: any Transport, timers: any Timers, credentials: CredentialChain,
    limits: TransferLimits = TransferLimits(), random: @escaping () -> Double = { .random(in: 0...1) }
  ) {
    self.settings = settings
    self.transport = transport
    self.timers = timers
    self.credentials = credentials
    self.random = random
    self.limits = limits.with(caBundle: settings.caBundle?.value)
  }

  /// Calls an operation. `completion` is called once, later, from the event loop's turn; never when the call
  /// is cancelled.
  public func start(
    _ operation: Operation, _ parameters: Value.Object,
    completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    lastNumber += 1
    let id = CallID(number: lastNumber)
    let call = Call(operation, settings, started: timers.monotonicSeconds, completion: completion)
    calls[id] = call
    do throws(CallError) {
      try prepare(call, parameters)
      sign(id)
    } catch {
      failLater(id, error)
    }
    return id
  }

  /// Forgets a call; a request that was sent may still be carried out.
  public func cancel(_ id: CallID) {
    guard let call = calls.removeValue(forKey: id) else { return }
    call.transfer.map(transport.cancel)
    call.timer.map(timers.cancel)
  }

  // MARK: One attempt

  private func prepare(_ call: Call, _ parameters: Value.Object) throws(CallError) {
    let operation = call.operation
    let issues = Validate.issues(.object(parameters), as: operation.input)
    guard issues.isEmpty else {
      let problems = issues.map(\.message).joined(separator: "; ")
      throw CallError(.parameters, code: "ParamValidation", message: "\(operation.name): \(problems)")
    }
    call.region = try settings.requiredRegion()
    let endpoint = try settings.endpointURL(of: Service.name)
    call.request = wire.request(for: operation, parameters, to: endpoint)
    call.request.headers["Host"] = endpoint.hostHeader
    call.request.headers["User-Agent"] = "moongate/\(Version.current)"
    call.request.headers["amz-sdk-invocation-id"] = uuid()
  }

  /// Signs with the credentials and the clock of this moment: every attempt is signed anew.
  private func sign(_ id: CallID) {
    credentials.credentials(at: skew.corrected(timers.now)) { [self] result in
      guard let call = calls[id] else { return }
      switch result {
      case .success(let credentials): send(id, call, credentials)
      case .failure(let error): failLater(id, error)
      }
    }
  }

  private func send(_ id: CallID, _ call: Call, _ credentials: Credentials) {
    let attempt = call.retry.attempts + 1
    var request = call.request
    request.headers["amz-sdk-request"] = "attempt=\(attempt); max=\(settings.maxAttempts.value)"
    call.clock = timers.now
    call.signedAt = skew.corrected(call.clock)
    call.credentials = credentials
    credentialSource = credentials.source
    accountID = credentials.accountID
    SigV4(service: Service.name, region: call.region).sign(&request, with: credentials, at: call.signedAt)
    call.transfer = transport.start(request, limits: limits) { [self] result in
      guard calls[id] != nil else { return }
      call.transfer = nil
      switch result {
      case .success(let response): judge(id, call, response)
      case .failure(let error): judge(id, call, error)
      }
    }
  }

  // MARK: The answer

  private func judge(_ id: CallID, _ call: Call, _ response: HTTPResponse) {
    let host = call.request.url.hostHeader
    call.status = response.status
    call.requestID = response.headers["x-amzn-requestid"] ?? response.headers["x-amz-request-id"]
    switch response.status {
    case 200..<300:
      do throws(JSONError) {
        let body = try wire.body(of: response)
        _ = call.retry.next(.success, quota: &quota, random: 0)
        finish(
          id,
          .success(
            Response(
              body: body, requestID: call.requestID, httpStatus: response.status,
              attempts: call.retry.attempts, seconds: timers.monotonicSeconds - call.started)))
      } catch {
        let text =
          isHTML(response)
          ? foreignAnswer(response, host)
          : "\(host) answered HTTP \(response.status) with a body that is not a JSON object: \(error)."
        // A write has been carried out by now: it must not be sent twice for its answer's sake.
        settle(id, call, call.operation.isReading ? .transient : .permanent, network(text))
      }
    case 300..<400:
      let target = response.headers["location"].map { URLParts($0)?.host ?? "another place" } ?? "nowhere"
      settle(
        id, call, .permanent,
        network("\(host) redirects to \(target), which no AWS endpoint does; nothing was sent there."))
    default:
      guard let error = wire.error(in: response) else {
        let event = ErrorClass.event(code: nil, status: response.status)
        return settle(id, call, safe(event, call), network(foreignAnswer(response, host)))
      }
      judge(id, call, error, date: response.headers["date"])
    }
  }

  private func judge(_ id: CallID, _ call: Call, _ error: ServiceError, date: String?) {
    let message = redacted(error.message ?? "The service gave no message.", call.credentials)
    let failure = CallError(.service, code: redacted(error.code, call.credentials), message: message)
    let known = skew.offset
    if skew.learn(code: error.code, clock: call.clock, signedAt: call.signedAt, date: date) {
      // Calls that were refused together tell of one clock.
      if (skew.offset - known).magnitude >= 30_000_000 { notice(clockNotice()) }
      // Once a call: a second refusal has another cause.
      defer { call.clockWasCorrected = true }
      return settle(id, call, call.clockWasCorrected ? .permanent : .corrected, failure)
    }
    if ErrorClass.isStaleCredentials(error.code) { return renewCredentials(id, call, failure) }
    let event = ErrorClass.event(code: error.code, status: call.status ?? 0)
    settle(id, call, safe(event, call), failure)
  }

  private func judge(_ id: CallID, _ call: Call, _ error: TransportError) {
    let event: Retry.Event =
      switch error.reason {
      case .timedOut: .timedOut
      case .cannotResolve, .cannotConnect, .brokenConnection: .transient
      case .tls, .tooLarge, .notHTTP, .other: .permanent
      }
    call.status = nil
    call.requestID = nil
    guard call.operation.isReading || error.beforeSending else {
      return settle(id, call, .permanent, network("\(error.message). \(Self.outcomeUnknown)"))
    }
    let origin = error.reason == .cannotResolve ? hostOrigin() : ""
    settle(id, call, event, network("\(error.message).\(origin)"))
  }

  private static let outcomeUnknown =
    "The outcome is unknown: the request may have been carried out. Look before sending it again."

  /// A writing call is not repeated when something between here and the service lost the answer (502, 504).
  private func safe(_ event: Retry.Event, _ call: Call) -> Retry.Event {
    let isLost = call.status == 502 || call.status == 504
    return event == .transient && isLost && !call.operation.isReading ? .permanent : event
  }

  /// Looks for credentials again, once a call; only other keys than those refused are worth an attempt.
  private func renewCredentials(_ id: CallID, _ call: Call, _ failure: CallError) {
    guard !call.credentialsWereRenewed else { return settle(id, call, .permanent, failure) }
    call.credentialsWereRenewed = true
    credentials.forget()
    credentials.credentials(at: skew.corrected(timers.now)) { [self] result in
      guard calls[id] != nil else { return }
      let refused = call.credentials
      if case .success(let new) = result,
        new.secretAccessKey != refused?.secretAccessKey
          || new.sessionToken != refused?.sessionToken
      {
        return settle(id, call, .corrected, failure)
      }
      var explained = failure
      explained.message += " The credentials came from \(refused?.source ?? "nowhere"); renew them there."
      settle(id, call, .permanent, explained)
    }
  }

  /// Sends again or gives up.
  private func settle(_ id: CallID, _ call: Call, _ event: Retry.Event, _ failure: CallError) {
    var failure = failure
    failure.isRetryable = event != .permanent
    switch call.retry.next(event, quota: &quota, random: random()) {
    case .succeed: break
    case .retry(let seconds): call.timer = timers.after(seconds) { [self] in sign(id) }
    case .fail(let reason):
      if reason == .quotaExceeded {
        failure.message += " Not sent again: too many calls have failed lately (retry quota exceeded)."
      }
      finish(id, .failure(failure))
    }
  }

  // MARK: The end

  /// Fails a call that may not even have left `start`, whose completion must come later.
  private func failLater(_ id: CallID, _ error: CallError) {
    calls[id]?.timer = timers.after(0) { [self] in finish(id, .failure(error)) }
  }

  private func finish(_ id: CallID, _ result: Result<Response, CallError>) {
    guard let call = calls.removeValue(forKey: id) else { return }
    call.completion(
      result.mapError { error in
        var error = error
        error.operation = call.operation.name
        error.attempts = call.retry.attempts
        error.httpStatus = call.status
        error.requestID = call.requestID
        return error
      })
  }

  // MARK: Words

  private func network(_ message: String) -> CallError {
    CallError(.network, code: "Network", message: message)
  }

  /// Hosts are computed, so one that does not exist is explained by the settings that named it.
  private func hostOrigin() -> String {
    if let endpoint = settings.endpoint { return " The endpoint comes from \(endpoint.source)." }
    var causes: [String] = []
    if let region = settings.region { causes.append("region \(region.value) (from \(region.source))") }
    if settings.useFIPS.value { causes.append("use_fips_endpoint (from \(settings.useFIPS.source))") }
    if settings.useDualStack.value {
      causes.append("use_dualstack_endpoint (from \(settings.useDualStack.source))")
    }
    return " The host was made from \(listed(causes)); the service may not exist there."
  }

  private func isHTML(_ response: HTTPResponse) -> Bool {
    response.body.first { $0 > 0x20 } == UInt8(ascii: "<")
  }

  private func foreignAnswer(_ response: HTTPResponse, _ host: String) -> String {
    let what = isHTML(response) ? "with an HTML page" : "without the JSON of AWS"
    return
      "\(host) answered HTTP \(response.status) \(what); it is not an AWS endpoint, or a proxy or a login "
      + "page stands before it?"
  }

  private func clockNotice() -> String {
    let seconds = skew.offset.magnitude / 1_000_000
    let direction = skew.offset > 0 ? "behind" : "ahead of"
    return
      "This computer's clock is \(seconds) seconds \(direction) the service's; requests are now signed with "
      + "the service's time."
  }

  /// The service's answer to a bad signature quotes the request, the session token included.
  private func redacted(_ message: String, _ credentials: Credentials?) -> String {
    [credentials?.secretAccessKey, credentials?.sessionToken].compactMap(\.self).filter { !$0.isEmpty }
      .reduce(message) { $0.replacing($1, with: "•••") }
  }

  /// A random UUID (RFC 9562, version 4), the same for all attempts of a call.
  private func uuid() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    var text = Digest.hex(bytes)
    for offset in [20, 16, 12, 8] { text.insert("-", at: text.index(text.startIndex, offsetBy: offset)) }
    return text
  }
}

/// What is remembered of a call between its attempts.
private final class Call {
  let operation: Operation
  let started: Double
  let completion: (Result<Response, CallError>) -> Void
  var region = ""
  /// Without date and signature.
  var request = HTTPRequest(method: "POST", url: URLParts(scheme: "https", host: ""))
  var retry: Retry
  /// This machine's clock at the last signing, and the time it was signed with.
  var clock = Timestamp(microseconds: 0)
  var signedAt = Timestamp(microseconds: 0)
  var credentials: Credentials?
  var clockWasCorrected = false
  var credentialsWereRenewed = false
  /// Of the last answer.
  var status: Int?
  var requestID: String?
  var transfer: TransferID?
  var timer: TimerID?

  init(
    _ operation: Operation, _ settings: Settings, started: Double,
    completion: @escaping (Result<Response, CallError>) -> Void
  ) {
    self.operation = operation
    self.started = started
    self.completion = completion
    retry = Retry(maxAttempts: settings.maxAttempts.value)
  }
}

extension TransferLimits {
  fileprivate func with(caBundle: String?) -> TransferLimits {
    var copy = self
    copy.caBundle = caBundle ?? self.caBundle
    return copy
  }
}
