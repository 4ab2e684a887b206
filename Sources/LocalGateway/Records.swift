// Records: gateways, hypervisors and virtual machines as the store keeps them, and as answers show them. A
// member that has no value is left out of the answer.
import AWSCore

/// What listings need to know of a record.
protocol Record {
  var arn: String { get }
  /// The members that a listing shows.
  func summary(at now: Timestamp) -> Value.Object
}

struct GatewayRecord: Record {
  struct Maintenance: Equatable {
    var hour: Int64
    var minute: Int64
    var dayOfWeek: Int64?
    var dayOfMonth: Int64?
  }

  var arn: String
  var name: String
  var hypervisorID: String?
  /// The appliance runs and is heard from.
  var isLive: Bool
  /// The latest heartbeat; of a live gateway the first, see `Rules.lastSeen`.
  var lastSeen: Timestamp
  var maintenance: Maintenance?
  var nextUpdate: Timestamp?
  var vpcEndpoint: String?
  var deprecation: Timestamp?
  var softwareVersion: String?

  func summary(at now: Timestamp) -> Value.Object {
    var members: Value.Object = [
      "GatewayArn": .string(arn), "GatewayDisplayName": .string(name), "GatewayType": "BACKUP_VM",
    ]
    members["HypervisorId"] = hypervisorID.map(Value.string)
    members["LastSeenTime"] = .timestamp(Rules.lastSeen(self, at: now))
    return members
  }

  func details(at now: Timestamp) -> Value.Object {
    var members = summary(at: now)
    if let maintenance {
      var start: Value.Object = [
        "HourOfDay": .integer(maintenance.hour), "MinuteOfHour": .integer(maintenance.minute),
      ]
      start["DayOfWeek"] = maintenance.dayOfWeek.map(Value.integer)
      start["DayOfMonth"] = maintenance.dayOfMonth.map(Value.integer)
      members["MaintenanceStartTime"] = .object(start)
    }
    members["NextUpdateAvailabilityTime"] = nextUpdate.map(Value.timestamp)
    members["VpcEndpoint"] = vpcEndpoint.map(Value.string)
    members["DeprecationDate"] = deprecation.map(Value.timestamp)
    members["SoftwareVersion"] = softwareVersion.map(Value.string)
    return members
  }
}

struct HypervisorRecord: Record {
  var arn: String
  var id: String
  var name: String
  var host: String
  var kmsKeyArn: String?
  /// Its host answers on the network.
  var isReachable = true
  var acceptsCredentials = true
  /// Some live gateway is associated with it. The store derives this; it is never written.
  var hasLiveGateway = false

  func summary(at now: Timestamp) -> Value.Object {
    var members: Value.Object = ["HypervisorArn": .string(arn), "Host": .string(host), "Name": .string(name)]
    members["KmsKeyArn"] = kmsKeyArn.map(Value.string)
    members["State"] = .string(Rules.state(of: self))
    return members
  }
}

struct VirtualMachineRecord: Record {
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
  /// Filled where details are asked for; listings do not show tags.
  var tags: [Tag] = []

  func summary(at now: Timestamp) -> Value.Object {
    var members: Value.Object = ["ResourceArn": .string(arn), "Name": .string(name)]
    members["HostName"] = hostName.map(Value.string)
    members["HypervisorId"] = .string(hypervisorID)
    members["Path"] = path.map(Value.string)
    members["LastBackupDate"] = lastBackup.map(Value.timestamp)
    return members
  }

  func details(at now: Timestamp) -> Value.Object {
    var members = summary(at: now)
    if !tags.isEmpty { members["VmwareTags"] = .array(tags.map(\.value)) }
    return members
  }
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
