// The chain: which source wins, what is said when none does, and when credentials are looked for again.
import TestSupport
import Testing

@testable import AWSCore

extension CredentialWorld {
  /// What a session's chain finds, once everything has happened.
  func find(profile: String? = nil) -> Result<Credentials, CallError> {
    do throws(CallError) {
      return find(with: CredentialChain(try context(profile: profile)))
    } catch {
      return .failure(error)
    }
  }

  func find(with chain: CredentialChain) -> Result<Credentials, CallError> {
    var found: Result<Credentials, CallError>?
    chain.credentials(at: self.clock.now) { found = $0 }
    settle()
    return found ?? .failure(CallError(.network, code: "Test", message: "the chain never completed"))
  }
}

extension Result<Credentials, CallError> {
  /// Code and message of the error.
  var problem: String {
    if case .failure(let error) = self { "\(error.code): \(error.message)" } else { "found" }
  }
}

@Suite struct CredentialChainTests {
  private let keys =
    "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n"
    + "[other]\naws_access_key_id = OTHER\naws_secret_access_key = s\naws_session_token = t\n"
  private let set = ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"]

  // MARK: Which source wins

  @Test func theEnvironmentComesFirst() throws {
    let variables = [
      "AWS_ACCESS_KEY_ID": " ENV ", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SECURITY_TOKEN": "old",
      "AWS_CREDENTIAL_EXPIRATION": "2030-01-01T00:00:00+00:00", "AWS_ACCOUNT_ID": "123456789012",
    ]
    let found = try CredentialWorld(variables, credentials: keys).find().get()
    #expect(found.accessKeyID == "ENV")
    #expect(found.sessionToken == "old")
    #expect(found.accountID == "123456789012")
    #expect(found.expiration?.iso8601 == "2030-01-01T00:00:00Z")
  }

  @Test func aProfileOnTheCommandLineBeatsKeysInTheEnvironment() throws {
    let world = CredentialWorld(set, credentials: keys)
    #expect(try world.find(profile: "other").get().accessKeyID == "OTHER")
    world.variables["AWS_PROFILE"] = "other"
    #expect(try world.find().get().accessKeyID == "ENV")
  }

  @Test func theCredentialsFileBeatsTheConfigFile() throws {
    let config = "[default]\naws_access_key_id = CONFIG\naws_secret_access_key = c\naws_account_id = 1\n"
    let found = try CredentialWorld(config: config, credentials: keys).find().get()
    #expect(found.accessKeyID == "FILE")
    #expect(found.accountID == "1")
    #expect(found.source == "profile 'default' (~/.aws/credentials:2)")
  }

