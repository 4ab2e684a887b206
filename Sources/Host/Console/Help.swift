// Help: the pages that `help()` and `moongate doc` show. Operations are described by the model, everything else by entries:
// HelpLanguage.swift has the globals, OutputHelp.swift those that print, HelpMembers.swift the names inside names.
import BackupGateway

public enum Help {
  /// A function of the host that is not an operation.
  public struct Entry: Sendable {
    /// As `now`, `tags.get` or, for what is called with a colon, `listing:first`.
    public internal(set) var name: String
    public internal(set) var signature: String
    public internal(set) var summary: String
    public internal(set) var example: String

    /// What its signature says behind the name: `(f) → listing`.
    var rest: Substring? {
      let last = name.split { ".:".contains($0) }.last ?? ""
      return signature.firstRange(of: last).map { signature[$0.upperBound...] }
    }
  }

  /// Those that are globals.
  static let entries: [Entry] = (ofLanguage + output).sorted { $0.name < $1.name }

  /// The page of a name, the overview for nil, or nil when there is no such name.
  /// - Parameters:
  ///   - lab: the functions of `gateway_lab`.
  ///   - width: columns of the screen; nil for no bound.
  public static func text(for name: String?, lab: [Operation] = [], width: Int? = nil) -> String? {
    guard let name else { return overview(width: width) }
    if name == "operations" { return index(width: width) }
    if let topic = topics.first(where: { $0.name == name }) { return topic.text }
    if let function = lab.first(where: { $0.luaName == name }) { return page(function, footer: "", width) }
    if let entry = entry(named: name) { return page(entry, lab, width) }
    // `eu.get_gateway` is the operation of another session.
    let last = name.split { ".:".contains($0) }.last.map(String.init) ?? ""
    guard let operation = Service.operation(named: last) else { return nil }
    return page(operation, footer: footer(of: operation, width), width)
  }

  /// Everything that has a page, for suggestions.
  public static var names: [String] {
    (entries + members).map(\.name) + topics.map(\.name) + ["operations"]
  }

  /// An entry by its name, in which a method may stand behind a point too, or by the last part of it: `first`.
  private static func entry(named name: String) -> Entry? {
    let wanted = name.replacing(":", with: ".")
    let all = entries + members
    func spelt(_ entry: Entry) -> String { entry.name.replacing(":", with: ".") }
    if let entry = all.first(where: { spelt($0) == wanted }) { return entry }
    let ending = all.filter { spelt($0).hasSuffix("." + wanted) }
    return ending.count == 1 ? ending[0] : nil
  }

  private static func page(_ entry: Entry, _ lab: [Operation], _ width: Int?) -> String {
    var text = entry.signature + "\n\n"
    text += paragraph(entry.summary, width)
    if let errors = errors[entry.name] { text += row("Errors", errors.joined(separator: ", "), width) }
    text += "\nExample\n\(indented(entry.example))\n"
    if entry.name == "gateway_lab", !lab.isEmpty {
      text += "\nFunctions\n" + columns(lab.map { ($0.luaName, $0.summary) }, width: width)
    }
    let own = members.filter {
      $0.name.split { ".:".contains($0) }.first.map(String.init) == entry.name && $0.name != entry.name
    }
    if !own.isEmpty { text += "\nMembers\n" + columns(own.map { ($0.name, $0.summary) }, width: width) }
    return text
  }

  private static func paragraph(_ text: String, _ width: Int?) -> String {
    text.split(separator: "\n").map { line in
      let lines = Wrapping.lines(String(line.drop { $0 == " " }), width: width, first: 2, indent: 2)
      return "  \(lines.joined(separator: "\n"))\n"
    }.joined()
  }

  /// Names, and behind each of them what it is, over more lines where the screen is narrow.
  static func columns(_ rows: [(String, String)], column: Int? = nil, width: Int?) -> String {
    let column = column ?? rows.map(\.0.count).max() ?? 0
    return rows.map { name, summary in
      let lines = Wrapping.lines(summary, width: width, first: column + 4, indent: column + 4)
      return "  " + Terminal.padded(name, to: column) + "  " + lines.joined(separator: "\n") + "\n"
    }.joined()
  }

  private static func page(_ operation: Operation, footer: String, _ width: Int?) -> String {
    var text = "\(operation.luaName)(\(signature(operation))) → \(result(operation))\n\n"
    text += paragraph(operation.summary, width)
    text += table("Parameters", operation.input.members, width) { member in
      (member.isRequired ? "required, " : "") + constraint(member.shape)
    }
    // Without limits: answers are not held against them, and real ones break them.
    text += table("Result", resultMembers(operation), width) { type($0.shape) }
    return text + footer + "\nExample\n\(indented(operation.example))\n"
  }

