// Client: calls of AWS Backup Gateway: a checked request becomes one of the wire protocol. What happens to that is
// ServiceCaller's.
import AWSCore

/// Calls the service under one set of settings. All on the event loop's thread.
public final class Client {
  public private(set) var settings: Settings { didSet { place = nil } }
  /// Finds the region that this machine is in, for settings that name none; nil when it is in none.
  public var locateRegion: ((_ completion: @escaping (Result<String?, CallError>) -> Void) -> Void)?
  /// Whose calls these are, for `--debug`, where there are several sessions.
  public var origin: String?
  /// The account as configuration tells it, for the time before there are credentials.
  public var configuredAccount: String?
  private var waitingForRegion: [(Result<String, CallError>) -> Void] = []
  private let caller: ServiceCaller
  private let credentials: any CredentialSource
  private let wire: any WireProtocol = AWSJSON()
  /// As the settings have it, once a call has asked.
  private var place: Place?

  /// Where requests go, what they are signed for, and why that host may not be there.
  private struct Place {
    var endpoint: URLParts
    var signing: Signing
    var hostExplanation: String
  }

  public init(settings: Settings, caller: ServiceCaller, credentials: any CredentialSource) {
    self.settings = settings
    self.caller = caller
    self.credentials = credentials
  }

  /// The credentials that requests are signed with; nil before the first one looked for them.
  public var currentCredentials: Credentials? { credentials.current }

  /// The time, by what services have taught of this machine's clock.
  public var now: Timestamp { caller.now }

  /// Calls an operation. `completion` is called once, later, from the event loop's turn; never when the call
  /// is cancelled.
  public func start(
    _ request: Request, completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    let operation = request.operation
    return invoke(
      operation.name, body: wire.body(of: request.parameters), isReading: operation.isReading,
      answersMayBeEmpty: operation.output.members.isEmpty,
      secrets: Self.secrets(request)
    ) { [caller] result in
      if case .success = result, case .listing = operation.result { caller.memory.traffic.pages += 1 }
      completion(result.mapError { self.explained($0, request.parameters) })
    }
  }

  /// What nobody may be shown even if an answer repeats it: the sensitive members, as they are and as JSON has them.
  /// Shorter than four characters they would blot out every message.
  private static func secrets(_ request: Request) -> [String] {
    request.operation.input.members.filter(\.shape.isSensitive)
      .compactMap { request.parameters[$0.name]?.string }.filter { $0.count >= 4 }
      .flatMap {
        [$0, String(String(decoding: JSON.encode(.string($0)), as: UTF8.self).dropFirst().dropLast())]
      }
  }

  /// A resource that is not found because it lives in another region than the one that was asked.
  private func explained(_ error: CallError, _ parameters: Value.Object) -> CallError {
    guard error.category == .service, error.code != "AccessDeniedException", let region = settings.region,
      let arn = parameters.members.lazy.compactMap({ $0.value.string.flatMap { Arn($0) } }).first,
      arn.region != region.value
    else { return error }
    var error = error
    error.add(
      "The ARN is of \(arn.region), and this session asks \(region.value) (from \(region.source)): give --region "
        + "\(arn.region).")
    return error
  }

  /// Calls an operation that the model need not know, with a body that is sent as it is.
  func invoke(
    _ operation: String, body: [UInt8], isReading: Bool = false, answersMayBeEmpty: Bool = true,
    secrets: [String] = [], completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    caller.start(
      { deliver in
        region { [self] region in
          deliver(
            region.flatMap { region in
              Result { () throws(CallError) in
                let place = try place(in: region)
                var request = ServiceRequest(
                  operation: operation, http: wire.request(for: operation, body: body, to: place.endpoint),
                  signing: place.signing, isReading: isReading,
                  format: wire.answers(mayBeEmpty: answersMayBeEmpty), hostExplanation: place.hostExplanation)
                request.secrets = secrets
                request.origin = origin
                return request
              }
            }.mapError { error in
              var error = error
              error.operation = operation
              return error
            })
        }
      }, completion: completion)
  }

  /// The region to sign for: the one of the settings, or the one this machine is in, which is asked for once.
  private func region(_ completion: @escaping (Result<String, CallError>) -> Void) {
    if let region = settings.region?.value { return completion(.success(region)) }
    guard let locateRegion else {
      return completion(Result { () throws(CallError) in try settings.requiredRegion() })
    }
    waitingForRegion.append(completion)
    guard waitingForRegion.count == 1 else { return }
    locateRegion { [self] result in
      if case .success(let found?) = result {
        settings.region = Settings.Setting(found, from: "the instance metadata service")
      }
      let waiting = waitingForRegion
      waitingForRegion = []
      let region = result.flatMap { _ in
        Result { () throws(CallError) in try settings.requiredRegion() }
      }
      for completion in waiting { completion(region) }
    }
  }

  private func place(in region: String) throws(CallError) -> Place {
    if let place, place.signing.region == region { return place }
    let found = Place(
      endpoint: try settings.endpointURL(of: .backupGateway),
      signing: Signing(service: Service.name, region: region, credentials: credentials),
      hostExplanation: hostExplanation(region))
    place = found
    return found
  }

  /// Why the host of a region may not be there.
  private func hostExplanation(_ region: String) -> String {
    let explanation = settings.hostExplanation(of: .backupGateway)
    guard settings.endpoint == nil, let doubt = Service.doubt(about: region) else { return explanation }
    return "\(explanation) \(doubt)"
  }

  /// Forgets a call; a request that was sent may still be carried out.
  public func cancel(_ id: CallID) { caller.cancel(id) }

  /// Sends nothing more for a call; true when an answer to what was sent is still to come.
  public func sendNothingMore(_ id: CallID) -> Bool { caller.sendNothingMore(id) }
}
