// LiveValues: looks at the values of a universe while a line is being typed. Nothing of a script runs: a field is read raw,
// an __index is followed where it is a table and never called where it is a function, and no __tostring and no __pairs is
// asked.
import BackupGateway
import LuaRuntime

struct LiveValues {
  /// What is known of a value.
  struct Value {
    /// Lua's name of its type.
    var type: String
    /// Of a record or a list of the service.
    var shape: Shape?
    /// What its metatable calls it, as the host's own objects are called: `listing`, `session`.
    var kind: String?
  }

  /// A field of a table, by its name.
  struct Field {
    var name: String
    var value: Value
  }

  let vm: LuaVM
  let locals: PromptLocals
  let shapes: [Int32: Shape]

  /// How far one __index leads to the next.
  private static let mostTables = 8
  /// Names beyond that are not worth a list, and among more fields than that nobody waits for one.
  private static let mostFields = 2_000
  private static let mostLookedAt = 100_000

  /// Looks at the value at the end of a path; nil where there is none.
  func look<Result>(at path: [PathStep], _ body: (LuaStack) -> Result) -> Result? {
    let stack = vm.main
    guard case .name(let first)? = path.first, stack.reserve(16) else { return nil }
    let top = stack.top
    defer { stack.pop(stack.top - top) }
    if !locals.push(first, on: stack) {
      stack.pushGlobals()
      step(.name(first), on: stack)
    }
    for next in path.dropFirst() { step(next, on: stack) }
    return stack.isNil(at: -1) ? nil : body(stack)
  }

  /// Puts a field in the place of the value on top.
  private func step(_ step: PathStep, on stack: LuaStack) {
    for _ in 0..<Self.mostTables {
      if stack.isTable(at: -1) {
        switch step {
        case .name(let name): stack.pushField(name, of: -1)
        case .index(let number): stack.pushItem(number, of: -1)
        }
        if !stack.isNil(at: -1) { return stack.remove(at: -2) }
        stack.pop()
      }
      goOn(stack)
      guard stack.isTable(at: -1) else { break }
    }
    stack.pop()
    stack.push(.nil)
  }

  /// Puts the table that is looked at next in the place of the value on top, or something that is none.
  private func goOn(_ stack: LuaStack) {
    stack.pushMetafield("__index", of: -1)
    stack.remove(at: -2)
    guard !stack.isTable(at: -1) else { return }
    stack.pushBehind(-1)
    stack.remove(at: -2)
  }

  /// What is known of the value on top.
  func value(_ stack: LuaStack) -> Value {
    let shape = stack.shape(at: -1)
    var value = Value(type: stack.typeName(at: -1), shape: shape.flatMap { shapes[$0] })
    if shape == nil, value.type == "table" {
      stack.pushMetafield("__name", of: -1)
      value.kind = stack.string(at: -1)
      stack.pop()
    }
    return value
  }

  /// The fields of the value on top that have a name, of whatever it reads through too; in no order.
  func fields(_ stack: LuaStack) -> [Field] {
    var found: [Field] = []
    var lookedAt = 0
    var names: Set<String> = []
    stack.pushCopy(of: -1)
    for _ in 0..<Self.mostTables {
      if stack.isTable(at: -1) {
        stack.forEachField(of: -1) { stack in
          if let name = stack.string(at: -2), LuaLiteral.isName(name), names.insert(name).inserted {
            found.append(Field(name: name, value: value(stack)))
          }
          lookedAt += 1
          return found.count < Self.mostFields && lookedAt < Self.mostLookedAt
        }
      }
      goOn(stack)
      guard stack.isTable(at: -1) else { break }
    }
    stack.pop()
    return found
  }

  /// The fields of the globals and of what stands behind them.
  var globals: [Field] {
    let stack = vm.main
    guard stack.reserve(16) else { return [] }
    stack.pushGlobals()
    defer { stack.pop() }
    return fields(stack)
  }

  /// True for a global that a script has set.
  func isSet(global name: String) -> Bool {
    let stack = vm.main
    guard stack.reserve(4) else { return false }
    stack.pushGlobals()
    stack.pushField(name, of: -1)
    defer { stack.pop(2) }
    return !stack.isNil(at: -1)
  }
}
