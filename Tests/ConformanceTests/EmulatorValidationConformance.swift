// The suite emulator-validation: what a server must refuse, and which member it must name. The cases are of a REST
// protocol with shapes of their own; a shape is built from what a case tells about it (the body, the constraint
// in the expected message, the member's name), and the local gateway is asked to read the body as that shape.
import AWSCore
import TestSupport
import Testing

@testable import BackupGateway
@testable import LocalGateway

@Test func emulatorValidationConformance() {
  conformance("emulator-validation") { report in
    for file in Conformance.names(report.folder) where file.hasSuffix(".cases.json") {
      for item in Conformance.json("\(report.folder)/\(file)")?.array ?? [] {
        let id = item["id"]?.string ?? file
        do throws(NotApplicable) {
          let checks = try MalformedCase(item).checks()
          report.check(id) { try checks.lazy.compactMap { try $0() }.first }
        } catch {
          report.skip(id, because: error.reason)
        }
      }
    }
  }
}

extension NotApplicable {
  fileprivate static let binding = NotApplicable(
    reason: "awsJson1_0 binds no member to the path, the query or a header")

  fileprivate static func type(_ name: String) -> NotApplicable {
    NotApplicable(reason: "the service's model has no \(name)")
  }
}

private struct MalformedCase {
  let item: Value
  init(_ item: Value) { self.item = item }

  /// One check for each value that the case is to be tried with; a check returns what is wrong.
  func checks() throws(NotApplicable) -> [() throws -> String?] {
    let code = item["response"]?["code"]?.integer ?? 0
    guard code != 406, code != 415 else {
      throw NotApplicable(reason: "awsJson1_0 does not negotiate content types, it has one")
    }
    guard let template = item["request"]?["body"]?.string else { throw .binding }
    let error = item["response"]?["headers"]?["x-amzn-errortype"]?.string ?? ""
    var checks: [() throws -> String?] = []
    for values in variants {
      let body = Array(filled(template, values).utf8)
      let constraints: [Constraint]
      switch error {
      case "ValidationException": constraints = try self.constraints(values)
      case "SerializationException": constraints = []
      default: throw NotApplicable(reason: "this service does not answer with \(error)")
      }
      // What is no JSON object needs no shape to be refused.
      var shape = Shape("Case", .structure([]))
      if let document = try? JSON.decode(body), document.object != nil {
        shape = try infer(document, at: "", constraints)
      }
      let isSensitive = item["shape"]?.string?.contains("Sensitive") == true
      checks.append { [shape] in
        try problem(body, shape, error, code, constraints.map(\.path), isSensitive: isSensitive)
      }
    }
    return checks
  }

  // MARK: Parameters of a case

  /// Every set of values for the placeholders; one empty set when there are none.
  private var variants: [[String: String]] {
    let lists = (item["testParameters"]?.object?.members ?? []).map { name, list in
      (name, (list.array ?? []).compactMap(\.string))
    }
    let count = lists.first { $0.0 == "value" }?.1.count ?? 1
    return (0..<count).map { index in
      var values: [String: String] = [:]
      for (name, list) in lists where list.indices.contains(index) { values[name] = list[index] }
      return values
    }
  }

  /// `$value:S` is the value as a text in quotes, `$value:L` as it is, `$$` a dollar.
  private func filled(_ template: String, _ values: [String: String]) -> String {
    var text = template
    for (name, value) in values {
      let quoted = String(decoding: JSON.encode(.string(value)), as: UTF8.self)
      text = text.replacing("$\(name):S", with: quoted).replacing("$\(name):L", with: value)
    }
    return text.replacing("$$", with: "$")
  }

  /// The names of the members in the query.
  private var queried: [Substring] {
    (item["request"]?["queryParams"]?.array ?? []).compactMap { $0.string?.prefix { $0 != "=" } }
  }

