// How a transfer that brought no complete answer reads: its reason, and the most telling words there are.
import CCurl
import Glibc

extension CurlTransfer {
  /// What libcurl's code for the end of a transfer means; `CURLE_OK` for a complete answer that is none.
  func failure(_ code: CURLcode) -> TransportError {
    if code == CURLE_SSL_CACERT_BADFILE { return certificates.failure }
    if let refusal = proxyRefusal { return refusal }
    let target = place + through
    let reason = reason(code)
    let message =
      switch reason {
      case .cannotResolve where code == CURLE_COULDNT_RESOLVE_PROXY:
        "cannot find the address of the proxy \(proxy.map(Proxy.masked) ?? "") (from \(url.scheme)_proxy)"
      case .cannotResolve: "cannot find the address of \(url.host)\(through)"
      case .cannotConnect: "cannot connect to \(target): \(detail(code))"
      case .timedOut where !isSending:
        "cannot connect to \(target): no connection within \(seconds(min(limits.connect, limits.total)))"
      case .timedOut: "no complete answer from \(target) within \(seconds(limits.total))"
      case .brokenConnection: "the connection to \(target) broke: \(detail(code))"
      case .tls: "no secure connection to \(target): \(refusedCertificate(code) ?? detail(code))"
      case .tooLarge: "the answer of \(place) was refused: \(tooLarge(code))"
      case .notHTTP:
        "\(place) does not speak HTTP as AWS does (\(detail(code))); it may not be an AWS endpoint"
      case .other: "the request to \(target) failed: \(detail(code))"
      }
    // A proxy that is not there is a setting to put right, and none of the endpoint's.
    return TransportError(
      reason, message, beforeSending: !isSending, isConfiguration: code == CURLE_COULDNT_RESOLVE_PROXY)
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
    case CURLE_OK, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE:
      .brokenConnection
    case CURLE_FILESIZE_EXCEEDED, CURLE_OUT_OF_MEMORY: .tooLarge
    case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL: .notHTTP
    default: .other
    }
  }

  /// Which part of the answer was more than its limit. 27 is what libcurl 7.88 calls a header line of 2 MB.
  private func tooLarge(_ code: CURLcode) -> String {
    if outgrew == .header || code == CURLE_OUT_OF_MEMORY {
      return "header of more than \(size(Self.headerLimit))"
    }
    return "body of more than \(size(limits.bodyBytes))"
  }

  /// A proxy that answered CONNECT with anything but success; libcurl calls that a receive error.
  private var proxyRefusal: TransportError? {
    guard let proxy, !isSending else { return nil }
    let name = "the proxy \(Proxy.masked(proxy))"
    let status = handle.number(CURLINFO_HTTP_CONNECTCODE)
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

  /// Which check a certificate failed; nil when it was something else. OpenSSL numbers them in
  /// <openssl/x509_vfy.h>, X509_V_ERR_….
  private func refusedCertificate(_ code: CURLcode) -> String? {
    let isProxys =
      proxy?.lowercased().hasPrefix("https:") == true && handle.number(CURLINFO_HTTP_CONNECTCODE) == 0
    let certificate = isProxys ? "the proxy's certificate" : "its certificate"
    switch handle.number(isProxys ? CURLINFO_PROXY_SSL_VERIFYRESULT : CURLINFO_SSL_VERIFYRESULT) {
    case 9: return "\(certificate) is not valid yet, or this computer's clock is wrong"
    case 10: return "\(certificate) has expired, or this computer's clock is wrong"
    case 18, 19, 20, 21:
      return "\(certificate) comes from an authority that \(certificates) does not hold"
        + (limits.caBundle == nil ? "; AWS_CA_BUNDLE or ca_bundle can name another file of authorities" : "")
    // 1 is where libcurl begins, before OpenSSL has found anything: so it was the name, which libcurl looks
    // at itself. Its words would quote the certificate.
    case 0...1 where code == CURLE_PEER_FAILED_VERIFICATION: return "\(certificate) is for another host"
    default: return nil
    }
  }

  private var place: String { "\(url.host):\(url.port ?? (url.scheme == "https" ? 443 : 80))" }

  private var through: String { proxy.map { " through the proxy \(Proxy.masked($0))" } ?? "" }

  /// A connection that ends during the handshake comes as a TLS error too; only the words tell. In order: of
  /// libcurl 7.88 when OpenSSL has no error of its own to report, of OpenSSL 3, of later libcurls.
  private var handshakeWasCut: Bool {
    ["SSL_connect:", "unexpected eof", "Connection reset"].contains { written.contains($0) }
  }

  private var written: String { handle.written }

  /// The system's words for a failed connect, else libcurl's.
  private func detail(_ code: CURLcode) -> String {
    switch code {
    case CURLE_SSL_CONNECT_ERROR where handshakeWasCut: return "ended during the TLS handshake"
    case CURLE_SSL_CONNECT_ERROR where written.contains("wrong version number"):
      return "what answers there does not speak TLS"
    case CURLE_GOT_NOTHING: return "closed without an answer"
    // Its own end, after which libcurl saw nothing amiss.
    case CURLE_OK: return "closed after the header of an answer, which gave no length"
    default: break
    }
    if code == CURLE_COULDNT_CONNECT, let number = Int32(exactly: handle.number(CURLINFO_OS_ERRNO)),
      number != 0
    {
      return unsafe String(cString: strerror(number))
    }
    return oneLine(written.isEmpty ? unsafe String(cString: ccurl_easy_strerror(code)) : written)
  }

  private func size(_ bytes: Int) -> String {
    bytes < 1 << 20 ? "\(bytes >> 10) KiB" : "\(bytes >> 20) MiB"
  }

  private func seconds(_ number: Double) -> String {
    number == 1 ? "1 second" : "\(Int(exactly: number).map(String.init) ?? String(number)) seconds"
  }
}
