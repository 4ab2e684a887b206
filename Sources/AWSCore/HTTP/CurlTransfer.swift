// CurlTransfer: one exchange on one easy handle of libcurl: its options and what it has received. How a
// failed one reads is in CurlTransfer+Failure.swift.
import CCurl
import Glibc

/// Owns an easy handle and everything the handle points at. The transport keeps it alive until it has ended.
@safe final class CurlTransfer {
  let easy: UnsafeMutableRawPointer
  let completion: (Result<HTTPResponse, TransportError>) -> Void
  let url: URLParts
  /// The proxy's URL with its credentials; nil for a direct connection.
  let proxy: String?
  let limits: TransferLimits
  let certificates: Certificates
  private var headerList: UnsafeMutablePointer<curl_slist>?
  /// libcurl writes here until the handle is gone, so it cannot live in a Swift array.
  let errorText: UnsafeMutablePointer<CChar>
  /// The request itself may have begun to leave: its connection stands, TLS and a proxy's tunnel included.
  private(set) var isSending = false
  private var headers = HTTPHeaders()
  private var headerBytes = 0
  private var body: [UInt8] = []
  /// The part of the answer that was more than its limit.
  private(set) var outgrew: Part?
  enum Part { case header, body }

  /// Bytes of header fields that an answer may have; AWS's own take about 300.
  static let headerLimit = 64 << 10
  /// Seconds that an idle connection may be used again: below the 60 of AWS's load balancers, whose close
  /// would otherwise meet our next request.
  private static let idleSeconds = 50

  init(
    _ request: HTTPRequest, limits: TransferLimits, proxy: String?, certificates: Certificates,
    completion: @escaping (Result<HTTPResponse, TransportError>) -> Void
  ) throws(TransportError) {
    guard let easy = unsafe ccurl_easy_init() else {
      throw TransportError(.other, "libcurl has no memory for a transfer", beforeSending: true)
    }
    unsafe self.easy = unsafe easy
    self.completion = completion
    self.limits = limits
    self.proxy = proxy
    self.certificates = certificates
    url = request.url
    unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try setUp(request)
  }

  deinit {
    unsafe ccurl_easy_cleanup(easy)
    unsafe ccurl_list_free(headerList)
    unsafe errorText.deallocate()
  }

  // MARK: Options

  private func setUp(_ request: HTTPRequest) throws(TransportError) {
    try set(CURLOPT_URL, url.description)
    // Signals would be the program's; and where a request goes is decided here, never by an answer or a file.
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_NETRC, 0)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    // The signer has seen this path; libcurl must not tidy it.
    try set(CURLOPT_PATH_AS_IS, 1)
    // HTTP/2 where TLS negotiates it, and then requests share one connection: the first one's handshake is waited for.
    try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    try set(CURLOPT_PIPEWAIT, url.scheme == "https" ? 1 : 0)
    try set(CURLOPT_MAXAGE_CONN, Self.idleSeconds)
    // libcurl 7.88 sends again over a new connection what a reused one swallowed without an answer, even when
    // the server had taken all of it. Over a fresh one it never does.
    try set(CURLOPT_FRESH_CONNECT, request.mayRepeat ? 0 : 1)
    // Nobody would use it again but a read, which has one: a run of writes left 128 idle connections open.
    try set(CURLOPT_FORBID_REUSE, request.mayRepeat ? 0 : 1)
    try setTrust()
    try setProxy()

