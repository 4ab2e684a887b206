// ProfilePlan: how a profile of the shared files gets its keys. Pure: from what the files say to whose keys come first,
// and which roles they assume one after the other.
//
//   [profile audit]   role_arn = …Audit, source_profile = ops      roles[1]
//   [profile ops]     role_arn = …Ops, source_profile = base       roles[0]
//   [profile base]    aws_access_key_id = …                        source
//
// Source of the rules: the SDKs' shared cases (assume-role-tests.json), and AWS's documentation of the files.

struct ProfilePlan: Equatable {
  /// Whose keys come first.
  enum Source: Equatable {
    case keys(Credentials)
    /// `credential_source`, by AWS's names.
    case environment, container, instanceMetadata
    case webIdentity(WebIdentity)
    case sso(SSOProfile)
    case process(SharedConfig.Entry)
  }

  var source: Source
  /// The profile that says so.
  var profile: String
  /// Where it says so: `~/.aws/config:12`.
  var place: String
  /// The account by that profile, for sources that do not tell it.
  var accountID: String?
  /// In the order in which they are assumed: the first with the source's keys, each other with those of the one
  /// before it.
  var roles: [AssumeRole] = []

  /// The plan of a profile; nil when there is no such profile or it says nothing of credentials.
  /// - Throws: `NoCredentials` for what cannot work, with file and line.
  static func resolve(_ name: String, in config: SharedConfig) throws(CallError) -> ProfilePlan? {
    guard var profile = Profile(name, in: config) else { return nil }
    var names = [name]
    var roles: [AssumeRole] = []
    while let (role, source) = try profile.role() {
      roles.insert(role, at: 0)
      // A profile may name itself: its own keys, and then its role.
      if source == profile.name { break }
      guard !names.contains(source) else {
        let path = (names + [source]).map { "'\($0)'" }.joined(separator: " → ")
        throw profile.error("source_profile", "has a source_profile that leads back to itself: \(path)")
      }
      guard let next = Profile(source, in: config) else {
        throw profile.error(
          "source_profile",
          "has the source_profile '\(source)', which is neither in \(config.configPath) nor in "
            + config.credentialsPath)
      }
      names.append(source)
      profile = next
      // From the second profile on, keys win over a further role: who writes both means the keys.
      if let keys = try profile.keys() { return profile.plan(keys, roles) }
    }
    if let found = try profile.source() { return profile.plan(found, roles) }
    guard let user = names.dropLast().last ?? (roles.isEmpty ? nil : name) else { return nil }
    throw .noCredentials(
      "Profile '\(profile.name)', which profile '\(user)' names as its source_profile, gives no credentials. Write "
        + "keys, a role, sso_session or credential_process under it.")
  }
}

/// One profile as credentials are read from it.
private struct Profile {
  /// A source, and the key that asks for it.
  typealias Found = (source: ProfilePlan.Source, key: String)

  let name: String
  private let entries: SharedConfig.Section
  private let config: SharedConfig

  init?(_ name: String, in config: SharedConfig) {
    guard let entries = config.profiles[name] else { return nil }
    self.name = name
    self.entries = entries
    self.config = config
  }

  func plan(_ found: Found, _ roles: [AssumeRole]) -> ProfilePlan {
    ProfilePlan(
      source: found.source, profile: name, place: place(found.key), accountID: text("aws_account_id"),
      roles: roles)
  }

  // MARK: Ways to get keys

  /// The role, and the profile whose keys assume it: this one itself for `credential_source`. Nil without a role,
  /// and for one that a web identity assumes.
  func role() throws(CallError) -> (role: AssumeRole, source: String)? {
    guard let arn = text("role_arn") else { return nil }
    let source = text("source_profile")
    let hasNamedSource = text("credential_source") != nil
    if source != nil && hasNamedSource {
      throw error("credential_source", "has both source_profile and credential_source: leave one of them out")
    }
    if source == nil && !hasNamedSource {
      if text("web_identity_token_file") != nil { return nil }
      throw error(
        "role_arn",
        "has a role_arn, but not whose keys may assume it: add source_profile, credential_source or "
          + "web_identity_token_file")
    }
    let role = AssumeRole(
      arn: arn, sessionName: text("role_session_name"), externalID: text("external_id"),
      mfaSerial: text("mfa_serial"), durationSeconds: try durationSeconds(), origin: origin("role_arn"))
    return (role, source ?? name)
  }

