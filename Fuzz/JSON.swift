// JSON: answers of the service and scripts' own documents, by the one scanner and both of its builders.
import AWSCore
import LuaRuntime

extension FuzzTarget {
  static let json = FuzzTarget(name: "json") { bytes in
    let value = try? JSON.decode(bytes)
    let problem = universe.decode(bytes)
    check(
      (value == nil) == (problem != nil),
      "Swift takes it: \(value != nil); Lua says: \(problem ?? "it is JSON")")
    universe.decodeOwn(bytes)
    let checked = JSON.problemAsObject(bytes)
    check(value?.object == nil || checked == nil, "a check says: \(checked?.description ?? "")")
    guard let value else { return }
    if checked == nil { check(universe.decode(bytes, isChecked: true) == nil, "once checked, it is refused") }
    for indent in [nil, 2] {
      let again = try? JSON.decode(JSON.encode(value, indent: indent))
      check(again == value, "what is written is not what was read")
    }
  }

  private static let universe = JSONUniverse()
}

/// A Lua universe with records and lists as the service has them.
private final class JSONUniverse {
  private let vm: LuaVM
  private let list: Int32
  private let record: Int32
  private let null: LuaReference

  init() {
    guard let vm = LuaVM(profile: .own, memoryLimit: 256 << 20), vm.seal(),
      let time = vm.shape(.timestamp, name: "Time"),
      let record = vm.shape(.record, name: "Row"), let list = vm.shape(.list, name: "Rows", item: record)
    else { fail("there is no universe") }
    for (name, shape) in [("Name", -1), ("Time", time), ("Rows", list)] {
      check(vm.addMember(name, shape: shape, to: record), "a record has room")
    }
    vm.main.pushTable()
    (self.vm, self.list, self.record, null) = (vm, list, record, vm.keep(vm.main))
  }

  /// Why it cannot be decoded as an answer of the service; nil when it was.
  func decode(_ bytes: [UInt8], isChecked: Bool = false) -> String? {
    let problem = vm.main.pushJSON(bytes, shape: record, isChecked: isChecked)
    if problem == nil { vm.main.pop() }
    vm.collect()
    return problem
  }

  func decodeOwn(_ bytes: [UInt8]) {
    if vm.main.pushOwnJSON(bytes, list: list, null: null) == nil { vm.main.pop() }
  }
}
