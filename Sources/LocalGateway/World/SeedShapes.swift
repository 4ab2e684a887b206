// SeedShapes: what a seed file may say, as rows of the same kind as the model's. Where a member is the service's, its
// constraints are the service's.
import AWSCore
import BackupGateway

extension Shape {
  /// One world: what an account has in a region.
  static let seedWorld = Shape(
    "World",
    .structure([
      Member("Account", Shape("Account", .string, pattern: "[0-9]{12}"), "Default: the built-in key's."),
      Member(
        "Region", Shape("Region", .string, min: 1, max: 63, pattern: "[a-z0-9-]+"), "Default: --region."),
      Member("Hypervisors", Shape("Hypervisors", .list(of: seedHypervisor)), "Default: none."),
      Member("Gateways", Shape("Gateways", .list(of: seedGateway)), "Default: none."),
    ]))

  private static let seedHypervisor = Shape(
    "Hypervisor",
    .structure([
      Member("HypervisorId", seedID, "Default: one that follows from the name."),
      served("Name", by: "ImportHypervisorConfiguration", required: true),
      served("Host", by: "ImportHypervisorConfiguration", required: true),
      served("KmsKeyArn", by: "ImportHypervisorConfiguration"),
      served("LogGroupArn", by: "UpdateHypervisor"),
      served("Username", by: "ImportHypervisorConfiguration"),
      served("Password", by: "ImportHypervisorConfiguration"),
      Member(
        "VCenter", Shape("VCenter", .string, values: ["online", "offline", "refusing"]),
        "What is behind the host: refusing is one that lets nobody in. Default: online."),
      served("VmwareToAwsTagMappings", by: "PutHypervisorPropertyMappings"),
      served("IamRoleArn", by: "PutHypervisorPropertyMappings"),
      served("Tags", by: "TagResource"),
      Member("VirtualMachines", Shape("VirtualMachines", .list(of: seedVirtualMachine)), "Default: none."),
    ]))

  private static let seedVirtualMachine = Shape(
    "VirtualMachine",
    .structure([
      Member("VirtualMachineId", seedID, "Default: one that follows from its place."),
      Member(
        "Name", seedText(100), required: true, "Real ones have spaces and letters beyond the model's pattern."
      ),
      Member("HostName", seedText(100), "The host it runs on."),
      Member("Path", seedText(4_096), "Where it stands in the inventory."),
      Member("LastBackupDate", seedTime, "Absent when it was never backed up."),
      Member(
        "VmwareTags",
        Shape(
          "VmwareTags",
          .list(
            of: Shape(
              "VmwareTag",
              .structure([
                Member("VmwareCategory", seedText(80), required: true, "The category."),
                Member("VmwareTagName", seedText(80), required: true, "The name."),
                Member("VmwareTagDescription", seedText(4_096), "What it means."),
              ])))),
        "As they were when the metadata was last in sync."),
      served("Tags", by: "TagResource"),
    ]))

  private static let seedGateway = Shape(
    "Gateway",
    .structure([
      Member("GatewayId", seedID, "Default: one that follows from the name."),
      served("GatewayDisplayName", by: "CreateGateway", required: true),
      Member("Hypervisor", seedText(100), "Name or id of the hypervisor it is associated with."),
      Member(
        "Appliance", Shape("Appliance", .string, values: ["online", "offline"]), "Default: online."),
      Member("LastSeenTime", seedTime, "Default: the start."),
      Member(
        "MaintenanceStartTime",
        Shape(
          "MaintenanceStartTime",
          .structure(
            ["HourOfDay", "MinuteOfHour"].map { served($0, by: "PutMaintenanceStartTime", required: true) }
              + ["DayOfWeek", "DayOfMonth"].map { served($0, by: "PutMaintenanceStartTime") })),
        "Default: none."),
      served("BandwidthRateLimitIntervals", by: "PutBandwidthRateLimitSchedule"),
      Member("VpcEndpoint", seedText(255), "The DNS name of the VPC endpoint it uses."),
      Member("SoftwareVersion", seedText(100), "Default: today's."),
      Member("NextUpdateAvailabilityTime", seedTime, "Default: none."),
      Member("DeprecationDate", seedTime, "Default: none."),
      served("Tags", by: "TagResource"),
    ]))

  private static let seedID = Shape("Id", .string, min: 1, max: 100, pattern: "[a-zA-Z0-9-]+")
  /// A date, or how long before or after the start; see `SeedFile`.
  private static let seedTime = Shape("Time", .string, min: 1, max: 50)

  private static func seedText(_ maximum: Int64) -> Shape {
    Shape("text", .string, min: 1, max: maximum, pattern: #"[^\x00]+"#)
  }

  /// A member with the constraints that it has in an operation of the service.
  private static func served(_ name: String, by operation: String, required: Bool = false) -> Member {
    let member = Service.operation(operation)?.input.member(name)
    return Member(name, member?.shape ?? seedText(100), required: required, member?.summary ?? "")
  }
}
