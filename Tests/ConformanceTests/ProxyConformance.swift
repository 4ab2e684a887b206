// The proxy suite: how a proxy's URL is completed, and what of it may be shown.
import TestSupport
import Testing

@testable import AWSCore

@Test func proxyConformance() {
  conformance("proxy") { report in
    for (index, item) in (Conformance.json("\(report.folder)/proxy.json")?.array ?? []).enumerated() {
      let kind = item["kind"]?.string ?? ""
      let text = item["in"]?.string ?? ""
      let id = "\(kind)#\(index)"
      let found: String
      switch kind {
      case "normalise": found = Proxy.normalised(text)
      case "mask_in_logs": found = Proxy.masked(text)
      case let kind where kind.contains("auth") || kind.contains("header"):
        report.skip(id, because: "libcurl writes Proxy-Authorization from the user and password in the URL")
        continue
      default:
        report.skip(id, because: "the driver does not know this kind of case")
        continue
      }
      report.check(id) {
        found == item["out"]?.string ? nil : "\(found) instead of \(item["out"]?.string ?? "")"
      }
    }
  }
}
