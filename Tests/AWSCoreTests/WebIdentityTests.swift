// Web identities: a token from a file for the keys of a role, as in pods of Amazon EKS.
import TestSupport
import Testing

@testable import AWSCore

@Suite struct WebIdentityTests {
  private let arn = "arn:aws:iam::123456789012:role/pod"
  private let answered = keysOfRole("AssumeRoleWithWebIdentity")

  private func world(_ variables: [String: String] = [:], token: String? = "jwt-one\n") -> CredentialWorld {
    let pod = ["AWS_REGION": "eu-west-1", "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/token", "AWS_ROLE_ARN": arn]
    let world = CredentialWorld(pod.merging(variables) { $1 })
    world.files["/var/token"] = token
    return world
  }

  @Test func theTokenIsExchangedWithoutASignature() throws {
    let world = world(["AWS_ROLE_SESSION_NAME": "pod-7"])
    world.network.answer(200, answered)
    let found = try world.find().get()
    #expect(found.accessKeyID == "ASIAROLE")
    #expect(found.accountID == "123456789012")
    #expect(found.source == "role \(arn) through AWS_WEB_IDENTITY_TOKEN_FILE")
    let request = try #require(world.network.requests.first)
    #expect(world.network.log == ["POST https://sts.eu-west-1.amazonaws.com/"])
    #expect(request.headers["Authorization"] == nil)
    #expect(
      form(request) == [
        "Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": arn,
        "RoleSessionName": "pod-7",
        "WebIdentityToken": "jwt-one",
      ])
  }

  @Test func aProfileMayBeOne() throws {
    let world = CredentialWorld(
      ["AWS_REGION": "eu-west-1"],
      config: "[default]\nrole_arn = \(arn)\nweb_identity_token_file = ~/token\nrole_session_name = me\n")
    world.files["/home/op/token"] = "jwt"
    world.network.answer(200, answered)
    #expect(try world.find().get().source == "role \(arn) through profile 'default' (~/.aws/config:3)")
    #expect(form(world.network.requests[0])["WebIdentityToken"] == "jwt")
    #expect(form(world.network.requests[0])["RoleSessionName"] == "me")
  }

  @Test func itsKeysMayAssumeAFurtherRole() throws {
    let world = CredentialWorld(
      ["AWS_REGION": "eu-west-1"],
      config: "[default]\nrole_arn = arn:Far\nsource_profile = pod\n[profile pod]\nrole_arn = \(arn)\n"
        + "web_identity_token_file = /var/token\n")
    world.files["/var/token"] = "jwt"
    world.network.answer(200, keysOfRole("AssumeRoleWithWebIdentity", id: "ASIAPOD"))
    world.network.answer(200, keysOfRole())
    #expect(try world.find().get().accessKeyID == "ASIAROLE")
    #expect(world.network.requests.map { form($0)["Action"] } == ["AssumeRoleWithWebIdentity", "AssumeRole"])
    #expect(world.network.requests.map(signer) == [nil, "ASIAPOD"])
  }

  @Test func theFileIsReadAgainAtEachRenewal() throws {
    let world = world()
    let chain = CredentialChain(try world.context())
    world.network.answer(200, answered)
    _ = try world.find(with: chain).get()
    world.files["/var/token"] = "jwt-two"
    world.clock.advance(3_000)
    world.network.answer(200, keysOfRole("AssumeRoleWithWebIdentity", end: "2026-01-01T02:00:00Z"))
    _ = try world.find(with: chain).get()
    #expect(world.network.requests.map { form($0)["WebIdentityToken"] } == ["jwt-one", "jwt-two"])
  }

  @Test func halfOfItNamesTheMissingVariable() {
    #expect(
      world(["AWS_ROLE_ARN": " "]).find().problem
        == "NoCredentials: AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not. Set both, or neither to look "
        + "for credentials elsewhere.")
  }

  @Test func aRoleAloneIsNoWebIdentity() {
    let world = world(["AWS_WEB_IDENTITY_TOKEN_FILE": "", "AWS_EC2_METADATA_DISABLED": "true"])
    #expect(world.find().problem.contains("AWS_WEB_IDENTITY_TOKEN_FILE (not set)"))
  }

  @Test func aFileThatGivesNoTokenIsNamed() {
    for (token, problem) in [(nil, "does not exist"), (" \n", "is empty")] {
      let world = world(token: token)
      #expect(
        world.find().problem
          == "NoCredentials: The token file /var/token of AWS_WEB_IDENTITY_TOKEN_FILE \(problem).")
      #expect(world.network.requests.isEmpty)
    }
    let world = world()
    world.files.unreadable = ["/var/token"]
    #expect(world.find().problem.hasSuffix("cannot be read: Permission denied."))
  }

  @Test func aRefusalEndsTheSearchAndNeverTellsTheToken() throws {
    let world = world()
    world.network.answer(400, refusal("InvalidIdentityToken", "no provider for jwt-one"))
    let context = try world.context()
    var trace: [String] = []
    context.caller.trace = { trace.append($0) }
    #expect(
      world.find(with: CredentialChain(context)).problem
        == "NoCredentials: The role \(arn) of AWS_WEB_IDENTITY_TOKEN_FILE could not be assumed: InvalidIdentityToken: "
        + "no provider for •••")
    #expect(world.network.requests.count == 1)
    #expect(!trace.joined().contains("jwt-one"))
  }

  @Test func theIdentityProviderThatDoesNotAnswerSTSIsAskedAgain() throws {
    let world = world()
    world.network.answer(503, refusal("ServiceUnavailable", "later"))
    world.network.answer(200, answered)
    #expect(try world.find().get().accessKeyID == "ASIAROLE")
  }
}
