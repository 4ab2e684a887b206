// The credentials suite, its recorded cases: folders with variables, a file system, traffic, and what comes of them.
//
// Rules of this driver:
// - A folder whose name holds `profile-provider` tests that source alone, `token-provider` the token of IAM Identity
//   Center, any other the whole chain.
// - This client signs for TLS only. An endpoint that a case gives as http:// is given to it as https://, and schemes are
//   not compared.
// - The clock stands before every recorded end of keys.
// - A refusal's words are the other SDK's. That there is one counts, and the facts in `facts(of:)`; not how often whoever
//   refuses was asked, since attempts are each SDK's own.
// - A case of another runtime (system properties of the JVM) does not apply.
import Glibc
import TestSupport
import Testing

@testable import AWSCore

@Test func recordedCredentialsConformance() {
  conformance("credentials") { report in
    for path in CredentialCase.folders(in: report.folder) {
      let id = String(path.dropFirst(report.folder.count + 1))
      let item = CredentialCase(path)
      if let reason = item.whyNotApplicable {
        report.skip(id, because: reason)
      } else {
        report.check(id) { item.problem }
      }
    }
    for login in Conformance.json("\(report.folder)/login-provider-test-cases.json")?.array ?? [] {
      report.skip(
        "login-provider-test-cases/\(login["documentation"]?.string ?? "")",
        because: AssumeRoleCase.noLoginSessions)
    }
  }
}

private struct CredentialCase {
  private let path: String
  private let expected: Value?
  private let world: CredentialWorld
  private let replay: Replay

  init(_ path: String) {
    self.path = path
    expected = Conformance.json("\(path)/test-case.json")?["result"]
    world = CredentialWorld(Self.variables("\(path)/env.json"))
    world.clock.now = Timestamp(year: 2009, month: 1, day: 1)
    var known = world.variables.values.joined(separator: "\n")
    for (name, bytes) in Self.files("\(path)/fs", as: "") {
      world.files.bytes[name] = bytes
      known += String(decoding: bytes, as: UTF8.self)
    }
    replay = Replay(Exchange.all(in: "\(path)/http-traffic.json"), known: known)
    world.network.respond = replay.answer
    world.processes.respond = Self.run
  }

  var whyNotApplicable: String? {
    access("\(path)/system-properties.json", R_OK) == 0 ? "system properties of the JVM" : nil
  }

  /// What is wrong; nil when all is as recorded.
  var problem: String? {
    let name = path.split(separator: "/").suffix(2).first ?? ""
    let outcome =
      name.contains("token-provider") ? token() : keys(ofProfileAlone: name.contains("profile-provider"))
    var problems = replay.differences + replay.further.map { "asked more than is recorded: \($0)" }
    switch outcome {
    case .success(let found):
      guard let members = expected?["Ok"]?.object?.members else { return "found \(found), expected an error" }
      for (name, value) in members where !Self.notes.contains(name) {
        let value = value.string ?? value.integer.map(String.init)
        let ours = found[Self.otherSpellings[name] ?? name]
        if ours != value { problems.append("\(name) is \(ours ?? "none"), expected \(value ?? "none")") }
      }
      problems += replay.repetitions.map { "asked once more: \($0)" }
      problems += replay.missing.map { "not asked: \($0)" }
    case .failure(let error):
      guard let words = expected?["ErrorContains"]?.string else { return "\(error.code): \(error.message)" }
      problems += facts(of: words).filter { !error.message.contains($0) }
        .map { "the error does not say '\($0)': \(error.message)" }
    }
    return problems.isEmpty ? nil : problems.joined(separator: "; ")
  }

  /// What SDKs note of how they came by keys.
  private static let notes: Set = ["business_metrics"]
  private static let otherSpellings = ["accountId": "account_id"]

