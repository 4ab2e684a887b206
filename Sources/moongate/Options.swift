// Options: the command line, as one table. getopt_long reads it, and --help is printed from it.
import BackupGateway
import CGetopt
import Glibc
import Host
import LocalGateway

/// What the command line asks for.
struct Arguments {
  var profile: String?
  var region: String?
  var endpoint: String?
  /// The targets of `fleet()`.
  var profiles: [String] = []
  var regions: FleetWish.Regions?
  var isLocal = false
  var dataFolder: String?
  var code: String?
  var memoryLimit: Int?
  var isDebug = false
  /// The operations that scripts may call although they write, by AWS's name.
  var allowed: Set<String> = []
  var isReadOnly = false
  var wantsHelp = false
  var wantsVersion = false
  // moongate serve
  var port = 0
  var isEphemeral = false
  var seed = "sample"
  var virtualMachines: Int?
  var credentialsFile: String?
  var bindAddress = IPAddress.loopback
  var hostNames: Set<String> = []
  var faults: [FaultRule] = []
  var faultSeed: Int64?
  var logFormat: AccessLog.Format?
  var hasControl = false
  /// The command or script, and everything after it.
  var rest: [String] = []
}

/// A command line that cannot be used; the message says why.
struct UsageError: Error {
  var message: String
}

/// One option: its name, its argument, what help says, and what it does.
struct Option: Sendable {
  enum Scope: Sendable { case everywhere, serve }

  var name: String
  var letter: Character?
  /// What its argument is called; nil when it takes none.
  var argument: String?
  var scope = Scope.everywhere
  var help: String
  var apply: @Sendable (inout Arguments, String) throws(UsageError) -> Void

