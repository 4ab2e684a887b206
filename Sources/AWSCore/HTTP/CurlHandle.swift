// CurlHandle: an easy handle of libcurl with the options that many exchanges share. Handles are used again: to set up a
// new one for each request took as many instructions as to send it.
import CCurl
import Glibc

/// What stays the same on a handle from one exchange to the next.
struct CurlOptions: Equatable {
  var url: URLParts
  var method: String
  var hasBody: Bool
  var mayRepeat: Bool
  var limits: TransferLimits
  /// The proxy's URL with its credentials; nil for a direct connection.
  var proxy: String?
  var certificates: Certificates

  init(_ request: HTTPRequest, limits: TransferLimits, proxy: String?, certificates: Certificates) {
    url = request.url
    method = request.method
    // With an empty body too: a PUT without Content-Length: 0 is refused by servers.
    hasBody = request.method != "GET" || !request.body.isEmpty
    mayRepeat = request.mayRepeat
    self.limits = limits
    self.proxy = proxy
    self.certificates = certificates
  }
}

/// Owns an easy handle and what the handle points at. One exchange at a time.
@safe final class CurlHandle {
  let easy: UnsafeMutableRawPointer
  let options: CurlOptions
  /// libcurl writes here until the handle is gone, so it cannot live in a Swift array.
  private let errorText: UnsafeMutablePointer<CChar>
  private var headerList: UnsafeMutablePointer<curl_slist>?
  /// Bytes that libcurl reads at once.
  private var bufferBytes = 16 << 10
  /// Bytes of the last answer's body: the next one is mostly as long.
  var lastBodyBytes = 0

  /// Seconds that an idle connection may be used again: below the 60 of AWS's load balancers, whose close
  /// would otherwise meet our next request.
  private static let idleSeconds = 50

  init(_ options: CurlOptions) throws(TransportError) {
    guard let easy = unsafe ccurl_easy_init() else {
      throw TransportError(.other, "libcurl has no memory for a transfer", beforeSending: true)
    }
    unsafe self.easy = unsafe easy
    self.options = options
    unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try setUp()
  }

  deinit {
    unsafe ccurl_easy_cleanup(easy)
    unsafe ccurl_lines_free(headerList)
    unsafe errorText.deallocate()
  }

  /// What libcurl wrote about the exchange.
  var written: String { unsafe String(cString: errorText) }

  /// A number that libcurl keeps about the exchange; 0 when it has none.
  func number(_ info: CURLINFO) -> Int {
    var number = 0
    unsafe ccurl_get_long(easy, info, &number)
    return number
  }

  // MARK: What stays

  private func setUp() throws(TransportError) {
    try set(CURLOPT_URL, options.url.description)
    // Signals would be the program's; and where a request goes is decided here, never by an answer or a file.
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_NETRC, 0)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    // The signer has seen this path; libcurl must not tidy it.
    try set(CURLOPT_PATH_AS_IS, 1)
    // HTTP/2 where TLS negotiates it, and then requests share one connection: the first one's handshake is waited for.
    try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    try set(CURLOPT_PIPEWAIT, options.url.scheme == "https" ? 1 : 0)
    try set(CURLOPT_MAXAGE_CONN, Self.idleSeconds)
    // libcurl 7.88 sends again over a new connection what a reused one swallowed without an answer, even when
    // the server had taken all of it. Over a fresh one it never does. That one is not kept either: a hundred writes in
    // turn left a hundred idle connections.
    try set(CURLOPT_FRESH_CONNECT, options.mayRepeat ? 0 : 1)
    try set(CURLOPT_FORBID_REUSE, options.mayRepeat ? 0 : 1)
    try setTrust()
    try setProxy()

