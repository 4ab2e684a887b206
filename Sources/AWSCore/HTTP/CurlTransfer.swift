// CurlTransfer: one exchange on a handle of libcurl, and what it has received. How a failed one reads is in
// CurlTransfer+Failure.swift.
import CCurl
import Glibc

/// One exchange. The transport keeps it alive until it has ended.
@safe final class CurlTransfer {
  let handle: CurlHandle
  let completion: (Result<HTTPResponse, TransportError>) -> Void
  /// How often the request began to leave: its connection stood, TLS and a proxy's tunnel included.
  private var beginnings = 0
  /// On the clock that only goes forward; and the seconds since then that do not count.
  private let begun = Duration.systemUptimeInSeconds()
  private var excused = 0.0
  private var headers = HTTPHeaders()
  private var headerBytes = 0
  private var body: [UInt8] = []
  /// The part of the answer that was more than its limit.
  private(set) var outgrew: Part?
  enum Part { case header, body }

  /// Bytes of header fields that an answer may have; AWS's own take about 300.
  static let headerLimit = 64 << 10

  init(
    _ request: HTTPRequest, on handle: CurlHandle,
    completion: @escaping (Result<HTTPResponse, TransportError>) -> Void
  ) throws(TransportError) {
    self.handle = handle
    self.completion = completion
    try handle.prepare(request, for: self)
  }

  var url: URLParts { handle.options.url }
  var proxy: String? { handle.options.proxy }
  var limits: TransferLimits { handle.options.limits }
  var certificates: Certificates { handle.options.certificates }

  /// The request itself may have begun to leave.
  var isSending: Bool { beginnings > 0 }

  /// True when the handle is as good as new. libcurl 7.88 counts over a handle's whole life how often it has sent again
  /// what a reused connection lost, and gives up at the fifth time.
  var leavesHandleGood: Bool { beginnings == 1 && excused == 0 }

  /// Makes the limits of this exchange longer by the time between two moments, as far as it had begun by then.
  func excuse(from: Double, to: Double) {
    guard to > begun else { return }
    excused += to - max(from, begun)
    try? handle.setTimeLimits(longerBy: excused)
  }

  // MARK: What libcurl calls

  /// Called once the connection stands, before the first byte of the request.
  func begin() { beginnings += 1 }

  func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard body.count + bytes.count <= limits.bodyBytes else {
      outgrew = .body
      return 0
    }
    // A page of 1,000 machines has 270 KB: grown by doubling, it would be copied twice over.
    if body.isEmpty, let length = headers["Content-Length"].flatMap({ Int($0) }),
      (0...limits.bodyBytes).contains(length)
    {
      body.reserveCapacity(length)
    }
    unsafe body.append(contentsOf: bytes)
    return bytes.count
  }

  /// One line: a status line, which begins a new answer (100 Continue may come first), a field, or the empty
  /// line.
  func receiveHeader(_ line: UnsafeRawBufferPointer) -> Int {
    headerBytes += line.count
    guard headerBytes <= Self.headerLimit else {
      outgrew = .header
      return 0
    }
    if unsafe line.starts(with: "HTTP/".utf8) {
      headers = HTTPHeaders()
    } else if let colon = unsafe line.firstIndex(of: UInt8(ascii: ":")) {
      unsafe headers.append(
        String(decoding: line[..<colon], as: UTF8.self),
        String(decoding: trimmed(bytes: line[(colon + 1)...]), as: UTF8.self))
    }
    return line.count
  }

  // MARK: The end

  /// The outcome, once libcurl has said that the transfer is done.
  func outcome(_ code: CURLcode) -> Result<HTTPResponse, TransportError> {
    guard code == CURLE_OK else { return .failure(failure(code)) }
    handle.lastBodyBytes = body.count
    let response = HTTPResponse(
      status: handle.number(CURLINFO_RESPONSE_CODE), headers: headers, body: body)
    guard !isCutAfterHead(response) else { return .failure(failure(CURLE_OK)) }
    return .success(response)
  }

  /// A success without a body and without a length ends where its connection does, so whether it was
  /// complete cannot be told. AWS always sends a length: an empty listing must not come of a broken
  /// connection. In HTTP/2 the stream itself says where it ends.
  private func isCutAfterHead(_ response: HTTPResponse) -> Bool {
    response.body.isEmpty && (200..<300).contains(response.status) && response.status != 204
      && handle.number(CURLINFO_HTTP_VERSION) < Int(CURL_HTTP_VERSION_2_0)
      && response.headers["Content-Length"] == nil && response.headers["Transfer-Encoding"] == nil
  }
}

@available(*, unavailable)
extension CurlTransfer: Sendable {}
