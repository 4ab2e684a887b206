// VirtualMachineOperations: the rows of the model about virtual machines. The service finds them by itself, so they
// are read only.

extension Operation {
  /// The operations about them.
  public static let ofVirtualMachines: [Operation] = [
    Operation(
      "GetVirtualMachine", .read, .member("VirtualMachine"),
      input: [Member("ResourceArn", .virtualMachineArn, required: true, "The ARN of the virtual machine.")],
      output: [Member("VirtualMachine", .virtualMachineDetails, "The virtual machine.")],
      errors: ["ResourceNotFoundException"],
      summary: "One virtual machine with its VMware tags, by its ARN.",
      example: """
        local vm = get_virtual_machine(list_virtual_machines():first())
        print(vm.Name, vm.LastBackupDate)
        """),
    Operation(
      "ListVirtualMachines", .read, .listing(of: "VirtualMachines"),
      input: [Member("HypervisorArn", .serverArn, "Only the virtual machines of this hypervisor.")]
        + Member.paging,
      output: [
        Member("VirtualMachines", .virtualMachines, "A page of virtual machines, ordered by ARN."),
        .nextPage,
      ],
      summary: "The virtual machines of the account in the region, or of one hypervisor.",
      example: """
        for vm in list_virtual_machines() do
          if older_than(vm.LastBackupDate, "7d") then print(vm.Name, vm.Path) end
        end
        """),
  ]
}