  /// Each source is taken away in turn, and the next one answers.
  @Test func theSourcesInTheirOrder() throws {
    let world = CredentialWorld(
      [
        "AWS_REGION": "eu-west-1", "AWS_WEB_IDENTITY_TOKEN_FILE": "/none", "AWS_ROLE_ARN": "arn:W",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://10.0.0.1/",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://h/",
      ].merging(set) { $1 }, credentials: keys)
    #expect(try world.find().get().accessKeyID == "ENV")
    world.variables["AWS_ACCESS_KEY_ID"] = nil
    world.variables["AWS_SECRET_ACCESS_KEY"] = nil
    #expect(try world.find().get().accessKeyID == "FILE")
    world.files["/home/op/.aws/credentials"] = nil
    // From here on each one is configured and fails, which ends the search: the next is not asked.
    #expect(
      world.find().problem.contains("The token file /none of AWS_WEB_IDENTITY_TOKEN_FILE does not exist"))
    world.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = nil
    #expect(world.find().problem.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI names 10.0.0.1"))
    #expect(world.network.requests.isEmpty)
    world.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = nil
    #expect(world.find().problem.contains("the instance metadata service at h"))
    #expect(world.network.log.first == "PUT http://h/latest/api/token")
  }

  // MARK: What is said when there are none

  @Test func halfAPairNamesTheOtherHalf() {
    #expect(
      CredentialWorld(["AWS_ACCESS_KEY_ID": "A"]).find().problem
        == "NoCredentials: AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not. Set both, or neither "
        + "to use the profile.")
    #expect(
      CredentialWorld(credentials: "[default]\naws_secret_access_key = s\n").find().problem
        .contains("aws_access_key_id is missing"))
  }

  @Test func blankIsUnset() throws {
    let world = CredentialWorld(["AWS_ACCESS_KEY_ID": " ", "AWS_SECRET_ACCESS_KEY": ""], credentials: keys)
    #expect(try world.find().get().accessKeyID == "FILE")
  }

  @Test(arguments: ["tomorrow", "2030-02-30T00:00:00Z", "1893456000"])
  func anEndThatIsNoTimeIsAnErrorNotForever(_ end: String) {
    let world = CredentialWorld(["AWS_CREDENTIAL_EXPIRATION": end].merging(set) { $1 })
    #expect(
      world.find().problem
        == "NoCredentials: AWS_CREDENTIAL_EXPIRATION is '\(end)', which is no time; write it as 2026-01-31T12:00:00Z, "
        + "or unset it.")
  }

  @Test func noneAtAllSaysWhatWasLookedAtAndWhatToDo() {
    #expect(
      CredentialWorld(["AWS_EC2_METADATA_DISABLED": "true"]).find().problem
        == "NoCredentials: No credentials were found. Looked at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
        + "(not set), profile 'default' (not in ~/.aws/config and ~/.aws/credentials), AWS_WEB_IDENTITY_TOKEN_FILE "
        + "(not set), AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI (not set), the "
        + "instance metadata service (switched off by AWS_EC2_METADATA_DISABLED). Set AWS_ACCESS_KEY_ID and "
        + "AWS_SECRET_ACCESS_KEY, run 'aws configure', or choose a profile with --profile.")
  }

  @Test func whatAProfileOnTheCommandLinePassesOverIsSaid() {
    let world = CredentialWorld(
      ["AWS_EC2_METADATA_DISABLED": "true", "AWS_WEB_IDENTITY_TOKEN_FILE": "/t"].merging(set) { $1 },
      config: "[profile a]\n")
    let problem = world.find(profile: "a").problem
    #expect(problem.contains("AWS_SECRET_ACCESS_KEY (passed over, since --profile is given)"))
    #expect(problem.contains("AWS_WEB_IDENTITY_TOKEN_FILE (passed over, since --profile is given)"))
    #expect(problem.contains("profile 'a' (no credentials in ~/.aws/config and ~/.aws/credentials)"))
  }

  @Test func aMissingDefaultProfileIsPassedOverAndANamedOneIsAnError() throws {
    let world = CredentialWorld(
      ["AWS_EC2_METADATA_DISABLED": "true"], config: "[profile other]\nregion = x\n")
    #expect(world.find().problem.hasPrefix("NoCredentials"))
    world.variables["AWS_PROFILE"] = "lost"
    #expect(world.find().problem.contains("Profile 'lost' (from AWS_PROFILE) is neither in"))
  }

  /// The profile was renamed while a script ran, and the next renewal took the keys of the machine instead.
  @Test func aNamedProfileThatHasGoneIsAnErrorNotTheNextSourcesTurn() throws {
    let world = CredentialWorld(["AWS_PROFILE": "other"], credentials: keys)
    let chain = CredentialChain(try world.context())
    world.files["/home/op/.aws/credentials"] = "[another]\n"
    #expect(
      world.find(with: chain).problem
        == "NoCredentials: Profile 'other' (from AWS_PROFILE) is gone from ~/.aws/config and ~/.aws/credentials. Write "
        + "it there again.")
    #expect(world.network.requests.isEmpty)
  }

  @Test func aFileThatHasBecomeUnreadableIsAnErrorWithItsLine() throws {
    let world = CredentialWorld()
    let chain = CredentialChain(try world.context())
    world.files["/home/op/.aws/config"] = "[default]\n= x\n"
    #expect(
      world.find(with: chain).problem == "Configuration: ~/.aws/config:2: Property did not have a name.")
  }

  @Test func nothingPrintsTheSecret() {
    let credentials = Credentials(
      accessKeyID: "AKIDEXAMPLE", secretAccessKey: "hush", sessionToken: "quiet", source: "test")
    var dumped = ""
    dump([credentials], to: &dumped)
    for text in [
      "\(credentials)", String(reflecting: credentials), String(describing: [credentials]), dumped,
    ] {
      #expect(!text.contains("hush") && !text.contains("quiet"))
    }
  }

  // MARK: Renewal

  /// Counts its searches and answers when told.
  private final class Slow: CredentialProvider {
    private var waiting: [(Result<CredentialLookup, CallError>) -> Void] = []
    private(set) var loads = 0

    func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
      loads += 1
      waiting.append(completion)
    }

    func answer(_ result: Result<CredentialLookup, CallError>) {
      let completions = waiting
      waiting = []
      for completion in completions { completion(result) }
    }

    /// Keys that are named after the number of the search.
    func answer(expiring seconds: Double?) {
      let end = seconds.flatMap { Timestamp(epochSeconds: $0) }
      answer(
        .success(
          .found(
            Credentials(
              accessKeyID: "A\(loads)", secretAccessKey: "s\(loads)", expiration: end, source: "a test"))))
    }

    func fail() { answer(.failure(CallError(.network, code: "Network", message: "down"))) }
  }

  /// A chain over one slow source, and what its callers were given.
  private final class Bench {
    let provider = Slow()
    private(set) lazy var chain = CredentialChain([provider])
    private(set) var given: [String] = []

    /// A call at so many seconds; keys that have come at once are given at once.
    func call(at seconds: Double) {
      chain.credentials(at: Timestamp(epochSeconds: seconds) ?? Timestamp(microseconds: 0)) { [self] result in
        switch result {
        case .success(let keys): given.append(keys.accessKeyID)
        case .failure(let error): given.append(error.message)
        }
      }
    }
  }

  @Test func manyCallersAreOneSearch() {
    let bench = Bench()
    for _ in 0..<30 { bench.call(at: 0) }
    #expect(bench.provider.loads == 1)
    bench.provider.answer(expiring: 3_600)
    #expect(bench.given == Array(repeating: "A1", count: 30))
    bench.call(at: 2_699)
    #expect(bench.provider.loads == 1)
    #expect(bench.chain.current?.accessKeyID == "A1")
  }

  @Test func fifteenMinutesBeforeTheEndNewKeysAreLookedForWhileTheOldOnesServe() {
    let bench = Bench()
    bench.call(at: 0)
    bench.provider.answer(expiring: 3_600)
    for _ in 0..<3 { bench.call(at: 2_700) }
    #expect(bench.given == ["A1", "A1", "A1", "A1"])
    #expect(bench.provider.loads == 2)
    bench.provider.answer(expiring: 7_200)
    bench.call(at: 2_701)
    #expect(bench.given.last == "A2")
    #expect(bench.provider.loads == 2)
  }

  @Test func aRenewalInGoodTimeThatFailsIsNobodysTroubleAndNotTriedAtEachCall() {
    let bench = Bench()
    bench.call(at: 0)
    bench.provider.answer(expiring: 3_600)
    bench.call(at: 2_700)
    bench.provider.fail()
    for second in 2_701..<2_760 { bench.call(at: Double(second)) }
    #expect(bench.provider.loads == 2)
    bench.call(at: 2_760)
    #expect(bench.provider.loads == 3)
    #expect(Set(bench.given) == ["A1"])
    bench.provider.fail()
  }

  @Test func tenMinutesBeforeTheEndAllWaitAndFailTogether() {
    let bench = Bench()
    bench.call(at: 0)
    bench.provider.answer(expiring: 3_600)
    for _ in 0..<3 { bench.call(at: 3_000) }
    #expect(bench.given == ["A1"])
    #expect(bench.provider.loads == 2)
    bench.provider.fail()
    #expect(bench.given == ["A1", "down", "down", "down"])
    bench.call(at: 3_001)
    bench.provider.answer(expiring: 7_200)
    #expect(bench.given.last == "A3")
  }

  @Test func whoeverMustWaitJoinsTheSearchThatIsUnderWay() {
    let bench = Bench()
    bench.call(at: 0)
    bench.provider.answer(expiring: 3_600)
    bench.call(at: 2_999)
    bench.call(at: 3_000)
    #expect(bench.provider.loads == 2)
    bench.provider.answer(expiring: 7_200)
    #expect(bench.given == ["A1", "A1", "A2"])
  }

  /// A credential process that gives keys of two minutes was run at every call: they are always within ten minutes of
  /// their end.
  @Test func keysOfTwoMinutesAreUsedForMostOfThem() {
    let bench = Bench()
    bench.call(at: 0)
    bench.provider.answer(expiring: 120)
    for second in 0..<90 { bench.call(at: Double(second)) }
    #expect(bench.provider.loads == 1)
    #expect(Set(bench.given) == ["A1"])
    bench.call(at: 100)
    #expect(bench.provider.loads == 2)
    bench.provider.fail()
    #expect(bench.given.last == "down")
  }

  @Test func keysThatComeEndedAreAnErrorAndNoLoop() {
    let bench = Bench()
    bench.call(at: 1_000)
    bench.provider.answer(expiring: 999)
    #expect(
      bench.given == [
        "The credentials from a test ended at 1970-01-01T00:16:39Z, and it is 1970-01-01T00:16:40Z by this computer's "
          + "clock. Renew them there, or set the clock."
      ])
    #expect(bench.provider.loads == 1)
    #expect(bench.chain.current == nil)
  }

  @Test func theClockIsAskedAgainWhenKeysHaveCome() {
    // The call that brought them has taught that this machine is two hours ahead.
    var now = 7_200.0
    let provider = Slow()
    var found: Result<Credentials, CallError>?
    CredentialChain([provider]).credentials(at: Timestamp(epochSeconds: now) ?? Timestamp(microseconds: 0)) {
      found = $0
    }
    now = 0
    provider.answer(expiring: 3_600)
    #expect((try? found?.get())?.accessKeyID == "A1")
  }

  /// Thirty calls were refused together; each answer that came after the renewal made another one.
  @Test func onlyTheRefusedKeysAreForgotten() throws {
    let bench = Bench()
    bench.call(at: 0)
    bench.provider.answer(expiring: nil)
    let refused = try #require(bench.chain.current)
    bench.chain.forget(refused)
    #expect(bench.chain.current == nil)
    bench.call(at: 1)
    bench.provider.answer(expiring: nil)
    bench.chain.forget(refused)
    bench.call(at: 2)
    #expect(bench.provider.loads == 2)
    #expect(bench.given == ["A1", "A2", "A2"])
  }

  @Test func filesAreReadAgainAtEachRenewal() throws {
    let world = CredentialWorld(credentials: keys)
    let chain = CredentialChain(try world.context())
    let old = try world.find(with: chain).get()
    world.files["/home/op/.aws/credentials"] = keys.replacing("FILE", with: "NEW")
    #expect(try world.find(with: chain).get() == old)
    chain.forget(old)
    #expect(try world.find(with: chain).get().accessKeyID == "NEW")
  }
}
