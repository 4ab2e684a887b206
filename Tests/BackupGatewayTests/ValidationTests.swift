// Validation, ARNs and suggestions: what a person sees who got a parameter wrong.
import AWSCore
import BackupGateway
import TestSupport
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
        == ["MaxResult is not a parameter here (did you mean MaxResults?)"])
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

  @Test func tellsOnceWhatThereIsInsteadOfSeveralUnknownNames() {
    #expect(
      problems("UntagResource", ["ResourceARN": arn, "TagKeys": ["a"], "Color": "b", "Shade": "c"])
        == ["Color and Shade are no parameters here; there is ResourceARN and TagKeys"])
    let many = Value.Object(members: (1...8).map { ("Color\($0)", "b") })
    #expect(
      problems("ListGateways", .object(many))
        == [
          "Color1, Color2, Color3, Color4, Color5 and 3 more are no parameters here; there is MaxResults and NextToken"
        ])
  }

  @Test func namesThePlaceInsideListsAndStructures() {
    let intervals: Value = [
      [
        "DaysOfWeek": [1], "StartHourOfDay": 0, "StartMinuteOfHour": 0, "EndHourOfDay": 1,
        "EndMinuteOfHour": 59,
      ],
      ["DaysOfWeek": [9], "StartHourOfDay": 0, "StartMinuteOfHour": 60, "EndHourOfDay": 1, "Color": "blue"],
    ]
    let parameters: Value = ["GatewayArn": arn, "BandwidthRateLimitIntervals": intervals]
    #expect(
      problems("PutBandwidthRateLimitSchedule", parameters) == [
        "BandwidthRateLimitIntervals[1].DaysOfWeek[0] must be from 0 to 6, got 9",
        "BandwidthRateLimitIntervals[1].StartMinuteOfHour must be from 0 to 59, got 60",
        "BandwidthRateLimitIntervals[1].EndMinuteOfHour is required",
        "BandwidthRateLimitIntervals[1].Color is not a parameter here; there is DaysOfWeek, StartHourOfDay, "
          + "StartMinuteOfHour, EndHourOfDay, EndMinuteOfHour and AverageUploadRateLimitInBitsPerSec",
      ])
    // A script's lists begin at 1.
    let shape = Service.operation("PutBandwidthRateLimitSchedule")?.input
    let first = shape.flatMap { Validate.issues(parameters, as: $0, firstIndex: 1).first }
    #expect(first?.path == "BandwidthRateLimitIntervals[2].DaysOfWeek[1]")
  }

  @Test func aListOfTheWrongLengthIsOneProblem() {
    let wrong = Value.array(Array(repeating: 7, count: 21))
    #expect(
      problems("PutBandwidthRateLimitSchedule", ["GatewayArn": arn, "BandwidthRateLimitIntervals": wrong])
        == ["BandwidthRateLimitIntervals must have a number of items from 0 to 20, got 21"])
  }

  @Test func aLongHas64Bits() throws {
    let operation = try #require(Service.operation("PutBandwidthRateLimitSchedule"))
    let interval = try #require(operation.input.member("BandwidthRateLimitIntervals")?.shape.item)
    let rate = try #require(interval.member("AverageUploadRateLimitInBitsPerSec")?.shape)
    #expect(Validate.issues(8_000_000_000_000, as: rate).isEmpty)
    #expect(Validate.issues(.integer(.max), as: rate).count == 1)
    #expect(Validate.issues(51_199, as: rate).count == 1)
  }

  /// Every operation's samples satisfy it, and every change that breaks the model in one place is found, at that place.
  @Test(arguments: Service.operations.map(\.name))
  func findsWhatIsWrongAndNothingElse(_ name: String) throws {
    let operation = try #require(Service.operation(name))
    for full in [true, false] {
      #expect(Validate.issues(Sample.value(operation.input, full: full), as: operation.input).isEmpty)
    }
    for (path, value) in Sample.violations(of: operation.input) {
      let issues = Validate.issues(value, as: operation.input, firstIndex: 1)
      #expect(issues.count == 1, "\(path): \(issues)")
      #expect(issues.first?.path == path)
    }
  }

  @Test func aRequestIsWhatWasChecked() throws {
    let operation = try #require(Service.operation("GetGateway"))
    #expect(try Request(operation, ["GatewayArn": arn]).parameters == ["GatewayArn": arn])
    #expect(throws: InvalidRequest.self) { try Request(operation, [:]) }
  }

  @Test(arguments: [
    ("Password", "pä$$word"), ("Password", String(repeating: "s", count: 101)), ("Username", "V\\admin"),
  ])
  func nothingIsSaidOfASecret(_ member: String, _ secret: String) throws {
    let hypervisor = "arn:aws:backup-gateway:us-east-1:123456789012:hypervisor/hype-12345678"
    let message = try #require(
      problems("UpdateHypervisor", ["HypervisorArn": .string(hypervisor), member: .string(secret)]).first)
    #expect(message.hasPrefix("\(member) must "))
    #expect(!message.contains(secret) && !message.contains("101"))
  }

  @Test func whatIsQuotedStaysOnItsLine() {
    #expect(
      problems("ListGateways", ["NextToken": "a\nb\u{1B}[2J"])
        == [#"NextToken must match .+, got 'a\nb\u{1B}[2J'"#])
  }

  @Test func lengthsAreCountedInCharactersNotBytes() {
    let token = String(repeating: "é", count: 1_000)
    #expect(problems("ListGateways", ["NextToken": .string(token)]) == [])
  }
}

