// Lab: `gateway_lab`, the functions with which a script brings about what happens around a local gateway: in vCenters, to
// appliances, to the clock. They are described as operations of the service are, and go out by a door of their own; what
// they are is the local gateway's to say.
import AWSCore
import BackupGateway
import LuaRuntime

public struct Lab {
  /// What there is; each is a function whose Lua name begins with `gateway_lab.`.
  let operations: [Operation]
  let session: Session

  public init(operations: [Operation], door: any ServiceDoor) {
    self.operations = operations
    session = Session(door: door)
  }
}

extension Console {
  /// The table of functions that lab.lua binds; nil where there is no lab.
  func pushLab(on stack: LuaStack) {
    guard let lab else { return stack.push(.nil) }
    stack.pushTable()
    for operation in lab.operations {
      stack.push(
        function: vm.register { [unowned self] call throws(LuaRaise) in
          let request = try Parameters(operation: operation, recordShapes: records.shapes, secrets: secrets)
            .read(call)
          return try wait(for: Call(completed(request), through: lab.session, timers: loop))
        })
      stack.setField(String(operation.luaName.split(separator: ".").last ?? ""))
    }
  }

  /// A script means the region that it works in.
  private func completed(_ request: Request) -> Request {
    guard request.operation.input.member("Region") != nil, request.parameters["Region"] == nil,
      let region = session.facts.region
    else { return request }
    var parameters = request.parameters
    parameters["Region"] = .string(region)
    return (try? Request(request.operation, parameters)) ?? request
  }
}
