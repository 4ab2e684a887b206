// PlainData: a script's value as a document that JSON and YAML can hold. What neither can is refused with its place, never
// written as something else.
import AWSCore
import LuaRuntime

/// A value that a data format cannot hold.
struct NotData: Error {
  /// Where it stands, as in `Tags[1].Key`; empty for the whole.
  var path: String
  var problem: String
  /// The row that has it, where that is not the one that came last.
  var row: Int?

  var message: String { path.isEmpty ? problem : "\(path): \(problem)" }
}

struct PlainData {
  var order = MemberOrder()
  /// All members by name, those of records too.
  var isSorted = false
  /// YAML has numbers that are none; JSON has not.
  var allowsNonFinite = false

  /// Secrets are shown as what hides them; else they are no data.
  var showsSecrets = true

  /// The name under which the prelude has `json.null`, and secrets.
  static let null = "json.null"

  func document(_ value: LuaValue, at path: String = "") throws(NotData) -> Value {
    switch value {
    case .nil: return .null
    case .boolean(let flag): return .bool(flag)
    case .integer(let number): return .integer(number)
    case .number(let number):
      guard number.isFinite || allowsNonFinite else {
        throw NotData(
          path: path, problem: "\(Numbers.text(number)) is no number that JSON has; use json.null")
      }
      return .number(number)
    case .string(let text): return .string(text)
    case .bytes: throw NotData(path: path, problem: "this string is not UTF-8 text")
    case .timestamp(let microseconds): return .string(Timestamp(microseconds: microseconds).iso8601)
    case .secret:
      guard showsSecrets else { throw NotData(path: path, problem: "a secret is no data") }
      return .string(Secrets.shown)
    case .opaque(let type): throw NotData(path: path, problem: "\(Self.article(type)) is no data")
    case .table(let table): return try self.table(table, at: path)
    }
  }

  private func table(_ table: LuaTable, at path: String) throws(NotData) -> Value {
    if table.shape == nil, let name = table.metatableName {
      if name == Self.null { return .null }
      if name == "listing" {
        throw NotData(path: path, problem: "this is a listing; :collect() gives its items as an array")
      }
    }
    if table.shape == nil, Self.areResults(table) {
      throw NotData(
        path: path,
        problem: "results with n and holes are no array of JSON; items(r):collect() makes one of them")
    }
    if order.isList(table) {
      if let field = table.fields.first {
        let gap = field.name.hasPrefix("[") ? "; an array has no holes: fill them with json.null" : ""
        throw NotData(path: path, problem: "an array that also has the member \(field.name)\(gap)")
      }
      var items: [Value] = []
      for (index, item) in table.items.enumerated() {
        items.append(try document(item, at: "\(path)[\(index + 1)]"))
      }
      return .array(items)
    }
    guard !table.hasOtherKeys else {
      let name = table.fields.first { $0.name.hasPrefix("[") }?.name ?? "one"
      throw NotData(path: path, problem: "the key \(name) is neither a name nor one of 1, 2, 3 …")
    }
    let fields = isSorted ? MemberOrder.byName(table.fields) : order.fields(of: table)
    var members: [(name: String, value: Value)] = []
    for field in fields {
      let place = path.isEmpty ? field.name : "\(path).\(field.name)"
      members.append((field.name, try document(field.value, at: place)))
    }
    return .object(Value.Object(members: members))
  }

  /// What `parallel` and table.pack return: places and their number.
  private static func areResults(_ table: LuaTable) -> Bool {
    guard case .integer = table["n"], table.fields.allSatisfy({ $0.name == "n" || $0.name.hasPrefix("[") })
    else { return false }
    return !table.items.isEmpty || table.fields.count > 1
  }

  static func article(_ noun: String) -> String {
    "\("aeiou".contains(noun.first ?? "x") ? "an" : "a") \(noun)"
  }
}

/// Numbers as texts that read back as the same numbers.
enum Numbers {
  /// One with a whole value keeps its `.0`, as in Lua.
  static func text(_ number: Double) -> String {
    if number.isNaN { return "nan" }
    if number.isInfinite { return number < 0 ? "-inf" : "inf" }
    return "\(number)"
  }
}
