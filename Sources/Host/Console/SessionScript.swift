// SessionScript: lines of the prompt as a script that prints the same: what the prompt showed is shown by `show`, and the
// results that later lines took by `_` and `_1` have names. Without lines that failed, and without those that hold a secret.
import AWSCore
import BackupGateway

/// A line that ran without an error at the prompt.
public struct TypedLine: Sendable {
  public var source: String
  /// It is an expression, not a statement.
  var isExpression: Bool
  /// The values that it gave, each by its number, as `_7` is 7; nil for one that was nil, which has none.
  public var values: [Int?]
  /// The operations that it called, by AWS's name.
  public var operations: Set<String>
  /// It asked for help.
  var isQuestion: Bool

  init(
    source: String, isExpression: Bool, values: [Int?], operations: Set<String>, isQuestion: Bool
  ) {
    self.source = source
    self.isExpression = isExpression
    self.values = values
    self.operations = operations
    self.isQuestion = isQuestion
  }

  /// What a dot command did that had the operations act elsewhere, as a script does it.
  /// - Parameter setting: `region` or `profile`.
  public init(switching setting: String, to value: String) {
    self.init(
      source: "use(connect{ \(setting) = \(LuaLiteral.quoted(value)) })", isExpression: false, values: [],
      operations: [],
      isQuestion: false)
  }
}

/// The lines, and what is said of them before they are written.
public struct SessionScript {
  private let lines: [TypedLine]

  public init(_ lines: [TypedLine]) { self.lines = lines.filter { !$0.isQuestion } }

  /// Nothing was typed that is worth a script.
  public var isEmpty: Bool { lines.isEmpty }

  /// The operations that were called, by AWS's name.
  public var operations: [String] { Set(lines.flatMap(\.operations)).sorted() }

  /// Those of them that change something.
  public var writes: [String] {
    operations.filter { name in Service.operations.contains { $0.name == name && !$0.isReading } }
  }

  /// The secrets that are asked for by name, `secret("NAME")`, in the order in which they come up.
  var secrets: [String] {
    var found: [String] = []
    for line in lines {
      let bytes = Array(line.source.utf8)
      let tokens = LuaTokens.of(bytes)
      for index in tokens.indices where tokens[index].kind == .name && tokens[index].text == "secret" {
        var next = index + 1
        if tokens.indices.contains(next), tokens[next].text == "(" { next += 1 }
        guard tokens.indices.contains(next), tokens[next].kind == .string else { continue }
        let quoted = bytes[tokens[next].offset..<tokens[next].end]
        let name = String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
        if !found.contains(name) { found.append(name) }
      }
    }
    return found
  }

  /// The script.
  /// - Parameters:
  ///   - name: of the file, from which the header's is made.
  ///   - summary: one line.
  public func text(name: String, summary: String) -> String {
    var text = "--- \(summary)\n-- @name \(Self.headerName(name))\n"
    if !operations.isEmpty { text += "-- @allow \(operations.joined(separator: ", "))\n" }
    for secret in secrets { text += "-- @secret \(secret) Asked for when the script is run\n" }
    let wanted = Set(lines.indices.flatMap { references(of: $0).values })
    for index in lines.indices { text += statement(index, wanted) + "\n" }
    return text
  }

  /// What the header's name may hold: small letters, digits and dashes.
  private static func headerName(_ name: String) -> String {
    let plain = name.lowercased().utf8.map { byte -> String in
      let isPlain =
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      return isPlain ? String(Unicode.Scalar(byte)) : "-"
    }.joined()
    let trimmed = String(plain.drop { $0 == "-" }.prefix(64))
    return trimmed.isEmpty ? "session" : trimmed
  }

  /// The results that a line names, by the offset of the name.
  private func references(of index: Int) -> [Int: Int] {
    let latest = lines[..<index].compactMap { $0.values.lazy.compactMap(\.self).first }
    var found: [Int: Int] = [:]
    for token in LuaTokens.of(Array(lines[index].source.utf8)) where token.kind == .name {
      switch token.text {
      case "_", "__", "___":
        let back = token.text.utf8.count
        if latest.count >= back { found[token.offset] = latest[latest.count - back] }
      default:
        guard token.text.first == "_", let number = Int(token.text.dropFirst()) else { continue }
        found[token.offset] = number
      }
    }
    // A name that the line declares itself is its own.
    let declared = Set(PromptLine(Array(lines[index].source.utf8)).declared.map(\.name))
    return declared.isDisjoint(with: ["_", "__", "___"]) ? found : [:]
  }

  private func statement(_ index: Int, _ wanted: Set<Int>) -> String {
    let line = lines[index]
    let source = named(line.source, references(of: index))
    guard line.isExpression || source.hasPrefix("return ") else { return source }
    let isSilent = PromptLine.isSilent(Array(source.utf8))
    var expression = source.hasPrefix("return ") ? String(source.dropFirst(7)) : source
    while let last = expression.last, last == ";" || last.isWhitespace { expression.removeLast() }
    let numbers = line.values.compactMap(\.self)
    guard !numbers.isEmpty else {
      // What gives nothing is called; what is nothing is shown as the prompt showed it.
      return isSilent || line.values.isEmpty || expression.last == ")"
        ? called(expression) : "show(\(expression))"
    }
    let names = line.values.map { $0.map { "_\($0)" } ?? "_" }.joined(separator: ", ")
    let shown = line.values.map { "show(\($0.map { "_\($0)" } ?? "nil"))" }.joined(separator: " ")
    if numbers.contains(where: wanted.contains) {
      return "\(names) = \(expression)" + (isSilent ? "" : "\n\(shown)")
    }
    if isSilent { return called(expression) }
    return line.values.count == 1
      ? "show((\(expression)))" : "do local \(names) = \(expression); \(shown) end"
  }

  /// An expression whose values nobody wants.
  private func called(_ expression: String) -> String {
    expression.last == ")" ? expression : "local _ = \(expression)"
  }

  /// The text with the numbered name of each result that it names.
  private func named(_ source: String, _ references: [Int: Int]) -> String {
    var bytes = Array(source.utf8)
    for token in LuaTokens.of(bytes).reversed() {
      guard let number = references[token.offset] else { continue }
      bytes.replaceSubrange(token.offset..<token.end, with: Array("_\(number)".utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
