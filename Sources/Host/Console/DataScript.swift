// DataScript: a script that is run for the table it returns, as a seed of the local gateway. It has the language and the
// helpers of every script, and no service to call.
import AWSCore
import BackupGateway
import LuaRuntime

public enum DataScript {
  /// Runs a script and returns what it returns, as values of a shape, or a list of such values. Timestamps are told as
  /// ISO 8601. What does not fit the shape is left for `Validate` to name, as far as there is a value that says it.
  /// - Parameter purpose: what the script is for, as a sentence says it: `a seed`.
  /// - Throws: a report that names file and line for what goes wrong while it runs.
  public static func run(
    _ source: [UInt8], name: String, chunkName: String, purpose: String, as shape: Shape, region: String,
    memoryLimit: Int?
  ) throws(Report) -> Value {
    var options = Console.Options()
    if let memoryLimit { options.memoryLimit = memoryLimit }
    let loop = EventLoop(network: NoNetwork())
    let door = ClosedDoor(loop, region: region, message: "\(purpose) has no service to call; return a table")
    let console = try Console(session: Session(label: purpose, door: door), loop: loop, options: options)
    let result = try console.result(of: source, name: name, chunkName: chunkName)
    guard case .table(let table) = result else {
      throw Report(
        message:
          "\(name) must return a table, as in: return { Hypervisors = { … } }; it returns \(result.typeName)",
        exitCode: ExitCode.configuration)
    }
    do throws(Misfit) {
      guard table.fields.isEmpty, !table.items.isEmpty else { return try value(result, shape, "") }
      return try value(result, Shape("list", .list(of: shape)), "")
    } catch {
      throw Report(message: "\(name): \(error.text)", exitCode: ExitCode.configuration)
    }
  }

  /// What no value of the service can say.
  private struct Misfit: Error {
    let text: String
    init(_ place: String, _ problem: String) { text = place.isEmpty ? problem : "\(place) \(problem)" }
  }

  private static func value(_ given: LuaValue, _ shape: Shape?, _ place: String) throws(Misfit) -> Value {
    switch given {
    case .nil: return .null
    case .boolean(let flag): return .bool(flag)
    case .integer(let number): return .integer(number)
    case .number(let number): return Int64(exactly: number).map(Value.integer) ?? .number(number)
    case .string(let text): return .string(text)
    case .timestamp(let microseconds): return .string(Timestamp(microseconds: microseconds).iso8601)
    case .bytes: throw Misfit(place, "is not UTF-8 text")
    case .secret: throw Misfit(place, "must be data, not a secret")
    case .opaque(let type): throw Misfit(place, "must be data, not a \(type)")
    case .table(let table):
      if case .list(let item)? = shape?.kind { return .array(try list(table, item, place)) }
      return .object(try object(table, shape, place))
    }
  }

  private static func list(_ table: LuaTable, _ item: Shape, _ place: String) throws(Misfit) -> [Value] {
    if let field = table.fields.first {
      throw Misfit(
        place, "must be a list like { {…}, {…} }; this has \(field.name) after item \(table.items.count)")
    }
    var items: [Value] = []
    for (index, element) in table.items.enumerated() {
      items.append(try value(element, item, "\(place)[\(index + 1)]"))
    }
    return items
  }

  private static func object(_ table: LuaTable, _ shape: Shape?, _ place: String) throws(Misfit)
    -> Value.Object
  {
    guard table.items.isEmpty, !table.hasOtherKeys else {
      throw Misfit(
        place, "must be a table with names; there is \(listed((shape?.members ?? []).map(\.name)))")
    }
    var members = Value.Object()
    for (name, element) in table.fields {
      members[name] = try value(
        element, shape?.member(name)?.shape, place.isEmpty ? name : "\(place).\(name)")
    }
    return members
  }
}

/// Where requests of a script go that has no service.
private final class ClosedDoor: ServiceDoor {
  let facts: SessionFacts
  private let loop: EventLoop
  private let message: String

  init(_ loop: EventLoop, region: String, message: String) {
    self.loop = loop
    self.message = message
    facts = SessionFacts(profile: "none", region: region, account: nil, endpoint: nil)
  }

  func start(_ request: Request, completion: @escaping (Result<Response, CallError>) -> Void) -> CallID {
    let operation = request.operation
    let error = CallError(
      .parameters, code: "ParamValidation", message: "\(operation.luaName): \(message)",
      operation: operation.name)
    // Never from within `start`.
    let timer = loop.after(0) { completion(.failure(error)) }
    return CallID(number: timer.number)
  }

  func cancel(_ id: CallID) { loop.cancel(TimerID(id.number)) }
}
