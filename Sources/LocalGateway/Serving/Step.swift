// Step: what becomes of a request, as values. Whatever answers requests says what is to happen; a connection
// does it. So nothing here needs a network or a timer, and tests take the steps by hand.
import AWSCore

/// What stands behind a listener.
protocol Answering: AnyObject {
  /// What is to happen to a complete request. Never fails: what goes wrong is an answer too.
  func begin(_ request: HTTPRequest) -> Step
  /// The answer to a request that the connection had to refuse before it was complete.
  func refuse(_ status: Int, _ text: String) -> HTTPResponse
  /// How many connections are open now, and how many were turned away since the start.
  func connections(open: Int, turnedAway: Int)
}

enum Step {
  case reply(Reply)
  /// Nothing happens for so long; then `next` is asked, whether the client is still there or not.
  case pause(Duration, next: () -> Step)
}

/// An answer, and how it leaves.
struct Reply {
  enum Delivery {
    case whole
    /// The connection is reset instead.
    case reset
    /// Half of the body, then the end.
    case cutShort
  }

  var response: HTTPResponse
  var delivery = Delivery.whole

  /// The part of the body that leaves.
  var bodyAsSent: ArraySlice<UInt8> {
    switch delivery {
    case .whole: response.body[...]
    case .cutShort: response.body.prefix(response.body.count / 2)
    case .reset: []
    }
  }
}

extension HTTPResponse {
  /// An answer for people: whoever gets it is no AWS client, or not where it should be.
  static func plain(_ status: Int, _ text: String) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
  }

  static func notAllowed(_ methods: String, _ text: String) -> HTTPResponse {
    var response = plain(405, text)
    response.headers["Allow"] = methods
    return response
  }
}