  /// What the expected messages say: a constraint for each member that breaks one.
  private func constraints(_ values: [String: String]) throws(NotApplicable) -> [Constraint] {
    let text = item["response"]?["body"]?["assertion"]?["contents"]?.string ?? ""
    guard let fields = (try? JSON.decode(Array(filled(text, values).utf8)))?["fieldList"]?.array,
      !fields.isEmpty
    else { throw NotApplicable(reason: "it does not tell which member is wrong") }
    var constraints: [Constraint] = []
    for field in fields {
      let constraint = try Constraint(field["message"]?.string ?? "", field["path"]?.string ?? "")
      guard !queried.contains(constraint.path.dropFirst()) else { throw .binding }
      constraints.append(constraint)
    }
    return constraints
  }

  // MARK: Shapes

  /// The shape that a value of the body is of.
  private func infer(_ value: Value, at path: String, _ constraints: [Constraint]) throws(NotApplicable)
    -> Shape
  {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    let here = constraints.filter { $0.path == path }
    if constraints.isEmpty, !name.isEmpty { return try shape(named: name, value, at: path) }
    switch value {
    case .object(let object):
      guard here.isEmpty else { throw .type("map") }
      var members: [Member] = []
      for (name, value) in object.members {
        let path = "\(path)/\(name)"
        let isRequired = constraints.contains { $0.path == path && $0.isRequired }
        let shape = isRequired ? Shape(name, .string) : try infer(value, at: path, constraints)
        members.append(Member(name, shape, required: isRequired, ""))
      }
      for constraint in constraints where constraint.isRequired {
        guard let (parent, missing) = constraint.parent, parent == path, object[missing] == nil else {
          continue
        }
        guard !missing.contains("In") else { throw .binding }
        members.append(Member(missing, Shape(missing, .string), required: true, ""))
      }
      return Shape(name, .structure(members))
    case .array(let values):
      let index = values.indices.first { index in
        constraints.contains { "\($0.path)/".hasPrefix("\(path)/\(index)/") }
      }
      let item =
        try values.isEmpty
        ? Shape("", .string) : infer(values[index ?? 0], at: "\(path)/\(index ?? 0)", constraints)
      return try Constraint.shape(name, .list(of: item), here)
    case .string(let text):
      // The length in the message is that of what base64 stands for.
      if here.contains(where: { $0.length.map { $0 != text.unicodeScalars.count } ?? false }) {
        throw .type("blob")
      }
      let isSensitive = item["shape"]?.string?.contains("Sensitive") == true
      return try Constraint.shape(name, .string, here, sensitive: isSensitive)
    case .integer: return try Constraint.shape(name, .integer, here)
    case .number: throw .type("floating-point number")
    case .bool: throw .type("boolean")
    case .null, .timestamp: return Shape(name, .string)
    }
  }

  /// Cases about types tell them by their members' names: `integerInBody`, `bodyList`, `timestamp`.
  private func shape(named name: String, _ value: Value, at path: String) throws(NotApplicable) -> Shape {
    let word = name.lowercased().replacing("inbody", with: "").replacing("body", with: "")
    let kinds: [(String, Shape.Kind)] = [
      ("int", .integer), ("long", .long), ("string", .string), ("timestamp", .timestamp),
      ("list", .list(of: Shape("", .string))),
    ]
    guard let kind = kinds.first(where: { word.hasPrefix($0.0) })?.1 else { throw .type(word) }
    if case .timestamp = kind, let shape = item["shape"]?.string,
      shape.hasSuffix("DateTime") || shape.hasSuffix("HttpDate")
    {
      throw NotApplicable(reason: "timestamps of this service have one format, epoch seconds")
    }
    return Shape(name, kind)
  }
}

/// One constraint as the expected message words it.
private struct Constraint {
  /// As the suite writes it: `/list/0`.
  let path: String
  var isRequired = false
  /// Of the value, where the message tells it.
  var length: Int?
  var minimum: Int64?
  var maximum: Int64?
  var pattern: String?
  var values: [String] = []
  /// Whether the bounds are of a length.
  var isOfLength = false

  var parent: (path: String, name: String)? {
    path.lastIndex(of: "/").map { (String(path[..<$0]), String(path[path.index(after: $0)...])) }
  }

