// Perimeter: what keeps web pages away from a server on loopback. A page in the operator's browser can send
// requests here; browsers mark them with Origin or Sec-Fetch-*, and a page that had its own name rebound to
// 127.0.0.1 shows in the Host header. AWS clients do neither.
import AWSCore

enum Perimeter {
  /// Bytes of body that a request may have. The service's largest request is far below.
  static let bodyLimit = 1 << 20

  /// The refusal of a request that did not come from a program on this machine; nil for all others.
  static func refusal(of request: HTTPRequest) -> HTTPResponse? {
    let hosts = request.headers.fields.filter { $0.name.lowercased() == "host" }
    guard hosts.count == 1, let host = hosts.first?.value else {
      return .plain(400, "A request needs exactly one Host header.")
    }
    guard let url = URLParts("http://\(host.lowercased())"), url.isLoopback else {
      return .plain(403, "The Host header must name this machine: 127.0.0.1 or localhost.")
    }
    let fromBrowser = request.headers.fields.contains { field in
      let name = field.name.lowercased()
      return name == "origin" || name.hasPrefix("sec-fetch-")
    }
    return fromBrowser ? .plain(403, "Requests of web pages are refused (Origin, Sec-Fetch-*).") : nil
  }

}

extension HTTPResponse {
  /// An answer for people: whoever gets it is no AWS client, or not where it should be.
  static func plain(_ status: Int, _ text: String) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
  }
}
