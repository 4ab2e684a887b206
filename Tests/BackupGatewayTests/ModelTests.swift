// Validation, ARNs and suggestions: what a person sees who got a parameter wrong.
import AWSCore
import BackupGateway
import Testing

@Suite struct ValidateTests {
  private let arn: Value = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-12345678"

  private func problems(_ operation: String, _ parameters: Value) -> [String] {
    guard let operation = Service.operation(operation) else { return ["no such operation"] }
    return Validate.issues(parameters, as: operation.input).map(\.message)
  }

  @Test func acceptsWhatTheModelAllows() {
    #expect(problems("GetGateway", ["GatewayArn": arn]) == [])
    #expect(problems("ListGateways", [:]) == [])
    #expect(problems("ListGateways", ["MaxResults": 1, "NextToken": .null]) == [])
  }

  @Test func namesTheMemberTheConstraintAndTheNearestName() {
    #expect(problems("GetGateway", [:]) == ["GatewayArn is required"])
    #expect(problems("GetGateway", ["GatewayArn": 5]) == ["GatewayArn must be a string, got an integer"])
    #expect(
      problems("ListGateways", ["MaxResult": 5])
        == ["MaxResult is not a parameter here; did you mean MaxResults?"])
    #expect(problems("ListGateways", ["MaxResults": 0]) == ["MaxResults must be at least 1, got 0"])
    #expect(problems("ListGateways", ["MaxResults": "5"]) == ["MaxResults must be an integer, got a string"])
    #expect(
      problems("ListGateways", ["MaxResults": 2_147_483_648])
        == ["MaxResults must fit in 32 bits, got 2147483648"])
    #expect(
      problems("ListGateways", ["NextToken": ""]) == ["NextToken must have a length from 1 to 1000, got 0"])
  }

  @Test func sayingSeveralThingsAtOnce() {
    #expect(problems("GetGateway", ["Arn": arn]).count == 2)
  }

  @Test func lengthsAreCountedInCharactersNotBytes() {
    let token = String(repeating: "é", count: 1_000)
    #expect(problems("ListGateways", ["NextToken": .string(token)]) == [])
  }
}

@Suite struct ArnTests {
  private let pattern = #"arn:(aws|aws-cn|aws-us-gov):backup-gateway(:[a-zA-Z-0-9]+){3}\/[a-zA-Z-0-9]+"#

  /// The parser accepts what the model's pattern accepts, and asks one thing more: a kind of resource that
  /// exists.
  @Test(arguments: [
    "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-1", "arn:aws-cn:backup-gateway:r:1:vm/v",
    "arn:aws-us-gov:backup-gateway:r:1:hypervisor/hype-1", "arn:aws:backup-gateway:r:1:vm/",
    "arn:aws:s3:r:1:vm/v",
    "arn:aws:backup-gateway::1:vm/v", "arn:aws:backup-gateway:r:1:vm/a/b",
    "arn:aws:backup-gateway:r:1:vm/a:b",
    "arn:aws:backup-gateway:r:1:vm", "arn:aws-iso:backup-gateway:r:1:vm/v",
    " arn:aws:backup-gateway:r:1:vm/v",
    "arn:aws:backup-gateway:r:1:vm/v\n", "arn:aws:backup-gateway:r_1:1:vm/v",
    "arn:aws:backup-gateway:r:1:vm/é",
    "", "arn", "arn:aws:backup-gateway:r:1:vm/-", "ARN:aws:backup-gateway:r:1:vm/v",
  ])
  func agreesWithTheModelsPattern(_ text: String) {
    #expect((Arn(text) != nil) == Pattern.matches(pattern, whole: text))
  }

  @Test func otherKindsOfResourceAreNotOurs() {
    let text = "arn:aws:backup-gateway:r:1:job/j"
    #expect(Pattern.matches(pattern, whole: text))
    #expect(Arn(text) == nil)
  }

  @Test func writesWhatItReads() {
    let text = "arn:aws:backup-gateway:us-east-1:123456789012:vm/vm-0000ABCDEFGIJKL"
    let arn = Arn(text)
    #expect(arn?.description == text)
    #expect(arn?.kind == .virtualMachine)
    #expect(arn?.account == "123456789012")
  }
}

@Suite struct PatternTests {
  @Test func matchesTheWholeTextOnly() {
    #expect(Pattern.matches("[a-z]+", whole: "abc"))
    #expect(!Pattern.matches("[a-z]+", whole: "abc1"))
    #expect(!Pattern.matches("[a-z]+", whole: "abc\n"))
    #expect(Pattern.matches("[a-zA-Z0-9-]*", whole: ""))
    #expect(!Pattern.matches("(", whole: "("))
  }

  @Test func aHostilePatternEnds() {
    #expect(!Pattern.matches("(a+)+b", whole: String(repeating: "a", count: 40)))
  }
}

@Suite struct SuggestionTests {
  @Test func findsWhatWasMeant() {
    #expect(nearest(to: "GatewayARN", in: ["GatewayArn", "Name"]) == "GatewayArn")
    #expect(nearest(to: "Nmae", in: ["GatewayArn", "Name"]) == "Name")
    #expect(nearest(to: "Colour", in: ["GatewayArn", "Name"]) == nil)
    #expect(nearest(to: "x", in: []) == nil)
  }

  @Test func listsAsASentenceDoes() {
    #expect(listed([]) == "none")
    #expect(listed(["A"]) == "A")
    #expect(listed(["A", "B", "C"]) == "A, B and C")
  }
}