  init(_ message: String, _ path: String) throws(NotApplicable) {
    self.path = path
    if let range = message.firstRange(of: "Value with length ") {
      length = Int(message[range.upperBound...].prefix { $0.isNumber })
    }
    let rule = message.firstRange(of: "constraint: ").map { String(message[$0.upperBound...]) } ?? ""
    func after(_ words: String) -> String? {
      rule.hasPrefix(words) ? String(rule.dropFirst(words.count)) : nil
    }
    if rule == "Member must not be null" {
      isRequired = true
    } else if rule == "Member must have unique values" {
      throw NotApplicable(reason: "no list of this service must hold each item once")
    } else if let set = after("Member must satisfy enum value set: [") {
      values = set.dropLast().split(separator: ", ").map(String.init)
    } else if let pattern = after("Member must satisfy regular expression pattern: ") {
      self.pattern = pattern
    } else if let bounds = after("Member must have length ") ?? after("Member must be ") {
      isOfLength = rule.hasPrefix("Member must have length ")
      let words = bounds.replacing(", inclusive", with: "").split(separator: " ").map(String.init)
      let numbers = words.filter { $0.first?.isNumber == true || $0.first == "-" }
      let whole = numbers.compactMap { Int64($0) }
      guard whole.count == numbers.count else { throw .type("floating-point number") }
      if words.first != "less" { minimum = whole.first }
      if words.first != "greater" { maximum = whole.last }
    } else {
      throw NotApplicable(reason: "the driver does not know this constraint")
    }
  }

  static func shape(
    _ name: String, _ kind: Shape.Kind, _ constraints: [Constraint], sensitive: Bool = false
  ) throws(NotApplicable) -> Shape {
    // A number has no length: what looks like one is another type.
    if case .integer = kind, constraints.contains(where: \.isOfLength) { throw .type("map") }
    if case .integer = kind, constraints.contains(where: { !$0.values.isEmpty }) {
      throw .type("numeric enumeration")
    }
    return Shape(
      name, kind, min: constraints.compactMap(\.minimum).first, max: constraints.compactMap(\.maximum).first,
      pattern: constraints.compactMap(\.pattern).first, values: constraints.flatMap(\.values),
      sensitive: sensitive)
  }
}

/// Asks the local gateway to read a body; nil when it refuses it as it should.
private func problem(
  _ body: [UInt8], _ shape: Shape, _ error: String, _ code: Int64, _ paths: [String], isSensitive: Bool
) throws -> String? {
  let request = HTTPRequest(method: "POST", url: URLParts(scheme: "http", host: "localhost"), body: body)
  let shown = String(decoding: body, as: UTF8.self)
  let wire = AwsJson10()
  let fault: Fault
  do throws(Fault) {
    _ = try wire.input(of: request, as: shape)
    return "\(shown) is accepted"
  } catch {
    fault = error
  }
  guard fault.name == error else { return "\(shown) is answered with \(fault.name): \(fault.message)" }
  let status = wire.response(fault).status
  guard status == code else { return "\(shown) is answered with status \(status)" }
  let expected = paths.map(ours)
  guard !expected.isEmpty else { return nil }
  let document = try JSON.decode(body)
  let named = Validate.issues(document, as: shape).map(\.path)
  guard Set(named) == Set(expected) else { return "\(shown): \(named) is named instead of \(expected)" }
  guard expected.allSatisfy(fault.message.contains) else {
    return "\(fault.message) does not name \(expected)"
  }
  let secrets = isSensitive ? (document.object?.members ?? []).compactMap(\.value.string) : []
  return secrets.contains(where: fault.message.contains) ? "\(fault.message) tells a secret" : nil
}

/// `/list/0/name` as our messages say it: `list[0].name`.
private func ours(_ path: String) -> String {
  path.split(separator: "/").reduce("") { text, part in
    Int(part) != nil ? "\(text)[\(part)]" : text.isEmpty ? String(part) : "\(text).\(part)"
  }
}
