// FailedAssertion: the condition of an assert that failed, and the values of the names in it, while they were there.
import LuaRuntime

struct FailedAssertion {
  /// `file:line` of the call.
  let place: String
  /// The condition, as bytes of the source; nil where it does not stand in the row.
  private(set) var condition: Range<Int>?
  /// What the names in it stood for, in the order in which they stand there.
  private(set) var values: [(name: String, text: String)] = []

  /// What a script wrote to stderr whose result the condition looks at: its name, and its last lines.
  private(set) var errors: (name: String, lines: [String])?

  private static let mostErrorLines = 10
  /// More names no row has, and a value is shown in one row.
  private static let mostValues = 8
  private static let longestValue = 100
  /// Values that are copied to be shown.
  private static let mostCopied = 1_000

  init(_ call: borrowing LuaCall, source: [UInt8], order: MemberOrder, lastRunErrors: [UInt8]) {
    place = call.location
    guard let row = place.split(separator: ":").last.flatMap({ Int($0) }),
      let spot = ErrorSpot(row: row, of: source, message: "", function: nil)
    else { return }
    let tokens = LuaTokens.of(source)
    guard
      let start = tokens.indices.first(where: {
        spot.rowRange.contains(tokens[$0].offset) && tokens[$0].kind == .name && tokens[$0].text == "assert"
      }), let last = Self.end(of: start, tokens)
    else { return }
    condition = tokens[start + 2].offset..<tokens[last].end
    let inside = tokens[(start + 2)...last]
    noteErrors(inside, call, lastRunErrors)
    for path in Self.paths(inside) where values.count < Self.mostValues {
      guard !values.contains(where: { $0.name == path.joined(separator: ".") }),
        let text = Self.value(path, call, order)
      else { continue }
      values.append((path.joined(separator: "."), text))
    }
  }

  /// Why a script did not do what the condition wants of it.
  private mutating func noteErrors(
    _ tokens: ArraySlice<LuaToken>, _ call: borrowing LuaCall, _ lastRunErrors: [UInt8]
  ) {
    for path in Self.paths(tokens) {
      guard let text = Self.errors(of: path[0], call) else { continue }
      return note("\(path[0]).stderr", text)
    }
    // A result without a name is that of the last run, as in run{ … }.code == 0.
    for (before, dot, member) in zip(tokens, zip(tokens.dropFirst(), tokens.dropFirst(2))).map({
      ($0.text, $1.0.text, $1.1.text)
    })
    where ["}", ")"].contains(before) && dot == "." && ["code", "stdout", "stderr", "files"].contains(member)
    {
      return note("stderr", String(decoding: lastRunErrors, as: UTF8.self))
    }
  }

  private mutating func note(_ name: String, _ text: String) {
    let lines = text.split(separator: "\n").suffix(Self.mostErrorLines)
    guard !lines.isEmpty else { return }
    errors = (name, lines.map { Terminal.cut(Console.visible(String($0)), to: 4 * Self.longestValue) })
  }

  /// The stderr of the result of a run that a name stands for; nil where it stands for something else.
  private static func errors(of name: String, _ call: borrowing LuaCall) -> String? {
    let stack = call.stack
    let top = stack.top
    defer { stack.pop(stack.top - top) }
    guard stack.reserve(8), stack.pushVariable(name), stack.isTable(at: -1) else { return nil }
    for member in ["code", "stdout", "files"] {
      stack.push(member)
      stack.pushRaw(of: stack.top - 1)
      guard !stack.isNil(at: -1) else { return nil }
      stack.pop()
    }
    stack.push("stderr")
    stack.pushRaw(of: stack.top - 1)
    return stack.string(at: -1)
  }

  /// The last token of the first argument of the call that begins with a token.
  private static func end(of start: Int, _ tokens: [LuaToken]) -> Int? {
    guard tokens.indices.contains(start + 2), tokens[start + 1].text == "(" else { return nil }
    var depth = 0
    for index in tokens.indices.dropFirst(start + 1) {
      switch tokens[index].text {
      case "(", "{", "[", "function": depth += 1
      case ")", "}", "]", "end": depth -= 1
      case "," where depth == 1: return index > start + 2 ? index - 1 : nil
      default: break
      }
      if depth == 0 { return index > start + 2 ? index - 1 : nil }
    }
    return nil
  }

  /// `vm.Name` and the like, but for what is called or is a key.
  private static func paths(_ tokens: ArraySlice<LuaToken>) -> [[String]] {
    var paths: [[String]] = []
    var index = tokens.startIndex
    func text(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].text : "" }
    while index < tokens.endIndex {
      defer { index += 1 }
      guard tokens[index].kind == .name, ![".", ":"].contains(text(index - 1)) else { continue }
      var path = [tokens[index].text]
      while text(index + 1) == ".", tokens.indices.contains(index + 2), tokens[index + 2].kind == .name,
        text(index + 3) != "("
      {
        path.append(tokens[index + 2].text)
        index += 2
      }
      if !["(", "{"].contains(text(index + 1)) { paths.append(path) }
    }
    return paths
  }

  /// What a path stands for, in one row; nil where that says nothing.
  private static func value(_ path: [String], _ call: borrowing LuaCall, _ order: MemberOrder) -> String? {
    let stack = call.stack
    let top = stack.top
    defer { stack.pop(stack.top - top) }
    guard stack.reserve(path.count + 8), stack.pushVariable(path[0]) else { return nil }
    for name in path.dropFirst() {
      guard stack.isTable(at: -1) else { return nil }
      stack.push(name)
      stack.pushRaw(of: stack.top - 1)
    }
    let shown = stack.shownValue(at: -1, most: mostCopied) { _ in nil }
    do throws(NotData) {
      return Terminal.cut(
        Console.visible(try LuaLiteral(order: order, indent: nil).text(shown)), to: longestValue)
    } catch {
      return nil
    }
  }
}
