// ServiceCaller: makes calls of AWS services. One call is a small machine: sign, send, judge the answer; then hand
// it over, or put right what was wrong (clock, credentials), or wait and send again.
//
//   start → sign → send → judge ─┬→ finish
//             ↑                  ├→ renewCredentials ┐
//             └──── wait ← settle ←──────────────────┘
//
// ServiceCaller+Answers.swift judges.

/// Calls services under one set of settings. All on the event loop's thread.
public final class ServiceCaller {
  /// Told what the operator should know though the call goes on, as a clock that is wrong.
  public var notice: (String) -> Void = { _ in }
  /// Told, for `--debug`, what happens inside a call, a line at a time, without secrets; nil when nobody listens.
  public var trace: ((String) -> Void)?

  let settings: Settings
  let timers: any Timers
  /// By their numbers, as those of the transport: what a kind of key is, is looked up at run time.
  var calls: [UInt64: ServiceCall] = [:]
  /// What is known of hosts, for all of its calls.
  public let memory: HostMemory
  private let transport: any Transport
  private let random: () -> Double
  private let limits: TransferLimits
  private let userAgent: String
  private let keys = SigningKeys()
  private var lastNumber: UInt64 = 0
  private var hasToldNotices = false
  /// Who waits for calls whose request is not there yet.
  private var preparing: [UInt64: (Result<Response, CallError>) -> Void] = [:]

  /// - Parameters:
  ///   - limits: of each attempt; `settings` name the certificate authorities and the time to connect.
  ///   - memory: what callers before this one have learned of hosts.
  ///   - random: a number from 0 to 1, for the jitter of delays.
  public init(
    settings: Settings, transport: any Transport, timers: any Timers,
    limits: TransferLimits = TransferLimits(), memory: HostMemory = HostMemory(),
    random: @escaping () -> Double = { .random(in: 0...1) }
  ) {
    self.settings = settings
    self.transport = transport
    self.timers = timers
    self.memory = memory
    self.random = random
    var limits = limits
    limits.connect = settings.connectTimeout.value
    limits.caBundle = settings.caBundle?.value ?? limits.caBundle
    self.limits = limits
    userAgent = Version.userAgent(applicationID: settings.applicationID?.value)
  }

  /// Makes a call. `prepare` hands over the request, at once or later, or why there is none. `completion` is called
  /// once, later, from the event loop's turn; never when the call is cancelled.
  public func start(
    _ prepare: (_ deliver: @escaping (Result<ServiceRequest, CallError>) -> Void) -> Void,
    completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    tellNotices()
    let id = newID()
    preparing[id.number] = completion
    prepare { [self] result in
      guard let completion = preparing[id.number] else { return }
      switch result {
      case .success(let request):
        preparing[id.number] = nil
        begin(id, request, completion)
      case .failure(let error):
        // Later: this may run inside `start`.
        _ = timers.after(0) { [self] in preparing.removeValue(forKey: id.number)?(.failure(error)) }
      }
    }
    return id
  }

  /// The same for a request that is there.
  public func start(
    _ request: ServiceRequest, completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    start({ $0(.success(request)) }, completion: completion)
  }

  private func begin(
    _ id: CallID, _ request: ServiceRequest, _ completion: @escaping (Result<Response, CallError>) -> Void
  ) {
    var request = request
    request.http.mayRepeat = request.isReading
    let host = request.http.url.hostHeader
    request.http.headers["Host"] = host
    request.http.headers["User-Agent"] = userAgent
    request.http.headers["amz-sdk-invocation-id"] = UUID.random()
    let retry = Retry(maxAttempts: settings.maxAttempts.value, rules: settings.retryRules)
    calls[id.number] = ServiceCall(
      request, to: host, retry, started: timers.monotonicSeconds, completion: completion)
    sign(id)
  }

  /// Forgets a call; a request that was sent may still be carried out.
  public func cancel(_ id: CallID) {
    preparing[id.number] = nil
    guard let call = calls.removeValue(forKey: id.number) else { return }
    call.transfer.map(transport.cancel)
    call.timer.map(timers.cancel)
  }

  /// Sends nothing more for a call. True when a request of it is on its way: the call ends with the answer to that.
  public func sendNothingMore(_ id: CallID) -> Bool {
    guard let call = calls[id.number], call.transfer != nil else { return false }
    call.isLastAttempt = true
    return true
  }

  private func newID() -> CallID {
    lastNumber += 1
    return CallID(number: lastNumber)
  }

  private func tellNotices() {
    guard !hasToldNotices else { return }
    hasToldNotices = true
    settings.notices.forEach(notice)
  }

  /// The time by this machine's clock and by what services have taught of it.
  public var now: Timestamp { memory.lastSkew.corrected(timers.now) }

  // MARK: One attempt

  /// This machine's time, corrected by what the host's answers have taught.
  func correctedNow(_ call: ServiceCall) -> Timestamp { memory.skew(of: call.host).corrected(timers.now) }

  /// Signs with the credentials and the clock of this moment: every attempt is signed anew.
  private func sign(_ id: CallID) {
    guard let call = calls[id.number] else { return }
    guard let signing = call.request.signing else { return send(id, call, nil) }
    signing.credentials.credentials(at: self.correctedNow(call)) { [self] result in
      guard let call = calls[id.number] else { return }
      switch result {
      case .success(let credentials): send(id, call, credentials)
      // Later: this may run inside `start`.
      case .failure(let error): call.timer = timers.after(0) { [self] in finish(id, .failure(error)) }
      }
    }
  }