  /// What a refusal must say here too: the name of the error that a service answered with, and the file at fault.
  private func facts(of words: String) -> [String] {
    let answers = replay.answers
    var facts = words.split { !$0.isLetter }.filter { $0.hasSuffix("Exception") }
      .map { String($0.dropLast("Exception".count)) }.filter { !$0.isEmpty && answers.contains($0) }
    if words.contains("could not parse") { facts.append("~/.aws/") }
    if words.contains("No such file") { facts.append("token") }
    return facts
  }

  // MARK: Running

  private func keys(ofProfileAlone: Bool) -> Result<[String: String], CallError> {
    var found: Result<Credentials, CallError>?
    do throws(CallError) {
      let context = try world.context()
      let chain = ofProfileAlone ? CredentialChain([ProfileCredentials(context)]) : CredentialChain(context)
      chain.credentials(at: context.caller.now) { found = $0 }
      world.settle()
    } catch {
      found = .failure(error)
    }
    return (found ?? .failure(Self.noEnd)).map { keys in
      var members = ["access_key_id": keys.accessKeyID, "secret_access_key": keys.secretAccessKey]
      members["session_token"] = keys.sessionToken
      members["account_id"] = keys.accountID
      members["expiry"] = keys.expiration.map { String($0.microseconds / 1_000_000) }
      return members
    }
  }

  private func token() -> Result<[String: String], CallError> {
    var found: Result<SSOToken, CallError>?
    do throws(CallError) {
      let context = try world.context()
      let config = try SharedConfig(environment: context.environment)
      guard let profile = try SSOProfile.find(context.settings.profile.value, in: config) else {
        throw .noCredentials("no profile of IAM Identity Center")
      }
      SSOTokenProvider(context, profile).token { found = $0 }
      world.settle()
    } catch {
      found = .failure(error)
    }
    return (found ?? .failure(Self.noEnd)).map {
      ["token": $0.accessToken, "expiration": $0.expiration.iso8601]
    }
  }

  private static let noEnd = CallError(.network, code: "Test", message: "the search never ended")

  /// Commands of the cases are run as they are: they print, and reach nothing.
  private static func run(_ command: String) -> Result<ProcessOutput, ProcessFailure> {
    guard let pipe = popen(command, "r") else { return .failure(ProcessFailure(reason: "popen failed")) }
    var output: [UInt8] = []
    var byte = fgetc(pipe)
    while byte != EOF {
      output.append(UInt8(truncatingIfNeeded: byte))
      byte = fgetc(pipe)
    }
    return .success(ProcessOutput(exitCode: pclose(pipe) >> 8 & 0xFF, output: output))
  }

  // MARK: Reading a case

  /// Every folder below `root` that holds a case.
  static func folders(in root: String) -> [String] {
    if access("\(root)/test-case.json", R_OK) == 0 { return [root] }
    return Conformance.names(root).flatMap { folders(in: "\(root)/\($0)") }
  }

  private static func variables(_ path: String) -> [String: String] {
    var found: [String: String] = [:]
    for (name, value) in Conformance.json(path)?.object?.members ?? [] {
      let isEndpoint = name.hasPrefix("AWS_ENDPOINT_URL")
      found[name] = value.string.map { isEndpoint ? secured($0) : $0 }
    }
    return found
  }

  /// The files below a folder, by the path that they have in the case.
  private static func files(_ folder: String, as prefix: String) -> [(String, [UInt8])] {
    // The names of files may begin with a dot, as ~/.aws.
    Conformance.names(folder, withHidden: true).flatMap { name -> [(String, [UInt8])] in
      guard let bytes = Conformance.bytes("\(folder)/\(name)") else {
        return files("\(folder)/\(name)", as: "\(prefix)/\(name)")
      }
      let lines = String(decoding: bytes, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)
      let text = lines.map { trimmed($0).hasPrefix("endpoint_url") ? secured(String($0)) : String($0) }
      return [("\(prefix)/\(name)", Array(text.joined(separator: "\n").utf8))]
    }
  }

  private static func secured(_ text: String) -> String { text.replacing("http://", with: "https://") }
}
