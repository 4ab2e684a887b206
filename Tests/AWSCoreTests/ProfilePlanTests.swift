// How a profile gets its keys: whose come first, and which roles they assume.
import Testing

@testable import AWSCore

@Suite struct ProfilePlanTests {
  private func plan(_ name: String, _ config: String, credentials: String? = nil) throws(CallError)
    -> ProfilePlan?
  {
    try ProfilePlan.resolve(
      name, in: SharedConfig(environment: environment(config: config, credentials: credentials)))
  }

  private func problem(_ name: String, _ config: String) -> String {
    do throws(CallError) {
      return "no error: \(try plan(name, config) == nil ? "no plan" : "a plan")"
    } catch {
      return error.message
    }
  }

  private let base = "[profile base]\naws_access_key_id = BASE\naws_secret_access_key = s\n"

  // MARK: Sources

  @Test func keysOfTheProfile() throws {
    let found = try #require(
      try plan(
        "a", "[profile a]\naws_account_id = 1\n",
        credentials: "[a]\naws_access_key_id=K\naws_secret_access_key=s\n"))
    let keys = Credentials(
      accessKeyID: "K", secretAccessKey: "s", accountID: "1", source: "profile 'a' (~/.aws/credentials:2)")
    #expect(found.source == .keys(keys))
    #expect(found.roles == [])
    #expect(found.accountID == "1")
  }

  @Test func aProfileThatSaysNothingOfCredentialsIsNoPlan() throws {
    #expect(try plan("a", "[profile a]\nregion = eu-west-1\naws_access_key_id =\n") == nil)
    #expect(try plan("b", "[profile a]\n") == nil)
  }

  /// Each way is added to the ones before it, and wins over them.
  @Test func theWaysOfAProfileInTheirOrder() throws {
    var config = "[profile base]\naws_access_key_id = B\naws_secret_access_key = s\n[profile a]\n"
    func source() throws -> ProfilePlan.Source? { try plan("a", config)?.source }
    config += "aws_access_key_id = K\naws_secret_access_key = s\n"
    guard case .keys(let keys)? = try source() else { Issue.record("keys"); return }
    #expect(keys.accessKeyID == "K")
    config += "credential_process = /bin/x --y\n"
    #expect(try source() == .process(.init(value: "/bin/x --y", source: "~/.aws/config:7")))
    config += "sso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = R\n"
    guard case .sso(let sso)? = try source() else { Issue.record("sso"); return }
    #expect(sso.startURL.value == "https://x")
    config +=
      "role_arn = arn:x\nweb_identity_token_file = /t\nrole_session_name = me\nduration_seconds = 900\n"
    #expect(
      try source()
        == .webIdentity(
          WebIdentity(
            tokenFile: "/t", arn: "arn:x", sessionName: "me", durationSeconds: 900,
            origin: "profile 'a' (~/.aws/config:13)")))
    config += "source_profile = base\n"
    let role = try #require(try plan("a", config))
    #expect(role.profile == "base")
    #expect(role.roles.map(\.arn) == ["arn:x"])
  }

  @Test(arguments: [
    ("Environment", ProfilePlan.Source.environment), ("EcsContainer", .container),
    ("Ec2InstanceMetadata", .instanceMetadata),
  ])
  func namedSources(_ name: String, _ source: ProfilePlan.Source) throws {
    let plan = try #require(try plan("a", "[profile a]\nrole_arn = arn:x\ncredential_source = \(name)\n"))
    #expect(plan.source == source)
    #expect(plan.place == "~/.aws/config:3")
    #expect(plan.roles.map(\.arn) == ["arn:x"])
  }

  @Test func aSessionOfAWSLoginIsSaidToBeUnsupportedAndWhatToDo() {
    #expect(
      problem("a", "[profile a]\nlogin_session = arn:aws:iam::1:user/me\ncredential_process = x\n")
        == "Profile 'a' (~/.aws/config:2) gets its keys from 'aws login', whose sessions Moongate cannot use. Export "
        + "the keys instead: eval \"$(aws configure export-credentials --profile a --format env)\".")
  }

  // MARK: Roles

  @Test func aRoleWithAllThatItMaySay() throws {
    let plan = try #require(
      try plan(
        "a",
        "[profile a]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = base\nrole_session_name = me\n"
          + "external_id = e\nmfa_serial = arn:aws:iam::1:mfa/me\nduration_seconds = 43200\n\(base)"))
    #expect(
      plan.roles == [
        AssumeRole(
          arn: "arn:aws:iam::1:role/x", sessionName: "me", externalID: "e",
          mfaSerial: "arn:aws:iam::1:mfa/me",
          durationSeconds: 43_200, origin: "profile 'a' (~/.aws/config:2)")
      ])
    #expect(plan.profile == "base")
    #expect(plan.place == "~/.aws/config:9")
  }

  @Test func rolesAreAssumedFromTheSourceOutwards() throws {
    let plan = try #require(
      try plan(
        "a",
        "[profile a]\nrole_arn = arn:A\nsource_profile = b\n[profile b]\nrole_arn = arn:B\nsource_profile = c\n"
          + "[profile c]\nrole_arn = arn:C\ncredential_source = Environment\n"))
    #expect(plan.roles.map(\.arn) == ["arn:C", "arn:B", "arn:A"])
    #expect(plan.source == .environment)
  }

  @Test func aProfileMayNameItself() throws {
    let plan = try #require(
      try plan(
        "a",
        "[profile a]\nrole_arn = arn:A\nsource_profile = a\naws_access_key_id = K\naws_secret_access_key = s\n"
      ))
    #expect(plan.roles.map(\.arn) == ["arn:A"])
    #expect(plan.profile == "a")
    #expect(
      problem("a", "[profile a]\nrole_arn = arn:A\nsource_profile = a\n")
        == "Profile 'a', which profile 'a' names as its source_profile, gives no credentials. Write keys, a role, "
        + "sso_session or credential_process under it.")
  }

  @Test func keysWinOverAFurtherRoleButNotOverTheFirst() throws {
    let keys = "aws_access_key_id = K\naws_secret_access_key = s\n"
    let plan = try #require(
      try plan(
        "a",
        "[profile a]\nrole_arn = arn:A\nsource_profile = b\n\(keys)[profile b]\nrole_arn = arn:B\n"
          + "source_profile = c\n\(keys)[profile c]\n"))
    #expect(plan.roles.map(\.arn) == ["arn:A"])
    #expect(plan.profile == "b")
  }

  // MARK: What cannot work

  @Test(arguments: [
    (
      "role_arn = arn:A\nsource_profile = b\n[profile b]\nrole_arn = arn:B\nsource_profile = c\n[profile c]\n"
        + "role_arn = arn:C\nsource_profile = b\n",
      "Profile 'c' (~/.aws/config:9) has a source_profile that leads back to itself: 'a' → 'b' → 'c' → 'b'."
    ),
    (
      "role_arn = arn:A\nsource_profile = b\n",
      "Profile 'a' (~/.aws/config:3) has the source_profile 'b', which is neither in ~/.aws/config nor in "
        + "~/.aws/credentials."
    ),
    (
      "role_arn = arn:A\n",
      "Profile 'a' (~/.aws/config:2) has a role_arn, but not whose keys may assume it: add source_profile, "
        + "credential_source or web_identity_token_file."
    ),
    (
      "role_arn = arn:A\nsource_profile = b\ncredential_source = Environment\n",
      "Profile 'a' (~/.aws/config:4) has both source_profile and credential_source: leave one of them out."
    ),
    (
      "role_arn = arn:A\ncredential_source = Ec2\n",
      "Profile 'a' (~/.aws/config:3) has the credential_source 'Ec2': it must be Environment, EcsContainer or "
        + "Ec2InstanceMetadata."
    ),
    (
      "role_arn = arn:A\nsource_profile = b\n[profile b]\nregion = eu-west-1\n",
      "Profile 'b', which profile 'a' names as its source_profile, gives no credentials. Write keys, a role, "
        + "sso_session or credential_process under it."
    ),
    (
      "role_arn = arn:A\nsource_profile = b\n[profile b]\naws_secret_access_key = s\n",
      "Profile 'b' (~/.aws/config:5) has only half of a key pair: aws_access_key_id is missing."
    ),
    (
      "aws_access_key_id = K\n",
      "Profile 'a' (~/.aws/config:2) has only half of a key pair: aws_secret_access_key is missing."
    ),
    (
      "web_identity_token_file = /t\n",
      "Profile 'a' (~/.aws/config:2) has a web_identity_token_file, but no role_arn for it: add one."
    ),
    (
      "role_arn = arn:A\nsource_profile = b\nduration_seconds = 60\n",
      "Profile 'a' (~/.aws/config:4) has the duration_seconds '60': it must be a whole number of seconds from 900 to "
        + "43200."
    ),
    (
      "sso_account_id = 1\nsso_role_name = R\n",
      "Profile 'a' (~/.aws/config:2) has sso_account_id, but does not say where to sign in: add sso_session, with 'aws "
        + "configure sso'."
    ),
    (
      "sso_start_url = https://x\nsso_region = us-east-1\nsso_role_name = R\n",
      "Profile 'a': if `sso_role_name` is set (~/.aws/config:4), then `sso_account_id` must also be set."
    ),
  ])
  func theErrorNamesThePlaceAndWhatToDo(_ config: String, _ message: String) {
    #expect(problem("a", "[profile a]\n" + config) == message)
  }

  @Test func aLongChainEnds() throws {
    let count = 500
    let profiles = (0..<count).map { "[profile p\($0)]\nrole_arn = arn:\($0)\nsource_profile = p\($0 + 1)\n" }
    let config = profiles.joined() + "[profile p\(count)]\naws_access_key_id = K\naws_secret_access_key = s\n"
    #expect(try plan("p0", config)?.roles.count == count)
  }
}
