// GatewayShapes: the rows of the model that describe gateways, their maintenance and their bandwidth.

extension Shape {
  static let activationKey = Shape("ActivationKey", .string, min: 1, max: 50, pattern: #"[0-9a-zA-Z\-]+"#)
  static let gatewayType = Shape("GatewayType", .string, values: ["BACKUP_VM"])
  static let vpcEndpoint = Shape("VpcEndpoint", .string, min: 1, max: 255)

  static let dayOfMonth = Shape("DayOfMonth", .integer, min: 1, max: 31)
  static let dayOfWeek = Shape("DayOfWeek", .integer, min: 0, max: 6)
  static let daysOfWeek = Shape("DaysOfWeek", .list(of: .dayOfWeek), min: 1, max: 7)
  static let hourOfDay = Shape("HourOfDay", .integer, min: 0, max: 23)
  static let minuteOfHour = Shape("MinuteOfHour", .integer, min: 0, max: 59)

  static let maintenanceStartTime = Shape(
    "MaintenanceStartTime",
    .structure([
      Member("DayOfMonth", .dayOfMonth, "Day of the month of a monthly maintenance window."),
      Member("DayOfWeek", .dayOfWeek, "Day of a weekly maintenance window, 0 is Sunday."),
      Member("HourOfDay", .hourOfDay, required: true, "Hour of the start, in the gateway's own time zone."),
      Member("MinuteOfHour", .minuteOfHour, required: true, "Minute of the start."),
    ]))

  static let averageUploadRateLimit = Shape(
    "AverageUploadRateLimit", .long, min: 51_200, max: 8_000_000_000_000)
  static let bandwidthRateLimitInterval = Shape(
    "BandwidthRateLimitInterval",
    .structure([
      Member("DaysOfWeek", .daysOfWeek, required: true, "The days it holds on, 0 is Sunday."),
      Member("StartHourOfDay", .hourOfDay, required: true, "Hour of its start, UTC."),
      Member("StartMinuteOfHour", .minuteOfHour, required: true, "Minute of its start."),
      Member("EndHourOfDay", .hourOfDay, required: true, "Hour of its end, UTC."),
      Member(
        "EndMinuteOfHour", .minuteOfHour, required: true, "The last minute that belongs to it, as in 59."),
      Member(
        "AverageUploadRateLimitInBitsPerSec", .averageUploadRateLimit,
        "Bits a second that uploads may take; without it they are not limited."),
    ]))
  static let bandwidthRateLimitIntervals = Shape(
    "BandwidthRateLimitIntervals", .list(of: .bandwidthRateLimitInterval), min: 0, max: 20)

  private static let gatewayMembers = [
    Member("GatewayArn", .gatewayArn, "The ARN of the gateway."),
    Member("GatewayDisplayName", .name, "The name that people gave it."),
    Member("GatewayType", .gatewayType, "The type of the gateway; there is one."),
    Member("HypervisorId", .hypervisorId, "The id of the hypervisor it is associated with."),
    Member("LastSeenTime", .time, "When the service last heard from it; a gateway has no state of its own."),
  ]
  static let gateway = Shape("Gateway", .structure(gatewayMembers))
  static let gateways = Shape("Gateways", .list(of: .gateway))
  static let gatewayDetails = Shape(
    "GatewayDetails",
    .structure(
      gatewayMembers + [
        Member(
          "MaintenanceStartTime", .maintenanceStartTime, "When its weekly or monthly maintenance begins."),
        Member("NextUpdateAvailabilityTime", .time, "When its next software update is available."),
        Member("VpcEndpoint", .vpcEndpoint, "The DNS name of the VPC endpoint it uses."),
        Member("DeprecationDate", .time, "When its software version stops being supported."),
        Member("SoftwareVersion", .name, "The version of its software."),
      ]))
}
