// HypervisorRecord: a hypervisor's configuration, as the store keeps it and as answers show it.
import AWSCore

struct HypervisorRecord: Record {
  var arn: String
  var id: String
  var name: String
  var host: String
  var kmsKeyArn: String?
  var logGroupArn: String?
  /// A `Login`, sealed. No answer has it.
  var sealedLogin: [UInt8]?
  /// VmwareToAwsTagMappings, as they were put.
  var mappings: [Value] = []
  /// The role of the mappings.
  var mappingRole: String?
  var latestSync: MetadataSync?
  /// When the latest sync ended that succeeded.
  var lastSync: Timestamp?

  /// What stands around it. The store derives these; they are never written.
  var hasLiveGateway = false
  var isReachable = true
  var acceptsLogin = true

  func summary(at now: Timestamp) -> Value.Object {
    var members: Value.Object = ["HypervisorArn": .string(arn), "Host": .string(host), "Name": .string(name)]
    members["KmsKeyArn"] = kmsKeyArn.map(Value.string)
    members["State"] = .string(Rules.state(of: self))
    return members
  }

  func details(at now: Timestamp) -> Value.Object {
    var members = summary(at: now)
    members["LogGroupArn"] = logGroupArn.map(Value.string)
    members["LastSuccessfulMetadataSyncTime"] = lastSync.map(Value.timestamp)
    if let latestSync {
      let status = Rules.status(of: latestSync, at: now)
      members["LatestMetadataSyncStatus"] = .string(status)
      members["LatestMetadataSyncStatusMessage"] = .string(Rules.message(of: latestSync, status: status))
    }
    return members
  }
}

/// A copying of VMware tags to AWS tags. How far it has got follows from its start and the clock.
struct MetadataSync: Equatable {
  enum Outcome: String { case succeeded, partiallyFailed, failed }

  var started: Timestamp
  /// Set when it has ended.
  var outcome: Outcome?
  /// What there is to say about its outcome.
  var message: String?
}

extension HypervisorRecord {
  static let query = """
    SELECT arn, id, name, hypervisor.host, kms_key_arn, log_group_arn, hypervisor.login, mappings, mapping_role,
      sync_started, sync_outcome, sync_message, last_sync,
      EXISTS (SELECT 1 FROM gateway WHERE hypervisor_id = hypervisor.id AND is_live),
      is_reachable, takes, vcenter.login
    FROM hypervisor LEFT JOIN vcenter ON world = substr(arn, 1, instr(arn, 'hypervisor/') - 1)
      AND vcenter.host = lower(hypervisor.host)
    """
  static let insertion = "REPLACE INTO hypervisor VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

  /// - Parameter vault: opens the logins, to compare the one that it has with the one that is wanted.
  init(_ row: Statement, _ vault: AES256GCM) {
    arn = row.text(0) ?? ""
    id = row.text(1) ?? ""
    name = row.text(2) ?? ""
    host = row.text(3) ?? ""
    kmsKeyArn = row.text(4)
    logGroupArn = row.text(5)
    sealedLogin = row.blob(6)
    mappings = JSONColumn.items(row.text(7))
    mappingRole = row.text(8)
    latestSync = row.timestamp(9).map {
      MetadataSync(
        started: $0, outcome: row.text(10).flatMap(MetadataSync.Outcome.init), message: row.text(11))
    }
    lastSync = row.timestamp(12)
    hasLiveGateway = row.flag(13)
    guard row.integer(14) != nil else { return }
    let vcenter = VCenter(row, from: 14)
    isReachable = vcenter.isReachable
    acceptsLogin = vcenter.accepts(Login(sealedLogin, for: arn, vault), vault)
  }

  /// The values of a row, in the order of the table's columns.
  var row: [SQLValue] {
    [
      .text(arn), .text(id), .text(name), .text(host), SQLValue(kmsKeyArn), SQLValue(logGroupArn),
      SQLValue(sealedLogin), SQLValue(JSONColumn.text(mappings)), SQLValue(mappingRole),
      SQLValue(latestSync?.started.microseconds), SQLValue(latestSync?.outcome?.rawValue),
      SQLValue(latestSync?.message), SQLValue(lastSync?.microseconds),
    ]
  }
}
