// Validate: a request against the model, before anything is sent. Inputs are validated, outputs never: real
// answers break the model's own patterns (a SoftwareVersion holds dots, a VM's name spaces).
import AWSCore

/// One thing that is wrong with a request.
public struct ValidationIssue: Equatable, Sendable {
  /// Where, from the top of the request: `BandwidthRateLimitIntervals[2].DaysOfWeek[0]`; empty for the
  /// request.
  public var path: String
  /// What is wrong, as the end of a sentence that begins with the path.
  public var problem: String
  /// True for a required member that is not there.
  public var isMissing = false

  /// The whole sentence, without a full stop.
  public var message: String { path.isEmpty ? problem : "\(path) \(problem)" }
}

public enum Validate {
  /// Everything that is wrong with `value` as a value of `shape`; empty when nothing is. List positions are
  /// counted from `firstIndex`: 0 as AWS's own messages do, 1 for people who write Lua.
  public static func issues(
    _ value: Value, as shape: Shape, at path: String = "", firstIndex: Int = 0
  ) -> [ValidationIssue] {
    switch (shape.kind, value) {
    case (.string, .string(let text)): return stringIssues(text, shape, path)
    case (.integer, .integer(let number)), (.long, .integer(let number)):
      if case .integer = shape.kind, Int32(exactly: number) == nil {
        return [ValidationIssue(path: path, problem: "must fit in 32 bits, got \(number)")]
      }
      return rangeIssues(number, shape, path, "must be")
    case (.boolean, .bool): return []
    case (.timestamp, .timestamp), (.timestamp, .integer), (.timestamp, .number): return []
    case (.list(let item), .array(let values)):
      let size = rangeIssues(Int64(values.count), shape, path, "must have a number of items")
      // What is wrong with the items of a list that is too long would be a long tale.
      guard size.isEmpty else { return size }
      return values.enumerated().flatMap { index, value in
        issues(value, as: item, at: "\(path)[\(index + firstIndex)]", firstIndex: firstIndex)
      }
    case (.structure(let members), .object(let object)):
      return structureIssues(object, members, path, firstIndex)
    default:
      return [ValidationIssue(path: path, problem: "must be \(shape.typeName), got \(value.typeName)")]
    }
  }

  private static func structureIssues(
    _ object: Value.Object, _ members: [Member], _ path: String, _ firstIndex: Int
  ) -> [ValidationIssue] {
    let prefix = path.isEmpty ? "" : path + "."
    var found: [ValidationIssue] = []
    for member in members {
      guard let value = object[member.name], value != .null else {
        if member.isRequired {
          found.append(ValidationIssue(path: prefix + member.name, problem: "is required", isMissing: true))
        }
        continue
      }
      found += issues(value, as: member.shape, at: prefix + member.name, firstIndex: firstIndex)
    }
    let others = object.members.lazy.map(\.name).filter { name in !members.contains { $0.name == name } }
    guard !others.isEmpty else { return found }
    let known = members.map(\.name)
    var strangers: [String] = []
    for name in others {
      guard let near = nearest(to: name, in: known) else {
        strangers.append(prefix + name)
        continue
      }
      let problem = "is not a parameter here (did you mean \(near)?)"
      found.append(ValidationIssue(path: prefix + name, problem: problem))
    }
    return found + strangerIssues(strangers, known)
  }

  /// Names are told that are this many; of more, how many there are.
  private static let mostStrangers = 5

  /// One issue for all names that are like none: what there is need be told only once.
  private static func strangerIssues(_ paths: [String], _ known: [String]) -> [ValidationIssue] {
    guard let first = paths.first else { return [] }
    var others = Array(paths.dropFirst().prefix(mostStrangers - 1))
    if paths.count > mostStrangers { others.append("\(paths.count - mostStrangers) more") }
    let problem =
      "\(others.isEmpty ? "is not a parameter" : "are no parameters") here; there is \(listed(known))"
    guard let last = others.popLast() else { return [ValidationIssue(path: first, problem: problem)] }
    let joined = others.map { ", \($0)" }.joined() + " and \(last)"
    return [ValidationIssue(path: first + joined, problem: problem)]
  }

  private static func stringIssues(_ text: String, _ shape: Shape, _ path: String) -> [ValidationIssue] {
    if !shape.values.isEmpty {
      guard !shape.values.contains(text) else { return [] }
      // Where there is one value only, it was named already.
      let near = shape.values.count > 1 ? nearest(to: text, in: shape.values) : nil
      let hint = near.map { " (did you mean \($0)?)" } ?? ""
      return [
        ValidationIssue(path: path, problem: "must be one of \(shape.values.joined(separator: ", "))\(hint)")
      ]
    }
    // In Unicode scalars: every one has one byte that continues none.
    let bytes = text.utf8.span
    var scalars = 0
    for index in bytes.indices where bytes[index] & 0xC0 != 0x80 { scalars += 1 }
    let length = rangeIssues(Int64(scalars), shape, path, "must have a length")
    // Only what is short enough is matched, which bounds the work.
    guard length.isEmpty else { return length }
    // Every ARN of the service is one by its model's pattern too, which takes four times as long to say so.
    if !shape.resources.isEmpty, Arn(text) != nil { return [] }
    if let pattern = shape.pattern, !Pattern.matches(pattern, whole: text) {
      let shown = shape.isSensitive ? "" : ", got \(quoted(text))"
      return [ValidationIssue(path: path, problem: "must match \(pattern)\(shown)")]
    }
    return []
  }

  private static func rangeIssues(
    _ number: Int64, _ shape: Shape, _ path: String, _ words: String
  ) -> [ValidationIssue] {
    let minimum = shape.minimum ?? .min
    let maximum = shape.maximum ?? .max
    guard number < minimum || number > maximum else { return [] }
    let range =
      switch (shape.minimum, shape.maximum) {
      case (let low?, let high?): "from \(low) to \(high)"
      case (let low?, nil): "of at least \(low)"
      default: "of at most \(maximum)"
      }
    // "must be of at least 1" reads badly for a bare number.
    let bare = words == "must be" ? range.replacingPrefix("of ", with: "") : range
    // Even the length of a password is nobody's business.
    let found = shape.isSensitive ? "" : ", got \(number)"
    return [ValidationIssue(path: path, problem: "\(words) \(bare)\(found)")]
  }
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String, with replacement: String) -> String {
    hasPrefix(prefix) ? replacement + dropFirst(prefix.count) : self
  }
}

extension Shape {
  /// The type as a sentence says it.
  public var typeName: String {
    switch kind {
    case .string: "a string"
    case .boolean: "a boolean"
    case .integer, .long: "an integer"
    case .timestamp: "a timestamp"
    case .list: "a list"
    case .structure: "a table"
    }
  }
}

extension Value {
  /// The type as a sentence says it.
  public var typeName: String {
    switch self {
    case .null: "nothing"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .number: "a number with a fraction"
    case .string: "a string"
    case .timestamp: "a timestamp"
    case .array: "a list"
    case .object: "a table"
    }
  }
}
