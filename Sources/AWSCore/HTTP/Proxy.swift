// Proxy: which proxy a request goes through, by the environment variables that AWS's tools read.
//
// libcurl is told explicitly because its own rules differ: it ignores HTTP_PROXY in capitals, and takes
// ALL_PROXY, which the AWS CLI does not.
public enum Proxy {
  /// The way of a request through a proxy, for people.
  public struct Route: Equatable, Sendable {
    /// The proxy without its secrets.
    public var shown: String
    /// Which variable names it, as it is spelt there.
    public var variable: String
    /// False for what is no URL of a proxy.
    public var isUsable: Bool
  }

  /// The proxy that requests to a place go through; nil where they go straight.
  public static func route(to target: URLParts, variables: [String: String]) -> Route? {
    guard let proxy = url(for: target, variables: variables) else { return nil }
    let name = "\(target.scheme)_proxy"
    let variable = variables[name].map { trimmed($0) }?.isEmpty == false ? name : name.uppercased()
    return Route(shown: masked(proxy), variable: variable, isUsable: parts(proxy) != nil)
  }

  /// The proxy's URL for a request, with its credentials, or nil. A loopback target never has one.
  static func url(for target: URLParts, variables: [String: String]) -> String? {
    guard !target.isLoopback,
      let value = variable("\(target.scheme)_proxy", in: variables),
      !isExcluded(target, by: variable("no_proxy", in: variables) ?? "")
    else { return nil }
    return normalised(value)
  }

  /// A proxy named without a scheme is an http one.
  static func normalised(_ proxy: String) -> String {
    if proxy.contains("://") { return proxy }
    return proxy.hasPrefix("//") ? "http:\(proxy)" : "http://\(proxy)"
  }

  /// A URL as it may be shown: of its user and password only that they are there.
  static func masked(_ url: String) -> String {
    // The last @, wherever it stands: a password may hold one, and a slash.
    guard let at = url.lastIndex(of: "@") else { return url }
    let start = url[..<at].firstRange(of: "://").map(\.upperBound) ?? url.startIndex
    let parts = url[start..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return url[..<start] + parts.map { $0.isEmpty ? "" : "***" }.joined(separator: ":") + url[at...]
  }

  /// The schemes a proxy may have, and the port each means without one. libcurl would take 1080 for http;
  /// AWS's tools take 80.
  private static let ports = [
    "http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080,
  ]

  /// A proxy's URL in two halves, so that no message of libcurl's can quote the secret: the URL without user
  /// information, and that as it was written (`user:password`, percent-encoded). nil for what is no URL of a
  /// proxy.
  static func parts(_ proxy: String) -> (url: String, userInformation: String?)? {
    guard let separator = proxy.firstRange(of: "://") else { return nil }
    let scheme = proxy[..<separator.lowerBound].lowercased()
    let rest = proxy[separator.upperBound...]
    let at = rest.lastIndex(of: "@")
    guard let port = ports[scheme],
      let place = URLParts("http://" + (at.map { rest[rest.index(after: $0)...] } ?? rest))
    else { return nil }
    return ("\(scheme)://\(place.host):\(place.port ?? port)", at.map { String(rest[..<$0]) })
  }

  /// The lower-case spelling wins; blank is unset.
  private static func variable(_ name: String, in variables: [String: String]) -> String? {
    [name, name.uppercased()].lazy.compactMap { variables[$0] }.map { trimmed($0) }.first { !$0.isEmpty }
  }

  /// NO_PROXY: entries between commas or spaces; `*` is everything, a name covers its subdomains, `host:port`
  /// one port, and an address may have a prefix length.
  static func isExcluded(_ target: URLParts, by list: String) -> Bool {
    let host = target.host.lowercased().trimming("[]")
    let port = target.port ?? (target.scheme == "https" ? 443 : 80)
    return list.lowercased().split(whereSeparator: { $0 == "," || $0.isWhitespace }).contains { entry in
      if entry == "*" { return true }
      if let range = AddressRange(String(entry).trimming("[]")), let address = AddressRange(host) {
        return range.contains(address)
      }
      var name = entry
      if let colon = entry.lastIndex(of: ":"), let only = Int(entry[entry.index(after: colon)...]) {
        guard only == port else { return false }
        name = entry[..<colon]
      }
      let bare = String(name.drop { $0 == "*" || $0 == "." }).trimming("[]")
      return !bare.isEmpty && (host == bare || host.hasSuffix("." + bare))
    }
  }
}
