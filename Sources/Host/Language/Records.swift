// Records: tells Lua what the service's structures look like, and what to say when a script reads a member that a
// structure does not have.
import AWSCore
import BackupGateway
import LuaRuntime

/// The shapes of the model as one universe knows them.
final class Records {
  // The universe holds the functions that hold this.
  private unowned let vm: LuaVM
  private let missing: UInt32
  private var numbers: [String: Int32] = [:]
  private(set) var shapes: [Int32: Shape] = [:]

  /// - Parameter missing: the host function for members that are not there.
  init(_ vm: LuaVM, missing: UInt32) {
    self.vm = vm
    self.missing = missing
  }

  /// The number of a shape, described to Lua at its first use; -1 for values that need no description.
  func number(of shape: Shape) -> Int32 {
    if let known = numbers[shape.name] { return known }
    let number: Int32?
    switch shape.kind {
    case .string, .boolean, .integer, .long: return -1
    case .timestamp: number = vm.shape(.timestamp, name: shape.name)
    case .list(let item): number = vm.shape(.list, name: shape.name, item: self.number(of: item))
    case .structure(let members):
      number = vm.shape(.record, name: shape.name, missing: missing)
      for member in members {
        // What cannot be described, because memory is short or it has too many members, stays a plain value.
        guard let number, vm.addMember(member.name, shape: self.number(of: member.shape), to: number) else {
          break
        }
      }
    }
    guard let number else { return -1 }
    numbers[shape.name] = number
    shapes[number] = shape
    return number
  }

  /// Raises for a capitalised name that a record does not have.
  func refuse(_ call: borrowing LuaCall) throws(LuaRaise) -> LuaVM.Outcome {
    let name = call.stack.string(at: 2) ?? "?"
    guard let number = call.stack.integer(at: 3).flatMap({ Int32(exactly: $0) }), let shape = shapes[number]
    else {
      return .results(0)
    }
    let members = shape.members.map(\.name)
    guard let first = members.first else {
      throw LuaRaise.refused("\(shape.noun) is empty; it has no \(name)")
    }
    if name == shape.noun {
      throw LuaRaise.refused("this already is the \(name): read its members directly, as in .\(first)")
    }
    let hint =
      shape.detail(with: name)
      ?? nearest(to: name, in: members).map { "did you mean \($0)?" } ?? "it has \(listed(members))"
    throw LuaRaise.refused("\(shape.noun) has no \(name); \(hint)")
  }
}

extension Shape {
  /// Where a member is that what a list gives does not have: of a `Gateway`, `get_gateway` gives `GatewayDetails`.
  fileprivate func detail(with member: String) -> String? {
    guard let operation = Service.operation("Get\(name)"),
      let detail = operation.output.members.first(where: { $0.shape.name == "\(name)Details" }),
      detail.shape.member(member) != nil
    else { return nil }
    let record = operation.luaName.dropFirst("get_".count)
    return "what a list gives is short, \(operation.luaName)(\(record)) has it"
  }

  /// What people call a record of this shape: `GatewayDetails` is the shape of a `Gateway`, `TagResourceOutput` that
  /// of a `TagResource response`.
  var noun: String {
    if name.hasSuffix("Details") { return String(name.dropLast("Details".count)) }
    return name.hasSuffix("Output") ? "\(name.dropLast("Output".count)) response" : name
  }
}
