// HelpTopics: the pages about the prompt itself, and the overview that groups every name by task.
import BackupGateway

extension Help {
  /// Pages that are no names of Lua's.
  static let topics: [(name: String, text: String)] = [
    (
      "keys",
      """
      Keys at the prompt

        Enter           runs the text, or begins a new row where it goes on
        Alt-Enter       begins a new row, as Ctrl-J does
        Tab             completes; lists what there is; indents a row
        Right, Ctrl-F   takes the faint ghost at the end of the text
        Up, Down        a row up or down, then the history, blocks as a whole
        PgUp, PgDn      the history that begins like the text
        Ctrl-R          searches the history
        Ctrl-A, -E      start and end of the row     Alt-B, -F  a word back, on
        Ctrl-W, Alt-D   cut a word back, on          Ctrl-Y     puts it back
        Ctrl-U, -K      cut to the start, the end    Ctrl-_     undoes
        Ctrl-X Ctrl-E   the text in $EDITOR
        Ctrl-L          clears the screen            Ctrl-Z     to the background
        Ctrl-C          ends what runs; clears the text
        Ctrl-D          on an empty line ends the session
        A paste runs nothing before Enter. ~/.editrc changes keys: bind -v is vi's.

      """
    ),
    (
      "prompt",
      """
      At the prompt

        expression     prints its values; with ; at the end nothing
        _ __ ___       what the latest lines gave; _1, _2 … every value so far
        NAME? ?NAME    explains a name, as help(NAME) does; NAME?? says all of it
        .NAME          a command of the shell: .help lists them
        local x = 1    is there on the next lines too
        A text that fails shows where; .error shows all that is known of it.
        A line that begins with a space is not kept in the history.
        The prompt names profile and region: red where a slip would be expensive.

      """
    ),
    (
      "errors",
      """
      Errors

        An error of a call is a table: code, message, operation, request_id, http_status, host, attempts,
        retryable, where, traceback.

          local ok, e = pcall(get_gateway, arn)
          if not ok and e.code == "ResourceNotFoundException" then … end

        missing_ok(get_gateway, arn) gives nil for what does not exist. At the prompt .error shows the last one whole.

      """
    ),
    (
      "scripts",
      """
      Scripts, and what their first comments say

        --- What it does, in one line.
        -- @name stale-vms
        -- @arg age duration=7d        Age of the last backup
        -- @arg hypervisor hypervisor? Only this hypervisor
        -- @arg report output?         Write the rows to this file
        -- @secret password            The vCenter's password
        -- @allow ListVirtualMachines

        moongate run FILE --age 30d    runs it; .run FILE --age 30d at the prompt
        moongate run FILE --help       what it is for, what it takes, what it may call
        moongate check FILE            what is wrong with it, unrun
        moongate completions bash      has Tab complete all of it in a shell

        Behind a type: nothing is required, ? may be left out, * repeats, =DEFAULT. Types: string integer number boolean
        duration timestamp a|b|c, gateway hypervisor vm (by ARN, id or name), lines json csv (files to read), output (a
        file to write). help("args") says what the script has of them. docs/scripts.md has all of it.

      """
    ),
    (
      "snippets",
      """
      Snippets: scripts that others wrote, locked in

        .snippet search WORD   what there is, the library that comes with Moongate too
        .snippet info NAME     what it does, and what it may call
        .snippet add NAME      shows it, asks, and pins its bytes
        .snippet run NAME …    runs it; moongate NAME … does outside
        .snippet update        shows what is new, code and permissions, and asks
        .snippet list, verify, remove, show, publish, sign, trust

        A snippet runs in a process without credentials, files or network, and calls what its header names. Registries
        are [registry NAME] in ~/.config/moongate/config, with url = a folder, or https://…

      """
    ),
  ]

  /// Names by what they are for, in the overview's order; what is named nowhere comes last.
  public static let groups: [(title: String, names: [String])] = [
    (
      "Work with listings",
      ["listing", "items", "shard", "parallel", "progress", "fleet"]
    ),
    ("Compare and look up", ["same", "diff", "parse_arn", "hypervisor_arn", "tags", "missing_ok"]),
    ("Time", ["now", "ago", "timestamp", "duration", "older_than"]),
    ("Tasks and waiting", ["wait", "wait_until", "sleep", "spawn"]),
    ("Print and draw", ["show", "output", "chart", "json"]),
    ("Change in bulk, safely", ["changes", "secret"]),
    ("Sessions", ["session", "connect", "use", "call", "gateway_lab"]),
    ("Script", ["args", "require", "exit", "usage", "moongate", "help"]),
  ]

  /// The operations by what they are about, reading ones first.
  public static let kinds: [(title: String, operations: [Operation])] = [
    ("Gateways", Operation.ofGateways), ("Hypervisors", Operation.ofHypervisors),
    ("Virtual machines", Operation.ofVirtualMachines), ("Tags of all three", Operation.ofTags),
  ].map { title, operations in
    (title, operations.sorted { ($0.isReading ? 0 : 1, $0.luaName) < ($1.isReading ? 0 : 1, $1.luaName) })
  }

  /// All names on a screen or so.
  /// - Parameter width: columns of the screen; nil for no bound, which is 100.
  static func overview(width: Int?) -> String {
    let width = max(width ?? 100, 20)
    func group(_ title: String, _ names: [String]) -> String {
      let lines = Wrapping.lines(names.joined(separator: ", "), width: width, first: 2, indent: 2)
      return "\(title)\n  \(lines.joined(separator: "\n"))\n"
    }
    var text = kinds.map { group($0.title, $0.operations.map(\.luaName)) }.joined()
    text += groups.map { group($0.title, $0.names) }.joined()
    let told = Set(groups.flatMap(\.names))
    let rest = entries.map(\.name).filter { !told.contains($0) }
    if !rest.isEmpty { text += group("More", rest) }
    let more = [
      "help(get_gateway), or get_gateway? at the prompt, explains one of them; help \"operations\" has a line for each.",
      "help \"prompt\", help \"keys\" and help \"errors\" tell of the prompt, help \"snippets\" of shared scripts; .help lists its commands.",
    ]
    return text + "\n" + more.flatMap { Wrapping.lines($0, width: width) }.map { $0 + "\n" }.joined()
  }

  /// A line for each operation and each helper.
  static func index(width: Int?) -> String {
    let operations = Service.operations.map { ($0.luaName, $0.summary) }.sorted { $0.0 < $1.0 }
    let column = operations.map(\.0.count).max() ?? 0
    return "Operations of AWS Backup Gateway\n" + columns(operations, column: column, width: width)
      + "\nHelpers\n" + columns(entries.map { ($0.name, $0.summary) }, column: column, width: width)
  }
}
