// HypervisorRules: what was decided about hypervisors: their state, how machines are found, and metadata syncs.
import AWSCore
import BackupGateway

extension Rules {
  /// A hypervisor's state follows from what stands around it ("Understanding hypervisor status"): nobody
  /// looks after it, nobody reaches it, it refuses the credentials, or all is well.
  static func state(of hypervisor: HypervisorRecord) -> String {
    if !hypervisor.hasLiveGateway { return "PENDING" }
    if !hypervisor.isReachable { return "OFFLINE" }
    return hypervisor.acceptsLogin ? "ONLINE" : "ERROR"
  }

  /// "Hypervisors per account and Region: 10, not adjustable" (AWS Backup quotas). Which error it is, is not
  /// documented: the request is well, what is there forbids it.
  static let hypervisorQuota: Int64 = 10
  static let quotaExceeded = Fault.conflict(
    "There are \(hypervisorQuota) hypervisors already, the quota of an account in a Region. Delete one first."
  )

  /// A gateway that tries a host in vain: the operation declares no other error that fits.
  static func testFailed(_ reason: String) -> Fault { .conflict("The test failed: \(reason).") }

  /// An empty text ends logging: the pattern allows it and nothing else can.
  static func logGroup(_ arn: String) -> String? { arn.isEmpty ? nil : arn }

  // MARK: Discovery

  /// How many machines are behind a host that is imported into a store with the sample world, so that there is
  /// something to find.
  static let machinesOfNewHypervisor = 10

  /// Seconds until a machine is found once its hypervisor is ONLINE: the first after two, then five a second.
  static func discoveryDelay(_ number: Int) -> Int64 { 2 + Int64(number) / 5 }

  // MARK: Metadata sync

  /// Seconds from the start until it is RUNNING, and until it has ended.
  static let syncRunning: Int64 = 1
  static let syncDuration: Int64 = 5

  /// LatestMetadataSyncStatus, from the start, the outcome and the clock.
  static func status(of sync: MetadataSync, at now: Timestamp) -> String {
    if now < sync.started.advanced(bySeconds: syncRunning) { return "CREATED" }
    guard now >= sync.started.advanced(bySeconds: syncDuration), let outcome = sync.outcome else {
      return "RUNNING"
    }
    switch outcome {
    case .succeeded: return "SUCCEEDED"
    case .partiallyFailed: return "PARTIALLY_FAILED"
    case .failed: return "FAILED"
    }
  }

  static func message(of sync: MetadataSync, status: String) -> String {
    switch status {
    case "CREATED": "The metadata sync was requested."
    case "RUNNING": "The metadata sync is under way."
    default: sync.message ?? "The metadata sync has ended."
    }
  }

  /// Why a sync cannot work; nil when it can.
  static func syncObstacle(state: String) -> String? {
    switch state {
    case "PENDING": "No active gateway is associated with the hypervisor."
    case "OFFLINE": "The gateway cannot reach the hypervisor."
    case "ERROR": "The hypervisor does not accept the credentials."
    default: nil
    }
  }

  /// Succeeded without an exception, or partially, or not at all.
  static func syncOutcome(copied: Int, left: Int) -> (outcome: MetadataSync.Outcome, message: String) {
    guard left > 0 else { return (.succeeded, "Virtual machines in sync: \(copied).") }
    return (
      copied > 0 ? .partiallyFailed : .failed,
      "\(left) of \(copied + left) virtual machines would have more than \(tagLimit) tags and keep those they have."
    )
  }

  // MARK: Tag mappings

  /// "10 tag mappings per hypervisor" is documented; the error is not. AWS tags that begin with `aws:` are no more
  /// the caller's here than in TagResource.
  static let mappingLimit = 10
  static func checkMappings(_ mappings: [Value]) throws(Fault) {
    guard mappings.count <= mappingLimit else {
      throw .validation(
        "VmwareToAwsTagMappings must have at most \(mappingLimit) items, got \(mappings.count)")
    }
    try check(keys: mappings.compactMap { $0["AwsTagKey"]?.string })
  }

  /// A role of another account cannot be passed (IAM), and AccessDeniedException is declared where roles are.
  static func checkRole(_ role: String, in world: World) throws(Fault) {
    let parts = role.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[4] != world.account else { return }
    throw .accessDenied(
      "Cross-account pass role is not allowed: the role \(role) is not one of account \(world.account).")
  }
}
