// AwsJsonModel: the model of a service that a case of the awsjson suite describes, and the product's own encoder and
// decoder over it.
import AWSCore
import LuaRuntime

@testable import BackupGateway
@testable import Host

enum AwsJsonModel {
  // MARK: Shapes

  /// The shape that a case is about, with the members that occur in it: a kitchen sink holds kinds that this service
  /// has not, and most of its cases use one member.
  static func shape(of item: AwsJsonCase, samples: [Value]) throws(NotApplicable) -> Shape {
    if let (shapes, top) = item.model {
      return top.isEmpty ? Shape("Empty", .structure([])) : try shape(top, in: shapes, [:], samples)
    }
    guard Set(samples.map(JSON.encode)).count == 1 || item.body?.isEmpty == true else {
      throw NotApplicable(reason: "the data bring no shapes, and parameters and body differ")
    }
    return try inferred("Top", samples.first ?? [:])
  }

  private static func shape(
    _ name: String, in shapes: Value, _ reference: Value, _ samples: [Value]
  ) throws(NotApplicable) -> Shape {
    let described = shapes[name]
    let type = described?["type"]?.string ?? "unknown"
    for kind in ["eventstream", "document"] where described?[kind] == true {
      throw NotApplicable(reason: "the service's model has no \(kind)")
    }
    switch type {
    case "string":
      return Shape(name, .string, values: described?["enum"]?.array?.compactMap(\.string) ?? [])
    case "integer": return Shape(name, .integer)
    case "long": return Shape(name, .long)
    case "timestamp":
      let format = (reference["timestampFormat"] ?? described?["timestampFormat"])?.string ?? "unixTimestamp"
      guard format == "unixTimestamp" else {
        throw NotApplicable(reason: "the service's timestamps are epoch seconds")
      }
      return Shape(name, .timestamp)
    case "list":
      let items = samples.flatMap { $0.array ?? [] }
      guard !items.contains(.null) else { throw NotApplicable(reason: "the service has no sparse list") }
      let member = described?["member"] ?? [:]
      return Shape(
        name, .list(of: try shape(member["shape"]?.string ?? "", in: shapes, member, items)))
    case "structure":
      var members: [Member] = []
      for (member, reference) in described?["members"]?.object?.members ?? [] {
        let values = samples.compactMap { $0.object?[member] }
        if reference["idempotencyToken"] == true
          || shapes[reference["shape"]?.string ?? ""]?["idempotencyToken"] == true
        {
          throw NotApplicable(reason: "no operation of the service has an idempotency token")
        }
        guard !values.isEmpty else { continue }
        let shape = try shape(reference["shape"]?.string ?? "", in: shapes, reference, values)
        members.append(Member(member, shape, ""))
      }
      // Recursive shapes end where the sample does, so one name may have many forms.
      return Shape("\(name)/\(JSON.encode(.array(samples)).count)", .structure(members))
    default: throw NotApplicable(reason: "the service's model has no \(type)")
    }
  }

  /// The shape that a value of plain JSON has.
  private static func inferred(_ name: String, _ value: Value) throws(NotApplicable) -> Shape {
    switch value {
    case .null, .string: return Shape(name, .string)
    case .integer: return Shape(name, .long)
    case .array(let items):
      let shapes = Set(items.map { JSON.encode($0).first })
      guard shapes.count <= 1, let first = items.first ?? "" as Value? else {
        throw NotApplicable(reason: "the data bring no shapes, and a list holds different kinds")
      }
      return Shape(name, .list(of: try inferred("\(name)Item", first)))
    case .object(let object):
      var members: [Member] = []
      for (member, value) in object.members {
        members.append(Member(member, try inferred("\(name).\(member)", value), ""))
      }
      return Shape(name, .structure(members))
    case .bool: throw NotApplicable(reason: "the service's model has no boolean")
    case .number, .timestamp: throw NotApplicable(reason: "the service's model has no double")
    }
  }

  // MARK: Requests

  static func operation(_ name: String, input: Shape) -> Operation {
    Operation(name, .read, .response, input: input.members, output: [], summary: "", example: "")
  }

  /// Parameters as the host hands them over: timestamps are values of their own.
  static func typed(_ value: Value, _ shape: Shape?) -> Value {
    switch (shape?.kind, value) {
    case (.timestamp, .integer(let seconds)):
      return Timestamp(epochSeconds: Double(seconds)).map(Value.timestamp) ?? value
    case (.timestamp, .number(let seconds)):
      return Timestamp(epochSeconds: seconds).map(Value.timestamp) ?? value
    case (_, .array(let items)): return .array(items.map { typed($0, shape?.item) })
    case (_, .object(let object)):
      var result = Value.Object()
      for (name, value) in object.members { result[name] = typed(value, shape?.member(name)?.shape) }
      return .object(result)
    default: return value
    }
  }

  static func issues(_ parameters: Value, _ shape: Shape) -> String {
    Validate.issues(parameters, as: shape).map(\.message).joined(separator: "; ")
  }

  static func request(for operation: Operation, _ parameters: Value, to endpoint: URLParts) -> HTTPRequest {
    let wire = AWSJSON()
    return wire.request(
      for: operation.name, body: wire.body(of: parameters.object ?? [:]), to: endpoint)
  }

  // MARK: Answers

  static func error(in answer: HTTPResponse) -> (code: String, message: String?)? {
    JSONFormat().error(in: answer).map { ($0.code, $0.message) }
  }

  /// What differs between an answer, as a script gets it, and what is expected; nil when nothing does.
  static func difference(between answer: HTTPResponse, and expected: Value, _ shape: Shape) -> String? {
    guard let vm = LuaVM(profile: .own, memoryLimit: 0) else { return "no Lua" }
    let records = Records(vm, missing: vm.register { _ in .results(0) })
    do {
      let body = try JSONFormat().body(of: answer)
      if let problem = vm.main.pushJSON(body, shape: records.number(of: shape)) { return problem }
      return matches(try vm.main.value(at: vm.main.top), expected, shape)
        ? nil : String(decoding: body, as: UTF8.self)
    } catch {
      return "\(error)"
    }
  }

  /// Members that the model does not know are kept for scripts to see, and are no part of the comparison.
  private static func matches(_ found: LuaValue?, _ expected: Value, _ shape: Shape?) -> Bool {
    switch (found ?? .nil, expected) {
    case (.nil, .null): return true
    case (.string(let a), .string(let b)): return a == b
    case (.integer(let a), .integer(let b)): return a == b
    case (.timestamp(let a), .integer(let b)): return a == b * 1_000_000
    case (.timestamp(let a), .number(let b)): return a == Timestamp(epochSeconds: b)?.microseconds
    case (.table(let table), .array(let items)):
      return table.items.count == items.count && table.fields.isEmpty
        && zip(table.items, items).allSatisfy { matches($0, $1, shape?.item) }
    case (.table(let table), .object(let object)):
      let known = Set(shape?.members.map(\.name) ?? [])
      let names = known.union(object.members.map(\.name))
      return table.items.isEmpty
        && names.allSatisfy {
          matches(table[$0], object[$0] ?? .null, shape?.member($0)?.shape)
        }
    default: return false
    }
  }
}
