// ServiceCaller, the judging half: what an answer, or the lack of one, means for a call.

extension ServiceCaller {
  func judge(_ id: CallID, _ call: ServiceCall, _ response: HTTPResponse) {
    call.status = response.status
    call.requestID = (response.headers["x-amzn-requestid"] ?? response.headers["x-amz-request-id"])
      .map { oneLine($0, limit: 100) }
    let format = call.request.format
    switch response.status {
    case 200..<300:
      do throws(AnswerProblem) {
        succeed(id, call, try format.body(of: response))
      } catch {
        traceBody(call, response)
        let text =
          isHTML(response)
          ? foreignAnswer(call, response)
          : "\(call.host) answered with a body that \(error.text)."
        // A write has been carried out by now: it must not be sent twice for its answer's sake.
        let outcome = call.request.isReading ? "" : " \(Self.outcomeUnknown)"
        settle(id, call, call.request.isReading ? .transient : .permanent, network(text + outcome))
      }
    case 300..<400 where response.headers["location"] != nil:
      let target = response.headers["location"].flatMap { URLParts($0)?.hostHeader } ?? "another place"
      let text =
        "\(call.host) redirects to \(oneLine(target)), which no AWS endpoint does; nothing was sent there."
      settle(id, call, .permanent, network(text))
    default:
      guard let error = format.error(in: response) else {
        traceBody(call, response)
        let event = ErrorClass.event(code: nil, status: response.status)
        // Whoever answered was not the service, which may have carried out a write all the same.
        let isLost = event == .transient && !call.request.isReading
        let outcome = isLost ? " \(Self.outcomeUnknown)" : ""
        return settle(
          id, call, isLost ? .permanent : event, network(foreignAnswer(call, response) + outcome),
          headers: response.headers)
      }
      judge(id, call, error, response.headers)
    }
  }

  private func succeed(_ id: CallID, _ call: ServiceCall, _ body: [UInt8]) {
    _ = call.retry.next(.success, quota: &memory.quotas[call.host, default: RetryQuota()], random: 0)
    let response = Response(
      body: body, requestID: call.requestID, httpStatus: call.status ?? 0, attempts: call.retry.attempts,
      seconds: timers.monotonicSeconds - call.started)
    trace?(
      "\(call.name): HTTP \(response.httpStatus), \(body.count) bytes"
        + (response.requestID.map { ", request id \($0)" } ?? ""))
    finish(id, .success(response))
  }

  private func judge(_ id: CallID, _ call: ServiceCall, _ error: ServiceError, _ headers: HTTPHeaders) {
    var failure = CallError(
      .service, code: oneLine(call.redacted(error.code), limit: 100),
      message: error.message.map { oneLine(call.redacted($0), limit: Self.longestMessage) }
        ?? "The service gave no message.")
    failure.closure = ErrorClass.isDenied(error.code) ? .denied : nil
    let known = memory.skew(of: call.host)
    var skew = known
    if skew.learn(code: error.code, clock: call.clock, signedAt: call.signedAt, date: headers["date"]) {
      memory.remember(skew, of: call.host)
      // Calls that were refused together tell of one clock.
      if (skew.offset - known.offset).magnitude >= 30_000_000 { notice(Self.clockNotice(skew.offset)) }
      // Once a call: a second refusal has another cause.
      defer { call.clockWasCorrected = true }
      return settle(id, call, call.clockWasCorrected ? .permanent : .corrected, failure)
    }
    if call.request.signing != nil, ErrorClass.isStaleCredentials(error.code) {
      return renewCredentials(id, call, failure)
    }
    if ErrorClass.possibleClockSkew.contains(error.code), let signing = call.request.signing,
      let credentials = call.credentials
    {
      failure.add(
        "It was signed for region \(signing.region) with the credentials from \(credentials.source): is their secret "
          + "key the one that belongs to access key …\(credentials.accessKeyID.suffix(4))?")
    }
    let event = ErrorClass.event(code: error.code, status: call.status ?? 0)
    settle(id, call, safe(event, call), failure, headers: headers)
  }

