// Errors: the one place where an error becomes a Lua table, a line for people, and an exit code.
import AWSCore
import BackupGateway
import LuaRuntime

extension LuaRaise {
  /// Refused before anything was sent: bad input, unless the code says otherwise.
  static func refused(
    _ message: String, code: String = "ParamValidation", operation: String? = nil
  ) -> LuaRaise {
    LuaRaise(CallError(.parameters, code: code, message: message, operation: operation))
  }

  /// The error table of a failed call; docs/language.md tells of its fields.
  init(_ error: CallError) {
    var fields: [(name: String, value: LuaValue)] = [
      ("code", .string(error.code)), ("message", .string(error.message)),
      ("retryable", .boolean(error.isRetryable)),
    ]
    if let operation = error.operation { fields.append(("operation", .string(operation))) }
    if let id = error.requestID { fields.append(("request_id", .string(id))) }
    if let status = error.httpStatus { fields.append(("http_status", .integer(Int64(status)))) }
    if let host = error.host { fields.append(("host", .string(host))) }
    if error.attempts > 0 { fields.append(("attempts", .integer(Int64(error.attempts)))) }
    self.init(fields: fields)
  }
}

/// How moongate ends.
public enum ExitCode {
  public static let ok: Int32 = 0
  /// An uncaught script error.
  public static let script: Int32 = 1
  /// Those of a success and of scripts, their own `exit(n)` among them; signals and Moongate's own errors lie above.
  public static let ofScripts: ClosedRange<Int32> = 0...125
  /// A limit, as that of memory.
  public static let limit: Int32 = 250
  /// Refused here: a permission, read-only.
  public static let refused: Int32 = 251
  /// Usage, parameters, a script's header.
  public static let usage: Int32 = 252
  public static let configuration: Int32 = 253
  /// The service's error.
  public static let service: Int32 = 254
  /// The network and the rest.
  public static let network: Int32 = 255
  public static let interrupted: Int32 = 130
  /// Nobody reads stdout any more.
  public static let readerGone: Int32 = 141

  /// All of them, with those that scripts choose and those of signals, as help and the manual tell them.
  public static let table: [(code: String, meaning: String)] = [
    ("\(ok)", "ok"), ("\(script)", "script error"), ("2-125", "the script's own"), ("\(limit)", "a limit"),
    ("\(refused)", "refused here"), ("\(usage)", "usage or parameters"),
    ("\(configuration)", "configuration or credentials"), ("\(service)", "the service's error"),
    ("\(network)", "network and the rest"), ("129", "ended by SIGHUP"), ("\(interrupted)", "by Ctrl-C"),
    ("\(readerGone)", "nobody reads stdout any more"), ("143", "ended by SIGTERM"),
  ]

  static func of(_ category: CallError.Category) -> Int32 {
    switch category {
    case .parameters: usage
    case .configuration: configuration
    case .service: service
    case .network: network
    }
  }

  /// Of an error table that nobody caught. It keeps its own code through `pcall` and `error(e)`.
  static func of(_ error: LuaTable) -> Int32 {
    switch error["code"]?.string {
    case "ParamValidation": usage
    case "NoCredentials", "NoRegion", "Configuration", "NotRecorded": configuration
    case "NotAllowed", "Declined", "ReadOnly": refused
    case "Limit", "Timeout": limit
    case "Network": network
    // Keys that are wrong or over are configuration to put right.
    case let code? where ErrorClass.isMatterOfCredentials(code): configuration
    // What has an HTTP status came from the service, whatever a script made of it since.
    default: error["http_status"] == nil ? network : service
    }
  }
}

/// An error as it is told to people.
public struct Report: Error {
  public var message: String
  public var exitCode: Int32
  /// What Lua made of it, for who shows more than the message.
  var cause: LuaError?

  public init(message: String, exitCode: Int32) {
    self.message = message
    self.exitCode = exitCode
  }

  public init(_ error: CallError) {
    self.init(message: error.message, exitCode: ExitCode.of(error.category))
  }

