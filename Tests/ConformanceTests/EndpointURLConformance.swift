// The endpoint-url-config suite: the AWS SDKs' table for endpoint URLs in variables, profiles and services sections. The
// services in it are others; configuration treats all alike.
import AWSCore
import TestSupport
import Testing

@Test func endpointURLConformance() {
  conformance("endpoint-url-config") { report in
    for path in Conformance.files(under: report.folder, suffix: ".json") {
      for suite in Conformance.json(path)?["testSuites"]?.array ?? [] {
        for item in suite["endpointUrlTests"]?.array ?? [] {
          report.check(item["name"]?.string ?? "") { try difference(item, suite) }
        }
      }
    }
  }
}

private func difference(_ item: Value, _ suite: Value) throws -> String? {
  let client = suite["client_configs"]?[item["client_config"]?.string ?? ""]
  var variables: [String: String] = [:]
  for (key, value) in suite["environments"]?[item["environment"]?.string ?? ""]?.object?.members ?? [] {
    variables[key] = value.string
  }
  // The client's own flag to ignore has no counterpart here but the variable.
  if client?["ignore_configured_endpoint_urls"] == true {
    variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
  }
  variables["AWS_PROFILE"] = item["profile"]?.string
  let config = Array(ini(suite).utf8)
  let settings = try Settings.resolve(
    options: .init(endpoint: client?["endpoint_url"]?.string),
    environment: Environment(variables: variables, homeDirectory: "/h") { path in
      path == "/h/.aws/config" ? config : nil
    },
    service: AWSService(
      hostPrefix: "", signingName: "", configurationKey: item["service"]?.string ?? ""))
  // The service's own host is what the resolver makes when nothing is configured.
  let expected = item["output"]?["endpointUrl"]?.string.flatMap { $0.contains(".amazonaws.com") ? nil : $0 }
  let found = settings.endpoint?.value
  return found == expected.flatMap { URLParts($0) } ? nil : found?.description ?? "the service's own"
}

/// Profiles and services sections as a file has them: a nested object is sub-properties.
private func ini(_ suite: Value) -> String {
  var text = ""
  for (kind, key) in [("profile", "profiles"), ("services", "services")] {
    for (name, section) in suite[key]?.object?.members ?? [] {
      text += "[\(kind) \(name)]\n"
      for (property, value) in section.object?.members ?? [] {
        text += "\(property) = \(value.string ?? "")\n"
        for (inner, value) in value.object?.members ?? [] { text += "  \(inner) = \(value.string ?? "")\n" }
      }
    }
  }
  return text
}
