// OutputForm: the forms that rows are written in, and a column of them.

/// What `--output` and `output.NAME` name.
public enum OutputForm: String, Sendable, CaseIterable {
  case table, json, jsonl, csv, yaml, lua

  /// All of them, for people: "table, json, … or lua".
  public static var list: String {
    let names = allCases.map(\.rawValue)
    return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
  }
}

/// A column that a script asked for; its cells come with each row.
struct OutputColumn {
  var title: String
  var alignment: Table.Alignment?
}
