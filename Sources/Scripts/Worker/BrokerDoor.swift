// BrokerDoor: where the requests of a worker's session go out: to the host, which decides, signs and sends.
import AWSCore
import BackupGateway
import Host

final class BrokerDoor: ServiceDoor {
  let facts: SessionFacts
  /// Which of the run's sessions it is, as WorkerMessage counts them.
  private let target: Int
  private let link: HostLink

  init(_ place: HostMessage.Place, target: Int, link: HostLink) {
    facts = SessionFacts(
      profile: place.label, region: place.region, account: place.account, endpoint: nil)
    self.target = target
    self.link = link
  }

  func start(
    _ request: Request, completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    let (operation, target) = (request.operation.name, target)
    let number = link.ask {
      .call(number: $0, operation: operation, parameters: request.parameters, target: target)
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

  /// What the host was asked for it does; it tells how that ends.
  func sendNothingMore(_ id: CallID) -> Bool { link.isUnderWay(id.number) }

  func cancel(_ id: CallID) { link.cancel(id.number) }
}
