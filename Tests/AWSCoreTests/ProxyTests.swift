// Which proxy a request goes through, and that its password is never shown.
import Testing

@testable import AWSCore

@Suite struct ProxyTests {
  private func proxy(_ url: String, _ variables: [String: String]) -> String? {
    URLParts(url).flatMap { Proxy.url(for: $0, variables: variables) }
  }

  @Test func lowerCaseWinsAndBothCasesCount() {
    #expect(proxy("https://h", ["HTTPS_PROXY": "http://a:1"]) == "http://a:1")
    #expect(proxy("https://h", ["HTTPS_PROXY": "http://a:1", "https_proxy": "b:2"]) == "http://b:2")
    #expect(proxy("https://h", ["https_proxy": " "]) == nil)
    #expect(proxy("https://h", ["http_proxy": "http://a:1", "ALL_PROXY": "http://a:1"]) == nil)
  }

  @Test func loopbackNeverGoesThroughOne() {
    for url in ["http://127.0.0.1:8", "http://localhost", "http://[::1]:8"] {
      #expect(proxy(url, ["http_proxy": "http://a:1"]) == nil)
    }
  }

  @Test(arguments: [
    ("*", true), ("example.com", true), (".example.com", true), ("*.example.com", true), ("ample.com", false),
    ("api.example.com:443", true), ("api.example.com:80", false), ("other.com example.com", true),
    ("", false),
    ("API.EXAMPLE.COM", true),
  ])
  func exclusionsByName(_ list: String, _ excluded: Bool) {
    let target = URLParts(scheme: "https", host: "api.example.com")
    #expect(Proxy.isExcluded(target, by: list) == excluded)
  }

  @Test(arguments: [
    ("10.1.2.3", "10.0.0.0/8", true), ("11.1.2.3", "10.0.0.0/8", false), ("10.1.2.3", "10.1.2.3", true),
    ("[fd00::1]", "fd00::/8", true), ("[fe80::1]", "fd00::/8", false), ("10.1.2.3", "10.0.0.0/33", false),
  ])
  func exclusionsByAddress(_ host: String, _ list: String, _ excluded: Bool) {
    #expect(Proxy.isExcluded(URLParts(scheme: "https", host: host), by: list) == excluded)
  }

  @Test func masksUserAndPassword() {
    #expect(Proxy.masked("http://h:1") == "http://h:1")
    #expect(Proxy.masked("http://u:p@h:1") == "http://***:***@h:1")
    #expect(Proxy.masked("http://u:p@s/s@h:1") == "http://***:***@h:1")
    #expect(Proxy.masked("http://u@h") == "http://***@h")
    #expect(Proxy.masked("http://:p@h") == "http://:***@h")
    #expect(Proxy.masked("u:p@h") == "***:***@h")
    #expect(Proxy.masked("u:p@://h") == "***:***@://h")
  }

  @Test(arguments: [
    ("http://h", "http://h:80", nil), ("https://h:1", "https://h:1", nil),
    ("socks5h://h", "socks5h://h:1080", nil), ("HTTP://u:p@h/", "http://h:80", "u:p"),
    ("http://u:p/@:a@[::1]:1", "http://[::1]:1", "u:p/@:a"), ("http://u@h", "http://h:80", "u"),
  ])
  func partsKeepTheSecretOutOfTheURL(_ proxy: String, _ url: String, _ userInformation: String?) {
    let parts = Proxy.parts(proxy)
    #expect(parts?.url == url)
    #expect(parts?.userInformation == userInformation)
  }
}