@Suite struct ArnTests {
  private let pattern = Service.operation("GetGateway")?.input.member("GatewayArn")?.shape.pattern ?? ""

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

  /// A match that takes too many steps is given up and counts as none, although the second text does match.
  @Test func aMatchIsBounded() {
    #expect(!Pattern.matches("(a+)+b", whole: String(repeating: "a", count: 40)))
    #expect(!Pattern.matches("(a?){20}a{20}", whole: String(repeating: "a", count: 20)))
    #expect(Pattern.matches("(a?){5}a{5}", whole: String(repeating: "a", count: 5)))
  }

  private func matches(_ operation: String, _ member: String, _ text: String) throws -> Bool {
    let shape = try #require(Service.operation(operation)?.input.member(member)?.shape)
    return Validate.issues(.string(text), as: shape).isEmpty
  }

  @Test(arguments: [
    ("Username", "administrator@vsphere.local", true), ("Username", "O'Neil+{x}~", true),
    ("Username", " a ", true), ("Username", #"VSPHERE\admin"#, false), ("Username", "a/b", false),
    ("Username", "   ", false), ("Username", "", false), ("Username", "a\n", false),
    ("Password", #"p"w\d/ ~!"#, true), ("Password", "tab\t", false), ("Password", "é", false),
    ("LogGroupArn", "", true), ("LogGroupArn", "\n", false), ("LogGroupArn", "$", false),
    ("LogGroupArn", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/a_b-c.d:*", true),
    ("LogGroupArn", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/a_b-c.d:*x", false),
    ("LogGroupArn", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/a_b-c.d", false),
    ("Name", "a-Z9", true), ("Name", "a b", false), ("Host", "büro.example", true), ("Host", "ab", false),
  ])
  func whatUpdateHypervisorTakes(_ member: String, _ text: String, _ fits: Bool) throws {
    #expect(try matches("UpdateHypervisor", member, text) == fits)
  }

  @Test(arguments: [
    ("team", true), ("ключ", true), ("日本語", true), ("a/b=c+d@e-f.g_h:i 1", true), ("\u{2003}", true),
    ("٣", true), ("a#b", false), ("😀", false), ("a\tb", false), ("a\n", false), ("", false),
    (String(repeating: "語", count: 128), true), (String(repeating: "語", count: 129), false),
  ])
  func whatAKeyOfATagIs(_ text: String, _ fits: Bool) throws {
    let key = try #require(Service.operation("UntagResource")?.input.member("TagKeys")?.shape.item)
    #expect(Validate.issues(.string(text), as: key).isEmpty == fits)
  }

  @Test(arguments: [
    ("arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", true),
    ("alias/" + String(repeating: "a", count: 50), true), ("alias/short", false),
    ("x alias/" + String(repeating: "a", count: 50), false),
    ("alias/" + String(repeating: "a", count: 50) + "\n", false),
    ("arn:aws:kms:us-east-1:123456789012:key/1234abcd 12ab-34cd-56ef-1234567890ab", false),
  ])
  func whatAKMSKeyIs(_ text: String, _ fits: Bool) throws {
    #expect(try matches("ImportHypervisorConfiguration", "KmsKeyArn", text) == fits)
  }

  /// The longest texts that are matched at all, made so that they fit until their last character.
  @Test func theModelsPatternsAreFastOnHostileTexts() throws {
    let start = ContinuousClock.now
    for name in [
      "UpdateHypervisor", "ImportHypervisorConfiguration", "TagResource", "PutHypervisorPropertyMappings",
    ] {
      let operation = try #require(Service.operation(name))
      for member in operation.input.members {
        let most = Int(member.shape.maximum ?? 500)
        for filling in ["a", " ", ":", "/", "é"] {
          let text = String(repeating: filling, count: most - 1) + "\u{0}"
          _ = Validate.issues(.string(text), as: member.shape)
        }
      }
    }
    #expect(ContinuousClock.now - start < .seconds(20))
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
