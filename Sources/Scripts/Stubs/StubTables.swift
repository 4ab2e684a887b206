// StubTables: what functions take and give that is neither a record of the service nor an object with methods, by name.

extension Stubs {
  /// A value of Lua's own types that means more than these say.
  struct Value {
    var name: String
    /// What the reference calls it.
    var heading: String
    var type: String
    var summary: String
  }

  static let values: [Value] = [
    Value(
      name: "Duration", heading: "Length of time", type: "string|number",
      summary: "Seconds, or a text like \"90s\", \"7d12h\", \"2w\" (s, m, h, d, w)."),
    Value(
      name: "Columns", heading: "Columns", type: "table",
      summary:
        "An array of paths like \"MaintenanceStartTime.HourOfDay\", or of { title, path or function(row), align = }."
    ),
    Value(
      name: "OperationName", heading: "Name of an operation", type: "string",
      summary: "An operation as AWS spells it, as \"ListGateways\"."),
    Value(
      name: "ErrorCode", heading: "Code of an error", type: "string",
      summary: "AWS's own, as \"ThrottlingException\", or one of Moongate's."),
  ]

  /// A table with fields.
  struct Table {
    var name: String
    var heading: String
    var summary: String
    var fields: [(name: String, type: String, summary: String)]
  }

  static let tables: [Table] = [
    Table(
      name: "Error", heading: "Error", summary: "What pcall gives second when a call failed.",
      fields: [
        ("code", "moongate.ErrorCode", "What happened, for programs."),
        ("message", "string", "What happened, for people; tostring of the table adds where and to what."),
        ("operation", "string|nil", "AWS's name of the operation."),
        ("request_id", "string|nil", "What AWS's support asks for."),
        ("http_status", "integer|nil", "Of the answer, where there was one."),
        ("host", "string|nil", "Who answered."),
        ("attempts", "integer|nil", "How often it was sent."),
        ("retryable", "boolean", "Whether the same call may go well later."),
        ("where", "string|nil", "Chunk and line of the script."),
        ("traceback", "string|nil", "The calls of the script that led there."),
        ("name", "string|nil", "The target of a fleet that was left out."),
      ]),
    Table(
      name: "CallMetadata", heading: "About a call", summary: "How an answer came.",
      fields: [
        ("operation", "string", "AWS's name of the operation."),
        ("request_id", "string", "What AWS's support asks for."),
        ("http_status", "integer", "Of the answer."),
        ("attempts", "integer", "How often it was sent."),
        ("seconds", "number", "From the first attempt to the answer."),
      ]),
    Table(
      name: "Difference", heading: "Difference", summary: "A place in which two values differ.",
      fields: [
        ("at", "string", "The path to it, as \"MaintenanceStartTime.HourOfDay\"."),
        ("from", "any", "What was there."),
        ("to", "any", "What is there."),
      ]),
    Table(
      name: "ArnParts", heading: "Parts of an ARN", summary: "What an ARN says.",
      fields: [
        ("arn", "string", "All of it."),
        ("partition", "string", "aws, aws-cn, aws-us-gov and so on."),
        ("service", "string", "As backup-gateway."),
        ("region", "string|nil", "Where it is; some services have none."),
        ("account", "string|nil", "Whose it is."),
        ("kind", "string|nil", "The word before the id: gateway, hypervisor, vm."),
        ("id", "string", "The id."),
        ("resource", "string", "Kind and id, as they are written."),
      ]),
    Table(
      name: "ScriptResult", heading: "Result of a script", summary: "How a script that a test ran has ended.",
      fields: [
        ("code", "integer", "Its exit code."),
        ("stdout", "string", "What it printed."),
        ("stderr", "string", "What it and Moongate told beside that."),
        ("files", "table<string, string>", "The text of each file that it wrote, by name."),
      ]),
  ]
}
