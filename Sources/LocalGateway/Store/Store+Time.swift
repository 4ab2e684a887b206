// Store+Time: what time brings about by itself: machines that are found and metadata syncs that end. Nothing waits for
// it: every call first lets happen what is due by then, in the order in which it was due.
import AWSCore

extension Store {
  /// A sync that is due has no outcome yet.
  private static let due = "sync_outcome IS NULL AND sync_started <= ?"

  /// When time brings something about next; nil for never.
  func nextDueTime() throws(DatabaseError) -> Timestamp? {
    func first(_ query: String) throws(DatabaseError) -> Timestamp? {
      try database.rows(query) { $0.timestamp(0) }.first ?? nil
    }
    let sync = try first("SELECT min(sync_started) FROM hypervisor WHERE sync_outcome IS NULL")
    let discovery = try first("SELECT min(appears) FROM undiscovered_machine")
    return [sync?.advanced(bySeconds: Rules.syncDuration), discovery].compactMap(\.self).min()
  }

  /// Writes what has happened until now. Call it inside a transaction.
  func catchUp(to now: Timestamp) throws {
    let latestStart = now.advanced(bySeconds: -Rules.syncDuration)
    let ended = try database.rows(
      "\(HypervisorRecord.query) WHERE \(Self.due) ORDER BY sync_started, arn",
      [.integer(latestStart.microseconds)]
    ) { HypervisorRecord($0, vault) }
    for hypervisor in ended {
      guard let sync = hypervisor.latestSync else { continue }
      let end = sync.started.advanced(bySeconds: Rules.syncDuration)
      try discoverMachines(until: end)
      try save(try synchronize(hypervisor, sync, end))
    }
    try discoverMachines(until: now)
  }

  /// Copies VMware tags for the machines of a hypervisor; returns it with the outcome.
  private func synchronize(_ hypervisor: HypervisorRecord, _ sync: MetadataSync, _ end: Timestamp) throws
    -> HypervisorRecord
  {
    var hypervisor = hypervisor
    if let obstacle = Rules.syncObstacle(state: Rules.state(of: hypervisor)) {
      hypervisor.latestSync = MetadataSync(started: sync.started, outcome: .failed, message: obstacle)
      return hypervisor
    }
    guard let world = World(ofResource: hypervisor.arn) else { return hypervisor }
    let mappings = hypervisor.mappings.compactMap(TagMapping.init)
    var (copied, left) = (0, 0)
    var last: String?
    repeat {
      let machines = try virtualMachines(
        of: world, hypervisorID: hypervisor.id, after: last, limit: 1_000, withTags: true)
      for machine in machines {
        if try copyTags(of: machine, mappings) { copied += 1 } else { left += 1 }
      }
      last = machines.last?.arn
    } while last != nil
    let outcome = Rules.syncOutcome(copied: copied, left: left)
    hypervisor.latestSync = MetadataSync(
      started: sync.started, outcome: outcome.outcome, message: outcome.message)
    if outcome.outcome == .succeeded { hypervisor.lastSync = end }
    return hypervisor
  }

  /// False when the machine would have too many AWS tags; then it keeps those it has.
  private func copyTags(of machine: VirtualMachineRecord, _ mappings: [TagMapping]) throws(DatabaseError)
    -> Bool
  {
    let vmwareTags = machine.vcenterTags ?? machine.tags
    if machine.vcenterTags != nil {
      var known = machine
      (known.tags, known.vcenterTags) = (vmwareTags, nil)
      try save(known)
    }
    var wanted: [TagKey: Tag] = [:]
    for mapping in mappings where vmwareTags.contains(where: mapping.matches) {
      wanted[TagKey(mapping.tag.key)] = mapping.tag
    }
    let present = try tags(of: machine.arn)
    let own = present.filter { !$0.isMapped && wanted[TagKey($0.key)] == nil }
    guard own.count + wanted.count <= Rules.tagLimit else { return false }
    for tag in present where tag.isMapped && wanted[TagKey(tag.key)] == nil {
      try removeTag(tag.key, of: machine.arn)
    }
    for tag in wanted.values where !present.contains(tag) { try save(tag, of: machine.arn) }
    return true
  }
}

/// A VMware tag and the AWS tag that stands for it.
private struct TagMapping {
  let category: String
  let name: String
  let tag: Tag

  init?(_ value: Value) {
    guard let category = value["VmwareCategory"]?.string, let name = value["VmwareTagName"]?.string,
      let key = value["AwsTagKey"]?.string, let text = value["AwsTagValue"]?.string
    else { return nil }
    self.category = category
    self.name = name
    tag = Tag(key: key, value: text, isMapped: true)
  }

  func matches(_ tag: VirtualMachineRecord.Tag) -> Bool { tag.category == category && tag.name == name }
}