    try set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(limits.connect))
    try set(CURLOPT_TIMEOUT_MS, Self.milliseconds(limits.total))
    try check(unsafe ccurl_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(limits.bodyBytes)))

    try setHeaders(request.headers)
    try setBody(request)

    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    try check(unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
    try check(unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context))
    try check(unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context))
    try check(unsafe ccurl_set_pointer(easy, CURLOPT_PREREQDATA, context))
    try check(
      unsafe ccurl_set_before_request(easy) { context, _, _, _, _ in
        guard let context = unsafe context else { return CURL_PREREQFUNC_ABORT }
        unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().isSending = true
        return CURL_PREREQFUNC_OK
      })
    try check(
      unsafe ccurl_set_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
        guard let context = unsafe context else { return 0 }
        let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        return unsafe transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
      })
    try check(
      unsafe ccurl_set_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
        guard let context = unsafe context else { return 0 }
        let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        return unsafe transfer.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
      })
  }

  private func setTrust() throws(TransportError) {
    try set(CURLOPT_SSL_VERIFYPEER, 1)
    try set(CURLOPT_SSL_VERIFYHOST, 2)
    try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    // The server, and a proxy that is spoken to in TLS.
    for (file, folder) in [(CURLOPT_CAINFO, CURLOPT_CAPATH), (CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH)] {
      switch certificates {
      case .folder(let path):
        try set(folder, path)
        try set(file, nil)
      case .file(let path):
        try set(file, path)
        try set(folder, nil)
      case .builtIn: break
      }
    }
  }

  private func setProxy() throws(TransportError) {
    // "" switches off what libcurl itself would take from the environment.
    // So does "" for the exceptions, which Proxy has applied by AWS's rules.
    try set(CURLOPT_NOPROXY, "")
    guard let proxy else { return try set(CURLOPT_PROXY, "") }
    guard let parts = Proxy.parts(proxy) else {
      throw TransportError(
        .other,
        "the proxy \(Proxy.masked(proxy)) (from \(url.scheme)_proxy) is not one that can be used: write "
          + "http://HOST:PORT", beforeSending: true, isConfiguration: true)
    }
    try set(CURLOPT_PROXY, parts.url)
    try set(CURLOPT_PROXYUSERPWD, parts.userInformation)
    // A proxy's answer to CONNECT is not the service's.
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  private func setBody(_ request: HTTPRequest) throws(TransportError) {
    // With an empty body too: a PUT without Content-Length: 0 is refused by servers.
    if request.method != "GET" || !request.body.isEmpty {
      try set(CURLOPT_POST, 1)
      try check(
        unsafe ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
      let code = unsafe request.body.withUnsafeBytes { bytes in
        unsafe ccurl_set_pointer(
          easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
      }
      try check(code)
    }
    try set(CURLOPT_CUSTOMREQUEST, request.method)
  }

  /// Our header fields and none of libcurl's own: `Name:` removes the one it would add.
  private func setHeaders(_ headers: HTTPHeaders) throws(TransportError) {
    for field in headers.fields {
      // libcurl sends line breaks in a value as they are, which would be a header of somebody else's choice.
      let text = field.name + field.value
      guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
        throw TransportError(
          .other, "the header \(field.name.filter(\.isLetter)) holds a control character; nothing was sent",
          beforeSending: true)
      }
      try append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
    }
    for name in ["Accept", "Content-Type", "Expect"] where headers[name] == nil { try append("\(name):") }
    try check(unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, headerList))
  }

  private func append(_ line: String) throws(TransportError) {
    guard let longer = unsafe ccurl_list_append(headerList, line) else { throw Self.refused("no memory") }
    unsafe headerList = unsafe longer
  }

  private func set(_ option: CURLoption, _ value: Int) throws(TransportError) {
    try check(unsafe ccurl_set_long(easy, option, value))
  }

  private func set(_ option: CURLoption, _ value: String?) throws(TransportError) {
    try check(unsafe ccurl_set_string(easy, option, value))
  }

  /// Every option is checked: a libcurl that does not know one would send with less care than was asked for.
  private func check(_ code: CURLcode) throws(TransportError) {
    guard code == CURLE_OK else { throw Self.refused(unsafe String(cString: ccurl_easy_strerror(code))) }
  }

  private static func refused(_ reason: String) -> TransportError {
    TransportError(
      .other, "libcurl refused to prepare the request (\(reason)); version 7.85 or later is needed",
      beforeSending: true)
  }

  private static func milliseconds(_ seconds: Double) -> Int {
    Int(exactly: (max(0.001, seconds) * 1_000).rounded()) ?? Int(Int32.max)
  }

  // MARK: Receiving

  private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard body.count + bytes.count <= limits.bodyBytes else {
      outgrew = .body
      return 0
    }
    unsafe body.append(contentsOf: bytes)
    return bytes.count
  }

  /// One line: a status line, which begins a new answer (100 Continue may come first), a field, or the empty
  /// line.
  private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
    headerBytes += bytes.count
    guard headerBytes <= Self.headerLimit else {
      outgrew = .header
      return 0
    }
    let line = unsafe String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      headers = HTTPHeaders()
    } else if let colon = line.firstIndex(of: ":") {
      headers.append(String(line[..<colon]), trimmed(line[line.index(after: colon)...]))
    }
    return bytes.count
  }

  // MARK: The end

  /// The outcome, once libcurl has said that the transfer is done.
  func outcome(_ code: CURLcode) -> Result<HTTPResponse, TransportError> {
    guard code == CURLE_OK else { return .failure(failure(code)) }
    let response = HTTPResponse(status: number(CURLINFO_RESPONSE_CODE), headers: headers, body: body)
    guard !isCutAfterHead(response) else { return .failure(failure(CURLE_OK)) }
    return .success(response)
  }

  /// A success without a body and without a length ends where its connection does, so whether it was
  /// complete cannot be told. AWS always sends a length: an empty listing must not come of a broken
  /// connection. In HTTP/2 the stream itself says where it ends.
  private func isCutAfterHead(_ response: HTTPResponse) -> Bool {
    number(CURLINFO_HTTP_VERSION) < Int(CURL_HTTP_VERSION_2_0) && (200..<300).contains(response.status)
      && response.status != 204 && response.body.isEmpty
      && response.headers["Content-Length"] == nil && response.headers["Transfer-Encoding"] == nil
  }

  /// A number that libcurl keeps about the transfer; 0 when it has none.
  func number(_ info: CURLINFO) -> Int {
    var number = 0
    unsafe ccurl_get_long(easy, info, &number)
    return number
  }
}

@available(*, unavailable)
extension CurlTransfer: Sendable {}
