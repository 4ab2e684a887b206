// LuaValue: a copy of a script's value. Arguments are copied once, whole, before anything is decided about them, so a
// script cannot change them under us.
import CLuaVM

public enum LuaValue: Sendable {
  case `nil`
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  /// A string that is not UTF-8.
  case bytes([UInt8])
  /// Microseconds since the epoch.
  case timestamp(Int64)
  case table(LuaTable)
  /// Stands for a secret by number; what the secret is, Lua never knows.
  case secret(UInt64)
  /// A function, a coroutine or a userdata, by its type; in a copy that is only to be shown, by what it is.
  case opaque(String)

  /// Deepest table copied, which is as deep as JSON is read. Cycles end here too.
  static let deepest = 128
  /// Most values copied at once: shared tables multiply, and the copy is outside the script's memory limit.
  public static let most = 1_000_000

  init(_ stack: LuaStack, _ index: Int32, depth: Int, copying: inout LuaCopying) throws(LuaRaise) {
    copying.left -= 1
    guard copying.left >= 0 else {
      if copying.isShown {
        self = .opaque("<more>")
        return
      }
      throw LuaRaise(text: "a table holds more than \(Self.most) values")
    }
    let state = unsafe stack.state
    switch unsafe lvm_type_at(state, index) {
    case LVM_NIL, LVM_NONE: self = .nil
    case LVM_BOOLEAN: self = .boolean(unsafe lvm_boolean(state, index))
    case LVM_INTEGER: self = .integer(unsafe lvm_integer(state, index))
    case LVM_NUMBER: self = .number(unsafe lvm_number(state, index))
    case LVM_STRING:
      self = stack.string(at: index).map(LuaValue.string) ?? .bytes(stack.bytes(at: index) ?? [])
    case LVM_TIMESTAMP: self = .timestamp(unsafe lvm_timestamp(state, index))
    case LVM_TABLE where copying.isShown: self = try copying.shownTable(stack, index, depth: depth)
    case LVM_TABLE: self = .table(try LuaTable(stack, index, depth: depth, copying: &copying))
    case LVM_SECRET: self = .secret(unsafe lvm_secret(state, index))
    case LVM_FUNCTION: self = .opaque(copying.name(stack, index) ?? "function")
    default: self = .opaque(copying.name(stack, index) ?? "object")
    }
  }

  /// Lua's name of the type.
  public var typeName: String {
    switch self {
    case .nil: "nil"
    case .boolean: "boolean"
    case .integer, .number: "number"
    case .string, .bytes: "string"
    case .timestamp: "timestamp"
    case .table: "table"
    case .secret: "secret"
    case .opaque(let name): name
    }
  }

  /// The text of a string; nil for every other value.
  public var string: String? { if case .string(let text) = self { text } else { nil } }
}

/// A copy of a table: the items 1…n, then the other fields in the table's own order.
public struct LuaTable: Sendable {
  public var items: [LuaValue]
  public var fields: [(name: String, value: LuaValue)]
  /// The shape of a record or list of the service, nil for a script's own table.
  public var shape: Int32?
  /// What the metatable of a script's own table or of an object of the prelude calls it, as in `listing`.
  public var metatableName: String?
  /// The names in `fields` that stand for keys which are neither 1…n nor UTF-8 strings, as `[0]`, `[true]`, `[table]`.
  public var otherKeys: Set<String> = []
  /// The same number for the same table, in a copy that is only to be shown.
  public var identity: UInt = 0

  /// True when a key was neither 1…n nor a UTF-8 string.
  public var hasOtherKeys: Bool { !otherKeys.isEmpty }

  public init(items: [LuaValue] = [], fields: [(name: String, value: LuaValue)] = []) {
    self.items = items
    self.fields = fields
  }

  /// A field by its name; nil where there is none.
  public subscript(name: String) -> LuaValue? { fields.first { $0.name == name }?.value }

  init(_ stack: LuaStack, _ index: Int32, depth: Int, copying: inout LuaCopying) throws(LuaRaise) {
    self.init()
    let state = unsafe stack.state
    guard depth < LuaValue.deepest, unsafe lvm_reserve(state, 8) else {
      throw LuaRaise(text: "a table is nested more than \(LuaValue.deepest) deep, or contains itself")
    }
    let shapeNumber = unsafe lvm_shape_at(state, index)
    shape = shapeNumber < 0 ? nil : shapeNumber
    if shape == nil {
      unsafe lvm_push_metafield(state, index, "__name")
      metatableName = stack.string(at: -1)
      stack.pop()
    }
    // Up to the first hole: Lua's length is any border, which may be 2^62.
    while true {
      unsafe lvm_push_item(state, index, Int64(items.count + 1))
      defer { stack.pop() }
      if stack.isNil(at: -1) { break }
      items.append(try LuaValue(stack, stack.top, depth: depth + 1, copying: &copying))
      if copying.isFull { break }
    }
    unsafe lvm_push_nil(state)
    while unsafe lvm_next(state, index) {
      let key = stack.top - 1
      if let position = stack.integer(at: key), position >= 1, position <= Int64(items.count) {
        stack.pop()
        continue
      }
      let name = stack.string(at: key) ?? Self.name(ofKey: stack, key)
      if stack.string(at: key) == nil { otherKeys.insert(name) }
      fields.append((name, try LuaValue(stack, stack.top, depth: depth + 1, copying: &copying)))
      stack.pop()
      if copying.isFull {
        stack.pop()
        break
      }
    }
  }

  /// A key that is no text, in brackets as in Lua.
  private static func name(ofKey stack: LuaStack, _ index: Int32) -> String {
    if let integer = stack.integer(at: index) { return "[\(integer)]" }
    if let number = stack.number(at: index) { return "[\(number)]" }
    let state = unsafe stack.state
    return switch unsafe lvm_type_at(state, index) {
    case LVM_BOOLEAN: "[\(stack.boolean(at: index))]"
    case LVM_STRING: "[bytes]"
    case LVM_TIMESTAMP: "[timestamp]"
    case LVM_TABLE: "[table]"
    case LVM_FUNCTION: "[function]"
    default: "[object]"
    }
  }
}
