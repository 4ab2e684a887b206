// Vocabulary: the names that scripts find, as data, for who reads scripts without running them: `moongate check`, the stubs
// for editors. Names of ours come from the model and from help(), which a test holds against the prelude; what stands here
// beside them is held against a console that runs (Tests/Scripts/test_check.py).
import BackupGateway

public enum Vocabulary {
  /// A name of the host that is no operation, as help() explains it: `now`, `listing:first`, `tags.get`.
  public typealias Page = Help.Entry

  /// Those that are globals.
  public static let globals: [Page] = Help.entries
  /// Those inside others.
  public static let members: [Page] = Help.members

  /// Every global of the host: what `moongate` holds.
  public static let names: Set<String> = Set(Help.entries.map(\.name) + Service.operations.map(\.luaName))

  /// The members of an object or a library, as `listing` or `output`: `first`, `csv`.
  public static func members(of owner: String) -> [String] { membersByOwner[owner] ?? [] }

  private static let membersByOwner: [String: [String]] = {
    var found: [String: [String]] = [:]
    for page in Help.members {
      let parts = page.name.split(maxSplits: 1) { ".:".contains($0) }
      if parts.count == 2 { found[String(parts[0]), default: []].append(String(parts[1])) }
    }
    found["time"] = ["now", "ago", "timestamp", "duration", "older_than", "sleep"]
    return found
  }()

  /// The modules of the host that `require` gives.
  public static let modules: Set<String> = ["json", "output", "chart", "tags", "time", "duration"]

  /// The name that is spelt nearly so, or that ends so: of `gateways`, `list_gateways`.
  public static func nearName(to name: String, in names: [String]) -> String? {
    Report.nearName(to: name, in: names)
  }

  // MARK: Lua

  /// Lua's own globals, and what the tables among them hold.
  public static let luaGlobals: Set<String> = [
    "_G", "_VERSION", "_ENV", "arg", "assert", "collectgarbage", "error", "getmetatable", "ipairs", "load",
    "next",
    "pairs", "pcall", "print", "rawequal", "rawget", "rawlen", "rawset", "require", "select", "setmetatable",
    "tonumber", "tostring", "type", "warn", "xpcall",
  ]

  /// Functions and constants by the library that has them.
  public static let luaLibraries: [String: [String]] = [
    "coroutine": ["close", "create", "isyieldable", "resume", "running", "status", "wrap", "yield"],
    "io": ["close", "input", "lines", "open", "output", "popen", "read", "stderr", "stdout", "write"],
    "math": [
      "abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor", "fmod", "frexp",
      "huge",
      "ldexp", "log", "log10", "max", "maxinteger", "min", "mininteger", "modf", "pi", "pow", "random",
      "randomseed",
      "rad", "sin", "sinh", "sqrt", "tan", "tanh", "tointeger", "type", "ult",
    ],
    "os": ["clock", "date", "difftime", "execute", "getenv", "remove", "rename", "time", "tmpname"],
    "string": [
      "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize", "rep",
      "reverse",
      "sub", "unpack", "upper",
    ],
    "table": ["concat", "insert", "move", "pack", "remove", "sort", "unpack"],
    "utf8": ["char", "charpattern", "codepoint", "codes", "len", "offset"],
  ]

  /// What --trust opens.
  public static let trustedGlobals: Set<String> = ["debug", "dofile", "loadfile", "package"]

  /// What shared code has not, and how a sentence goes on that begins with it.
  public static let absentInSharedCode: [String: String] = [
    "io": "it has no files and no standard input; print and output.* write",
    "connect": "it acts in the session that its operator chose",
    "use": "it acts in the session that its operator chose",
    "gateway_lab": "it cannot reach the control of a local gateway",
    "collectgarbage": "its memory is bounded by its limits",
    "debug": "it is there with --trust only",
    "package": "it is there with --trust only",
    "dofile": "it has no files",
    "loadfile": "it has no files",
    "os.execute": "it starts no processes",
    "os.getenv": "it has no environment; declare an argument with @arg",
    "os.remove": "it has no files",
    "os.rename": "it has no files",
    "os.tmpname": "it has no files",
    "os.exit": "write exit(code, message)",
    "coroutine.close": "closing runs what a coroutine left open",
  ]

  // MARK: Options

  /// What a function's table of options may hold, by the function's name.
  public static let options: [String: [String: OptionKind]] = [
    "wait": [
      "field": .text, "is": .any, "never": .any, "every": .duration, "timeout": .duration,
      "settle": .duration,
      "ready": .function,
    ],
    "wait_until": ["every": .duration, "timeout": .duration, "settle": .duration, "label": .text],
    "parallel": ["limit": .number, "on_error": .oneOf(["raise", "collect"]), "label": .text],
    "progress": ["label": .text, "total": .number],
    "changes:run": ["limit": .number],
    "connect": ["profile": .text, "region": .text, "endpoint": .text, "role_arn": .text],
    "fleet": ["profiles": .any, "regions": .any],
    "show": written, "output.table": written, "output.json": written, "output.jsonl": written,
    "output.csv": written,
    "output.yaml": written, "output.lua": written, "output.format": written,
    "json.encode": ["indent": .number, "sort": .boolean],
    "chart.bar": drawn, "chart.spark": drawn, "chart.timeline": drawn,
    "chart.histogram": drawn.merging(["bins": .number]) { first, _ in first },
    "chart:text": ["width": .number, "ascii": .boolean],
  ]

  /// Of `to` a file's name, or a target that an argument of the script gives.
  private static let written: [String: OptionKind] = [
    "to": .any, "width": .number, "indent": .number, "title": .text, "summary": .any,
  ]
  private static let drawn: [String: OptionKind] = [
    "title": .text, "unit": .text, "width": .number, "ascii": .boolean,
  ]

  /// What an option takes.
  public enum OptionKind: Sendable, Equatable {
    case text, number, boolean, function, any
    /// Seconds, or a text like "10s".
    case duration
    case oneOf([String])
  }

  /// The fields of a session that are no operations.
  public static let sessionFields: [String] = Console.sessionFields + ["explain", "whoami"]

  /// The operations that a function of the host calls by itself.
  public static let operationsOf: [String: [String]] = ["tags.get": ["ListTagsForResource"]]
}
