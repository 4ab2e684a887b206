// BrokerDoor: where the requests of a worker's session go out: to the host, which decides, signs and sends.
import AWSCore
import BackupGateway
import Host

final class BrokerDoor: ServiceDoor {
  let facts: SessionFacts
  private let link: HostLink

  init(_ beginning: HostMessage.Beginning, link: HostLink) {
    facts = SessionFacts(
      profile: beginning.label, region: beginning.region, account: beginning.account, endpoint: nil)
    self.link = link
  }

  func start(
    _ request: Request, completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    let operation = request.operation.name
    let number = link.ask {
      .call(number: $0, operation: operation, parameters: request.parameters)
    } completion: { message in
      switch message {
      case .answer(_, let response): completion(.success(response))
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
