// The credential service of a container: which URLs may be asked for keys, with which token, how often.
import TestSupport
import Testing

@testable import AWSCore

@Suite struct ContainerCredentialsTests {
  private let keys =
    #"{"RoleArn":"arn","AccessKeyId":"ASIATASK","SecretAccessKey":"hush","Token":"quiet","AccountId":"123456789012","#
    + #""Expiration":"2026-01-01T06:00:00Z"}"#
  private let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
  private let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"

  private func load(_ world: CredentialWorld) throws -> Result<CredentialLookup, CallError> {
    world.load(ContainerCredentials(try world.context()))
  }

  @Test func withoutTheVariablesItIsPassedOver() throws {
    #expect(try load(CredentialWorld()).absence == "\(relative) and \(full) (not set)")
  }

  @Test func theRelativeURIWins() throws {
    let world = CredentialWorld([relative: "/v2/credentials/id?a=1", full: "http://127.0.0.1/other"])
    world.network.answer(200, keys)
    let found = try #require(try load(world).found)
    #expect(found.accessKeyID == "ASIATASK" && found.sessionToken == "quiet")
    #expect(found.accountID == "123456789012")
    #expect(found.source == "container credentials of 169.254.170.2 (from \(relative))")
    #expect(world.network.log == ["GET http://169.254.170.2/v2/credentials/id?a=1"])
    #expect(world.network.requests[0].headers["Accept"] == "application/json")
    #expect(!world.network.limits[0].usesProxy && world.network.limits[0].total == 2)
  }

  @Test(arguments: [
    "http://127.0.0.1:51679/x", "http://127.8.9.1/", "http://localhost/x", "http://LOCALHOST:80/x",
    "http://[::1]/x", "http://[0:0:0:0:0:0:0:1]/x", "http://169.254.170.2/x",
    "http://169.254.170.23/v1/credentials",
    "http://[fd00:ec2::23]/v1/credentials", "http://[FD00:EC2:0::23]/", "https://keys.example.com:8443/x",
    "https://192.168.1.1",
  ])
  func mayBeAsked(_ uri: String) throws {
    let world = CredentialWorld([full: uri])
    world.network.answer(200, keys)
    #expect(try load(world).found != nil)
  }

  /// Names that only look like loopback, and addresses in the spellings that some resolver would take for it.
  @Test(arguments: [
    "http://keys.example.com/x", "http://169.254.170.3/x", "http://169.254.0.1/", "http://10.0.0.1/",
    "http://localhost.example.com/", "http://127.0.0.1.example.com/", "http://localhost./x", "http://127.1/",
    "http://0x7f000001/", "http://2130706433/", "http://0177.0.0.1.1/", "http://[::ffff:10.0.0.1]/",
    "http://[fd00:ec2::24]/", "http://0.0.0.0/",
  ])
  func mayNotBeAskedInClearText(_ uri: String) throws {
    let world = CredentialWorld([full: uri])
    let error = try load(world).error
    #expect(error?.code == "NoCredentials")
    #expect(error?.message.contains("Use https") == true)
    #expect(world.network.requests.isEmpty)
  }

  @Test(arguments: [
    ("/credentials", "the URI did not specify a host"), ("http://u:p@127.0.0.1/", "not a URL"),
    ("ftp://127.0.0.1/", "not a URL"), ("http://127.0.0.1\\@evil/", "not a URL"), ("http:///x", "not a URL"),
  ])
  func isNoURIAtAll(_ uri: String, _ words: String) throws {
    let message = try load(CredentialWorld([full: uri])).error?.message
    #expect(message?.contains(words) == true)
    #expect(message?.contains("u:p") == false)
  }

  @Test(arguments: ["credentials", "@evil.example.com/", ".evil.example.com/", ":80/x"])
  func aRelativeURICannotChangeTheHost(_ path: String) throws {
    let world = CredentialWorld([relative: path])
    #expect(try load(world).error?.message.contains("must be a path") == true)
    #expect(world.network.requests.isEmpty)
  }

  // MARK: The token

  @Test func theTokenFileWinsAndIsReadEachTime() throws {
    let world = CredentialWorld([
      full: "http://169.254.170.23/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "variable",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/var/token",
    ])
    for token in ["first\n", "second"] {
      world.files["/var/token"] = token
      world.network.answer(200, keys)
      #expect(try load(world).found != nil)
    }
    #expect(world.network.requests.map { $0.headers["Authorization"] } == ["first", "second"])
    world.files["/var/token"] = nil
    #expect(try load(world).error?.message.contains("No such file or directory") == true)
    world.files.unreadable.insert("/var/token")
    #expect(try load(world).error?.message.contains("Permission denied") == true)
    world.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = nil
    world.network.answer(200, keys)
    _ = try load(world)
    #expect(world.network.requests.last?.headers["Authorization"] == "variable")
  }

  @Test(arguments: ["hush\r\nX-Evil: 1", "hush\nmore", "hush\u{0}more"])
  func aTokenCannotBringAHeaderOfItsOwn(_ token: String) throws {
    let world = CredentialWorld([full: "http://127.0.0.1/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": token])
    let message = try load(world).error?.message
    #expect(message?.contains("AWS_CONTAINER_AUTHORIZATION_TOKEN holds a line break") == true)
    #expect(message?.contains("hush") == false)
    #expect(world.network.requests.isEmpty)
  }

  // MARK: Failures

  @Test func threeAttemptsASecondApart() throws {
    let world = CredentialWorld([full: "http://127.0.0.1/x"])
    let start = world.clock.monotonicSeconds
    world.network.fail(.brokenConnection)
    world.network.answer(500, "hush")
    world.network.answer(200, keys)
    #expect(try load(world).found != nil)
    #expect(world.clock.monotonicSeconds - start == 2)
  }

  @Test func afterThemAnErrorThatQuotesNothing() throws {
    let world = CredentialWorld([full: "http://127.0.0.1:99/x"])
    for _ in 0..<3 { world.network.answer(200, "hush") }
    #expect(
      try load(world).error?.message
        == "The container's credential service at 127.0.0.1:99 (from \(full)) gave no keys: its answer is not a JSON "
        + "document (asked 3 times).")
    world.network.answer(200, #"{"AccessKeyId":"A","Token":"hush"}"#)
    let message = try load(world).error?.message
    #expect(message?.contains("Missing required key SecretAccessKey") == true)
    #expect(message?.contains("hush") == false)
  }
}
