// Shapes: the rows of the model that describe values. Constraints are the service's own.

extension Shape {
  // ARNs. One pattern serves every kind of resource; `Arn` tells them apart.
  private static let arnPattern =
    #"arn:(aws|aws-cn|aws-us-gov):backup-gateway(:[a-zA-Z-0-9]+){3}\/[a-zA-Z-0-9]+"#
  static let gatewayArn = Shape("GatewayArn", .string, min: 50, max: 180, pattern: arnPattern)
  static let serverArn = Shape("ServerArn", .string, min: 50, max: 500, pattern: arnPattern)
  static let resourceArn = Shape("ResourceArn", .string, min: 50, max: 500, pattern: arnPattern)
  static let kmsKeyArn = Shape(
    "KmsKeyArn", .string, min: 50, max: 500,
    pattern:
      #"(^arn:(aws|aws-cn|aws-us-gov):kms:([a-zA-Z0-9-]+):([0-9]+):(key|alias)/(\S+)$)|(^alias/(\S+)$)"#)

  // Names and texts.
  static let name = Shape("Name", .string, min: 1, max: 100, pattern: "[a-zA-Z0-9-]*")
  static let host = Shape("Host", .string, min: 3, max: 128, pattern: ".+")
  static let hypervisorId = Shape("HypervisorId", .string, min: 1, max: 100)
  static let path = Shape("Path", .string, min: 1, max: 4096, pattern: #"[^\x00]+"#)
  static let string = Shape("string", .string)
  static let vmwareCategory = Shape("VmwareCategory", .string, min: 1, max: 80)
  static let vmwareTagName = Shape("VmwareTagName", .string, min: 1, max: 80)
  static let vpcEndpoint = Shape("VpcEndpoint", .string, min: 1, max: 255)

  // Numbers, instants, enumerations.
  static let dayOfMonth = Shape("DayOfMonth", .integer, min: 1, max: 31)
  static let dayOfWeek = Shape("DayOfWeek", .integer, min: 0, max: 6)
  static let hourOfDay = Shape("HourOfDay", .integer, min: 0, max: 23)
  static let minuteOfHour = Shape("MinuteOfHour", .integer, min: 0, max: 59)
  static let time = Shape("Time", .timestamp)
  static let gatewayType = Shape("GatewayType", .string, values: ["BACKUP_VM"])
  static let hypervisorState = Shape(
    "HypervisorState", .string, values: ["PENDING", "ONLINE", "OFFLINE", "ERROR"])

  // Paging.
  static let maxResults = Shape("MaxResults", .integer, min: 1)
  static let nextToken = Shape("NextToken", .string, min: 1, max: 1000, pattern: ".+")

  // Structures.
  static let maintenanceStartTime = Shape(
    "MaintenanceStartTime",
    .structure([
      Member("DayOfMonth", .dayOfMonth, "Day of the month of a monthly maintenance window."),
      Member("DayOfWeek", .dayOfWeek, "Day of a weekly maintenance window, 0 is Sunday."),
      Member("HourOfDay", .hourOfDay, required: true, "Hour of the start, in the gateway's own time zone."),
      Member("MinuteOfHour", .minuteOfHour, required: true, "Minute of the start."),
    ]))

  private static let gatewayMembers = [
    Member("GatewayArn", .gatewayArn, "The ARN of the gateway."),
    Member("GatewayDisplayName", .name, "The name that people gave it."),
    Member("GatewayType", .gatewayType, "The type of the gateway; there is one."),
    Member("HypervisorId", .hypervisorId, "The id of the hypervisor it is associated with."),
    Member("LastSeenTime", .time, "When the service last heard from it; a gateway has no state of its own."),
  ]
  static let gateway = Shape("Gateway", .structure(gatewayMembers))
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

  static let hypervisor = Shape(
    "Hypervisor",
    .structure([
      Member("HypervisorArn", .serverArn, "The ARN of the hypervisor."),
      Member("Host", .host, "Its IP address or fully qualified domain name."),
      Member("Name", .name, "The name that people gave it."),
      Member("KmsKeyArn", .kmsKeyArn, "The key that encrypts its credentials."),
      Member("State", .hypervisorState, "Whether a gateway can reach it."),
    ]))

  private static let virtualMachineMembers = [
    Member("ResourceArn", .resourceArn, "The ARN of the virtual machine."),
    Member("Name", .name, "Its name."),
    Member("HostName", .name, "The host it runs on."),
    Member("HypervisorId", .string, "The id of its hypervisor."),
    Member("Path", .path, "Where it stands in the inventory of its hypervisor."),
    Member("LastBackupDate", .time, "When it was last backed up; absent when it never was."),
  ]
  static let virtualMachine = Shape("VirtualMachine", .structure(virtualMachineMembers))
  static let vmwareTag = Shape(
    "VmwareTag",
    .structure([
      Member("VmwareCategory", .vmwareCategory, "The category of the VMware tag."),
      Member("VmwareTagName", .vmwareTagName, "The name of the VMware tag."),
      Member("VmwareTagDescription", .string, "What VMware says the tag means."),
    ]))
  static let virtualMachineDetails = Shape(
    "VirtualMachineDetails",
    .structure(
      virtualMachineMembers + [
        Member("VmwareTags", Shape("VmwareTags", .list(of: .vmwareTag)), "The VMware tags it carries.")
      ]))
}
