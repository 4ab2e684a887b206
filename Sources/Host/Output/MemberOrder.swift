// MemberOrder: the order in which a table's members are written: as the model has them, then a script's own by name. Lua
// keeps none.
import BackupGateway
import LuaRuntime

struct MemberOrder {
  /// The shapes of records, by the number that a record carries.
  var shapes: [Int32: Shape] = [:]
  /// The shape of `json.array`, which is a list whatever is in it.
  var array: Int32?

  /// The members of a record's shape; none for a script's own table.
  func modelled(_ table: LuaTable) -> [String] {
    table.shape.flatMap { shapes[$0] }?.members.map(\.name) ?? []
  }

  func fields(of table: LuaTable) -> [(name: String, value: LuaValue)] {
    let modelled = modelled(table)
    if modelled.isEmpty { return Self.byName(table.fields) }
    let first = modelled.compactMap { name in table[name].map { (name: name, value: $0) } }
    guard first.count < table.fields.count else { return first }
    return first + Self.byName(table.fields.filter { !modelled.contains($0.name) })
  }

  /// By code units: to Swift `é` and `e` with an accent are the same text, and their order would be Lua's, which is none.
  static func byName(_ fields: [(name: String, value: LuaValue)]) -> [(name: String, value: LuaValue)] {
    fields.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// True for a list of the service's, for `json.array`, and for what has items.
  func isList(_ table: LuaTable) -> Bool {
    !table.items.isEmpty || isList(shape: table.shape)
  }

  func isList(shape: Int32?) -> Bool {
    guard let shape else { return false }
    return shape == array || shapes[shape]?.item != nil
  }
}
