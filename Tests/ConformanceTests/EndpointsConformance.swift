// The endpoints suite: the URL, or the error, that follows from region and switches, service by service.
import AWSCore
import TestSupport
import Testing

@Test func endpointsConformance() {
  conformance("endpoints") { report in
    for path in Conformance.files(under: report.folder, suffix: ".json") {
      guard let cases = Conformance.json(path)?["testCases"]?.array else { continue }
      let name = String(path.dropFirst(report.folder.count + 1))
      let service = name.split(separator: "/").dropLast().last.map(String.init) ?? ""
      for (index, item) in cases.enumerated() {
        run(item, service: service, name.hasPrefix("rules-engine/"), id: "\(name)#\(index)", report)
      }
    }
  }
}

/// The first labels of the hosts of services that follow the common rules.
private let hosts = [
  "backup-gateway": "backup-gateway", "backup": "backup", "sts": "sts", "sso": "portal.sso",
  "sso-oidc": "oidc",
]

private func run(_ item: Value, service: String, _ isRuleSet: Bool, id: String, _ report: Report) {
  if isRuleSet {
    return report.skip(id, because: "hosts are computed here; rule sets are not interpreted")
  }
  guard let host = hosts[service] else {
    return report.skip(id, because: "the service has endpoint rules of its own and is not called")
  }
  let given = item["params"]
  let expected = item["expect"]
  report.check(id) {
    do throws(CallError) {
      let found = try resolve(host, given)
      let wanted = expected?["endpoint"]
      guard let url = wanted?["url"]?.string, found.url == URLParts(url) else { return "\(found.url)" }
      let region = wanted?["properties"]?["authSchemes"]?.array?.first?["signingRegion"]?.string
      return region == nil || region == found.signingRegion
        ? nil : "signed for \(found.signingRegion ?? "none")"
    } catch {
      return expected?["error"]?.string.map { error.message.contains($0) } == true ? nil : error.message
    }
  }
}

private func resolve(_ host: String, _ given: Value?) throws(CallError) -> (
  url: URLParts, signingRegion: String?
) {
  let region = given?["Region"]?.string
  let override = given?["Endpoint"]?.string.flatMap { URLParts($0) }
  let fips = given?["UseFIPS"] == true
  let dualStack = given?["UseDualStack"] == true
  if host == "sts" {
    return try Endpoint.sts(
      region: region, override: override, useFIPS: fips, useDualStack: dualStack,
      useGlobal: given?["UseGlobalEndpoint"] == true)
  }
  let url = try Endpoint.resolve(
    service: host, region: region, override: override, useFIPS: fips, useDualStack: dualStack)
  return (url, region)
}
