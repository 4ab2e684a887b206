// Operations: the rows of the model that describe what the service does.

extension Service {
  public static let operations: [Operation] = [
    Operation(
      "GetGateway", .read, .member("Gateway"),
      input: [Member("GatewayArn", .gatewayArn, required: true, "The ARN of the gateway.")],
      output: [Member("Gateway", .gatewayDetails, "The gateway.")],
      resource: ("GatewayArn", [.gateway]), errors: ["ResourceNotFoundException"],
      summary: "One gateway with all its details, by its ARN.",
      example: """
        local gw = get_gateway(list_gateways():first())
        print(gw.GatewayDisplayName, gw.MaintenanceStartTime.HourOfDay)
        """),
    Operation(
      "GetVirtualMachine", .read, .member("VirtualMachine"),
      input: [Member("ResourceArn", .resourceArn, required: true, "The ARN of the virtual machine.")],
      output: [Member("VirtualMachine", .virtualMachineDetails, "The virtual machine.")],
      resource: ("ResourceArn", [.virtualMachine]), errors: ["ResourceNotFoundException"],
      summary: "One virtual machine with its VMware tags, by its ARN.",
      example: """
        local vm = get_virtual_machine(list_virtual_machines():first())
        print(vm.Name, vm.LastBackupDate)
        """),
    Operation(
      "ListGateways", .list, .listing(of: "Gateways"), input: paging,
      output: [
        Member("Gateways", Shape("Gateways", .list(of: .gateway)), "A page of gateways, ordered by ARN."),
        nextPage,
      ],
      summary: "The gateways of the account in the region.",
      example: """
        for gw in list_gateways() do print(gw.GatewayDisplayName, gw.LastSeenTime) end
        """),
    Operation(
      "ListHypervisors", .list, .listing(of: "Hypervisors"), input: paging,
      output: [
        Member(
          "Hypervisors", Shape("Hypervisors", .list(of: .hypervisor)),
          "A page of hypervisors, ordered by ARN."),
        nextPage,
      ],
      summary: "The hypervisors of the account in the region.",
      example: """
        for h in list_hypervisors() do print(h.Name, h.Host, h.State) end
        """),
    Operation(
      "ListVirtualMachines", .list, .listing(of: "VirtualMachines"),
      input: [Member("HypervisorArn", .serverArn, "Only the virtual machines of this hypervisor.")] + paging,
      output: [
        Member(
          "VirtualMachines", Shape("VirtualMachines", .list(of: .virtualMachine)),
          "A page of virtual machines, ordered by ARN."),
        nextPage,
      ],
      resource: ("HypervisorArn", [.hypervisor]),
      summary: "The virtual machines of the account in the region, or of one hypervisor.",
      example: """
        for vm in list_virtual_machines() do
          if older_than(vm.LastBackupDate, "7d") then print(vm.Name, vm.Path) end
        end
        """),
  ]

  private static let paging = [
    Member("MaxResults", .maxResults, "The size of a page, never a total."),
    Member("NextToken", .nextToken, "Where to go on: the token of an earlier page."),
  ]
  private static let nextPage = Member(
    "NextToken", .nextToken, "Where the next page begins; absent on the last.")
}