  static let all: [Option] = [
    Option(name: "execute", letter: "e", argument: "CODE", help: "run this Lua code") {
      (arguments, value) throws(UsageError) in
      guard arguments.code == nil else { throw UsageError(message: "give -e once; join statements with ';'") }
      arguments.code = value
    },
    Option(name: "local", help: "use an embedded local gateway with a sample fleet, no AWS account needed") {
      (arguments, _) throws(UsageError) in arguments.isLocal = true
    },
    Option(name: "data", argument: "DIR", help: "keep the local gateway's world in this folder") {
      (arguments, value) throws(UsageError) in arguments.dataFolder = value
    },
    Option(name: "profile", argument: "NAME", help: "profile of ~/.aws/config") {
      (arguments, value) throws(UsageError) in arguments.profile = value
    },
    Option(name: "region", argument: "REGION", help: "AWS region, as in eu-central-1") {
      (arguments, value) throws(UsageError) in arguments.region = value
    },
    Option(name: "profiles", argument: "NAME,…", help: "the profiles of fleet(), as in dev,prod") {
      (arguments, value) throws(UsageError) in
      try add(value, to: &arguments.profiles, "--profiles")
    },
    Option(
      name: "regions", argument: "REGION,…|all", help: "the regions of fleet(); all: wherever the service is"
    ) {
      (arguments, value) throws(UsageError) in
      var names: [String] = []
      if case .named(let known)? = arguments.regions { names = known }
      guard value != "all" || names.isEmpty, arguments.regions == nil || !names.isEmpty else {
        throw UsageError(message: "--regions is a list of regions or all, not both")
      }
      if value == "all" {
        arguments.regions = .all
      } else {
        try add(value, to: &names, "--regions")
        arguments.regions = .named(names)
      }
    },
    Option(name: "endpoint", argument: "URL", help: "send requests there instead of to AWS") {
      (arguments, value) throws(UsageError) in arguments.endpoint = value
    },
    Option(
      name: "allow", argument: "OPERATION", help: "let scripts call this writing operation; may be repeated"
    ) {
      (arguments, value) throws(UsageError) in arguments.allowed.insert(try operation(value).name)
    },
    Option(name: "read-only", help: "refuse every writing operation, at the prompt too") {
      (arguments, _) throws(UsageError) in arguments.isReadOnly = true
    },
    Option(name: "max-memory", argument: "SIZE", help: "memory that scripts may use, as in 256M (default 1G)")
    {
      (arguments, value) throws(UsageError) in arguments.memoryLimit = try size(value)
    },
    Option(name: "debug", help: "tell on stderr what is signed, sent and answered; never a secret") {
      (arguments, _) throws(UsageError) in arguments.isDebug = true
    },
    Option(name: "no-color", help: "no colours") {
      (_, _) throws(UsageError) in
      // The convention of no-color.org, which everything that colours looks at.
      _ = unsafe setenv("NO_COLOR", "1", 1)
    },
    Option(name: "port", argument: "N", scope: .serve, help: "port to listen on; 0 picks a free one") {
      (arguments, value) throws(UsageError) in arguments.port = try number(value, "--port", 0...65_535)
    },
    Option(name: "ephemeral", scope: .serve, help: "keep nothing: the world is in memory") {
      (arguments, _) throws(UsageError) in arguments.isEphemeral = true
    },
    Option(
      name: "seed", argument: "sample|empty|FILE",
      help: "what a new local world begins with; FILE is JSON, as docs/local-gateway.md has it"
    ) {
      (arguments, value) throws(UsageError) in
      // A bare word is a slip of one of the two names, not a file.
      guard ["sample", "empty"].contains(value) || value.contains("/") || value.hasSuffix(".json") else {
        throw UsageError(
          message: "--seed is sample, empty or a file whose name ends in .json, not '\(value)'")
      }
      arguments.seed = value
    },
    Option(name: "vms", argument: "N", help: "virtual machines in the sample fleet (default 250)") {
      (arguments, value) throws(UsageError) in
      arguments.virtualMachines = try number(value, "--vms", 0...10_000_000)
    },
    Option(
      name: "credentials", argument: "FILE", scope: .serve,
      help: "more keys: accounts, session tokens, regions; the built-in key stays"
    ) {
      (arguments, value) throws(UsageError) in arguments.credentialsFile = value
    },
    Option(
      name: "fault", argument: "RULE", scope: .serve,
      help: "let something go wrong, see below; may be repeated"
    ) {
      (arguments, value) throws(UsageError) in
      do throws(FaultRuleError) {
        arguments.faults.append(try FaultRule(value))
      } catch {
        throw UsageError(message: "--fault: \(error.message)")
      }
    },
    Option(
      name: "fault-seed", argument: "N", scope: .serve,
      help: "what the faults' chances follow from; the same N, the same faults (default 1)"
    ) {
      (arguments, value) throws(UsageError) in
      arguments.faultSeed = Int64(try number(value, "--fault-seed", 0...Int.max))
    },
    Option(
      name: "log", argument: "text|json", scope: .serve, help: "a line on stderr for every request"
    ) {
      (arguments, value) throws(UsageError) in
      guard let format = AccessLog.Format(rawValue: value) else {
        throw UsageError(message: "--log is text or json, not '\(value)'")
      }
      arguments.logFormat = format
    },
    Option(
      name: "control", scope: .serve,
      help: "open a control endpoint on loopback; the ready line tells where, and its token"
    ) {
      (arguments, _) throws(UsageError) in arguments.hasControl = true
    },
    Option(
      name: "bind", argument: "ADDRESS", scope: .serve,
      help: "listen there instead of on 127.0.0.1; beyond loopback everybody can use it"
    ) {
      (arguments, value) throws(UsageError) in
      guard let address = IPAddress(value) else {
        throw UsageError(message: "--bind takes an IP address as 127.0.0.1, ::1 or 0.0.0.0, not '\(value)'")
      }
      arguments.bindAddress = address
    },
    Option(
      name: "host", argument: "NAME", scope: .serve,
      help: "another name that clients call this server by; may be repeated"
    ) {
      (arguments, value) throws(UsageError) in arguments.hostNames.insert(value.lowercased())
    },
    Option(name: "help", letter: "h", help: "show this text") {
      (arguments, _) throws(UsageError) in arguments.wantsHelp = true
    },
    Option(name: "version", help: "show the version") {
      (arguments, _) throws(UsageError) in arguments.wantsVersion = true
    },
  ]

  private static func number(_ text: String, _ name: String, _ range: ClosedRange<Int>) throws(UsageError)
    -> Int
  {
    guard let number = Int(text), range.contains(number) else {
      throw UsageError(
        message: "\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return number
  }

  /// Adds the names of a list with commas.
  private static func add(_ text: String, to names: inout [String], _ option: String) throws(UsageError) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard !part.isEmpty, !names.contains(String(part)) else {
        throw UsageError(
          message: part.isEmpty
            ? "\(option) takes names with commas between, not '\(text)'" : "\(option) has '\(part)' twice")
      }
      names.append(String(part))
    }
  }

  /// An operation by AWS's name or by its name in Lua.
  private static func operation(_ name: String) throws(UsageError) -> BackupGateway.Operation {
    if let operation = Service.operation(named: name) { return operation }
    let names = Service.operations.flatMap { [$0.name, $0.luaName] }
    let hint = nearest(to: name, in: names).map { "; did you mean \($0)?" } ?? ""
    throw UsageError(message: "--allow takes an operation of AWS Backup Gateway, not '\(name)'\(hint)")
  }

