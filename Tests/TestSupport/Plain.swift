// Plain: what Lua was given and what it should have been given, in one form that can be compared: nulls left out,
// instants as { "$epoch": seconds }, an empty list and an empty table the same.
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
  case .opaque(let type): return .string("a \(type)")
  case .table(let table):
    if !table.items.isEmpty { return .array(table.items.map(plain)) }
    var object = Value.Object()
    for (name, value) in table.fields { object[name] = plain(value) }
    return .object(object)
  }
}

/// A document as a script should be given it.
/// - Parameter shape: says which numbers are instants; nil for what the model does not know.
public func plain(_ value: Value, as shape: Shape?) -> Value {
  switch value {
  case .array(let items):
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
