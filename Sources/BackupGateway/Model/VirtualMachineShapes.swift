// VirtualMachineShapes: the rows of the model that describe virtual machines.

extension Shape {
  static let path = Shape("Path", .string, min: 1, max: 4096, pattern: #"[^\x00]+"#)

  private static let virtualMachineMembers = [
    Member("ResourceArn", .virtualMachineArn, "The ARN of the virtual machine."),
    Member("Name", .name, "Its name."),
    Member("HostName", .name, "The host it runs on."),
    Member("HypervisorId", .string, "The id of its hypervisor."),
    Member("Path", .path, "Where it stands in the inventory of its hypervisor."),
    Member("LastBackupDate", .time, "When it was last backed up; absent when it never was."),
  ]
  static let virtualMachine = Shape("VirtualMachine", .structure(virtualMachineMembers))
  static let virtualMachines = Shape("VirtualMachines", .list(of: .virtualMachine))

  static let vmwareTag = Shape(
    "VmwareTag",
    .structure([
      Member("VmwareCategory", .vmwareCategory, "The category of the VMware tag."),
      Member("VmwareTagName", .vmwareTagName, "The name of the VMware tag."),
      Member("VmwareTagDescription", .string, "What VMware says the tag means."),
    ]))
  static let vmwareTags = Shape("VmwareTags", .list(of: .vmwareTag))
  static let virtualMachineDetails = Shape(
    "VirtualMachineDetails",
    .structure(
      virtualMachineMembers + [Member("VmwareTags", .vmwareTags, "The VMware tags it carries.")]))
}