    try setTimeLimits()
    try check(
      unsafe ccurl_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(options.limits.bodyBytes)))
    // Where TLS copies a request to before it is sent. libcurl would take 64 KiB for each that is under way.
    try set(CURLOPT_UPLOAD_BUFFERSIZE, 16 << 10)
    if options.hasBody { try set(CURLOPT_POST, 1) }
    try set(CURLOPT_CUSTOMREQUEST, options.method)

    try check(unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
    try check(
      unsafe ccurl_set_before_request(easy) { context, _, _, _, _ in
        guard let context = unsafe context else { return CURL_PREREQFUNC_ABORT }
        unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().begin()
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

  /// Also those of the exchange under way, to be longer than its options say.
  func setTimeLimits(longerBy seconds: Double = 0) throws(TransportError) {
    try set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(options.limits.connect + seconds))
    try set(CURLOPT_TIMEOUT_MS, Self.milliseconds(options.limits.total + seconds))
  }

  private func setTrust() throws(TransportError) {
    try set(CURLOPT_SSL_VERIFYPEER, 1)
    try set(CURLOPT_SSL_VERIFYHOST, 2)
    try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    // The server, and a proxy that is spoken to in TLS.
    for (file, folder) in [(CURLOPT_CAINFO, CURLOPT_CAPATH), (CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH)] {
      switch options.certificates {
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
    guard let proxy = options.proxy else { return try set(CURLOPT_PROXY, "") }
    guard let parts = Proxy.parts(proxy) else {
      throw TransportError(
        .other,
        "the proxy \(Proxy.masked(proxy)) (from \(options.url.scheme)_proxy) is not one that can be used: write "
          + "http://HOST:PORT", beforeSending: true, isConfiguration: true)
    }
    try set(CURLOPT_PROXY, parts.url)
    try set(CURLOPT_PROXYUSERPWD, parts.userInformation)
    // A proxy's answer to CONNECT is not the service's.
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  // MARK: What changes

  /// Makes the handle ready for an exchange, whose callbacks go to `transfer`.
  func prepare(_ request: HTTPRequest, for transfer: CurlTransfer) throws(TransportError) {
    unsafe errorText[0] = 0
    fitBuffer()
    try setHeaders(request.headers)
    if options.hasBody { try setBody(request.body) }
    let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
    for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_PREREQDATA] {
      try check(unsafe ccurl_set_pointer(easy, option, context))
    }
  }

  /// Reads in pieces of what the last answer was long, from libcurl's own 16 KiB to 64: a page of 1,000 machines takes 17
  /// reads otherwise, and as many questions whether there is more.
  private func fitBuffer() {
    let wanted = min(max(16 << 10, lastBodyBytes), 64 << 10)
    // The one option that may be refused: while other streams of HTTP/2 use its connection libcurl 7.88 keeps the buffer
    // of a transfer that has ended, and lets nobody change it.
    guard wanted != bufferBytes, unsafe ccurl_set_long(easy, CURLOPT_BUFFERSIZE, wanted) == CURLE_OK else {
      return
    }
    bufferBytes = wanted
  }

  private func setBody(_ body: [UInt8]) throws(TransportError) {
    try check(unsafe ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
    let code = unsafe body.withUnsafeBytes { bytes in
      unsafe ccurl_set_pointer(
        easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }
    try check(code)
  }

  /// Our header fields and none of libcurl's own: `Name:` removes the one it would add.
  private func setHeaders(_ headers: HTTPHeaders) throws(TransportError) {
    var lines: [UInt8] = []
    // A signed request's are some 500 bytes.
    lines.reserveCapacity(1_024)
    var count = headers.fields.count
    for field in headers.fields {
      lines.append(text: field.name)
      lines.append(text: field.value.isEmpty ? ";" : ": ")
      lines.append(text: field.value)
      lines.append(0)
    }
    for name in ["Accept", "Content-Type", "Expect"] where headers[name] == nil {
      lines.append(text: name)
      lines += [UInt8(ascii: ":"), 0]
      count += 1
    }
    try refuseControls(in: lines, count, headers)
    guard
      let list = unsafe lines.withUnsafeBytes({ bytes in
        unsafe ccurl_lines(bytes.baseAddress, bytes.count, count)
      })
    else { throw Self.refused("no memory") }
    let old = unsafe headerList
    unsafe headerList = unsafe list
    defer { unsafe ccurl_lines_free(old) }
    try check(unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, list))
  }

  /// libcurl sends line breaks in a value as they are, which would be a header of somebody else's choice. The only
  /// control characters are to be the zeros that end the lines.
  private func refuseControls(
    in lines: [UInt8], _ count: Int, _ headers: HTTPHeaders
  ) throws(TransportError) {
    guard unsafe lines.withUnsafeBytes({ unsafe ccurl_controls($0.baseAddress, $0.count) }) != count else {
      return
    }
    func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }
    let name = headers.fields.first { "\($0.name)\($0.value)".utf8.contains(where: isControl) }?.name ?? ""
    throw TransportError(
      .other, "the header \(name.filter(\.isLetter)) holds a control character; nothing was sent",
      beforeSending: true)
  }

  // MARK: Options

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
}

@available(*, unavailable)
extension CurlHandle: Sendable {}
