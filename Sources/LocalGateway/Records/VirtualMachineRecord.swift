// VirtualMachineRecord: a virtual machine, as the store keeps it and as answers show it.
import AWSCore

struct VirtualMachineRecord {
  struct Tag: Equatable {
    var category: String
    var name: String
    var description: String?
  }

  var arn: String
  var name: String
  var hostName: String?
  var hypervisorID: String
  var path: String?
  /// Nil when it was never backed up.
  var lastBackup: Timestamp?
  /// The VMware tags that the service knows. Filled where details are asked for; listings do not show them.
  var tags: [Tag] = []
  /// Its VMware tags in vCenter, where they are others: a metadata sync brings them.
  var vcenterTags: [Tag]?
  /// Where it was when it was found, once it is elsewhere.
  var discoveredPath: String?
}

extension VirtualMachineRecord.Tag {
  /// As answers show it, and as the store keeps it.
  var value: Value {
    var members: Value.Object = ["VmwareCategory": .string(category), "VmwareTagName": .string(name)]
    members["VmwareTagDescription"] = description.map(Value.string)
    return .object(members)
  }

  init?(_ value: Value) {
    guard let category = value["VmwareCategory"]?.string, let name = value["VmwareTagName"]?.string else {
      return nil
    }
    self.init(category: category, name: name, description: value["VmwareTagDescription"]?.string)
  }
}

extension VirtualMachineRecord {
  private static let columns = "arn, hypervisor_id, name, host_name, path, last_backup"
  /// With tags, and without: listings do not show them.
  static let query = "SELECT \(columns), vmware_tags, vcenter_tags, discovered_path FROM virtual_machine"
  static let queryByArn = "\(query) WHERE arn = ?"
  /// What a listing shows of a row.
  static let listed = [
    ListedColumn("ResourceArn", 0), ListedColumn("Name", 2), ListedColumn("HostName", 3),
    ListedColumn("HypervisorId", 1), ListedColumn("Path", 4), ListedColumn("LastBackupDate", 5, .timestamp),
  ]
  /// What GetVirtualMachine shows: the same, and the tags.
  static let detailed = listed + [ListedColumn("VmwareTags", 6, .vmwareTags)]
  static let list = "SELECT \(columns), NULL, NULL, NULL FROM virtual_machine"
  static let insertion = "REPLACE INTO virtual_machine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"

  init(_ row: Statement) {
    arn = row.text(0) ?? ""
    hypervisorID = row.text(1) ?? ""
    name = row.text(2) ?? ""
    hostName = row.text(3)
    path = row.text(4)
    lastBackup = row.timestamp(5)
    tags = JSONColumn.items(row.text(6)).compactMap(Tag.init)
    vcenterTags = row.text(7).map { JSONColumn.items($0).compactMap(Tag.init) }
    discoveredPath = row.text(8)
  }

  /// The values of a row, in the order of the table's columns.
  var row: [SQLValue] {
    // No tags in vCenter are an empty list: NULL says that they are those which the service knows.
    let known = JSONColumn.text(tags.map(\.value))
    let others = vcenterTags.map { JSONColumn.text($0.map(\.value)) ?? "[]" }
    return [
      .text(arn), .text(hypervisorID), .text(name), SQLValue(hostName), SQLValue(path),
      SQLValue(lastBackup?.microseconds), SQLValue(known), SQLValue(others), SQLValue(discoveredPath),
    ]
  }
}
