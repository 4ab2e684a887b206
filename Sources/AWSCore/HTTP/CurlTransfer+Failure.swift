// How a transfer that brought no complete answer reads: its reason, and the most telling words there are.
import CCurl
import Glibc

extension CurlTransfer {
  /// What libcurl's code for the end of a transfer means.
  func failure(_ code: CURLcode) -> TransportError {
    if code == CURLE_SSL_CACERT_BADFILE { return certificates.failure }
    if let refusal = proxyRefusal { return refusal }
    let target = place + through
    let reason = reason(code)
    let message =
      switch reason {
      case .cannotResolve where code == CURLE_COULDNT_RESOLVE_PROXY:
        "cannot find the address of the proxy \(proxy.map(Proxy.masked) ?? "")"
      case .cannotResolve: "cannot find the address of \(url.host)\(through)"
      case .cannotConnect: "cannot connect to \(target): \(detail(code))"
      case .timedOut where !isSending:
        "cannot connect to \(target): no connection within \(seconds(min(limits.connect, limits.total)))"
      case .timedOut: "no complete answer from \(target) within \(seconds(limits.total))"
      case .brokenConnection: "the connection to \(target) broke: \(detail(code))"
      case .tls: "no secure connection to \(target): \(refusedCertificate(code) ?? detail(code))"
      case .tooLarge: "the answer of \(place) was refused: \(outgrew ?? "header or body too large")"
      case .notHTTP: "\(place) does not speak HTTP as AWS does (\(detail(code))); is it an AWS endpoint?"
      case .other: "the request to \(target) failed: \(detail(code))"
      }
    return TransportError(reason, message, beforeSending: !isSending)
  }

  private func reason(_ code: CURLcode) -> TransportError.Reason {
    if outgrew != nil { return .tooLarge }
    return switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .cannotResolve
    case CURLE_COULDNT_CONNECT, CURLE_PROXY: .cannotConnect
    case CURLE_OPERATION_TIMEDOUT: .timedOut
    case CURLE_SSL_CONNECT_ERROR: handshakeWasCut ? .brokenConnection : .tls
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
      .tls
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE: .brokenConnection
    // 27 is what libcurl 7.88 calls a header line of 2 MB.
    case CURLE_FILESIZE_EXCEEDED, CURLE_OUT_OF_MEMORY: .tooLarge
    case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL: .notHTTP
    default: .other
    }
  }

  /// A proxy that answered CONNECT with anything but success; libcurl calls that a receive error.
  private var proxyRefusal: TransportError? {
    guard let proxy, !isSending else { return nil }
    let name = "the proxy \(Proxy.masked(proxy))"
    let status = number(CURLINFO_HTTP_CONNECTCODE)
    switch status {
    case ..<300: return nil
    case 407:
      let problem =
        Proxy.parts(proxy)?.userInformation == nil
        ? "wants a user and a password" : "does not accept the user and password it was given"
      return TransportError(
        .other,
        "\(name) \(problem) (HTTP 407); write them in \(url.scheme)_proxy, as in http://USER:PASSWORD@HOST:PORT",
        beforeSending: true, isConfiguration: true)
    // It tried and did not get through, which may be over in a moment.
    case 500...:
      return TransportError(
        .cannotConnect, "\(name) could not connect to \(place) (HTTP \(status))", beforeSending: true)
    default:
      return TransportError(
        .other, "\(name) refuses to connect to \(place) (HTTP \(status))", beforeSending: true)
    }
  }

  /// Which check the server's certificate failed; nil when it was something else. OpenSSL numbers them in
  /// <openssl/x509_vfy.h>, X509_V_ERR_….
  private func refusedCertificate(_ code: CURLcode) -> String? {
    switch number(CURLINFO_SSL_VERIFYRESULT) {
    case 9: "its certificate is not valid yet, or this computer's clock is wrong"
    case 10: "its certificate has expired, or this computer's clock is wrong"
    case 18, 19, 20, 21: "its certificate comes from an authority that \(certificates) does not hold"
    // The chain is good, so it was the name; libcurl's words would quote the certificate.
    case 0 where code == CURLE_PEER_FAILED_VERIFICATION: "its certificate is for another host"
    default: nil
    }
  }

  private var place: String { "\(url.host):\(url.port ?? (url.scheme == "https" ? 443 : 80))" }

  private var through: String { proxy.map { " through the proxy \(Proxy.masked($0))" } ?? "" }

  /// A connection that ends during the handshake comes as a TLS error too: a reset with the system's error
  /// beside it, a close with OpenSSL's words for the end of a file.
  private var handshakeWasCut: Bool { number(CURLINFO_OS_ERRNO) != 0 || handshakeWasClosed }

  private var handshakeWasClosed: Bool {
    written.contains("SSL_ERROR_SYSCALL") || written.contains("unexpected eof")
  }

  /// What libcurl wrote about this transfer.
  private var written: String { unsafe String(cString: errorText) }

  /// The system's words for a failed connect, else libcurl's.
  private func detail(_ code: CURLcode) -> String {
    if code == CURLE_SSL_CONNECT_ERROR && handshakeWasClosed { return "closed during the TLS handshake" }
    if code == CURLE_COULDNT_CONNECT, let number = Int32(exactly: number(CURLINFO_OS_ERRNO)), number != 0 {
      return unsafe String(cString: strerror(number))
    }
    return oneLine(written.isEmpty ? unsafe String(cString: ccurl_easy_strerror(code)) : written)
  }

  private func seconds(_ number: Double) -> String {
    number == 1 ? "1 second" : "\(Int(exactly: number).map(String.init) ?? String(number)) seconds"
  }
}
