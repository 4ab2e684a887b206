// VirtualMachineOperations: virtual machines. The service finds them by itself, so they are read only.
import AWSCore
import BackupGateway

extension Operations {
  @Sendable static func getVirtualMachine(_ call: Call) throws -> Value.Object {
    try call.resource("ResourceArn") { arn in
      try call.store.virtualMachine(arn) { row in
        call.member("VirtualMachine", row, VirtualMachineRecord.detailed)
      }
    }
  }

  @Sendable static func listVirtualMachines(_ call: Call) throws -> Value.Object {
    let arn = call.input["HypervisorArn"] == nil ? nil : try call.arn("HypervisorArn")
    return try call.page(
      "VirtualMachines", of: VirtualMachineRecord.listed, filter: arn?.description ?? ""
    ) { after, limit, body in
      var id: String?
      if let arn {
        id = Rules.sees(call.world, arn) ? try call.store.hypervisor(arn.description)?.id : nil
        guard id != nil else { return try Rules.listNothing(ofUnknown: arn) }
      }
      try call.store.forEachMachine(
        of: call.world, hypervisorID: id, after: after, limit: limit, body)
    }
  }
}
