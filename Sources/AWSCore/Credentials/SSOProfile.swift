// SSOProfile: what a profile says about IAM Identity Center (SSO): where to sign in, for which role.
//
//   [profile dev]                      [sso-session corp]
//   sso_session = corp                 sso_start_url = https://corp.awsapps.com/start
//   sso_account_id = 123456789012      sso_region = eu-west-1
//   sso_role_name = Admin
//
// The older form has start URL and region in the profile, and no session.

struct SSOProfile: Equatable {
  typealias Entry = SharedConfig.Entry

  /// The profile's name.
  var name: String
  /// The sso-session; nil in the older form.
  var session: Entry?
  var startURL: Entry
  var region: Entry
  var accountID: Entry?
  var roleName: Entry?

  /// Nil for a profile that has nothing to do with IAM Identity Center.
  /// - Throws: `CallError` of category `.configuration` for a session that is not there, is not complete, or is
  ///   contradicted.
  static func find(_ name: String, in config: SharedConfig) throws(CallError) -> SSOProfile? {
    func entry(_ section: SharedConfig.Section?, _ key: String) -> Entry? {
      section?[key].flatMap { $0.value.isEmpty ? nil : $0 }
    }
    let profile = config.profiles[name]
    let session = entry(profile, "sso_session")
    guard session != nil || entry(profile, "sso_start_url") != nil else { return nil }
    var place = profile
    if let session {
      place = config.ssoSessions[session.value]
      if place == nil {
        throw error(
          "Profile '\(name)' names the sso-session '\(session.value)' (\(session.source)), which is not in "
            + "\(config.configPath).")
      }
      for key in ["sso_start_url", "sso_region"] {
        if let own = entry(profile, key), let its = entry(place, key), own.value != its.value {
          throw error(
            "\(key) of profile '\(name)' (\(own.source)) contradicts that of its sso-session '\(session.value)' "
              + "(\(its.source)). Remove it from the profile.")
        }
      }
    }
    let owner = session.map { "sso-session '\($0.value)' (\($0.source))" } ?? "profile '\(name)'"
    func required(_ key: String) throws(CallError) -> Entry {
      guard let found = entry(place, key) else {
        throw error("\(key) is missing from \(owner); IAM Identity Center needs it. Run: aws configure sso.")
      }
      return found
    }
    let region = try required("sso_region")
    guard isHostLabel(region.value) else {
      throw error("sso_region (\(region.source)) cannot be a region: '\(region.value)'.")
    }
    return SSOProfile(
      name: name, session: session, startURL: try required("sso_start_url"), region: region,
      accountID: entry(profile, "sso_account_id"), roleName: entry(profile, "sso_role_name"))
  }

  /// Whose keys are wanted.
  /// - Throws: when the profile does not say it.
  func role() throws(CallError) -> (account: Entry, name: Entry) {
    switch (accountID, roleName) {
    case (let account?, let role?): return (account, role)
    case (nil, let role?):
      throw Self.error(
        "Profile '\(name)': if `sso_role_name` is set (\(role.source)), then `sso_account_id` must also be set."
      )
    case (let account?, nil):
      throw Self.error(
        "Profile '\(name)': if `sso_account_id` is set (\(account.source)), then `sso_role_name` must also be set."
      )
    case (nil, nil):
      throw Self.error(
        "Profile '\(name)' (\((session ?? startURL).source)) has neither sso_account_id nor sso_role_name: the "
          + "selected profile will resolve an access token instead of credentials. Add both, or choose another "
          + "profile with --profile.")
    }
  }

  /// Where AWS's tools keep the token: named after the session, else the start URL.
  var cachePath: String {
    let key = session?.value ?? startURL.value
    return "~/.aws/sso/cache/\(Digest.hex(Digest.sha1(Array(key.utf8)))).json"
  }

  /// What the operator does when there is no token that can be used.
  var signIn: String { "Run: aws sso login --profile \(name)." }

  static func error(_ message: String) -> CallError {
    CallError(.configuration, code: "Configuration", message: message)
  }
}
