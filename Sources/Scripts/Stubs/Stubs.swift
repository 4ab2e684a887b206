// Stubs: what an editor with lua-language-server needs to know of Moongate: definition files for the whole API, made of the
// model and of the pages of help(), so that they cannot fall behind.
import BackupGateway
import Host

public enum Stubs {
  /// A definition file.
  public struct File: Sendable {
    public let name: String
    public let text: String
  }

  /// All files.
  /// - Parameter lab: the functions of `gateway_lab`.
  public static func files(lab: [Operation]) -> [File] {
    [
      File(name: "records.lua", text: header("the records of the service") + records),
      File(name: "operations.lua", text: header("the operations, and what they take") + operations),
      File(name: "moongate.lua", text: header("everything else that scripts can call") + functions(lab)),
    ]
  }

  /// What `.luarc.json` says, so that the language server reads them.
  public static func luarc(folder: String) -> String {
    """
    {
      "runtime.version": "Lua 5.4",
      "workspace.library": [\(quoted(folder))],
      "workspace.checkThirdParty": false,
      "diagnostics.disable": ["lowercase-global"]
    }

    """
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(escaped)\""
  }

  private static func header(_ what: String) -> String {
    "---@meta\n-- Moongate: \(what). Written by `moongate stubs`: run it again after an update.\n\n"
  }

  // MARK: Words

