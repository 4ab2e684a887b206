// Plain: what Lua was given and what it should have been given, in one form that can be compared: nulls left out,
// instants as { "$epoch": seconds }, an empty list and an empty table the same. Lua's lists have holes where nulls were.
import AWSCore
import BackupGateway
import LuaRuntime

/// A value that a script was given.
public func plain(_ value: LuaValue) -> Value {
  switch value {
  case .nil: return .null
  case .boolean(let flag): return .bool(flag)
  case .integer(let number): return .integer(number)
  case .number(let number): return .number(number)
  case .string(let text): return .string(text)
  case .bytes(let bytes): return .string("bytes \(bytes)")
  case .timestamp(let microseconds): return ["$epoch": .number(Double(microseconds) / 1_000_000)]
  case .secret: return .string("a secret")
  case .opaque(let type): return .string("a \(type)")
  case .table(let table):
    let behindHoles = Dictionary(
      table.fields.compactMap { field in position(field.name).map { ($0, field.value) } }
    ) { first, _ in first }
    if !table.items.isEmpty || !behindHoles.isEmpty {
      let count = max(table.items.count, behindHoles.keys.max() ?? 0)
      return .array(
        (1...count).map {
          $0 <= table.items.count ? plain(table.items[$0 - 1]) : plain(behindHoles[$0] ?? .nil)
        })
    }
    var object = Value.Object()
    for (name, value) in table.fields { object[name] = plain(value) }
    return .object(object)
  }
}

/// 3 for `[3]`, which is how a copy of a table names an item behind a hole.
private func position(_ name: String) -> Int? {
  name.hasPrefix("[") && name.hasSuffix("]") ? Int(name.dropFirst().dropLast()) : nil
}

/// A document as a script should be given it.
/// - Parameter shape: says which numbers are instants; nil for what the model does not know.
public func plain(_ value: Value, as shape: Shape?) -> Value {
  switch value {
  case .array(let items):
    var items = items
    while items.last == .null { items.removeLast() }
    return items.isEmpty ? [:] : .array(items.map { plain($0, as: shape?.item) })
  case .object(let object):
    var kept = Value.Object()
    for (name, value) in object.members where value != .null {
      kept[name] = plain(value, as: shape?.member(name)?.shape)
    }
    return .object(kept)
  case .integer(let number): return isInstant(shape) ? ["$epoch": .number(Double(number))] : value
  case .number: return isInstant(shape) ? ["$epoch": value] : value
  default: return value
  }
}

private func isInstant(_ shape: Shape?) -> Bool {
  if case .timestamp = shape?.kind { true } else { false }
}
