// HTTP: requests and responses as values. What carries them is a Transport; what signs them is SigV4.

/// One request, ready to be signed or sent. Header names keep the case they are given; look-ups ignore it.
public struct HTTPRequest: Sendable {
  public var method: String
  public var url: URLParts
  public var headers: HTTPHeaders
  public var body: [UInt8]
  /// False when the server must not see the request twice, as for one that writes: it then goes over a
  /// connection of its own, because libcurl sends again, unasked, what a reused connection lost.
  public var mayRepeat = true

  public init(method: String, url: URLParts, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }
}

/// One complete response.
public struct HTTPResponse: Sendable {
  public var status: Int
  public var headers: HTTPHeaders
  public var body: [UInt8]

  public init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// Header fields in order. RFC 9110 5.1: names are case-insensitive.
public struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
  /// One field. No tuple: of those Swift asks the runtime how to destroy each.
  public struct Field: Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  /// All, in the order in which they were added.
  public private(set) var fields: [Field]

  public init() { fields = [] }

  public init(dictionaryLiteral elements: (String, String)...) { fields = elements.map(Field.init) }

  public init(_ fields: [Field]) { self.fields = fields }

  /// Adds a field, beside those of that name there are.
  public mutating func append(_ name: String, _ value: String) { fields.append(Field(name, value)) }

  /// The first value of a field, or nil. Setting replaces every field of that name.
  public subscript(name: String) -> String? {
    get { fields.first { Self.areSameName($0.name, name) }?.value }
    set {
      fields.removeAll { Self.areSameName($0.name, name) }
      if let newValue { append(name, newValue) }
    }
  }

  /// Every value of a field, in order.
  public func values(_ name: String) -> [String] {
    fields.filter { Self.areSameName($0.name, name) }.map(\.value)
  }

  /// Names are ASCII (RFC 9110 5.6.2). Their length tells most of them apart.
  public static func areSameName(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && isName(a, beginningWith: b)
  }

  /// True for a name that begins so, in either case.
  public static func isName(_ name: String, beginningWith start: String) -> Bool {
    let (name, start) = (name.utf8.span, start.utf8.span)
    guard name.count >= start.count else { return false }
    return start.indices.allSatisfy { name[$0] == start[$0] || isSameLetter(name[$0], start[$0]) }
  }
}

/// The parts of an absolute http or https URL that a request needs (RFC 3986).
public struct URLParts: Hashable, Sendable, CustomStringConvertible {
  public var scheme: String
  /// A name, an IPv4 address, or an IPv6 address in brackets.
  public var host: String
  public var port: Int?
  /// Begins with `/`; percent-encoded as sent.
  public var path: String
  /// Without the `?`; nil when there is none.
  public var query: String?

  public init(scheme: String, host: String, port: Int? = nil, path: String = "/", query: String? = nil) {
    self.scheme = scheme
    self.host = host
    self.port = port
    self.path = path
    self.query = query
  }

  /// Parses an endpoint. Refused (nil): any other scheme, user information, a fragment, an empty host, characters
  /// outside those of a host name or an address, and a port outside 1…65535: an endpoint is where signed requests
  /// go, so nothing that another parser could read differently is let through.
  public init?(_ text: String) {
    guard let schemeEnd = text.firstRange(of: "://") else { return nil }
    scheme = text[..<schemeEnd.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else { return nil }
    let rest = text[schemeEnd.upperBound...]
    guard
      !rest.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value >= 0x7F || $0 == "#" || $0 == "\\" }
      )
    else { return nil }
    let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let authority = rest[..<authorityEnd]
    guard !authority.contains("@") else { return nil }
    let hostEnd: Substring.Index
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else { return nil }
      hostEnd = authority.index(after: close)
      let address = authority[authority.index(after: authority.startIndex)..<close]
      guard !address.isEmpty, address.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
        return nil
      }
    } else {
      hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
      let name = authority[..<hostEnd]
      guard !name.isEmpty,
        name.utf8.allSatisfy({ byte in
          (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
        })
      else { return nil }
    }
    host = String(authority[..<hostEnd])
    let portText = authority[hostEnd...]
    if portText.isEmpty {
      port = nil
    } else {
      guard portText.first == ":", let number = Int(portText.dropFirst()), (1...65_535).contains(number),
        portText.dropFirst().allSatisfy(\.isNumber)
      else { return nil }
      port = number
    }
    let tail = rest[authorityEnd...]
    if let mark = tail.firstIndex(of: "?") {
      path = mark == tail.startIndex ? "/" : String(tail[..<mark])
      query = String(tail[tail.index(after: mark)...])
    } else {
      path = tail.isEmpty ? "/" : String(tail)
      query = nil
    }
  }

  /// The same place with a longer path; one slash where the two meet.
  func appending(_ path: String) -> URLParts {
    var url = self
    while url.path.hasSuffix("/") { url.path.removeLast() }
    url.path += path
    return url
  }

  /// The value of the Host header: the port is named unless it is the scheme's own.
  public var hostHeader: String {
    guard let port, port != (scheme == "https" ? 443 : 80) else { return host }
    return "\(host):\(port)"
  }

  /// True for 127.0.0.0/8, ::1 and localhost: places that no request leaves the machine for.
  public var isLoopback: Bool {
    if host == "localhost" || host == "[::1]" { return true }
    // An address, not a name that looks like one: 127.999.1.5 goes to the resolver.
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }

  public var description: String {
    "\(scheme)://\(host)\(port.map { ":\($0)" } ?? "")\(path)\(query.map { "?\($0)" } ?? "")"
  }
}