  func judge(_ id: CallID, _ call: ServiceCall, _ error: TransportError) {
    call.status = nil
    call.requestID = nil
    if error.isConfiguration {
      // A proxy whose address cannot be found now may be found in a moment; a bundle that is not there may not.
      let event: Retry.Event = error.reason == .cannotResolve ? .transient : .permanent
      return settle(id, call, event, configuration(error))
    }
    guard call.request.isReading || error.beforeSending else {
      return settle(id, call, .permanent, network("\(error.message). \(Self.outcomeUnknown)"))
    }
    let isUnknown = error.reason == .cannotResolve
    var failure = network("\(error.message).\(isUnknown ? " \(call.request.hostExplanation)" : "")")
    failure.closure = isUnknown ? .hostUnknown : nil
    settle(id, call, ErrorClass.event(error.reason), failure)
  }

  /// Looks for credentials again, once a call; only other keys than those refused are worth an attempt.
  private func renewCredentials(_ id: CallID, _ call: ServiceCall, _ failure: CallError) {
    guard !call.credentialsWereRenewed, let source = call.request.signing?.credentials,
      let refused = call.credentials
    else { return settle(id, call, .permanent, failure) }
    call.credentialsWereRenewed = true
    source.forget(refused)
    source.credentials(at: self.correctedNow(call)) { [self] result in
      guard calls[id.number] != nil else { return }
      if case .success(let new) = result, !new.areTheSameKeys(as: refused) {
        return settle(id, call, .corrected, failure)
      }
      var explained = failure
      explained.add("The credentials came from \(refused.source); renew them there.")
      // What a renewal came to says more than that the old ones are over.
      if case .failure(let error) = result { explained.add("Renewing them failed: \(error.message)") }
      settle(id, call, .permanent, explained)
    }
  }

  /// A writing call is not repeated when something between here and the service lost the answer (502, 504).
  private func safe(_ event: Retry.Event, _ call: ServiceCall) -> Retry.Event {
    let isLost = call.status == 502 || call.status == 504
    return event == .transient && isLost && !call.request.isReading ? .permanent : event
  }

  // MARK: Words

  private static let outcomeUnknown =
    "The outcome is unknown: the request may have been carried out. Look before sending it again."

  private func network(_ message: String) -> CallError {
    CallError(.network, code: "Network", message: message)
  }

  /// What a setting has brought about, with where that came from.
  private func configuration(_ error: TransportError) -> CallError {
    var failure = CallError(.configuration, code: "Configuration", message: "\(error.message).")
    if let bundle = settings.caBundle, error.message.contains(bundle.value) {
      failure.add("It is named by \(bundle.source).")
    }
    return failure
  }

  private func isHTML(_ response: HTTPResponse) -> Bool {
    response.body.first { $0 > 0x20 } == UInt8(ascii: "<")
      && response.headers["content-type"]?.lowercased().contains("/xml") != true
  }

  private func foreignAnswer(_ call: ServiceCall, _ response: HTTPResponse) -> String {
    let what = isHTML(response) ? "with an HTML page" : "without \(call.request.format.name)"
    let cause =
      response.status >= 500
      ? "it comes from a proxy or load balancer before the service, or this is not an AWS endpoint."
      : "a proxy or login page may stand before the service, or this is not an AWS endpoint."
    return "\(call.host) answered \(what): \(cause)"
  }

  private static func clockNotice(_ offset: Int64) -> String {
    guard offset.magnitude >= 30_000_000 else {
      return "This computer's clock agrees with the service's again."
    }
    let direction = offset > 0 ? "behind" : "ahead of"
    return
      "This computer's clock is \(offset.magnitude / 1_000_000) seconds \(direction) the service's; requests are "
      + "now signed with the service's time."
  }

  /// Longest part of a service's own words that is passed on; AWS's have a few hundred characters.
  private static let longestMessage = 1_000

  /// The first bytes of an answer that nobody could read.
  private func traceBody(_ call: ServiceCall, _ response: HTTPResponse) {
    guard let trace else { return }
    guard !call.request.isConfidential else {
      return trace("\(call.name): the answer is not shown: it may hold keys")
    }
    // Redacted before it is cut: half a token would not be recognised.
    let text = call.redacted(String(decoding: response.body.prefix(16 << 10), as: UTF8.self))
    trace("\(call.name): the answer begins: \(oneLine(text))")
  }
}
