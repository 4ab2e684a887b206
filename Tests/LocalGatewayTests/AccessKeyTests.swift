// Keys of many accounts: the file that names them, and what each may do.
import AWSCore
import Glibc
import Testing

@testable import LocalGateway

struct AccessKeyTests {
  private func keys(_ text: String) throws -> [AccessKey] { try AccessKey.parse(Array(text.utf8)) }

  private func problem(_ text: String) -> String? {
    do throws(FieldProblem) {
      _ = try AccessKey.parse(Array(text.utf8))
      return nil
    } catch {
      return error.text
    }
  }

  @Test func aFileNamesKeys() throws {
    let keys = try keys(
      """
      [{"access_key_id": "AKIDALICE", "secret_access_key": "a+/", "account": "111122223333"},
       {"access_key_id": "ASIABOB", "secret_access_key": "b", "session_token": "t", "account": "444455556666",
        "regions": ["eu-central-1", "eu-west-1"], "expires": "2026-12-31T23:59:59Z"}]
      """)
    #expect(keys.map(\.credentials.accessKeyID) == ["AKIDALICE", "ASIABOB"])
    #expect(keys.map(\.account) == ["111122223333", "444455556666"])
    #expect(keys[0].credentials.sessionToken == nil && keys[0].regions == nil)
    #expect(keys[0].credentials.expiration == nil)
    #expect(keys[1].credentials.sessionToken == "t")
    #expect(keys[1].regions == ["eu-central-1", "eu-west-1"])
    #expect(keys[1].credentials.expiration?.iso8601 == "2026-12-31T23:59:59Z")
    #expect(try self.keys("[]").isEmpty)
  }

  @Test(arguments: [
    ("", "it is not JSON"), ("{}", "it must be a list of keys"), ("[7]", "key 1: it must be an object"),
    ("[{}]", "key 1: access_key_id is missing"),
    (#"[{"access_key_id":"A","account":"111122223333"}]"#, "key 1: secret_access_key is missing"),
    (#"[{"access_key_id":"A","secret_access_key":"s"}]"#, "key 1: account is missing"),
    (
      #"[{"access_key_id":"A","secret_access_key":"","account":"111122223333"}]"#,
      "key 1: secret_access_key must"
    ),
    (
      #"[{"access_key_id":"A/B","secret_access_key":"s","account":"111122223333"}]"#,
      "key 1: access_key_id must"
    ),
    (#"[{"access_key_id":"A","secret_access_key":"s","account":111122223333}]"#, "key 1: account must"),
    (
      #"[{"access_key_id":"A","secret_access_key":"s","account":"12"}]"#,
      "key 1: account must be twelve digits"
    ),
    (
      #"[{"access_key_id":"A","secret_access_key":"s","account":"111122223333","expires":"soon"}]"#,
      "key 1: expires must"
    ),
    (
      #"[{"access_key_id":"A","secret_access_key":"s","account":"111122223333","regions":[]}]"#,
      "key 1: regions must"
    ),
    (
      #"[{"access_key_id":"A","secret_access_key":"s","account":"111122223333","regions":["eu central"]}]"#,
      "key 1: regions must"
    ),
    (
      #"[{"access_key_id":"A","secret_access_key":"s","account":"111122223333","token":"t"}]"#,
      "key 1: a field that does not exist; there is access_key_id,"
    ),
    (
      #"[{"access_key_id":"MOONGATELOCAL","secret_access_key":"s","account":"111122223333"}]"#,
      "key 1: its access_key_id is taken"
    ),
    (
      #"""
      [{"access_key_id":"A","secret_access_key":"s","account":"111122223333"},
       {"access_key_id":"A","secret_access_key":"t","account":"444455556666"}]
      """#, "key 2: its access_key_id is taken by another key"
    ),
  ])
  func whatIsWrongWithAFileIsTold(text: String, expected: String) {
    #expect(problem(text)?.hasPrefix(expected) == true, "\(problem(text) ?? "accepted")")
  }

  /// Any value may be a secret in the wrong place: a name of a field that holds one, or JSON that breaks in it.
  @Test(arguments: [
    #"[{"hunter2":1}]"#, #"[{"access_key_id":"hunter2!"}]"#, #"[{"secret_access_key":"hunter2"}]"#,
    #"[{"secret_access_key":"hunter2""#, #"[{"hunter2":1,"hunter2":2}]"#, #"["hunter2"]"#,
    #"[{"access_key_id":"A","secret_access_key":"hunter2","account":"hunter2"}]"#,
  ])
  func noProblemRepeatsWhatIsInTheFile(text: String) throws {
    let words = try #require(self.problem(text))
    #expect(!words.contains("hunter2"))
  }

  @Test func aFileThatCannotBeReadIsAnError() throws {
    let missing = #expect(throws: LocalGatewayError.self) { try AccessKey.read("/nonexistent/keys.json") }
    #expect(missing?.message == "There is no credentials file /nonexistent/keys.json.")
    let folder = #expect(throws: LocalGatewayError.self) { try AccessKey.read("/tmp") }
    #expect(folder?.message == "Cannot read the credentials file /tmp: not a regular file.")
  }

  // MARK: What a key may do

  private let alice = Credentials(accessKeyID: "ALICE", secretAccessKey: "a", source: "")
  private let bob = Credentials(
    accessKeyID: "BOB", secretAccessKey: "b", sessionToken: "token",
    expiration: Timestamp(year: 2026, month: 3, day: 14, hour: 10), source: "")

  private func world() throws -> TestWorld {
    try TestWorld(keys: [
      builtInKey, AccessKey(alice, account: "111122223333", regions: ["eu-central-1"]),
      AccessKey(bob, account: "444455556666"),
    ])
  }

  @Test func eachAccountHasAWorldOfItsOwn() throws {
    let world = try world()
    #expect(try world.call("ListGateways").body["Gateways"]?.array?.count == 3)
    #expect(try world.call("ListGateways", key: bob).body["Gateways"] == [])
    #expect(try world.call("ListGateways", region: "eu-central-1", key: alice).body["Gateways"] == [])
  }

  @Test func aKeyMayBeLimitedToRegions() throws {
    let answer = try world().call("ListGateways", region: "us-east-1", key: alice)
    #expect(answer.status == 400 && answer.error == frameworkError("AccessDeniedException"))
    #expect(
      answer.message
        == "User: arn:aws:iam::111122223333:user/local is not authorized to call this service in "
        + "us-east-1: its key is for eu-central-1.")
  }

  /// Who has the token but not the secret learns nothing about either.
  @Test func aSessionEnds() throws {
    let world = try world()
    world.clock.advance(33 * 60)
    #expect(try world.call("ListGateways", key: bob).status == 200)
    world.clock.advance(60)
    let ended = try world.call("ListGateways", key: bob)
    #expect(ended.status == 400 && ended.error == frameworkError("ExpiredTokenException"))
    #expect(ended.message == "The security token included in the request is expired")
    var thief = bob
    thief.secretAccessKey = "guessed"
    #expect(
      try world.call("ListGateways", key: thief).error == frameworkError("InvalidSignatureException"))
  }
}
