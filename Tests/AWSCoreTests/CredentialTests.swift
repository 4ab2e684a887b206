// Where credentials come from, and what is said when there are none.
import AWSCore
import Testing

@Suite struct CredentialTests {
  private func find(_ environment: Environment, profile: String? = nil) -> Result<Credentials, CallError> {
    var found: Result<Credentials, CallError>?
    do throws(CallError) {
      let settings = try Settings.resolve(options: .init(profile: profile), environment: environment)
      CredentialChain(settings: settings, environment: environment)
        .credentials(at: Timestamp(microseconds: 0)) { found = $0 }
    } catch {
      found = .failure(error)
    }
    return found ?? .failure(CallError(.network, code: "Test", message: "no answer"))
  }

  private func message(_ result: Result<Credentials, CallError>) -> String {
    guard case .failure(let error) = result else { return "found" }
    return "\(error.code): \(error.message)"
  }

  private let keys =
    "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n"
    + "[other]\naws_access_key_id = OTHER\naws_secret_access_key = s\naws_session_token = t\n"

  @Test func theEnvironmentComesFirst() throws {
    let variables = [
      "AWS_ACCESS_KEY_ID": " ENV ", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SECURITY_TOKEN": "old",
      "AWS_CREDENTIAL_EXPIRATION": "2030-01-01T00:00:00Z", "AWS_ACCOUNT_ID": "123456789012",
    ]
    let found = try find(environment(variables, credentials: keys)).get()
    #expect(found.accessKeyID == "ENV")
    #expect(found.sessionToken == "old")
    #expect(found.accountID == "123456789012")
    #expect(found.expiration?.iso8601 == "2030-01-01T00:00:00Z")
  }

  @Test func aProfileOnTheCommandLineBeatsKeysInTheEnvironment() throws {
    let variables = ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"]
    let files = environment(variables, credentials: keys)
    #expect(try find(files, profile: "other").get().accessKeyID == "OTHER")
    var named = files
    named.variables["AWS_PROFILE"] = "other"
    #expect(try find(named).get().accessKeyID == "ENV")
  }

  @Test func theCredentialsFileBeatsTheConfigFile() throws {
    let config = "[default]\naws_access_key_id = CONFIG\naws_secret_access_key = c\naws_account_id = 1\n"
    let found = try find(environment(config: config, credentials: keys)).get()
    #expect(found.accessKeyID == "FILE")
    #expect(found.accountID == "1")
    #expect(found.source == "profile 'default' (~/.aws/credentials:2)")
  }

  @Test func halfAPairNamesTheOtherHalf() {
    #expect(
      message(find(environment(["AWS_ACCESS_KEY_ID": "A"])))
        == "NoCredentials: AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not. Set both, or neither "
        + "to use the profile.")
    #expect(
      message(find(environment(credentials: "[default]\naws_secret_access_key = s\n")))
        .contains("aws_access_key_id is missing"))
  }

  @Test func blankIsUnset() throws {
    let found = find(environment(["AWS_ACCESS_KEY_ID": " ", "AWS_SECRET_ACCESS_KEY": ""], credentials: keys))
    #expect(try found.get().accessKeyID == "FILE")
  }

  @Test func noneAtAllSaysWhatWasLookedAtAndWhatToDo() {
    #expect(
      message(find(environment()))
        == "NoCredentials: No credentials were found. Looked at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
        + "(not set), profile 'default' (not in ~/.aws/config and ~/.aws/credentials), web identity and "
        + "container variables (not set). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, run 'aws "
        + "configure', or choose a profile with --profile.")
  }

  @Test(arguments: [
    "role_arn = arn:aws:iam::1:role/x", "sso_session = corp", "sso_start_url = https://x",
    "credential_process = x",
    "web_identity_token_file = /t", "login_session = x",
  ])
  func whatIsNotBuiltIsSaidNotPassedOver(_ line: String) {
    let config = "[default]\naws_access_key_id = A\naws_secret_access_key = s\n\(line)\n"
    let text = message(find(environment(config: config)))
    #expect(text.contains("does not support yet") && text.contains("~/.aws/config:4"))
  }

  @Test func nothingPrintsTheSecret() {
    let credentials = Credentials(
      accessKeyID: "AKIDEXAMPLE", secretAccessKey: "hush", sessionToken: "quiet", source: "test")
    for text in ["\(credentials)", String(reflecting: credentials), String(describing: [credentials])] {
      #expect(!text.contains("hush") && !text.contains("quiet"))
    }
  }

  /// Counts its searches and answers when told.
  private final class Slow: CredentialProvider {
    var waiting: [(Result<CredentialLookup, CallError>) -> Void] = []
    var loads = 0
    func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
      loads += 1
      waiting.append(completion)
    }
    func answer(expiring: Timestamp?) {
      let credentials = Credentials(
        accessKeyID: "A\(loads)", secretAccessKey: "s", expiration: expiring, source: "test")
      let completions = waiting
      waiting = []
      for completion in completions { completion(.success(.found(credentials))) }
    }
  }

  @Test func manyCallersAreOneSearchAndTheEndOfValidityANewOne() {
    let provider = Slow()
    let chain = CredentialChain([provider])
    let now = Timestamp(microseconds: 0)
    var found: [String] = []
    for _ in 0..<3 { chain.credentials(at: now) { found.append((try? $0.get().accessKeyID) ?? "error") } }
    #expect(provider.loads == 1)
    provider.answer(expiring: Timestamp(microseconds: 3_600_000_000))
    #expect(found == ["A1", "A1", "A1"])
    chain.credentials(at: now) { _ in }
    #expect(provider.loads == 1)
    chain.credentials(at: Timestamp(microseconds: 3_001_000_000)) { _ in }
    #expect(provider.loads == 2)
    provider.answer(expiring: nil)
    chain.forget()
    chain.credentials(at: now) { _ in }
    #expect(provider.loads == 3)
    // A search under way keeps its chain; LeakSanitizer would see the pair.
    provider.answer(expiring: nil)
  }
}
