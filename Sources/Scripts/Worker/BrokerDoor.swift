// BrokerDoor: where the requests of a worker's sessions go out: to the host, which decides, signs and sends.
import AWSCore
import BackupGateway
import Host

final class BrokerDoor: ServiceDoor {
  let facts: SessionFacts
  private let index: Int
  private let link: HostLink

  /// - Parameter index: which of the host's sessions it is.
  init(_ place: WorkerSession, index: Int, link: HostLink) {
    facts = SessionFacts(
      profile: place.label, region: place.region, account: place.account, endpoint: nil)
    self.index = index
    self.link = link
  }

  func start(
    _ request: Request, completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    let operation = request.operation.name
    let number = link.ask { [index] in
      .call(number: $0, session: index, operation: operation, parameters: request.parameters)
    } completion: { message in
      switch message {
      case .answer(_, let response, _): completion(.success(response))
      case .failure(_, var error):
        error.operation = error.operation ?? operation
        completion(.failure(error))
      default:
        completion(
          .failure(
            CallError(.network, code: "Network", message: "the host did not answer", operation: operation)))
      }
    }
    return CallID(number: number)
  }

  func cancel(_ id: CallID) { link.cancel(id.number) }
}

/// The sessions that the host opened: that of the run, and those of the operator's fleet. A worker opens none itself.
final class RelayedSessions: SessionSource {
  private let places: [WorkerSession]
  private let link: HostLink

  init(_ places: [WorkerSession], link: HostLink) {
    self.places = places
    self.link = link
  }

  let canConnect = false

  var operatorFleet: FleetWish? {
    let names = places.dropFirst().map(\.name)
    return names.isEmpty ? nil : FleetWish(profiles: names, from: "the operator")
  }

  /// The first: what the script's operations act on.
  var current: Session { session(0) }

  func open(_ wish: SessionWish, beside current: Session) throws(CallError) -> Session {
    guard let name = wish.profile?.value,
      let index = places.dropFirst().firstIndex(where: { $0.name == name })
    else { return current }
    if let problem = places[index].problem {
      var error = CallError(.configuration, code: "Configuration", message: problem)
      error.closure = .profileUnknown
      throw error
    }
    return session(index)
  }

  func regions(of session: Session) -> [String] { [] }

  private func session(_ index: Int) -> Session {
    let place = places.indices.contains(index) ? places[index] : WorkerSession(name: "", label: "")
    return Session(label: place.label, door: BrokerDoor(place, index: index, link: link))
  }
}
