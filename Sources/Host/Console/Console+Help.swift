// How `help` finds its page: by a name, or by what a value is; and the question that may be typed instead of it.
import AWSCore
import BackupGateway
import LuaRuntime

extension Console {
  /// The page for what stands on a stack: the name that was found for the subject, the subject, and the name as it was
  /// typed at the prompt.
  func help(_ stack: LuaStack) throws(LuaRaise) -> String {
    let name = stack.string(at: 1)
    let typed = stack.string(at: 3)
    if let text = page(named: typed) ?? page(named: name) { return text }
    if name == nil, typed == nil, stack.isNil(at: 2) { return Help.overview(width: Terminal.width) }
    if name == nil, let text = page(about: try stack.value(at: 2)) { return text }
    guard let wanted = typed ?? name else {
      throw LuaRaise.refused("help takes a function of moongate or its name, as in help(get_gateway)")
    }
    let near = nearest(to: wanted, in: names + Help.names).map { "; did you mean \($0)?" } ?? ";"
    throw LuaRaise.refused("there is no help for '\(wanted)'\(near) help() lists everything")
  }

  private func page(named name: String?) -> String? {
    guard let name else { return nil }
    return Help.text(for: name, lab: lab?.operations ?? [], width: Terminal.width)
  }

  /// What there is to say of a value that is no name of the host's.
  private func page(about value: LuaValue) -> String? {
    switch value {
    case .timestamp: return page(named: "timestamp")
    case .secret: return page(named: "secret")
    case .table(let table):
      if let shape = table.shape.flatMap({ records.shapes[$0] }), !shape.members.isEmpty {
        return Help.page(shape, named: shape.name, width: Terminal.width)
      }
      return page(named: table.metatableName)
    default: return nil
    }
  }
}

/// A text that asks what a name is: `get_gateway?`, `?get_gateway`, `get_gateway??`, or `help` or `exit` alone.
struct Question {
  let name: String

  /// Nil for a text that is none.
  init?(_ text: String) {
    var line = text[...]
    while line.last?.isWhitespace == true { line.removeLast() }
    line = line.drop(while: \.isWhitespace)
    if line == "help" || line == "?" {
      name = ""
      return
    }
    // Who types it wants to leave, and is told how.
    if line == "exit" || line == "quit" {
      name = "exit"
      return
    }
    // As other shells have it.
    if line.hasPrefix("help "), Self.isName(line.dropFirst(5)) {
      name = String(line.dropFirst(5))
      return
    }
    guard line.contains("?") else { return nil }
    let bare = line.hasPrefix("?") ? line.drop { $0 == "?" } : line.prefix { $0 != "?" }
    let marks = line.utf8.count - bare.utf8.count
    let asked = line.hasPrefix("?") ? line.prefix(marks) : line.suffix(marks)
    guard (1...2).contains(marks), asked.allSatisfy({ $0 == "?" }) else { return nil }
    guard Self.isName(bare) else { return nil }
    name = String(bare)
  }

  /// A name, or names with points or colons between them.
  private static func isName(_ text: Substring) -> Bool {
    text.split(omittingEmptySubsequences: false) { ".:".contains($0) }.allSatisfy { part in
      part.first.map { $0.isASCII && ($0.isLetter || $0 == "_") } == true
        && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
  }

  /// The Lua that answers it, given the function `help`: the operator's own names may hide ours. A method is no value by itself, and a word of Lua's is none at all.
  var lua: String {
    if name.isEmpty { return "(...)()" }
    let tokens = LuaTokens.of(Array(name.utf8))
    let isValue = !name.contains(":") && tokens.allSatisfy { $0.kind != .keyword }
    return "(...)(\(isValue ? name : "nil"), \"\(name)\")"
  }
}
