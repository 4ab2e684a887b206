// LuaCopying: a copy under way. One that is only to be shown is never refused: what has no end, or no data, is there as a mark.
import CLuaVM

struct LuaCopying {
  /// Values that may still be copied.
  var left = LuaValue.most
  /// What a function is called, in a copy that is only to be shown.
  private let naming: ((UInt) -> String?)?
  /// The tables that the copy is inside of, and those that it has been through.
  private var around: Set<UInt> = []
  private var done: [UInt: LuaTable] = [:]

  init() { naming = nil }

  init(left: Int, naming: @escaping (UInt) -> String?) {
    self.left = left
    self.naming = naming
  }

  var isShown: Bool { naming != nil }
  /// True when the copy ends here, as far as it has come.
  var isFull: Bool { isShown && left <= 0 }

  /// What is said of a function or an object; nil for its type.
  func name(_ stack: LuaStack, _ index: Int32) -> String? {
    guard let naming, unsafe lvm_reserve(stack.state, 2) else { return nil }
    let isFunction = unsafe lvm_type_at(stack.state, index) == LVM_FUNCTION
    if isFunction, let name = naming(unsafe lvm_identity(stack.state, index)) { return "function \(name)" }
    unsafe lvm_push_origin(stack.state, index)
    defer { stack.pop() }
    return stack.text(at: -1).map { isFunction ? "function \($0)" : $0 }
  }

  mutating func shownTable(_ stack: LuaStack, _ index: Int32, depth: Int) throws(LuaRaise) -> LuaValue {
    let identity = unsafe lvm_identity(stack.state, index)
    if around.contains(identity) { return .opaque("<cycle>") }
    if let table = done[identity] { return .table(table) }
    guard depth < LuaValue.deepest else { return .opaque("<deeper>") }
    around.insert(identity)
    defer { around.remove(identity) }
    var table = try LuaTable(stack, index, depth: depth, copying: &self)
    table.identity = identity
    done[identity] = table
    return .table(table)
  }
}

extension LuaStack {
  /// Copies the value at an index to be shown: a table inside itself is `<cycle>`, functions and objects are named, and
  /// what is too much is left out.
  /// - Parameters:
  ///   - most: values that are copied.
  ///   - naming: the name of a function by its identity.
  public func shownValue(
    at index: Int32, most: Int = LuaValue.most, naming: @escaping (UInt) -> String?
  ) -> LuaValue {
    var copying = LuaCopying(left: most, naming: naming)
    do throws(LuaRaise) {
      return try LuaValue(self, absolute(index), depth: 0, copying: &copying)
    } catch {
      return .opaque("<deeper>")
    }
  }

  /// The same number for the same table, function or object; 0 for all else.
  public func identity(at index: Int32) -> UInt { unsafe lvm_identity(state, index) }
}
