// The sso suite: which profiles sign in with IAM Identity Center, and what becomes of their token. Its exceptions are
// botocore's; here each of them is an error.
import TestSupport
import Testing

@testable import AWSCore

@Test func ssoConformance() {
  conformance("sso") { report in
    for file in Conformance.names(report.folder) where file.hasSuffix(".json") {
      let items = Conformance.json("\(report.folder)/\(file)")?["cases"]?.array ?? []
      for (index, item) in items.enumerated() {
        let name = item["documentation"]?.string ?? "#\(index)"
        report.check("\(file.dropLast(5))/\(name)") {
          item["config"] != nil ? try resolution(item) : try refresh(item)
        }
      }
    }
  }
}

/// `config` → whether the profile "test" has to do with IAM Identity Center.
private func resolution(_ item: Value) throws -> String? {
  var config = ""
  for (section, key) in [("profile", "profiles"), ("sso-session", "sso_sessions")] {
    for (name, entries) in item["config"]?[key]?.object?.members ?? [] {
      config += "[\(section) \(name)]\n"
      for (key, value) in entries.object?.members ?? [] { config += "\(key) = \(value.string ?? "")\n" }
    }
  }
  let world = CredentialWorld(config: config)
  do throws(CallError) {
    let profile = try SSOProfile.find("test", in: SharedConfig(environment: world.environment))
    if let expected = item["expectedException"]?.string { return "no error instead of \(expected)" }
    return (profile != nil) == (item["resolves"] == true) ? nil : "resolves: \(profile != nil)"
  } catch {
    return item["expectedException"] != nil ? nil : error.message
  }
}

/// `cachedToken` at `currentTime` → the token that is used, and what the file holds afterwards.
private func refresh(_ item: Value) throws -> String? {
  let cached = item["cachedToken"]
  let written = item.object?.members.first { $0.name.lowercased() == "expectedtokenwriteback" }?.value
  func setting(_ name: String, _ fallback: String) -> String {
    (written?[name] ?? cached?[name])?.string ?? fallback
  }
  let world = CredentialWorld(
    config: """
      [profile test]
      sso_session = admin
      [sso-session admin]
      sso_region = \(setting("region", "us-west-2"))
      sso_start_url = \(setting("startUrl", "https://d-123.awsapps.com/start"))

      """)
  let path = "/home/op/.aws/sso/cache/d033e22ae348aeb5660fc2140aec35850c4da997.json"
  world.files.bytes[path] = cached.map(JSON.encode)
  world.clock.now = item["currentTime"]?.string.flatMap { Timestamp(iso8601: $0) } ?? world.clock.now
  if let answer = item["refreshResponse"] {
    world.network.answer(200, String(decoding: JSON.encode(answer), as: UTF8.self))
  }

  let config = try SharedConfig(environment: world.environment)
  let profile = try #require(try SSOProfile.find("test", in: config))
  var result: Result<SSOToken, CallError>?
  SSOTokenProvider(try world.context(profile: "test"), profile).token { result = $0 }
  world.settle()

  switch result {
  case nil: return "no outcome"
  case .failure(let error): return item["expectedException"] != nil ? nil : error.message
  case .success(let token):
    if let expected = item["expectedException"]?.string { return "no error instead of \(expected)" }
    let expected = item["expectedToken"]
    if let text = expected?["token"]?.string, text != token.accessToken { return "another token" }
    if let end = expected?["expiration"]?.string, Timestamp(iso8601: end) != token.expiration {
      return "it ends at \(token.expiration.iso8601)"
    }
  }
  guard let written = written?.object else { return nil }
  let file = Value.object((try? JSON.decode(world.files.bytes[path] ?? []))?.object ?? [:])
  for (name, value) in written.members {
    let isSame =
      file[name] == value
      || file[name]?.string.flatMap { Timestamp(iso8601: $0) }
        == value.string.flatMap { Timestamp(iso8601: $0) }
        && value.string.flatMap { Timestamp(iso8601: $0) } != nil
    if !isSame { return "\(name) is written as \(file[name].map { "\($0)" } ?? "nothing")" }
  }
  return written["refreshToken"] == nil && file["refreshToken"] != nil ? "a used refresh token is kept" : nil
}