  /// `256M` in bytes.
  private static func size(_ text: String) throws(UsageError) -> Int {
    let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30]
    let shift = text.last.flatMap { shifts[$0] }
    guard let number = Int(shift == nil ? text : String(text.dropLast())), (1...(1 << 40)).contains(number)
    else {
      throw UsageError(message: "--max-memory takes a size as in 64M or 1G, not '\(text)'")
    }
    let bytes = number << (shift ?? 0)
    guard bytes >= 1 << 20, bytes <= 1 << 42 else {
      throw UsageError(message: "--max-memory takes at least 1M and at most 4T, not '\(text)'")
    }
    return bytes
  }

  /// Reads `words` into `arguments` up to the first that is no option, and returns the others.
  static func read(_ words: [String], into arguments: inout Arguments) throws(UsageError) -> [String] {
    // getopt_long reports an option by its `val`: its place in the table, above every character.
    let base: Int32 = 256
    var argv = unsafe (["moongate"] + words).map { unsafe strdup($0) } + [nil]
    var long = unsafe all.enumerated().map { index, row in
      unsafe CGetopt.option(
        name: UnsafePointer(strdup(row.name)), has_arg: row.argument == nil ? 0 : 1, flag: nil,
        val: base + Int32(index))
    }
    unsafe long.append(CGetopt.option())
    defer {
      unsafe argv.forEach { unsafe free($0) }
      unsafe long.forEach { unsafe free(UnsafeMutableRawPointer(mutating: $0.name)) }
    }
    // '+': stop at the first word that is no option; ':': tell a missing argument from an unknown option.
    let letters = all.compactMap { row in row.letter.map { "\($0)" + (row.argument == nil ? "" : ":") } }
    cgetopt_options_begin()
    while true {
      let found = unsafe getopt_long(Int32(words.count + 1), &argv, "+:" + letters.joined(), &long, nil)
      // getopt_long stands behind the word it read; `words` begin one behind `argv`.
      let next = Int(cgetopt_option_index()) - 1
      if found == -1 { return Array(words.dropFirst(next)) }
      let word = words.indices.contains(next - 1) ? words[next - 1] : ""
      if found == Int32(UInt8(ascii: ":")) { throw UsageError(message: "\(word) needs an argument") }
      guard
        let row = found >= base ? all[Int(found - base)] : all.first(where: { $0.letter == letter(found) })
      else {
        throw unknown(word)
      }
      try row.apply(&arguments, unsafe cgetopt_option_argument().map { unsafe String(cString: $0) } ?? "")
    }
  }

  private static func letter(_ code: Int32) -> Character? {
    UInt8(exactly: code).map { Character(Unicode.Scalar($0)) }
  }

  private static func unknown(_ word: String) -> UsageError {
    let names = all.map { "--\($0.name)" }
    let hint = nearest(to: word, in: names).map { "; did you mean \($0)?" } ?? ""
    return UsageError(message: "there is no option \(word)\(hint)")
  }

  /// The text of --help.
  static var help: String {
    func rows(_ scope: Scope) -> String {
      all.filter { $0.scope == scope }.map { option in
        let letter = option.letter.map { "-\($0), " } ?? "    "
        let left = "  \(letter)--\(option.name)\(option.argument.map { " \($0)" } ?? "")"
        return left + String(repeating: " ", count: max(2, 30 - left.count)) + option.help + "\n"
      }.joined()
    }
    let faultRows = FaultKind.all.map { kind in
      let left = "  \(kind.name)=\(kind.placeholder)"
      return left + String(repeating: " ", count: max(2, 30 - left.count)) + kind.help + "\n"
    }.joined()
    return """
      Moongate: the Lua console for AWS Backup Gateway.

      moongate [options]                    interactive console
      moongate [options] -e CODE            run Lua code
      moongate [options] [run] FILE [args]  run a script; - reads it from standard input
      moongate serve [options]              a local gateway for any AWS client
      moongate doc [NAME]                   what help() says

      Options
      \(rows(.everywhere))
      Options of serve
      \(rows(.serve))
      Faults, as in --fault error500=5% or --fault reset:GetGateway=next:2; WHEN is 5%, next:2 or always
      \(faultRows)
      Exit codes: 0 ok, 1 script error, 2-125 the script's own, 250 a limit, 251 refused,
      252 usage or parameters, 253 configuration or credentials, 254 the service's error,
      255 network, 130 interrupted.

      """
  }
}