  private static func row(_ title: String, _ text: String, _ width: Int?) -> String {
    let lines = Wrapping.lines(text, width: width, first: 12, indent: 12)
    return "\n" + Terminal.padded(title, to: 12) + lines.joined(separator: "\n") + "\n"
  }

  /// Who may call it, and what the service may answer.
  private static func footer(of operation: Operation, _ width: Int?) -> String {
    let errors = (Service.commonErrors + operation.errors).joined(separator: ", ")
    var text = row("Errors", errors, width)
    text += "IAM action  \(Service.name):\(operation.name) (\(operation.access.rawValue))\n"
    if !operation.isReading { text += "Writes      a script needs --allow \(operation.name)\n" }
    return text
  }

  /// A helper, or a member of one as `listing:first` or `tags.get`, by exactly that name.
  public static func helper(named name: String) -> Entry? { (entries + members).first { $0.name == name } }

  /// The arguments of a helper in its brackets, `(` or `{`, as its signature writes them; nil for what has none.
  static func arguments(ofHelper name: String, in bracket: String) -> [String]? {
    guard let entry = helper(named: name), let rest = entry.rest, rest.hasPrefix(bracket) else { return nil }
    return arguments(rest.dropFirst())
  }

  /// What stands between commas, up to the bracket that closes them all.
  private static func arguments(_ signature: Substring) -> [String] {
    var arguments = [""]
    var depth = 0
    for character in signature {
      switch character {
      case "(", "{", "[": depth += 1
      case ")", "}", "]": depth -= 1
      default: break
      }
      if depth < 0 { break }
      if depth == 0, character == "," {
        arguments.append("")
      } else if character != " " || !arguments[arguments.count - 1].isEmpty {
        arguments[arguments.count - 1].append(character)
      }
    }
    if arguments.last?.last == " " { arguments[arguments.count - 1].removeLast() }
    return arguments
  }

  /// How an operation's arguments are written.
  public static func signature(_ operation: Operation) -> String {
    guard let resource = operation.resource else { return "{…}" }
    let kinds = resource.shape.resources.map { $0 == .virtualMachine ? "vm" : $0.rawValue }
    let noun = kinds.joined(separator: " or ")
    guard resource.isRequired else { return "\(noun)?, {…}" }
    return operation.input.members.count == 1 ? noun : "\(noun), {…}"
  }

  private static func result(_ operation: Operation) -> String {
    switch operation.result {
    case .response: operation.output.members.isEmpty ? "{}" : "the response"
    case .member(let name): name
    case .listing(let items): "listing of \(items)"
    }
  }

  /// The members of what a script is given: of a listing's items, of the member that is unwrapped, of the response.
  private static func resultMembers(_ operation: Operation) -> [Member] {
    switch operation.result {
    case .response: operation.output.members
    case .member(let name): operation.output.member(name)?.shape.members ?? []
    case .listing(let items): operation.output.member(items)?.shape.item?.members ?? []
    }
  }

  // MARK: Members

  private static func table(
    _ title: String, _ members: [Member], _ width: Int?, _ type: (Member) -> String
  ) -> String {
    let rows = rows(members, indent: "", type)
    return rows.isEmpty ? "" : "\n\(title)\n" + columns(rows.map { ($0.name, $0.text) }, width: width)
  }

  /// What a record of the service is.
  static func page(_ shape: Shape, named name: String, width: Int?) -> String {
    "\(name): a record of the service\n" + table("Members", shape.members, width) { type($0.shape) }
  }

  /// A row for each member, and indented below it one for each member of its own.
  private static func rows(
    _ members: [Member], indent: String, _ type: (Member) -> String
  ) -> [(name: String, text: String)] {
    members.flatMap { member in
      [(indent + member.name, "\(type(member)). \(member.summary)")]
        + rows((member.shape.item ?? member.shape).members, indent: indent + "  ", type)
    }
  }

  /// A shape's type without its limits.
  public static func type(_ shape: Shape) -> String {
    if !shape.values.isEmpty { return "one of \(shape.values.joined(separator: ", "))" }
    return switch shape.kind {
    case .string: "string"
    case .boolean: "boolean"
    case .integer, .long: "integer"
    case .timestamp: "timestamp"
    case .list: "list"
    case .structure: "table"
    }
  }

  /// A shape's type with its limits: "string of 50 to 180 characters".
  public static func constraint(_ shape: Shape) -> String {
    var text = type(shape)
    let range: String? =
      switch (shape.minimum, shape.maximum) {
      case (let low?, let high?): "\(low) to \(high)"
      case (let low?, nil): "at least \(low)"
      case (nil, let high?): "at most \(high)"
      default: nil
      }
    if let range {
      switch shape.kind {
      case .string: text += " of \(range) characters"
      case .list: text += " of \(range) items"
      default: text += ", \(range)"
      }
    }
    guard let item = shape.item, item.members.isEmpty else { return text }
    return text + " (each \(constraint(item)))"
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }.joined(separator: "\n")
  }
}
