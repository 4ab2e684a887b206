// Responder: a request in, a response out, no network and no waiting. The server is a loop around it, and
// tests call it with a clock of their own.
import AWSCore
import BackupGateway

final class Responder {
  private let store: Store
  private let pageToken: PageToken
  private let authentication: Authentication
  private let clock: @Sendable () -> Timestamp
  private let operations: [String: Operations.Body]

  /// Throws a DatabaseError when the store cannot be read.
  init(
    store: Store, keys: [Credentials], clock: @escaping @Sendable () -> Timestamp,
    operations: [String: Operations.Body] = Operations.served
  ) throws(DatabaseError) {
    self.store = store
    self.pageToken = try PageToken(store)
    self.authentication = Authentication(keys)
    self.clock = clock
    self.operations = operations
  }

  /// The answer to any request. Never fails: what goes wrong is an answer too.
  func respond(to request: HTTPRequest) -> HTTPResponse {
    let now = clock()
    return finished(Perimeter.refusal(of: request) ?? route(request, now), now)
  }

  /// The answer to a request that the server had to refuse before it was complete.
  func refuse(_ status: Int, _ text: String) -> HTTPResponse { finished(.plain(status, text), clock()) }

  private func route(_ request: HTTPRequest, _ now: Timestamp) -> HTTPResponse {
    switch (request.url.path, request.method) {
    case ("/", "POST"): return call(request, now)
    case ("/", _): return notAllowed("POST", "The service's operations are called by POST.")
    case ("/healthz", "GET"), ("/healthz", "HEAD"): return .plain(200, "ok")
    case ("/healthz", _): return notAllowed("GET, HEAD", "The state of the server is read by GET.")
    default:
      return .plain(
        404,
        "There is nothing here. The service is at / (POST, \(AwsJson10.contentType)), its health at /healthz."
      )
    }
  }

  private func call(_ request: HTTPRequest, _ now: Timestamp) -> HTTPResponse {
    do {
      return AwsJson10.response(try answer(request, now))
    } catch let fault as Fault {
      return AwsJson10.response(fault)
    } catch let error as DatabaseError {
      return AwsJson10.response(.internalFailure("The local gateway's store failed: \(error.problem)."))
    } catch {
      return AwsJson10.response(.internalFailure("The local gateway failed: \(error)."))
    }
  }

  private func answer(_ request: HTTPRequest, _ now: Timestamp) throws -> Value.Object {
    let name = try AwsJson10.operation(of: request)
    guard let operation = Service.operation(name), let body = operations[name] else {
      throw Rules.unserved(name, served: operations.keys.sorted())
    }
    let world = try authentication.world(of: request, at: now)
    let input = Rules.known(try AwsJson10.input(of: request), of: operation.input)
    let issues = Validate.issues(input, as: operation.input)
    guard issues.isEmpty else { throw Rules.invalid(issues) }
    return try body(
      Call(operation: operation, input: input, world: world, now: now, store: store, pageToken: pageToken))
  }

  private func notAllowed(_ methods: String, _ text: String) -> HTTPResponse {
    var response = HTTPResponse.plain(405, text)
    response.headers["Allow"] = methods
    return response
  }

  private func finished(_ response: HTTPResponse, _ now: Timestamp) -> HTTPResponse {
    var response = response
    response.headers.append("x-amzn-RequestId", UUID.random())
    response.headers.append("Date", now.httpDate)
    response.headers.append("Server", "Moongate local gateway (emulator)")
    return response
  }
}
