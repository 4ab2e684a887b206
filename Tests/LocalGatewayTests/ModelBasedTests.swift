// Thousands of random steps, in the gateway and in the reference at once: no answer may differ.
// MOONGATE_SEED repeats a run, MOONGATE_STEPS makes it longer.
import AWSCore
import BackupGateway
import Glibc
import Testing

@testable import LocalGateway

/// SplitMix64.
struct Dice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

struct ModelBasedTests {
  private static func number(_ name: String) -> UInt64? {
    getenv(name).flatMap { UInt64(String(cString: $0)) }
  }

  @Test func randomStepsLeadToTheSameAnswersAsTheReference() throws {
    let seed = Self.number("MOONGATE_SEED") ?? UInt64.random(in: 0...UInt64(UInt32.max))
    let steps = Self.number("MOONGATE_STEPS") ?? 4_000
    print("model-based test: MOONGATE_SEED=\(seed) MOONGATE_STEPS=\(steps)")
    var walk = try Walk(seed: seed)
    for step in 1...steps {
      let divergence = try walk.step() ?? (step % 250 == 0 ? walk.survey() : nil)
      if let divergence {
        Issue.record("MOONGATE_SEED=\(seed), step \(step): \(divergence)\nbefore: \(walk.history.suffix(12))")
        return
      }
    }
    let unseen = Service.operations.map(\.name).filter { !walk.succeeded.contains($0) }
    #expect(unseen.isEmpty, "a walk that never succeeds with an operation shows little")
  }
}

/// A walk through the states of a world.
private struct Walk {
  let world: TestWorld
  let reference: Reference
  var dice: Dice
  var history: [String] = []
  var succeeded: Set<String> = []
  /// Resources that were there once, to be asked for when they are gone.
  var gone: [String] = []

  init(seed: UInt64) throws {
    world = try TestWorld.empty()
    reference = Reference(now: Int64(world.clock.now.epochSeconds))
    dice = Dice(state: seed)
  }

