// GatewayRecord: a gateway, as the store keeps it and as answers show it.
import AWSCore

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
  var vpcEndpoint: String?
  var software = Software()
  /// When somebody asked for an update, see `Rules.software`.
  var updateStarted: Timestamp?
  /// BandwidthRateLimitIntervals, as they were put.
  var bandwidth: [Value] = []

  /// What runs on the appliance.
  struct Software: Equatable {
    var version: String?
    /// When the next version can be had.
    var nextUpdate: Timestamp?
    /// When this version stops being supported.
    var deprecation: Timestamp?
  }

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
    let software = Rules.software(of: self, at: now)
    members["NextUpdateAvailabilityTime"] = software.nextUpdate.map(Value.timestamp)
    members["VpcEndpoint"] = vpcEndpoint.map(Value.string)
    members["DeprecationDate"] = software.deprecation.map(Value.timestamp)
    members["SoftwareVersion"] = software.version.map(Value.string)
    return members
  }
}

extension GatewayRecord {
  static let query = """
    SELECT arn, name, hypervisor_id, is_live, last_seen, hour_of_day, minute_of_hour, day_of_week, day_of_month,
      next_update, vpc_endpoint, deprecation, software_version, bandwidth, update_started FROM gateway
    """
  static let insertion = "REPLACE INTO gateway VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

  init(_ row: Statement) {
    arn = row.text(0) ?? ""
    name = row.text(1) ?? ""
    hypervisorID = row.text(2)
    isLive = row.flag(3)
    lastSeen = row.timestamp(4) ?? Timestamp(microseconds: 0)
    if let hour = row.integer(5), let minute = row.integer(6) {
      maintenance = Maintenance(
        hour: hour, minute: minute, dayOfWeek: row.integer(7), dayOfMonth: row.integer(8))
    }
    vpcEndpoint = row.text(10)
    software = Software(
      version: row.text(12), nextUpdate: row.timestamp(9), deprecation: row.timestamp(11))
    bandwidth = JSONColumn.items(row.text(13))
    updateStarted = row.timestamp(14)
  }

  /// The values of a row, in the order of the table's columns.
  var row: [SQLValue] {
    [
      .text(arn), .text(name), SQLValue(hypervisorID), SQLValue(isLive), .integer(lastSeen.microseconds),
      SQLValue(maintenance?.hour), SQLValue(maintenance?.minute), SQLValue(maintenance?.dayOfWeek),
      SQLValue(maintenance?.dayOfMonth), SQLValue(software.nextUpdate?.microseconds), SQLValue(vpcEndpoint),
      SQLValue(software.deprecation?.microseconds), SQLValue(software.version),
      SQLValue(JSONColumn.text(bandwidth)), SQLValue(updateStarted?.microseconds),
    ]
  }
}
