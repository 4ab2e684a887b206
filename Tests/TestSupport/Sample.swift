// Sample: values made from the model: such as satisfy it, and such as break it in one place.
import AWSCore
import BackupGateway

public enum Sample {
  /// A value of a shape, with the optional members or without.
  public static func value(_ shape: Shape, full: Bool = true) -> Value {
    switch shape.kind {
    case .string: return .string(text(shape))
    case .boolean: return true
    case .integer, .long: return .integer(shape.maximum ?? shape.minimum ?? 7)
    case .timestamp: return .number(1_700_000_000.25)
    case .list(let item): return .array(full || (shape.minimum ?? 0) > 0 ? [value(item, full: full)] : [])
    case .structure(let members):
      var object = Value.Object()
      for member in members where full || member.isRequired {
        object[member.name] = value(member.shape, full: full)
      }
      return .object(object)
    }
  }

  /// An ARN of this service.
  public static func arn(_ kind: ResourceKind) -> String {
    Arn(region: "us-east-1", account: "123456789012", kind: kind, id: "id-1234567").description
  }

  private static func text(_ shape: Shape) -> String {
    if let value = shape.values.last { return value }
    if let kind = shape.resources.first { return arn(kind) }
    let candidates = [
      "some-text", "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      "arn:aws:logs:us-east-1:123456789012:log-group:/aws/backup:*", "arn:aws:iam::123456789012:role/sync",
    ]
    guard let fitting = candidates.first(where: { Validate.issues(.string($0), as: shape).isEmpty }) else {
      preconditionFailure("no text here is a \(shape.name); add one")
    }
    return fitting
  }

  /// Values that are wrong in exactly one place, and the path of that place as Lua counts.
  public static func violations(of shape: Shape) -> [(path: String, value: Value)] {
    switch shape.kind {
    case .string: return texts(breaking: shape).map { ("", .string($0)) } + [("", 7), ("", true), ("", [:])]
    case .boolean: return [("", "true"), ("", 1)]
    case .integer, .long:
      var wrong: [Value] = ["5", .number(1.5), .number(1e300), false, [:]]
      if let low = shape.minimum { wrong += [.integer(low - 1), .integer(.min)] }
      if let high = shape.maximum { wrong += [.integer(high + 1), .integer(.max)] }
      if case .integer = shape.kind { wrong += [2_147_483_648] }
      return wrong.map { ("", $0) }
    case .timestamp: return [("", "yesterday")]
    case .list(let item):
      let good = value(item)
      var wrong: [(path: String, value: Value)] = [("", "text"), ("", 7)]
      if let low = shape.minimum, low > 0 { wrong.append(("", [])) }
      if let high = shape.maximum { wrong.append(("", .array(Array(repeating: good, count: Int(high) + 1)))) }
      return wrong + violations(of: item).map { ("[2]\(dotted($0.path))", .array([good, $0.value])) }
    case .structure(let members):
      guard case .object(let good) = value(shape) else { return [] }
      var wrong: [(path: String, value: Value)] = []
      func add(_ path: String, _ name: String, _ value: Value?) {
        var changed = good
        changed[name] = value
        wrong.append((path, .object(changed)))
      }
      add("Colour", "Colour", "blue")
      for member in members {
        if member.isRequired { add(member.name, member.name, nil) }
        for (path, value) in violations(of: member.shape) {
          add(member.name + dotted(path), member.name, value)
        }
      }
      return wrong + (members.isEmpty ? [] : [("", "text"), ("", [1])])
    }
  }

  private static func dotted(_ path: String) -> String {
    path.isEmpty || path.hasPrefix("[") ? path : "." + path
  }

  private static func texts(breaking shape: Shape) -> [String] {
    let long = shape.maximum.map { String(repeating: "a", count: Int($0) + 1) }
    let foreign = shape.values.isEmpty ? nil : "nonsense"
    let unmatched = shape.pattern.flatMap { pattern in
      ["wrong é text", "wrong\nwrong", "\n", "wrong\u{0}", "\u{0}", "wrong#text"]
        .map { $0 + String(repeating: $0, count: Int(shape.minimum ?? 0) / $0.count) }
        .first { $0.count <= Int(shape.maximum ?? .max) && !Pattern.matches(pattern, whole: $0) }
    }
    let short = (shape.minimum ?? 0) > 0 ? "" : nil
    return [long, foreign, unmatched, short].compactMap(\.self)
  }
}

/// A value as Lua's source has it.
public func luaLiteral(_ value: Value) -> String {
  switch value {
  case .null: return "nil"
  case .bool(let flag): return "\(flag)"
  case .integer(let number): return number == .min ? "math.mininteger" : "\(number)"
  case .number(let number): return "\(number)"
  case .string(let text):
    return "\""
      + text.utf8.map { byte in
        let isPlain = (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        let digits = String(byte)
        return isPlain
          ? String(Unicode.Scalar(byte)) : "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }.joined() + "\""
  case .timestamp(let time): return "timestamp(\"\(time.iso8601)\")"
  case .array(let items): return "{ \(items.map(luaLiteral).joined(separator: ", ")) }"
  case .object(let object):
    return "{ \(object.members.map { "\($0.name) = \(luaLiteral($0.value))" }.joined(separator: ", ")) }"
  }
}
