// Rule: what `moongate check` looks for, as one table. Each row's example is a script in which the rule finds exactly one
// thing; a test holds it to that. docs/check.md and `moongate check --rules` are printed from it.

public struct Rule: Sendable {
  public let id: String
  public let severity: Finding.Severity
  /// One sentence.
  public let summary: String
  /// A script with one finding of this rule and none of another.
  public let example: String

  /// In the order in which they are listed.
  public static let all: [Rule] = [
    Rule(id: "syntax", severity: .error, summary: "Lua does not compile it.", example: "print(\"ready\""),
    Rule(
      id: "header", severity: .error, summary: "The header has a line that cannot be used.",
      example: "-- @alow ListGateways\nprint(list_gateways():count())"),
    Rule(
      id: "source-trick", severity: .error,
      summary: "Characters that turn, hide or imitate text; shared code with them is not run.",
      example: "print(\"safe\u{202E}\")"),
    Rule(
      id: "undefined-global", severity: .warning,
      summary: "A global that neither the script sets nor Lua or Moongate has.",
      example: "print(list_gatways():count())"),
    Rule(
      id: "hidden-name", severity: .warning,
      summary: "A name of Moongate's is used where the script's own of that name hides it.",
      example: "local output = {}\noutput.csv(list_gateways())"),
    Rule(
      id: "accidental-global", severity: .info,
      summary: "A function sets a global that is read in no other function; local is most likely missing.",
      example: "local function name(gw)\n  text = gw.GatewayDisplayName\n  return text\nend\n"
        + "print(name(list_gateways():first()))"),
    Rule(
      id: "unused-local", severity: .info,
      summary: "A local that is never read; a name that begins with _ is let be.",
      example: "local gateways = list_gateways():collect()"),
    Rule(
      id: "unknown-operation", severity: .error, summary: "There is no such operation, or not there.",
      example: "print(call(\"GetGatewy\"))"),
    Rule(
      id: "unknown-parameter", severity: .error, summary: "An operation has no parameter of that name.",
      example: "for vm in list_virtual_machines{ Hypervisor = \"h\" } do print(vm.Name) end"),
    Rule(
      id: "missing-parameter", severity: .error,
      summary: "A call lacks a parameter that its operation requires.",
      example: "put_maintenance_start_time(list_gateways():first(), { HourOfDay = 3 })"),
    Rule(
      id: "wrong-value", severity: .error,
      summary: "A value that the model refuses: its type, its range, its form, a name that is no choice.",
      example: "put_maintenance_start_time(list_gateways():first(), { HourOfDay = 24, MinuteOfHour = 0 })"),
    Rule(
      id: "wrong-arguments", severity: .error,
      summary: "Arguments that an operation does not take: too many, a listing, a record of another kind.",
      example: "print(get_hypervisor(list_gateways():first()))"),
    Rule(
      id: "unknown-member", severity: .error, summary: "A record of the service has no member of that name.",
      example: "for vm in list_virtual_machines() do print(vm.LastBackup) end"),
    Rule(
      id: "unknown-field", severity: .error,
      summary: "A library or an object of Moongate's or Lua's has nothing of that name.",
      example: "print(list_gateways():frist())"),
    Rule(
      id: "unknown-option", severity: .error,
      summary: "A function has no option of that name, or not with that value.",
      example: "wait_until(function() return list_gateways():first() end, { evry = \"1s\" })"),
    Rule(
      id: "bad-duration", severity: .error, summary: "A text that is no duration or no point in time.",
      example: "print(ago(\"7 days\"))"),
    Rule(
      id: "never-equal", severity: .warning,
      summary: "A comparison with a text that the member never is.",
      example: "print(list_hypervisors():first().State == \"ONLIN\")"),
    Rule(
      id: "unknown-code", severity: .warning,
      summary: "An error's code is compared with a name that nobody raises.",
      example:
        "local ok, e = pcall(get_gateway, \"gw\")\nif not ok and e.code == \"ResourceNotFound\" then print(\"gone\") end"
    ),
    Rule(
      id: "not-allowed", severity: .error,
      summary: "An operation is called that the header's @allow does not name.",
      example: "-- @allow ListGateways\nprint(get_gateway(list_gateways():first()).SoftwareVersion)"),
    Rule(
      id: "unused-permission", severity: .warning, summary: "@allow names an operation that is never called.",
      example: "-- @allow ListGateways, DeleteGateway\nprint(list_gateways():count())"),
    Rule(
      id: "unclear-permission", severity: .info,
      summary: "Which operation is called is decided while it runs; check cannot compare it with @allow.",
      example:
        "-- @allow read\nlocal name = os.date(\"%A\") == \"Monday\" and \"ListGateways\" or \"ListHypervisors\"\n"
        + "print(call(name))"),
    Rule(
      id: "undeclared-argument", severity: .error, summary: "args is asked for a name that no @arg declares.",
      example: "--- Prints an age.\n-- @arg age duration=7d  The age\nprint(args.age, args.ages)"),
    Rule(
      id: "unused-argument", severity: .warning, summary: "An @arg is never read.",
      example: "--- Counts gateways.\n-- @arg age duration=7d  The age\nprint(list_gateways():count())"),
    Rule(
      id: "undeclared-secret", severity: .error,
      summary: "Shared code asks for a secret that no @secret declares.",
      example: "-- @name rotate\n-- @allow ListHypervisors, UpdateHypervisor\n"
        + "update_hypervisor(list_hypervisors():first(), { Password = secret(\"password\") })"),
    Rule(
      id: "not-in-shared-code", severity: .error, summary: "Shared code uses what it does not have.",
      example: "-- @name report\nprint(os.getenv(\"HOME\"))"),
  ]

  /// The rule of that id, which `-- check: ignore` names; nil where there is none.
  public static func named(_ id: String) -> Rule? { all.first { $0.id == id } }

  /// The table as people read it in a terminal.
  public static var list: String {
    let width = all.map(\.id.count).max() ?? 0
    return all.map { rule in
      let id = rule.id + String(repeating: " ", count: width - rule.id.count)
      let severity = rule.severity.rawValue + String(repeating: " ", count: 7 - rule.severity.rawValue.count)
      return "\(id)  \(severity)  \(rule.summary)\n"
    }.joined()
  }
}
