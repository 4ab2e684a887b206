// CurlTransfer: one exchange on one easy handle of libcurl: its options, what it has received, and how its
// end reads.
import CCurl
import Glibc

/// Owns an easy handle and everything the handle points at. The transport keeps it alive until it has ended.
@safe final class CurlTransfer {
  let easy: UnsafeMutableRawPointer
  let completion: (Result<HTTPResponse, TransportError>) -> Void
  private let url: URLParts
  private let proxy: String?
  private let limits: TransferLimits
  private var headerList: UnsafeMutablePointer<curl_slist>?
  /// libcurl writes here until the handle is gone, so it cannot live in a Swift array.
  private let errorText: UnsafeMutablePointer<CChar>
  private var status = 0
  private var headers = HTTPHeaders()
  private var headerBytes = 0
  private var body: [UInt8] = []
  private var outgrew: String?

  /// Bytes of header fields that an answer may have; AWS's own take about 300.
  private static let headerLimit = 64 << 10
  /// Seconds that an idle connection may be used again: below the 60 of AWS's load balancers, whose close
  /// would otherwise meet our next request.
  private static let idleSeconds = 50

  init(
    _ request: HTTPRequest, limits: TransferLimits, proxy: String?, certificates: Certificates,
    completion: @escaping (Result<HTTPResponse, TransportError>) -> Void
  ) throws(TransportError) {
    guard let easy = unsafe ccurl_easy_init() else {
      throw TransportError(.other, "libcurl has no memory for a transfer")
    }
    unsafe self.easy = unsafe easy
    self.completion = completion
    self.limits = limits
    self.proxy = proxy
    url = request.url
    unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try setUp(request, certificates)
  }

  deinit {
    unsafe ccurl_easy_cleanup(easy)
    unsafe ccurl_list_free(headerList)
    unsafe errorText.deallocate()
  }

  // MARK: Options

  private func setUp(_ request: HTTPRequest, _ certificates: Certificates) throws(TransportError) {
    try set(CURLOPT_URL, url.description)
    // Signals would be the program's; and where a request goes is decided here, never by an answer or a file.
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_NETRC, 0)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    // The signer has seen this path; libcurl must not tidy it.
    try set(CURLOPT_PATH_AS_IS, 1)
    try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    try set(CURLOPT_MAXAGE_CONN, Self.idleSeconds)

    try set(CURLOPT_SSL_VERIFYPEER, 1)
    try set(CURLOPT_SSL_VERIFYHOST, 2)
    try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    switch certificates {
    case .folder(let path):
      try set(CURLOPT_CAPATH, path)
      try set(CURLOPT_CAINFO, nil)
    case .file(let path):
      try set(CURLOPT_CAINFO, path)
      try set(CURLOPT_CAPATH, nil)
    case .builtIn: break
    }

    // "" switches off what libcurl itself would take from the environment.
    try set(CURLOPT_PROXY, proxy ?? "")
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)

    try set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(limits.connect))
    try set(CURLOPT_TIMEOUT_MS, Self.milliseconds(limits.total))
    try check(unsafe ccurl_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(limits.bodyBytes)))

    try setHeaders(request.headers)
    try setBody(request)

    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    try check(unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
    try check(unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context))
    try check(unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context))
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

  private func setBody(_ request: HTTPRequest) throws(TransportError) {
    if request.method == "POST" || !request.body.isEmpty {
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
      outgrew = "body of more than \(limits.bodyBytes >> 20) MiB"
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
      outgrew = "header of more than \(Self.headerLimit >> 10) KiB"
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
    guard code == CURLE_OK else { return .failure(error(code)) }
    unsafe ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
    return .success(HTTPResponse(status: status, headers: headers, body: body))
  }

  private func error(_ code: CURLcode) -> TransportError {
    let place = "\(url.host):\(url.port ?? (url.scheme == "https" ? 443 : 80))"
    let through = proxy.map { " through the proxy \(Proxy.masked($0))" } ?? ""
    var sent = 0
    unsafe ccurl_get_long(easy, CURLINFO_REQUEST_SIZE, &sent)
    let reason = reason(code)
    let message =
      switch reason {
      case .cannotResolve where code == CURLE_COULDNT_RESOLVE_PROXY:
        "cannot find the address of the proxy \(proxy.map(Proxy.masked) ?? "")"
      case .cannotResolve: "cannot find the address of \(url.host)\(through)"
      case .cannotConnect: "cannot connect to \(place)\(through): \(detail(code))"
      case .timedOut where sent == 0: "cannot connect to \(place)\(through): no connection in time"
      case .timedOut: "no complete answer from \(place)\(through) within \(limits.total) seconds"
      case .brokenConnection: "the connection to \(place)\(through) broke: \(detail(code))"
      case .tls: "no secure connection to \(place)\(through): \(detail(code))"
      case .tooLarge: "the answer of \(place) was refused: \(outgrew ?? "header or body too large")"
      case .notHTTP: "\(place) does not speak HTTP as AWS does (\(detail(code))); is it an AWS endpoint?"
      case .other: "the request to \(place)\(through) failed: \(detail(code))"
      }
    return TransportError(reason, message, beforeSending: sent == 0)
  }

  private func reason(_ code: CURLcode) -> TransportError.Reason {
    if outgrew != nil { return .tooLarge }
    return switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .cannotResolve
    case CURLE_COULDNT_CONNECT: .cannotConnect
    case CURLE_OPERATION_TIMEDOUT: .timedOut
    // A reset during the handshake comes as a TLS error too, with the system's error beside it.
    case CURLE_SSL_CONNECT_ERROR: systemError == 0 ? .tls : .brokenConnection
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
      .tls
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE: .brokenConnection
    // 27 is what libcurl 7.88 calls a header line of 2 MB.
    case CURLE_FILESIZE_EXCEEDED, CURLE_OUT_OF_MEMORY: .tooLarge
    case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL: .notHTTP
    default: .other
    }
  }

  private var systemError: Int {
    var number = 0
    unsafe ccurl_get_long(easy, CURLINFO_OS_ERRNO, &number)
    return number
  }

  /// The most telling words there are: the system's for a failed connect, else libcurl's. Its words for a
  /// proxy URL that it cannot read quote the URL, so that is masked here.
  private func detail(_ code: CURLcode) -> String {
    if code == CURLE_COULDNT_CONNECT, let number = Int32(exactly: systemError), number != 0 {
      return unsafe String(cString: strerror(number))
    }
    let written = unsafe String(cString: errorText)
    let text = written.isEmpty ? unsafe String(cString: ccurl_easy_strerror(code)) : written
    guard let proxy else { return text }
    return text.replacing(proxy, with: Proxy.masked(proxy))
  }
}

@available(*, unavailable)
extension CurlTransfer: Sendable {}
