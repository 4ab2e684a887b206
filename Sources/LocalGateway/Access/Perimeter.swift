// Perimeter: what keeps web pages away from a server on loopback. A page in the operator's browser can send
// requests here; browsers mark them with Origin or Sec-Fetch-*, and a page that had its own name rebound to
// 127.0.0.1 shows in the Host header. AWS clients do neither.
import AWSCore
import BackupGateway

struct Perimeter {
  /// Bytes of body that a request may have. The service's largest request is far below.
  static let bodyLimit = 1 << 20

  /// What else than loopback clients may call this server: the names that it was given, and, when it listens
  /// beyond loopback, any address. Rebinding needs a name that somebody else owns.
  private let names: Set<String>
  private let takesAddresses: Bool

  /// The Host that was admitted last, which is the next one's too, so that few are parsed.
  private var lastAdmitted: String?

  init(names: Set<String> = [], takesAddresses: Bool = false) {
    self.names = names
    self.takesAddresses = takesAddresses
  }

  /// The refusal of a request that did not come from a program that means this server; nil for all others.
  mutating func refusal(of request: HTTPRequest) -> HTTPResponse? {
    var hosts: (count: Int, last: String) = (0, "")
    var isFromBrowser = false
    for field in request.headers.fields {
      if HTTPHeaders.areSameName(field.name, "Host") {
        hosts = (hosts.count + 1, field.value)
      } else if HTTPHeaders.areSameName(field.name, "Origin")
        || HTTPHeaders.isName(field.name, beginningWith: "Sec-Fetch-")
      {
        isFromBrowser = true
      }
    }
    guard hosts.count == 1 else {
      return .plain(400, "A request needs exactly one Host header.")
    }
    guard isOurs(hosts.last) else {
      let known = ["127.0.0.1", "localhost"] + names.sorted()
      return .plain(
        403,
        "The Host header must name this server: \(listed(known)). moongate serve --host NAME adds a name.")
    }
    return isFromBrowser ? .plain(403, "Requests of web pages are refused (Origin, Sec-Fetch-*).") : nil
  }

  private mutating func isOurs(_ host: String) -> Bool {
    if host == lastAdmitted { return true }
    guard let url = URLParts("http://\(host.lowercased())"),
      url.isLoopback || names.contains(url.host) || takesAddresses && IPAddress(url.host) != nil
    else { return false }
    lastAdmitted = host
    return true
  }
}