  private func send(_ id: CallID, _ call: ServiceCall, _ credentials: Credentials?) {
    let attempt = call.retry.attempts + 1
    var request = call.request.http
    request.headers["amz-sdk-request"] = call.retry.requestHeader
    call.clock = timers.now
    call.signedAt = correctedNow(call)
    call.credentials = credentials
    call.sent = timers.monotonicSeconds
    trace?(
      "\(call.name): attempt \(attempt) of \(settings.maxAttempts.value): \(request.method) \(request.url)")
    if let credentials, let signing = call.request.signing {
      let signature = SigV4(service: signing.service, region: signing.region)
        .sign(&request, with: credentials, at: call.signedAt, keys: keys)
      traceSignature(call, signature, credentials)
    }
    memory.traffic.requests += 1
    if attempt > 1 { memory.traffic.retries += 1 }
    memory.traffic.bytesSent += request.body.count
    call.transfer = transport.start(request, limits: limits) { [self] result in
      guard calls[id.number] != nil else { return }
      call.transfer = nil
      switch result {
      case .success(let response):
        memory.traffic.bytesReceived += response.body.count
        judge(id, call, response)
      case .failure(let error): judge(id, call, error)
      }
    }
  }

  private func traceSignature(_ call: ServiceCall, _ signature: SigV4.Signature, _ credentials: Credentials) {
    guard let trace else { return }
    trace("\(call.name): signed with \(credentials) at \(call.signedAt.iso8601)")
    let masked = signature.authorization
      .replacing(signature.signature, with: "\(signature.signature.prefix(8))…")
      .replacing(credentials.accessKeyID, with: "…\(credentials.accessKeyID.suffix(4))")
    trace("\(call.name): authorization: \(masked)")
    for (title, text) in [
      ("canonical request", signature.canonicalRequest), ("string to sign", signature.stringToSign),
    ] {
      trace("\(call.name): \(title)")
      for line in call.redacted(text).split(separator: "\n", omittingEmptySubsequences: false) {
        trace("  | \(line)")
      }
    }
  }

  // MARK: The end of an attempt

  /// Sends again or gives up.
  func settle(
    _ id: CallID, _ call: ServiceCall, _ event: Retry.Event, _ failure: CallError, headers: HTTPHeaders? = nil
  ) {
    var failure = failure
    failure.isRetryable = event != .permanent
    if event == .throttled { memory.traffic.throttles += 1 }
    let action = call.retry.next(
      event, retryAfterMilliseconds: headers.flatMap(Retry.hint),
      quota: &memory.quotas[call.host, default: RetryQuota()],
      random: random())
    if let trace {
      let seconds = ((timers.monotonicSeconds - call.sent) * 1_000).rounded() / 1_000
      trace("\(call.name): \(failure.code) after \(seconds) s: \(failure.message)")
    }
    switch action {
    case .succeed: break
    case .retry where call.isLastAttempt: finish(id, .failure(failure))
    case .retry(let seconds):
      trace?("\(call.name): sent again in \((seconds * 1_000).rounded() / 1_000) s")
      call.timer = timers.after(seconds) { [self] in sign(id) }
    case .fail(let reason):
      if reason == .quotaExceeded {
        failure.add("Not sent again: too many calls have failed lately (retry quota exceeded).")
      }
      finish(id, .failure(failure))
    }
  }

  func finish(_ id: CallID, _ result: Result<Response, CallError>) {
    guard let call = calls.removeValue(forKey: id.number) else { return }
    call.completion(
      result.mapError { error in
        var error = error
        // Credentials that could not be had name the operation that failed to bring them.
        guard error.operation == nil else { return error }
        error.operation = call.request.operation
        guard call.retry.attempts > 0 else { return error }
        error.attempts = call.retry.attempts
        error.httpStatus = call.status
        error.requestID = call.requestID
        error.host = call.host
        return error
      })
  }
}

/// What is remembered of a call between its attempts.
final class ServiceCall {
  let request: ServiceRequest
  /// Its name, with its port where that is not the scheme's own.
  let host: String
  let started: Double
  let completion: (Result<Response, CallError>) -> Void
  var retry: Retry
  /// This machine's clock at the last signing, and the time it was signed with.
  var clock = Timestamp(microseconds: 0)
  var signedAt = Timestamp(microseconds: 0)
  /// When the last attempt was sent, on the clock that only goes forward.
  var sent = 0.0
  var credentials: Credentials?
  var clockWasCorrected = false
  var credentialsWereRenewed = false
  /// Nobody waits for more than the answer that is on its way.
  var isLastAttempt = false
  /// Of the last answer.
  var status: Int?
  var requestID: String?
  var transfer: TransferID?
  var timer: TimerID?

  init(
    _ request: ServiceRequest, to host: String, _ retry: Retry, started: Double,
    completion: @escaping (Result<Response, CallError>) -> Void
  ) {
    self.request = request
    self.host = host
    self.retry = retry
    self.started = started
    self.completion = completion
  }

  /// For `--debug`: the operation, and whose call it is where there are several sessions.
  var name: String { request.origin.map { "\($0): \(request.operation)" } ?? request.operation }

  /// A text without the secrets of this call: a service's answer to a bad signature quotes the request, the session
  /// token included, and one to a bad identity the token of that.
  func redacted(_ text: String) -> String {
    let secrets =
      [credentials?.secretAccessKey, credentials?.sessionToken].compactMap(\.self) + request.secrets
    return secrets.filter { !$0.isEmpty }.reduce(text) { $0.replacing($1, with: "•••") }
  }
}
