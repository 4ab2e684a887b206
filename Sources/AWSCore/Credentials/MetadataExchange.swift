// MetadataExchange: the requests that bring one thing from a metadata service, and who carries them out. The service
// lies beside the machine: answers come in milliseconds or not at all, and no proxy may stand between.

/// What became of the last action.
enum MetadataEvent {
  case begin
  case answered(HTTPResponse)
  case failed(TransportError)
  /// The pause is over.
  case waited
}

/// What an exchange wants done next.
enum MetadataAction<Output> {
  /// Send a request, and wait so many seconds for its answer.
  case send(HTTPRequest, seconds: Double)
  case pause(seconds: Double)
  case finish(Output)
}

/// The requests as a machine, which needs no network to be tested.
protocol MetadataExchange {
  associatedtype Output
  /// - Parameter now: seconds on a clock that only goes forward.
  mutating func next(_ event: MetadataEvent, now: Double) -> MetadataAction<Output>
}

extension CredentialContext {
  /// Carries out an exchange; `completion` is called once, at once or later on the event loop.
  func carryOut<Exchange: MetadataExchange>(
    _ exchange: Exchange, completion: @escaping (Exchange.Output) -> Void
  ) {
    MetadataRun(exchange, context: self, completion: completion).step(.begin)
  }
}

/// An exchange under way; what it waits for keeps it alive.
private final class MetadataRun<Exchange: MetadataExchange> {
  private var exchange: Exchange
  private let context: CredentialContext
  private let completion: (Exchange.Output) -> Void

  init(_ exchange: Exchange, context: CredentialContext, completion: @escaping (Exchange.Output) -> Void) {
    self.exchange = exchange
    self.context = context
    self.completion = completion
  }

  func step(_ event: MetadataEvent) {
    switch exchange.next(event, now: context.timers.monotonicSeconds) {
    case .send(let request, let seconds): send(request, seconds)
    case .pause(let seconds): _ = context.timers.after(seconds) { [self] in step(.waited) }
    case .finish(let output): completion(output)
    }
  }

  private func send(_ request: HTTPRequest, _ seconds: Double) {
    var request = request
    request.headers["Host"] = request.url.hostHeader
    request.headers["User-Agent"] = Version.userAgent(applicationID: context.settings.applicationID?.value)
    var limits = TransferLimits()
    limits.connect = seconds
    limits.total = seconds
    // A document of keys has about 1,500 bytes.
    limits.bodyBytes = 64 << 10
    limits.caBundle = context.settings.caBundle?.value
    limits.usesProxy = false
    _ = context.transport.start(request, limits: limits) { [self] result in
      switch result {
      case .success(let response): step(.answered(response))
      case .failure(let error): step(.failed(error))
      }
    }
  }
}