  // MARK: Choosing

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &dice) < percent }
  mutating func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &dice) }
  mutating func pick<T>(_ items: [T]) -> T? { items.randomElement(using: &dice) }
  mutating func word(_ words: String...) -> String { words.randomElement(using: &dice) ?? "" }

  mutating func any(_ kind: ResourceKind) -> String? {
    switch kind {
    case .gateway: pick(reference.gateways.keys.sorted())
    case .hypervisor: pick(reference.hypervisors.keys.sorted())
    case .virtualMachine: pick(reference.machines.keys.sorted())
    }
  }

  /// An ARN of a kind: mostly of what exists, sometimes of what is gone, elsewhere or of another kind.
  mutating func arn(_ kind: ResourceKind) -> String {
    let word = kind.rawValue
    switch number(0...19) {
    case 0: return pick(gone) ?? "arn:aws:backup-gateway:us-east-1:123456789012:\(word)/nobody-1"
    case 1: return "arn:aws:backup-gateway:eu-west-1:123456789012:\(word)/nobody-1"
    case 2: return any(ResourceKind.allCases.filter { $0 != kind }[chance(50) ? 0 : 1]) ?? nobodys(kind)
    case 3: return "arn:aws:backup-gateway:us-east-1:123456789012:teapot/nobody-1"
    default: return any(kind) ?? nobodys(kind)
    }
  }

  private func nobodys(_ kind: ResourceKind) -> String { TestWorld.home.arn(kind, "nobody-1") }

  // MARK: Steps

  /// One step; what differs, or nil.
  mutating func step() throws -> String? {
    switch number(0...99) {
    case 0..<14:
      let seconds = chance(2) ? 31 * 86_400 : chance(20) ? number(10...2_000) : number(1...4)
      history.append("advance \(seconds)")
      world.clock.advance(seconds)
      reference.advance(seconds)
      return nil
    case 14..<32: return try event()
    case 32..<40: return try list()
    default:
      // Listings have their own step.
      let operations = Service.operations.filter {
        !$0.name.hasPrefix("List") || $0.name.hasPrefix("ListTags")
      }
      // What ends something is rarer than what begins it, or the world would stay empty.
      guard let operation = pick(operations), !operation.name.hasPrefix("D") || chance(20) else { return nil }
      return try call(operation.name, input(operation))
    }
  }

  private mutating func call(_ operation: String, _ input: Value) throws -> String? {
    history.append("\(operation) \(String(decoding: JSON.encode(input), as: UTF8.self))")
    let existed = reference.exists(Walk.arns(input).first ?? "")
    let expected = reference.perform(operation, input)
    if operation.hasPrefix("Delete"), existed, case .body = expected { gone += Walk.arns(input) }
    let answer = try world.call(operation, input)
    if answer.status == 200 { succeeded.insert(operation) }
    switch expected {
    case .error(let name):
      guard answer.error == serviceError(name) else { return "\(name) expected, got \(answer.body)" }
      let declared = (Service.operation(operation)?.errors ?? []) + Service.commonErrors
      return declared.contains(name) ? nil : "\(operation) does not declare \(name)"
    case .body(let body): return answer.body == body ? nil : "\(body) expected, got \(answer.body)"
    case .newArn(let member):
      guard let arn = answer.body[member]?.string, answer.body == [member: .string(arn)],
        !reference.exists(arn)
      else { return "a new \(member) expected, got \(answer.body)" }
      reference.created(operation, arn, input)
      return nil
    }
  }

  private static func arns(_ input: Value) -> [String] {
    (input.object?.members ?? []).filter { $0.name.uppercased().hasSuffix("ARN") }.compactMap(\.value.string)
  }

  /// A whole listing in pages of a random size.
  private mutating func list() throws -> String? {
    let member = word("Gateways", "Hypervisors", "VirtualMachines")
    var filter: Value.Object = [:]
    var hypervisor: String?
    if member == "VirtualMachines", chance(50) {
      hypervisor = chance(90) ? any(.hypervisor) : TestWorld.home.arn(.hypervisor, "nobody-1")
      filter["HypervisorArn"] = hypervisor.map(Value.string)
    }
    let size = number(1...7)
    history.append("List\(member) \(filter) in pages of \(size)")
    let found = try world.pages("List\(member)", member, size: size, filter: filter)
    succeeded.insert("List\(member)")
    let expected = reference.listed(member, of: hypervisor)
    guard found.flatMap(\.self) == expected else { return "\(expected) expected, got \(found)" }
    return found.dropLast().allSatisfy { $0.count == size } ? nil : "a page that is not full: \(found)"
  }

  /// Everything there is.
  mutating func survey() throws -> String? {
    for arn in reference.gateways.keys.sorted() + reference.hypervisors.keys.sorted() {
      let isGateway = reference.gateways[arn] != nil
      let details = isGateway ? try world.gateway(arn) : try world.hypervisor(arn)
      let expected = isGateway ? reference.gateway(arn, full: true) : reference.hypervisor(arn, full: true)
      if details != expected { return "\(expected) expected, got \(details)" }
      if let difference = try call("ListTagsForResource", ["ResourceArn": .string(arn)]) { return difference }
    }
    for arn in reference.machines.keys.sorted() {
      for operation in ["GetVirtualMachine", "ListTagsForResource"] {
        if let difference = try call(operation, ["ResourceArn": .string(arn)]) { return difference }
      }
    }
    return nil
  }

  // MARK: What happens outside the API

  private mutating func event() throws -> String? {
    let lab = world.lab
    defer { reference.settle() }
    switch number(0...10) {
    case 0...2:
      // So few that a survey is quick.
      guard reference.machines.count < 40, let hypervisor = any(.hypervisor) else { return nil }
      let path = "/dc/\(number(0...9))"
      let tags = vmwareTags()
      let arn = try lab.createMachine(
        on: hypervisor, name: "vm \(history.count)", path: path,
        tags: tags.map { .init(category: $0[0], name: $0[1]) })
      reference.machines[arn] = .init(
        name: "vm \(history.count)", hypervisor: hypervisor, path: path, pathWhenFound: path,
        vcenterTags: tags)
      history.append("create machine \(arn)")
    case 3:
      guard chance(40), let arn = any(.virtualMachine) else { return nil }
      history.append("delete machine \(arn)")
      try lab.deleteMachine(arn)
      (reference.machines[arn], reference.tags[arn]) = (nil, nil)
      gone.append(arn)
    case 4...5:
      guard let arn = pick(reference.machines.filter { !$0.value.isHidden }.keys.sorted()) else { return nil }
      history.append("change machine \(arn)")
      switch number(0...2) {
      case 0:
        try lab.recordBackup(of: arn)
        reference.machines[arn]?.backup = reference.now
      case 1:
        let path = "/moved/\(number(0...9))"
        try lab.moveMachine(arn, to: path)
        reference.machines[arn]?.path = path
      default:
        let tags = vmwareTags()
        try lab.setVmwareTags(arn, tags.map { .init(category: $0[0], name: $0[1]) })
        reference.machines[arn]?.vcenterTags = tags
      }
    case 6:
      let (host, isReachable) = (word("h-one", "h-two"), chance(85))
      history.append("\(host) reachable: \(isReachable)")
      try lab.setHost(host, isReachable: isReachable)
      reference.hosts[host, default: .init()].isReachable = isReachable
    case 7:
      let host = word("h-one", "h-two")
      history.append("\(host) lets in …")
      switch number(0...9) {
      case 0:
        try lab.setHost(host, accepts: .nobody)
        reference.hosts[host, default: .init()].login = []
      case 1...2:
        let login = Login(username: word("u1", "u2"), password: word("p1", "p2"))
        try lab.setHost(host, accepts: .only(login))
        reference.hosts[host, default: .init()].login = [login.username, login.password]
      default:
        try lab.setHost(host, accepts: .everybody)
        reference.hosts[host, default: .init()].login = nil
      }
    case 8:
      guard let arn = any(.gateway) else { return nil }
      let isOnline = chance(85)
      history.append("\(arn) online: \(isOnline)")
      try lab.setGateway(arn, isOnline: isOnline)
      guard let gateway = reference.gateways[arn] else { return nil }
      if isOnline, !gateway.isOn { reference.gateways[arn]?.heard = reference.now }
      if gateway.isOn {
        reference.gateways[arn]?.heard = reference.now - (reference.now - gateway.heard) % 30
      }
      reference.gateways[arn]?.isOn = isOnline
    case 9:
      let key = try lab.issueActivationKey()
      history.append("issue \(key)")
      reference.keys[key] = (reference.now, false)
    default:
      reference.wantsIssuedKeys = chance(10)
      history.append("issued keys only: \(reference.wantsIssuedKeys)")
      try lab.wantIssuedKeys(reference.wantsIssuedKeys)
    }
    return nil
  }

  private mutating func vmwareTags() -> [[String]] {
    [["Stage", word("prod", "test")], ["Owner", word("db", "web")]].filter { _ in chance(50) }
  }

  // MARK: Requests

  /// Parameters of an operation, within the model's constraints and mostly of sense.
  private mutating func input(_ operation: BackupGateway.Operation) -> Value {
    var input = Value.Object()
    for member in operation.input.members where member.isRequired || chance(50) {
      input[member.name] = value(member, of: operation)
    }
    if operation.name == "PutMaintenanceStartTime", chance(90) {
      input["DayOfWeek"] = chance(50) ? .integer(number(0...6)) : nil
      input["DayOfMonth"] = input["DayOfWeek"] == nil ? .integer(number(1...31)) : nil
    }
    return .object(input)
  }

  private mutating func value(_ member: Member, of operation: BackupGateway.Operation) -> Value? {
    switch member.name {
    case "ActivationKey":
      return .string(chance(50) ? "any-key" : pick(reference.keys.keys.sorted()) ?? "any-key")
    case "GatewayType": return "BACKUP_VM"
    case "Host": return .string(word("h-one", "h-two", "H-ONE", "h-three"))
    case "Username": return .string(word("u1", "u2"))
    case "Password": return .string(word("p1", "p2"))
    case "KmsKeyArn": return nil
    case "LogGroupArn": return .string(word("", "arn:aws:logs:us-east-1:123456789012:log-group:/g:*"))
    case "IamRoleArn": return .string("arn:aws:iam::\(chance(90) ? "123456789012" : "999999999999"):role/r")
    case "Tags": return .array(tags())
    case "TagKeys": return .array((0..<number(0...3)).map { _ in .string(tagKey()) })
    case "VmwareToAwsTagMappings":
      return .array(
        (0..<number(0...4)).map { _ in mapping() } + (chance(3) ? (0..<10).map { _ in mapping() } : []))
    case "BandwidthRateLimitIntervals": return .array((0..<number(0...3)).map { _ in interval() })
    case "HourOfDay": return .integer(number(0...23))
    case "MinuteOfHour": return .integer(number(0...59))
    case "DayOfWeek": return .integer(number(0...6))
    case "DayOfMonth": return .integer(number(1...31))
    case "Name", "GatewayDisplayName": return .string("name-\(number(0...99))")
    default:
      guard let kind = pick(member.shape.resources) else { return nil }
      return .string(arn(kind))
    }
  }

  private mutating func tagKey() -> String { chance(2) ? "aws:key" : word("a", "b", "stage", "team", "Z") }

  private mutating func tags() -> [Value] {
    // Enough at once to meet the limit now and then.
    if chance(15) { return manyTags(Int(number(46...51))) }
    return (0..<number(0...3)).map { _ in ["Key": .string(tagKey()), "Value": .string(word("", "1", "2"))] }
  }

  private mutating func mapping() -> Value {
    [
      "VmwareCategory": .string(word("Stage", "Owner")),
      "VmwareTagName": .string(word("prod", "test", "db", "web")),
      "AwsTagKey": .string(tagKey()), "AwsTagValue": .string(word("x", "y")),
    ]
  }

  private mutating func interval() -> Value {
    [
      "DaysOfWeek": .array((0..<number(1...3)).map { _ in .integer(number(0...6)) }),
      "StartHourOfDay": .integer(number(0...14)), "StartMinuteOfHour": .integer(number(0...59)),
      "EndHourOfDay": .integer(number(12...23)), "EndMinuteOfHour": .integer(number(0...59)),
    ]
  }
}