  /// What gives keys before any role, in the order in which AWS's SDKs let the ways win.
  func source() throws(CallError) -> Found? {
    if let found = try namedSource() { return found }
    if let found = try webIdentity() { return found }
    if let found = try identityCenter() { return found }
    if text("login_session") != nil {
      throw error(
        "login_session",
        "gets its keys from 'aws login', whose sessions Moongate cannot use. Export the keys instead: eval \"$(aws "
          + "configure export-credentials --profile \(name) --format env)\"")
    }
    if let command = entry("credential_process") { return (.process(command), "credential_process") }
    return try keys()
  }

  private func namedSource() throws(CallError) -> Found? {
    let key = "credential_source"
    switch text(key) {
    case nil: return nil
    case "Environment": return (.environment, key)
    case "EcsContainer": return (.container, key)
    case "Ec2InstanceMetadata": return (.instanceMetadata, key)
    case let name?:
      throw error(
        key,
        "has the credential_source '\(name)': it must be Environment, EcsContainer or Ec2InstanceMetadata")
    }
  }

  private func webIdentity() throws(CallError) -> Found? {
    let key = "web_identity_token_file"
    guard let file = text(key) else { return nil }
    guard let arn = text("role_arn") else {
      throw error(key, "has a \(key), but no role_arn for it: add one")
    }
    let identity = WebIdentity(
      tokenFile: file, arn: arn, sessionName: text("role_session_name"),
      durationSeconds: try durationSeconds(), origin: origin(key))
    return (.webIdentity(identity), key)
  }

  private func identityCenter() throws(CallError) -> Found? {
    let keys = ["sso_session", "sso_start_url", "sso_account_id", "sso_role_name"]
    guard let key = keys.first(where: { text($0) != nil }) else { return nil }
    guard let sso = try SSOProfile.find(name, in: config) else {
      throw error(
        key, "has \(key), but does not say where to sign in: add sso_session, with 'aws configure sso'")
    }
    // With neither of them the profile is one for tokens; who wants keys of it is told so then.
    if sso.accountID != nil || sso.roleName != nil { _ = try sso.role() }
    return (.sso(sso), key)
  }

  /// The profile's own keys; nil when it has none.
  func keys() throws(CallError) -> Found? {
    let (idKey, secretKey) = ("aws_access_key_id", "aws_secret_access_key")
    let id = text(idKey)
    let secret = text(secretKey)
    guard let id, let secret else {
      if id == nil && secret == nil { return nil }
      let (present, missing) = id == nil ? (secretKey, idKey) : (idKey, secretKey)
      throw error(present, "has only half of a key pair: \(missing) is missing")
    }
    let credentials = Credentials(
      accessKeyID: id, secretAccessKey: secret, sessionToken: text("aws_session_token"),
      accountID: text("aws_account_id"), source: origin(idKey))
    return (.keys(credentials), idKey)
  }

  /// STS takes 15 minutes to 12 hours; what a role allows may be less, which STS says itself.
  private func durationSeconds() throws(CallError) -> Int? {
    let key = "duration_seconds"
    guard let text = text(key) else { return nil }
    guard let seconds = Int(text), (900...43_200).contains(seconds) else {
      throw error(key, "has the \(key) '\(text)': it must be a whole number of seconds from 900 to 43200")
    }
    return seconds
  }

  // MARK: Reading

  private func entry(_ key: String) -> SharedConfig.Entry? {
    entries[key].flatMap { $0.value.isEmpty ? nil : $0 }
  }

  private func text(_ key: String) -> String? { entry(key)?.value }

  private func place(_ key: String) -> String { entries[key]?.source ?? config.configPath }

  private func origin(_ key: String) -> String { "profile '\(name)' (\(place(key)))" }

  /// "Profile 'dev' (~/.aws/config:12) has …."
  func error(_ key: String, _ problem: String) -> CallError {
    .noCredentials("Profile '\(name)' (\(place(key))) \(problem).")
  }
}