  /// - Parameters:
  ///   - names: what can be called, for suggestions.
  ///   - profile: what is kept from the code.
  init(_ error: LuaError, names: [String], profile: Console.Profile) {
    switch error {
    case .syntax(let message, _): self.init(message: message, exitCode: ExitCode.script)
    case .memory:
      self.init(
        message:
          "not enough memory: the script reached its limit; process items one at a time, or give --max-memory",
        exitCode: ExitCode.limit)
    case .unwound: self.init(message: "interrupted", exitCode: ExitCode.interrupted)
    case .runtime(let failure):
      if let table = failure.table, failure.isHostError {
        self.init(message: failure.message, exitCode: ExitCode.of(table))
        return
      }
      let hint = Self.suggestion(for: failure.message, names, profile).map { "\n\($0)" } ?? ""
      let fields = failure.table.map { Display(order: MemberOrder(), width: nil).text(.table($0)) }
      // To Lua a light userdata has no name of its own; here it is a timestamp.
      let message =
        fields.map { String($0.dropLast()) }
        ?? Self.oneLine(failure.message.replacing("a userdata value", with: "a timestamp value"))
      self.init(
        message: message + hint + "\n" + LuaError.scriptCalls(of: failure.traceback),
        exitCode: ExitCode.script)
    }
  }

  /// Longest text of a script's error that is told whole.
  private static let longest = 4096

  /// A script's own text: it must neither look like a line of ours nor flood the screen.
  private static func oneLine(_ text: String) -> String {
    let start = text.unicodeScalars.prefix(longest)
    return Console.visible(String(String.UnicodeScalarView(start)))
      + (start.endIndex < text.unicodeScalars.endIndex ? "…" : "")
  }

  /// What to write instead, where an error of Lua's own names a variable: "attempt to call a nil value (global
  /// 'get_gatway')".
  static func suggestion(
    for message: String, _ names: [String], _ profile: Console.Profile
  ) -> String? {
    guard let start = message.firstRange(of: " value (")?.upperBound,
      let end = message[start...].firstRange(of: "')")?.lowerBound,
      let quote = message[start..<end].firstRange(of: " '")
    else { return nil }
    let kind = message[start..<quote.lowerBound]
    let name = String(message[quote.upperBound..<end])
    if message[..<start].hasSuffix("concatenate a userdata value (") {
      return "write tostring(\(kind == "field" ? "….\(name)" : name)) to join a timestamp to a text"
    }
    guard kind == "global" || message[..<start].hasSuffix("call a nil value (") else { return nil }
    if name == "gateway_lab", !names.contains(name) {
      return "gateway_lab is there with --local, and in a folder whose server has --control"
    }
    if kind == "field", name == "exit" { return "write exit(code), or exit(code, message)" }
    if names.contains(name) {
      if message[..<start].hasSuffix(" a function value (") || kind != "global" { return usage(of: name) }
      return "\(name) was set by the script itself; moongate.\(name) is Moongate's"
    }
    if kind == "global", let reason = absent(name, profile) { return reason }
    if kind == "global", name == "backup" {
      return "the name backup is kept for AWS Backup's own operations, which are not here yet"
    }
    return nearName(to: name, in: names).map { "did you mean \($0)?" }
  }

  /// The name that is spelt nearly so, or that ends so.
  static func nearName(to name: String, in names: [String]) -> String? {
    nearest(to: name, in: names) ?? longer(name, names)
  }

  /// The name that ends like this one: of `gateways`, `list_gateways`; of `gateway`, `get_gateway`.
  private static func longer(_ name: String, _ names: [String]) -> String? {
    guard name.count > 2 else { return nil }
    return ["get_", "list_"].map { $0 + name }.first(where: names.contains)
      ?? names.filter { $0.hasSuffix("_\(name)") }.min()
  }

  /// Why a name of Lua's, or of Moongate's, is not there.
  private static func absent(_ name: String, _ profile: Console.Profile) -> String? {
    switch name {
    case "io", "connect", "use", "gateway_lab":
      profile == .snippet
        ? "shared code has no \(name): it reaches what its header allows, and nothing else" : nil
    case "dofile", "loadfile": "\(name) is not there: write require \"NAME\""
    case "debug", "package":
      profile == .snippet ? "shared code has no \(name)" : "\(name) is there with --trust only"
    default: nil
    }
  }

  /// Of a name that was used as if it were the value it gives: `get_gateway.GatewayArn`, `list_gateways:first()`.
  private static func usage(of name: String) -> String {
    let call =
      switch Service.operation(named: name).map(\.result) {
      case .listing: "\(name)():first()"
      case .response, .member: "\(name)(…).NAME"
      case nil: "\(name)(…)"
      }
    return "\(name) is a function: call it first, as in \(call)"
  }
}
