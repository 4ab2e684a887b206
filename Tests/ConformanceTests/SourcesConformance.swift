// The credentials suite, its tables of single sources: container, instance metadata, credential_process. What AWS's
// SDKs say when they refuse is theirs; here a refusal counts, and its words only where ours are the same on purpose.
import TestSupport
import Testing

@testable import AWSCore

@Test func sourcesConformance() {
  conformance("credentials") { report in
    func cases(_ file: String, _ list: String?) -> [(id: String, item: Value)] {
      let document = Conformance.json("\(report.folder)/\(file).json")
      let items = list.map { document?[$0]?.array } ?? document?.array
      return (items ?? []).enumerated().map { index, item in
        let name = item["docs"] ?? item["name"] ?? item["uri"]
        return ("\(file)/\(name?.string ?? "#\(index)")", item)
      }
    }
    for (id, item) in cases("ecs-tests", "tests") { report.check(id) { try containerURL(item) } }
    for (id, item) in cases("container-full-uri-hosts", "cases") {
      report.check(id) { try containerHost(item) }
    }
    for (id, item) in cases("imds-endpoint-tests", "tests") {
      report.check(id) { try metadataEndpoint(item) }
    }
    let keys = Conformance.json("\(report.folder)/imds-fetcher.json")?["creds"]
    for (id, item) in cases("imds-fetcher", "cases") {
      if let reason = metadataReason(item) {
        report.skip(id, because: reason)
      } else {
        report.check(id) { try metadataFetch(item, keys) }
      }
    }
    for (id, item) in cases("credential-process", nil) { report.check(id) { try process(item) } }
  }
}

/// Words of refusals that are the same in the suite and here.
private let sharedWords = [
  "is not a valid endpoint mode", "URI did not specify a host", "IMDSv1 has been disabled",
  "Unsupported version",
  "Missing required key",
]

/// What is wrong with a refusal; nil when it is as expected.
private func problem(_ error: CallError?, _ expected: String) -> String? {
  guard let error else { return "no error, expected '\(expected)'" }
  guard sharedWords.contains(where: expected.contains) else { return nil }
  return error.message.lowercased().contains(expected.lowercased()) ? nil : error.message
}

private func strings(_ value: Value?) -> [String: String] {
  var found: [String: String] = [:]
  for (name, value) in value?.object?.members ?? [] { found[name] = value.string }
  return found
}

// MARK: Containers

/// `env` → the URL that is asked, or a refusal.
private func containerURL(_ item: Value) throws -> String? {
  let world = CredentialWorld(strings(item["env"]))
  do throws(CallError) {
    let url = try ContainerCredentials.target(world.environment)?.value
    if let expected = item["result"]?["Ok"]?.string {
      return url == URLParts(expected) ? nil : "\(url?.description ?? "none")"
    }
    // Variables that are not set are no error here: the next source is looked at.
    return url == nil ? nil : "\(url?.description ?? "") is not refused"
  } catch {
    return item["result"]?["Ok"] == nil
      ? problem(error, item["result"]?["ErrorContains"]?.string ?? "") : error.message
  }
}

private func containerHost(_ item: Value) throws -> String? {
  let world = CredentialWorld(["AWS_CONTAINER_CREDENTIALS_FULL_URI": item["uri"]?.string ?? ""])
  let isAllowed = (try? ContainerCredentials.target(world.environment)) != nil
  return isAllowed == (item["allowed"] == true) ? nil : "allowed: \(isAllowed)"
}

// MARK: Instance metadata

/// `env` and `fs` → the URL of the token, or a refusal.
private func metadataEndpoint(_ item: Value) throws -> String? {
  let world = CredentialWorld(strings(item["env"]))
  for (path, text) in strings(item["fs"]) { world.files[path] = text }
  // An endpoint by code; the variable is the nearest that this client has.
  if let override = item["endpoint_override"]?.string {
    world.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = override
  }
  let refusal = item["result"]?["Err"]?.string ?? item["result"]?["ErrorContains"]?.string
  do throws(CallError) {
    let settings = try Settings.resolve(environment: world.environment)
    let service = try InstanceMetadata(settings: settings, environment: world.environment)
    let url = service.endpoint.value.appending("/latest/api/token")
    if let refusal { return problem(nil, refusal) }
    return url.description == item["result"]?["Ok"]?.string ? nil : url.description
  } catch {
    return refusal.map { problem(error, $0) } ?? error.message
  }
}

/// botocore falls back to IMDSv1 after a refused token (403); here the refusal is taken at its word.
private func metadataReason(_ item: Value) -> String? {
  item["steps"]?.array?.first?["status"]?.integer == 403 && item["expect"]?.string == "creds"
    ? "a refused token (403) means that IMDS is disabled; IMDSv1 is not tried" : nil
}

/// `steps` are the answers in order. botocore's default is one attempt for each request.
private func metadataFetch(_ item: Value, _ keys: Value?) throws -> String? {
  var config = "[default]\n"
  for (name, value) in item["config"]?.object?.members ?? [] {
    config += "\(name) = \(value == true ? "true" : value.string ?? "false")\n"
  }
  let world = CredentialWorld(strings(item["env"]), config: config)
  world.variables["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = String(item["numAttempts"]?.integer ?? 1)
  var document = keys?.object ?? [:]
  // The suite writes "something" where a time stands.
  document["Expiration"] = .string(
    document["Expiration"]?.string.flatMap { Timestamp(iso8601: $0) }?.iso8601 ?? "2026-01-01T06:00:00Z")
  for step in item["steps"]?.array ?? ["token", "role", "creds"] {
    switch step.string {
    case "token": world.network.answer(200, "token")
    case "role": world.network.answer(200, "role-name")
    case "creds": world.network.answer(200, String(decoding: JSON.encode(.object(document)), as: UTF8.self))
    case let name? where name.lowercased().contains("timeout"):
      world.network.fail(.timedOut, beforeSending: name.lowercased().contains("connect"))
    case _?: world.network.fail(.brokenConnection)
    case nil: world.network.answer(Int(step["status"]?.integer ?? 0), step["body"]?.string ?? "")
    }
  }
  let result: Result<CredentialLookup, CallError>
  do throws(CallError) {
    let settings = try Settings.resolve(environment: world.environment)
    _ = try InstanceMetadata(settings: settings, environment: world.environment)
    result = world.load(InstanceMetadataCredentials(try world.context()))
  } catch {
    result = .failure(error)
  }
  return try metadataProblem(item, result, document, world.network)
}

private func metadataProblem(
  _ item: Value, _ result: Result<CredentialLookup, CallError>, _ document: Value.Object,
  _ network: CredentialWorld.Network
) throws -> String? {
  if let count = item["requests"]?.integer, count != network.requests.count {
    return "\(network.requests.count) requests: \(network.log)"
  }
  if let base = item["baseUrl"]?.string, !network.requests.allSatisfy({ $0.url.description.hasPrefix(base) })
  {
    return "\(network.log)"
  }
  if let part = item["urlContains"]?.string, !network.log.contains(where: { $0.contains(part) }) {
    return "\(network.log)"
  }
  if item["steps"]?.array?.first == "token" {
    let first = network.requests.first
    guard first?.method == "PUT", first?.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600",
      network.requests.dropFirst().allSatisfy({ $0.headers["x-aws-ec2-metadata-token"] == "token" })
    else { return "the token is not sent on" }
  }
  switch item["expect"] {
  case nil, .string("creds"):
    let found = result.found
    return found?.accessKeyID == document["AccessKeyId"]?.string
      && found?.secretAccessKey == document["SecretAccessKey"]?.string
      && found?.sessionToken == document["Token"]?.string ? nil : "\(result)"
  case .string("none"): return result.absence != nil ? nil : "\(result)"
  case let expected?:
    return problem(result.error, expected["errorContains"]?.string ?? "")
  }
}

// MARK: credential_process

private func process(_ item: Value) throws -> String? {
  var config = ""
  if let profile = item["profile"] {
    config = "[default]\n"
    for (name, value) in strings(profile) { config += "\(name) = \(value)\n" }
  }
  let world = CredentialWorld(config: config)
  for answer in item["stdouts"]?.array ?? [item["stdout"] ?? ""] {
    let text = answer.string ?? String(decoding: JSON.encode(answer), as: UTF8.self)
    let code = ["exitCode", "exit_code", "exit", "returncode", "status"].lazy.compactMap { item[$0]?.integer }
      .first
    world.processes.end(Int32(code ?? 0), printing: text)
  }
  let result = world.load(ProfileCredentials(try world.context()))
  let expected = item["expect"]
  if expected?.string == "skip" {
    return result.absence != nil && world.processes.commands.isEmpty ? nil : "\(result)"
  }
  let command = item["profile"]?["credential_process"]?.string
  guard let first = world.processes.commands.first, first == command else {
    return "\(world.processes.commands)"
  }
  if let words = expected?["errorContains"]?.string { return problem(result.error, words) }
  if expected?.string == "error" || expected?["error"] != nil { return problem(result.error, "") }
  guard let found = result.found else { return "\(result)" }
  let parts: [String: String?] = [
    "access_key": found.accessKeyID, "secret_key": found.secretAccessKey, "token": found.sessionToken,
    "account_id": found.accountID, "expires": found.expiration?.iso8601,
  ]
  for (name, value) in expected?.object?.members ?? [] where parts[name] != nil {
    let have = parts[name] ?? nil
    // Times are compared as times.
    let want = name == "expires" ? value.string.flatMap { Timestamp(iso8601: $0)?.iso8601 } : value.string
    if have != want { return "\(name): \(have ?? "none")" }
  }
  return nil
}
