// What stands between the transport and a server: proxies, and the authorities that a server's certificate is believed by.
import Glibc
import Testing

@testable import AWSCore

extension CurlTransportTests {
  // MARK: Proxies

  private func through(_ proxy: String) -> CurlTransport {
    CurlTransport(environment: Environment(variables: ["http_proxy": proxy, "https_proxy": proxy]))
  }

  private var faraway: URLParts { URLParts(scheme: "https", host: "api.example.invalid") }

  @Test func errorsNameTheProxyWithoutItsPassword() {
    let error = failure(exchange(post(faraway), over: through("http://user:hush@127.0.0.1:1")))
    #expect(error?.reason == .cannotConnect)
    #expect(
      error?.message
        == "cannot connect to api.example.invalid:443 through the proxy http://***:***@127.0.0.1:1: "
        + "Connection refused")
  }

  /// libcurl's message for a proxy that it cannot read quotes its URL, cut after 256 bytes: a long password
  /// was shown because the mask looked for all of it.
  @Test(arguments: [
    "odd://user:hush@127.0.0.1:1", "http://user:hush@", "http://user:hush@ho st:1",
    "http://user:hush@h:99999",
    "http://user:" + String(repeating: "hush", count: 100) + "@[h",
  ])
  func aProxyThatIsNoURLIsASettingToPutRight(_ proxy: String) {
    let error = failure(exchange(post(faraway), over: through(proxy)))
    #expect(error?.message.contains("(from https_proxy) is not one that can be used") == true)
    #expect(error?.message.contains("hush") == false)
    #expect(error?.isConfiguration == true)
    #expect(error?.beforeSending == true)
  }

  /// A tunnel that was asked for is no request that was sent: even a write may be sent again.
  @Test(arguments: [
    (
      "407 Authentication Required", "http://", TransportError.Reason.other,
      "wants a user and a password (HTTP 407); write them in https_proxy, as in http://USER:PASSWORD@HOST:PORT"
    ),
    (
      "407 Authentication Required", "http://u:hush@", .other,
      "does not accept the user and password it was given (HTTP 407); write them in https_proxy, as in "
        + "http://USER:PASSWORD@HOST:PORT"
    ),
    ("403 Forbidden", "http://", .other, "refuses to connect to api.example.invalid:443 (HTTP 403)"),
    (
      "502 Bad Gateway", "http://", .cannotConnect,
      "could not connect to api.example.invalid:443 (HTTP 502)"
    ),
  ])
  func aProxyThatRefusesSaysSo(
    _ status: String, _ start: String, _ reason: TransportError.Reason, _ message: String
  ) {
    let server = LoopbackServer(.last("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n"))
    let proxy = start + "127.0.0.1:\(server.port)"
    let error = failure(exchange(post(faraway), with: server, over: through(proxy)))
    #expect(server.requests.first?.hasPrefix("CONNECT api.example.invalid:443 HTTP/1.1\r\n") == true)
    #expect(error?.message == "the proxy \(Proxy.masked(proxy)) \(message)")
    #expect(error?.reason == reason)
    #expect(error?.beforeSending == true)
  }

  @Test func aTunnelThatEndsBeforeTLSIsNotSending() {
    let server = LoopbackServer(.last("HTTP/1.1 200 OK\r\n\r\n"))
    let error = failure(
      exchange(post(faraway), with: server, over: through("http://127.0.0.1:\(server.port)")))
    #expect(error?.reason == .brokenConnection)
    #expect(error?.message.hasSuffix(" broke: ended during the TLS handshake") == true)
    #expect(error?.beforeSending == true)
  }

  @Test func aProxyGetsItsUserAndPasswordDecoded() throws {
    let server = LoopbackServer(.ok)
    var url = faraway
    url.scheme = "http"
    let proxy = "http://us%40er:pa%3Ass@127.0.0.1:\(server.port)"
    #expect(try exchange(post(url), with: server, over: through(proxy))?.get().status == 200)
    // "us@er:pa:ss"
    #expect(server.requests.first?.contains("Proxy-Authorization: Basic dXNAZXI6cGE6c3M=\r\n") == true)
  }

  @Test(arguments: [true, false]) func aProxyIsUsedOnlyWhereItMayBe(_ usesProxy: Bool) throws {
    let proxy = LoopbackServer(.ok)
    let service = LoopbackServer(.ok)
    var limits = TransferLimits()
    limits.usesProxy = usesProxy
    // 127.0.0.1 as libcurl reads it, and no loopback address as we do, for which there would be no proxy.
    let url = URLParts(scheme: "http", host: "127.1", port: service.port)
    let transport = through("http://127.0.0.1:\(proxy.port)")
    let outcome = exchange(
      HTTPRequest(method: "GET", url: url), limits: limits, with: usesProxy ? proxy : service,
      over: transport)
    #expect(try outcome?.get().status == 200)
    proxy.turn()
    #expect(proxy.connectionCount == (usesProxy ? 1 : 0))
  }

  // MARK: Certificate authorities

  @Test func aBundleThatCannotBeUsedNamesItsPath() throws {
    let server = LoopbackServer(.ok)
    var url = loopback(server.port)
    url.scheme = "https"
    let folder = try #require(temporaryFolder())
    defer { rmdir(folder) }
    for (path, problem) in [
      ("/nonexistent/ca.pem", "cannot be read: No such file or directory"),
      ("/dev/null", "is neither a file nor a folder"),
      ("/proc/version", "holds no certificate that can be read (PEM)"),
      (
        folder,
        "is a folder without a certificate named by its hash; 'openssl rehash \(folder)' names them so"
      ),
    ] {
      var limits = TransferLimits()
      limits.caBundle = path
      let error = failure(exchange(post(url), limits: limits, with: server))
      #expect(error?.message == "the CA bundle \(path) \(problem)")
      #expect(error?.reason == .tls)
      #expect(error?.isConfiguration == true)
      #expect(error?.beforeSending == true)
    }
    #expect(server.requests.isEmpty)
  }

  /// A plain connection has no certificate to check, so the bundle is not looked at.
  @Test func aBundleDoesNotMatterWithoutTLS() throws {
    let server = LoopbackServer(.ok)
    var limits = TransferLimits()
    limits.caBundle = "/nonexistent/ca.pem"
    #expect(try exchange(post(loopback(server.port)), limits: limits, with: server)?.get().status == 200)
  }

  @Test func certificatesComeFromAFileOrAHashedFolder() throws {
    let folder = try #require(temporaryFolder())
    let file = "\(folder)/0a1b2c3d.0"
    close(open(file, O_CREAT | O_WRONLY, 0o600))
    defer {
      unlink(file)
      rmdir(folder)
    }
    #expect(try Certificates.atPath(file) == .file(file))
    #expect(try Certificates.atPath(folder) == .folder(folder))
  }

  private func temporaryFolder() -> String? {
    var template = Array("/tmp/moongate-test-XXXXXX".utf8CString)
    return mkdtemp(&template).map { String(cString: $0) }
  }
}