  /// Comment lines of a text.
  static func comment(_ text: String, indent: String = "") -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map {
      "\(indent)--- \($0.drop { $0 == " " })\n"
    }.joined()
  }

  static func field(_ name: String, _ type: String, _ summary: String) -> String {
    "---@field \(name) \(type) \(summary.replacing("\n", with: " "))\n"
  }

  /// Parameters and results of a row of `types`.
  struct Declaration {
    var parameters: [(name: String, type: String)] = []
    var results: [String] = []

    init(_ text: String) {
      let parts = text.split(separator: "->", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let given = parts.count == 2 || !text.contains("->") ? parts[0] : ""
      parameters = Self.list(given).compactMap { item in
        guard let colon = item.firstIndex(of: ":") else { return nil }
        return (String(item[..<colon]), String(item[item.index(after: colon)...].drop { $0 == " " }))
      }
      if parts.count == 2 { results = Self.list(parts[1]) }
    }

    private static func list(_ text: String) -> [String] {
      text.split(separator: ";").map { part in
        String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }.filter { !$0.isEmpty }
    }

    /// The annotations of a function, and its arguments.
    var annotations: String {
      parameters.map { "---@param \($0.name) \($0.type)\n" }.joined()
        + results.map { "---@return \($0)\n" }.joined()
    }

    var arguments: String {
      parameters.map { $0.name.replacing("?", with: "") }.joined(separator: ", ")
    }

    /// As a type of a field.
    var type: String {
      let given = parameters.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
      return "fun(\(given))" + (results.isEmpty ? "" : ": " + results.joined(separator: ", "))
    }
  }

  static func function(_ name: String, _ summary: String, _ example: String, _ declaration: Declaration)
    -> String
  {
    comment(summary) + "---\n" + comment("```lua\n\(example)\n```") + declaration.annotations
      + "function \(name)(\(declaration.arguments)) end\n\n"
  }

  // MARK: Functions

  private static func functions(_ lab: [Operation]) -> String {
    var text = aliases + optionClasses + plainClasses + objects
    var tables: Set<String> = []
    for page in Vocabulary.members {
      guard let owner = page.name.split(separator: ".").first, page.name.contains("."),
        !page.name.hasPrefix("timestamp"),
        !page.name.hasPrefix("session")
      else { continue }
      tables.insert(String(owner))
    }
    for table in tables.sorted() {
      text += table == "duration" ? durationTable : "---@class moongate.\(table)\n\(table) = {}\n\n"
      for page in Vocabulary.members where page.name.hasPrefix("\(table).") {
        if let type = fieldTypes[page.name] {
          text += comment(page.summary) + "---@type \(type)\n\(page.name) = nil\n\n"
        } else {
          text += function(page.name, page.summary, page.example, declaration(of: page))
        }
      }
    }
    let special: Set<String> = ["session", "moongate", "gateway_lab", "require", "args"]
    for page in Vocabulary.globals where !tables.contains(page.name) && !special.contains(page.name) {
      text += function(page.name, page.summary, page.example, declaration(of: page))
    }
    // A file of tests has them, and pages of their own.
    for page in Vocabulary.members where page.name == "run" {
      text += function(page.name, page.summary, page.example, declaration(of: page))
    }
    text += "--- Whom the operations talk to.\n---@type moongate.Session\nsession = nil\n\n"
    text +=
      "--- What the command line gave the arguments that the header declares.\n---@type table<string, any>\nargs = {}\n\n"
    text += labTable(lab)
    text +=
      "--- Every name of the host, for scripts that hide one with a global of their own.\nmoongate = {}\n"
    text += Vocabulary.names.sorted().filter { $0 != "moongate" }.map { "moongate.\($0) = \($0)\n" }.joined()
    return text
  }

  private static func declaration(of page: Vocabulary.Page) -> Declaration {
    Declaration(types[page.name] ?? "...: any -> any")
  }

  /// Parameters and results of a helper; nil for what is none, as a field or a library.
  static func declaration(ofHelper name: String) -> Declaration? {
    if name.hasPrefix("listing:") {
      return listingTypes[String(name.dropFirst("listing:".count))].map(Declaration.init)
    }
    return types[name].map(Declaration.init)
  }

  private static let durationTable = """
    --- Seconds of a text like "36h" or "7d12h" (s, m, h, d, w), and back.
    ---@class moongate.DurationTable
    ---@overload fun(text: moongate.Duration): number
    duration = {}


    """

  private static func labTable(_ lab: [Operation]) -> String {
    var text =
      "--- What happens around a local gateway. Only with --local.\n---@class moongate.gateway_lab\ngateway_lab = {}\n\n"
    for operation in lab {
      text += parameterClass(operation.input, named: "moongate.lab.\(operation.name)")
      let name =
        operation.luaName.hasPrefix("gateway_lab.") ? operation.luaName : "gateway_lab.\(operation.luaName)"
      var declaration = declaration(of: operation, taking: "moongate.lab.\(operation.name)")
      declaration.results = ["any"]
      text += function(name, operation.summary, operation.example, declaration)
    }
    return text
  }

  // MARK: Classes

  private static let aliases: String = {
    func choice(_ words: Set<String>) -> String { words.sorted().map { "\"\($0)\"" }.joined(separator: "|") }
    let known = [
      "OperationName": choice(Set(Service.operations.map(\.name))), "ErrorCode": choice(ErrorCodes.all),
    ]
    return values.map { value in
      let type = (known[value.name].map { "\($0)|" } ?? "") + value.type
      return comment(value.summary) + "---@alias moongate.\(value.name) \(type)\n"
    }.joined() + "\n"
  }()

  /// Of the functions with options.
  private static let optionClasses: String = {
    let classes: [(String, String)] = [
      ("WaitOptions", "wait"), ("WaitUntilOptions", "wait_until"), ("ParallelOptions", "parallel"),
      ("ProgressOptions", "progress"), ("RunOptions", "changes:run"), ("ConnectOptions", "connect"),
      ("FleetOptions", "fleet"), ("OutputOptions", "show"), ("JsonOptions", "json.encode"),
      ("ChartOptions", "chart.histogram"),
    ]
    return classes.map { name, function in
      let fields = (Vocabulary.options[function] ?? [:]).sorted { $0.key < $1.key }.map {
        "---@field \($0.key) \(type($0.value))|nil\n"
      }
      return "---@class moongate.\(name)\n" + fields.joined() + "\n"
    }.joined()
  }()

  /// The type of an option.
  static func type(_ kind: Vocabulary.OptionKind) -> String {
    switch kind {
    case .text: "string"
    case .number: "number"
    case .boolean: "boolean"
    case .function: "function"
    case .any: "any"
    case .duration: "moongate.Duration"
    case .oneOf(let words): words.map { "\"\($0)\"" }.joined(separator: "|")
    }
  }

  private static let plainClasses: String = {
    let classes = tables.map { table in
      comment(table.summary) + "---@class moongate.\(table.name)\n"
        + table.fields.map { field($0.name, $0.type, $0.summary) }.joined() + "\n"
    }
    return classes.joined()
      + "--- Kept from everything but the parameters that are secret.\n---@class moongate.Secret\n\n"
  }()

  /// The objects with methods: timestamps, tasks, charts, changes, sessions, fleets, listings.
  private static let objects: String = {
    var text = """
      ---@class moongate.Timestamp
      ---@operator add(moongate.Duration): moongate.Timestamp
      ---@operator sub(moongate.Duration): moongate.Timestamp
      ---@operator sub(moongate.Timestamp): number

      """
    text +=
      fields(of: "timestamp") + "local timestamp_value = {}\n\n" + methods(of: "timestamp", "timestamp_value")
    for (owner, name) in [("task", "Task"), ("chart", "Chart")] {
      text +=
        "---@class moongate.\(name)\nlocal \(owner)_value = {}\n\n" + methods(of: owner, "\(owner)_value")
    }
    text += "--- Writes that are collected, shown and sent together.\n---@class moongate.Changes\n"
    text +=
      operationFields { !$0.isReading } + "local changes_value = {}\n\n"
      + methods(of: "changes", "changes_value")
    text += "--- Whom operations talk to; every operation is a field of it.\n---@class moongate.Session\n"
    text += fields(of: "session") + operationFields { _ in true } + "local session_value = {}\n\n"
    text += "--- The listings of many accounts and regions as one.\n---@class moongate.Fleet\n"
    text += operationFields(\.isListing) + "local fleet_value = {}\n\n" + methods(of: "fleet", "fleet_value")
    text += listing("moongate.Listing", item: "any", page: "any")
    return text
  }()

  /// The fields of an object that help() knows with a point.
  private static func fields(of owner: String) -> String {
    Vocabulary.members.filter { $0.name.hasPrefix("\(owner).") }.map { page in
      let name = String(page.name.dropFirst(owner.count + 1))
      let type = fieldTypes[page.name] ?? declaration(of: page).type
      return field(name, type, page.summary)
    }.joined()
  }

  private static func methods(of owner: String, _ local: String) -> String {
    Vocabulary.members.filter { $0.name.hasPrefix("\(owner):") }.map { page in
      function(
        "\(local):\(page.name.dropFirst(owner.count + 1))", page.summary, page.example, declaration(of: page))
    }.joined()
  }

  private static func operationFields(_ isWanted: (Operation) -> Bool) -> String {
    Service.operations.filter(isWanted).map {
      field($0.luaName, declaration(of: $0).type, $0.summary)
    }.joined()
  }

  /// A class of listings; a listing is what `for` calls, too.
  /// - Parameters:
  ///   - item: the class of what it lists.
  ///   - page: the class of what `:pages()` gives.
  static func listing(_ name: String, item: String, page: String) -> String {
    let local = "listing_of_\(item.split(separator: ".").last ?? "any")"
    var text = "--- A query over pages.\n---@class \(name)\nlocal \(local) = {}\n\n"
    for help in Vocabulary.members where help.name.hasPrefix("listing:") {
      let method = String(help.name.dropFirst("listing:".count))
      let row = (listingTypes[method] ?? "...: any -> any").replacing("SELF", with: "\(name)|fun(): \(item)")
        .replacing("ITEM", with: item).replacing("PAGE", with: page)
      text += function("\(local):\(method)", help.summary, help.example, Declaration(row))
    }
    return text
  }
}
