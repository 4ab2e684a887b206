// AWS tags, which gateways, hypervisors and virtual machines all carry.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

struct TagOperationTests {
  let world: TestWorld
  let resources: [String]

  init() throws {
    world = try TestWorld.empty()
    let (hypervisor, gateway) = try world.onlineHypervisor()
    resources = [gateway, hypervisor, try world.foundMachine(on: hypervisor)]
  }

  private func untag(_ arn: String, _ keys: [String]) -> Value {
    ["ResourceARN": .string(arn), "TagKeys": .array(keys.map(Value.string))]
  }

  @Test func tagsAreAddedChangedAndRemoved() throws {
    for arn in resources {
      #expect(
        try world.done("ListTagsForResource", ["ResourceArn": .string(arn)]) == [
          "ResourceArn": .string(arn), "Tags": [],
        ])
      #expect(try world.tag(arn, ["b": "1", "a": "", "Ä ö": "日本"]).body == ["ResourceARN": .string(arn)])
      #expect(try world.tag(arn, ["b": "2"]).status == 200)
      #expect(try world.tags(arn) == ["a=", "b=2", "Ä ö=日本"])
      #expect(
        try world.done("UntagResource", untag(arn, ["b", "not there"])) == ["ResourceARN": .string(arn)])
      try world.done("UntagResource", untag(arn, []))
      try world.done("TagResource", ["ResourceARN": .string(arn), "Tags": []])
      #expect(try world.tags(arn) == ["a=", "Ä ö=日本"])
    }
  }

  @Test func keysDifferByTheirCodeUnits() throws {
    let arn = resources[0]
    try world.tag(arn, ["team": "1"])
    try world.tag(arn, ["Team": "2"])
    // Swift, and Unicode, take the angstrom sign for the letter.
    try world.done(
      "TagResource",
      [
        "ResourceARN": .string(arn),
        "Tags": .array([["Key": "\u{C5}", "Value": "3"], ["Key": "\u{212B}", "Value": "4"]]),
      ])
    #expect(try world.tags(arn).count == 4)
  }

  @Test func aResourceHasFiftyAtMost() throws {
    for arn in resources {
      let tags = Value.array(manyTags(50))
      try world.done("TagResource", ["ResourceARN": .string(arn), "Tags": tags])
      try world.done("TagResource", ["ResourceARN": .string(arn), "Tags": tags], at: #_sourceLocation)
      #expect(try world.tag(arn, ["k7": "changed"]).status == 200, "no new key")
      try world.refused(
        "TagResource",
        ["ResourceARN": .string(arn), "Tags": .array(tagList(["one": "more", "k1": "not changed"]))],
        "ValidationException")
      #expect(try world.tags(arn).count == 50)
      #expect(try world.tags(arn).contains("k1=v"), "all of it or nothing")
    }
  }

  @Test func whatMayNotBeATagIsRefusedWhereverTagsAreGiven() throws {
    let wrong: [[Value]] = [
      manyTags(51), tagList(["aws:mine": "x"]), tagList(["AWS:mine": "x"]),
      tagList(["a": "1"]) + tagList(["a": "2"]),
    ]
    for tags in wrong {
      let tags = Value.array(tags)
      try world.refused(
        "TagResource", ["ResourceARN": .string(resources[0]), "Tags": tags], "ValidationException")
      try world.refused(
        "CreateGateway",
        ["ActivationKey": "A", "GatewayDisplayName": "g", "GatewayType": "BACKUP_VM", "Tags": tags],
        "ValidationException")
      try world.refused(
        "ImportHypervisorConfiguration", ["Name": "h", "Host": "host", "Tags": tags], "ValidationException")
    }
    try world.refused(
      "UntagResource", untag(resources[2], ["aws:backup-gateway:path"]), "ValidationException")
    #expect(try world.done("ListGateways")["Gateways"]?.array?.count == 1)
    #expect(try world.done("ListHypervisors")["Hypervisors"]?.array?.count == 1)
  }

  @Test(arguments: ResourceKind.allCases)
  func whatDoesNotExistHasNoTags(kind: ResourceKind) throws {
    try world.refused("ListTagsForResource", ["ResourceArn": nobody(kind)], "ResourceNotFoundException")
    try world.refused("TagResource", ["ResourceARN": nobody(kind), "Tags": []], "ResourceNotFoundException")
    try world.refused(
      "UntagResource", ["ResourceARN": nobody(kind), "TagKeys": []], "ResourceNotFoundException")
  }

  @Test func anArnOfAnotherKindIsInvalid() throws {
    let arn: Value = "arn:aws:backup-gateway:us-east-1:123456789012:teapot/some-12345"
    let message = try world.refused("TagResource", ["ResourceARN": arn, "Tags": []], "ValidationException")
    #expect(
      message.hasPrefix("ResourceARN must be the ARN of a gateway or a hypervisor or a virtual machine"))
  }
}
