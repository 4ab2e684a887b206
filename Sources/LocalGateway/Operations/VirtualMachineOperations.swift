// VirtualMachineOperations: virtual machines. The service finds them by itself, so they are read only.
import AWSCore
import BackupGateway

extension Operations {
  @Sendable static func getVirtualMachine(_ call: Call) throws -> Value.Object {
    let machine = try call.resource("ResourceArn") { try call.store.virtualMachine($0) }
    return ["VirtualMachine": .object(machine.details(at: call.now))]
  }

  @Sendable static func listVirtualMachines(_ call: Call) throws -> Value.Object {
    guard call.input["HypervisorArn"] != nil else {
      return try call.page("VirtualMachines") {
        try call.store.virtualMachines(of: call.world, hypervisorID: nil, after: $0, limit: $1)
      }
    }
    let arn = try call.arn("HypervisorArn")
    return try call.page("VirtualMachines", filter: arn.description) {
      (after, limit) -> [VirtualMachineRecord] in
      guard Rules.sees(call.world, arn), let hypervisor = try call.store.hypervisor(arn.description) else {
        return try Rules.virtualMachines(ofUnknown: arn)
      }
      return try call.store.virtualMachines(
        of: call.world, hypervisorID: hypervisor.id, after: after, limit: limit)
    }
  }
}
