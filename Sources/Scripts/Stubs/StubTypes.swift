// StubTypes: the types of the host's functions, which help() does not say: of each its parameters and its results. A name
// without a row gets `any`, and a test asks for a row for each.

extension Stubs {
  /// `name: type; other?: type -> result; second result`, by the name that help() has.
  static let types: [String: String] = [
    "ago": "duration: moongate.Duration -> moongate.Timestamp",
    "call": "operation: moongate.OperationName; parameters?: table -> table; moongate.CallMetadata",
    "changes": "title: string -> moongate.Changes",
    "connect": "options: moongate.ConnectOptions -> moongate.Session",
    "diff": "before: any; after: any -> moongate.Difference[]",
    "exit": "code?: integer; message?: string",
    "fleet": "options?: moongate.FleetOptions -> moongate.Fleet",
    "help": "subject?: any",
    "hypervisor_arn": "record: table -> string",
    "items": "array: table -> \(anyListing)",
    "missing_ok": "f: function; ...: any -> any",
    "now": "-> moongate.Timestamp",
    "older_than": "timestamp: moongate.Timestamp|nil; duration: moongate.Duration -> boolean",
    "parallel":
      "items: any; f: (fun(item: any): any); options?: moongate.ParallelOptions -> any[]; table<integer, moongate.Error>",
    "parse_arn": "arn: string|table -> moongate.ArnParts",
    "progress": "items: any; options?: moongate.ProgressOptions -> (fun(): any)",
    "require": "name: string -> any",
    "run": "options: table -> moongate.ScriptResult",
    "same": "a: any; b: any -> boolean",
    "secret": "name: string -> moongate.Secret",
    "shard": "items: any -> any",
    "show": "value: any; columns?: moongate.Columns; options?: moongate.OutputOptions",
    "sleep": "duration: moongate.Duration",
    "spawn": "f: function; ...: any -> moongate.Task",
    "timestamp": "text: string|number|moongate.Timestamp; zone?: string -> moongate.Timestamp",
    "usage": "message: string",
    "use": "session: moongate.Session",
    "wait": "f: function; arg: any; options: moongate.WaitOptions -> any",
    "wait_until": "f: (fun(): any); options?: moongate.WaitUntilOptions -> any",
    "clock.set": "timestamp: string|moongate.Timestamp -> moongate.Timestamp",
    "clock.advance": "duration: moongate.Duration -> moongate.Timestamp",
    "duration.text": "seconds: moongate.Duration -> string",
    "tags.get": "resource: string|table -> table<string, string>",
    "tags.map": "list: table -> table<string, string>",
    "tags.has": "resource: any; key: string; value?: string -> boolean",
    "tags.list": "map: table<string, string|integer> -> moongate.Tag[]",
    "json.encode": "value: any; options?: moongate.JsonOptions -> string",
    "json.decode": "text: string -> any",
    "json.array": "items?: any -> table",
    "output.table": written, "output.json": written, "output.jsonl": written, "output.csv": written,
    "output.yaml": written, "output.lua": written, "output.html": written, "output.markdown": written,
    "output.format":
      "form: string; rows: any; columns?: moongate.Columns; options?: moongate.OutputOptions -> string",
    "chart.bar": "rows: any; label: any; value: any; options?: moongate.ChartOptions -> moongate.Chart",
    "chart.histogram": "rows: any; value?: any; options?: moongate.ChartOptions -> moongate.Chart",
    "chart.spark": "rows: any; value?: any; options?: moongate.ChartOptions -> moongate.Chart",
    "chart.timeline": "rows: any; label: any; time: any; options?: moongate.ChartOptions -> moongate.Chart",
    "chart:text": "options?: table -> string",
    "chart:svg": "file?: any -> string",
    "timestamp:format": "form: string; zone?: string -> string",
    "timestamp:date": "zone?: string -> osdate",
    "timestamp:ago": "-> string",
    "task:wait": "-> any",
    "changes:run": "options?: moongate.RunOptions -> table[]; table[]; table[]",
    "fleet:targets": "-> moongate.Session[]",
    "fleet:errors": "-> moongate.Error[]",
    "session.explain": "",
    "session.whoami": "-> table",
  ]

  private static let written = "rows: any; columns?: moongate.Columns; options?: moongate.OutputOptions"
  private static let anyListing = "moongate.Listing|fun(): any"

  /// Fields that are no functions.
  static let fieldTypes: [String: String] = [
    "session.profile": "string", "session.region": "string", "session.account": "string",
    "session.endpoint": "string",
    "session.name": "string", "session.dry_run": "boolean", "session.last": "moongate.CallMetadata",
    "timestamp.epoch": "number", "json.null": "any",
  ]

  /// The methods of a listing, in which ITEM stands for what it lists, SELF for itself.
  static let listingTypes: [String: String] = [
    "first": "-> ITEM|nil", "take": "n: integer -> SELF", "filter": "f: (fun(item: ITEM): any) -> SELF",
    "map": "f: (fun(item: ITEM): any) -> \(anyListing)", "find": "members: table -> ITEM",
    "sort": "by: string|(fun(item: ITEM): any) -> SELF",
    "group": "by: string|(fun(item: ITEM): any) -> { key: any, items: ITEM[] }[]",
    "index": "by: string|(fun(item: ITEM): any) -> table<any, ITEM>", "count": "-> integer",
    "collect": "-> ITEM[]",
    "pages": "-> (fun(): PAGE)",
    "parallel":
      "f: (fun(item: ITEM): any); options?: moongate.ParallelOptions -> any[]; table<integer, moongate.Error>",
  ]
}
