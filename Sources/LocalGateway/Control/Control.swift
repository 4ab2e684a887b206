// Control: the local gateway's own switches, over HTTP on a port of their own that no AWS client ever talks to.
//
//   POST /clock                             Authorization: Bearer TOKEN
//   {"advance": "2h"}                       → {"now": "2026-03-14T11:26:00Z", …}
//
// It exists only when it was asked for, listens on loopback only, and knows who was told the token.
import AWSCore
import BackupGateway

final class Control: Answering {
  /// The service that this controls. Everything here runs on its thread.
  let responder: Responder
  /// The world that is meant where a request names none.
  let home: World
  private let token: String
  private var perimeter = Perimeter()
  private let routes: [ControlRoute]

  init(_ responder: Responder, home: World, token: String, routes: [ControlRoute] = ControlRoute.all) {
    self.responder = responder
    self.home = home
    self.token = token
    self.routes = routes
  }

  func begin(_ request: HTTPRequest) -> Step {
    .reply(Reply(response: perimeter.refusal(of: request) ?? answer(request)))
  }

  func refuse(_ status: Int, _ text: String) -> HTTPResponse { .plain(status, text) }

  func connections(open: Int, turnedAway: Int) {}

  private func answer(_ request: HTTPRequest) -> HTTPResponse {
    let given = request.headers["Authorization"] ?? ""
    guard Digest.equal(Array(given.utf8), Array("Bearer \(token)".utf8)) else {
      var response = Self.response(401, error: "This needs the token that the server's first line tells.")
      response.headers["WWW-Authenticate"] = "Bearer"
      return response
    }
    guard let route = routes.first(where: { $0.path == request.url.path }) else {
      return Self.response(
        404, error: "There is nothing at this path. There is \(listed(routes.map(\.path))).")
    }
    guard request.method == "POST" else {
      return .notAllowed("POST", "Everything here is asked for by POST.")
    }
    do {
      let input = try ControlInput(request.body, as: route.operation.input, at: responder.clock.now)
      return Self.response(200, try route.answer(self, input))
    } catch let problem as FieldProblem {
      return Self.response(400, error: problem.text)
    } catch let fault as Fault {
      return Self.response(fault.name == "InternalServerException" ? 500 : 400, error: fault.message)
    } catch {
      return Self.response(500, error: "\(error)")
    }
  }

  private static func response(_ status: Int, _ members: Value.Object) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": "application/json"], body: JSON.encode(.object(members)))
  }

  private static func response(_ status: Int, error: String) -> HTTPResponse {
    response(status, ["error": .string(error)])
  }
}
