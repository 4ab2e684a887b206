// The credentials suite, assume-role-tests.json: from profiles to whose keys come first and which roles they assume.
import TestSupport
import Testing

@testable import AWSCore

@Test func assumeRoleConformance() {
  conformance("credentials") { report in
    let cases = Conformance.json("\(report.folder)/assume-role-tests.json")?.array ?? []
    for (index, item) in cases.enumerated() {
      let id = "assume-role-tests/\(index) \(item["docs"]?.string ?? "")"
      if let reason = AssumeRoleCase.whyNotApplicable(item) {
        report.skip(id, because: reason)
      } else {
        report.check(id) { AssumeRoleCase.problem(item) }
      }
    }
  }
}

enum AssumeRoleCase {
  static let noLoginSessions = "sessions of 'aws login' are no source of this client"

  static func whyNotApplicable(_ item: Value) -> String? {
    let steps = item["output"]?["ProfileChain"]?.array ?? []
    return steps.contains { $0["Login"] != nil || $0["LoginSession"] != nil } ? noLoginSessions : nil
  }

  /// A refusal's words are the other SDK's; that there is one counts. To say nothing of credentials is an error there,
  /// and here the next source's turn.
  static func problem(_ item: Value) -> String? {
    let text = config(item["input"])
    let environment = Environment(homeDirectory: "/home") {
      $0 == "/home/.aws/config" ? Array(text.utf8) : nil
    }
    let isRefused = item["output"]?["Error"] != nil
    do throws(CallError) {
      let name = item["input"]?["selected_profile"]?.string ?? "default"
      guard let plan = try ProfilePlan.resolve(name, in: SharedConfig(environment: environment)) else {
        return isRefused ? nil : "no plan"
      }
      let found = Value.array([source(plan.source)] + plan.roles.map(role))
      if isRefused { return "not refused: \(found)" }
      let expected = item["output"]?["ProfileChain"].map(withoutNulls)
      return found == expected ? nil : "\(found) instead of \(expected ?? .null)"
    } catch {
      return isRefused ? nil : error.message
    }
  }

  private static func config(_ input: Value?) -> String {
    var text = ""
    for (key, kind) in [("profiles", "profile"), ("sso_sessions", "sso-session"), ("services", "services")] {
      for (name, entries) in input?[key]?.object?.members ?? [] {
        text += "[\(kind) \(name)]\n"
        for (property, value) in entries.object?.members ?? [] {
          text += "\(property) = \(value.string ?? "")\n"
        }
      }
    }
    return text
  }

  // MARK: Our plan in the suite's words

  private static func source(_ source: ProfilePlan.Source) -> Value {
    switch source {
    case .keys(let keys):
      object(
        "AccessKey",
        [
          ("access_key_id", keys.accessKeyID), ("secret_access_key", keys.secretAccessKey),
          ("session_token", keys.sessionToken), ("account_id", keys.accountID),
        ])
    case .environment: ["NamedSource": "Environment"]
    case .container: ["NamedSource": "EcsContainer"]
    case .instanceMetadata: ["NamedSource": "Ec2InstanceMetadata"]
    case .webIdentity(let identity):
      object(
        "WebIdentityToken",
        [
          ("role_arn", identity.arn), ("web_identity_token_file", identity.tokenFile),
          ("role_session_name", identity.sessionName),
        ])
    case .sso(let sso):
      object(
        "Sso",
        [
          ("sso_account_id", sso.accountID?.value), ("sso_region", sso.region.value),
          ("sso_role_name", sso.roleName?.value), ("sso_start_url", sso.startURL.value),
          ("sso_session", sso.session?.value),
        ])
    case .process(let command): ["CredentialProcess": .string(command.value)]
    }
  }

  private static func role(_ role: AssumeRole) -> Value {
    object(
      "AssumeRole",
      [("role_arn", role.arn), ("external_id", role.externalID), ("role_session_name", role.sessionName)])
  }

  private static func object(_ name: String, _ members: [(String, String?)]) -> Value {
    var object = Value.Object()
    for (name, text) in members { object[name] = text.map(Value.string) }
    return [name: .object(object)]
  }

  private static func withoutNulls(_ value: Value) -> Value {
    if let items = value.array { return .array(items.map(withoutNulls)) }
    guard let members = value.object?.members else { return value }
    var object = Value.Object()
    for (name, member) in members where member != .null { object[name] = withoutNulls(member) }
    return .object(object)
  }
}
