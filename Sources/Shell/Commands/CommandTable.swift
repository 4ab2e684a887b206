// CommandTable: the dot commands of a session, the shell's own and the interpreter's.
import AWSCore

struct CommandTable {
  let commands: [DotCommand]

  init(_ commands: [DotCommand]) { self.commands = commands.sorted { $0.name < $1.name } }

  subscript(name: String) -> DotCommand? { commands.first { $0.name == name } }

  /// What `.help` prints.
  var help: String {
    let rows = commands.map { (".\($0.name) \($0.arguments)", $0.summary) }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 + "\n" }
      .joined()
  }

  /// What is said of a command that does not exist.
  func unknown(_ name: String) -> String {
    let near = nearest(to: name, in: commands.map(\.name)).map { "did you mean .\($0)?" }
    return "there is no command .\(name); \(near ?? ".help lists them")"
  }
}

extension CommandTable {
  /// What may stand in a dot command's name, or in its argument.
  func completions(for line: DotLine, in text: String, at offset: Int) -> Completions {
    let typed = String(decoding: Array(text.utf8).prefix(offset), as: UTF8.self)
    guard let space = typed.lastIndex(where: \.isWhitespace), let name = DotLine(typed), name.name != ""
    else {
      return Completions(
        replacing: 0..<offset, commands.map { Completion(".\($0.name)", detail: $0.summary) })
    }
    let word = String(typed[typed.index(after: space)...])
    let items = self[name.name]?.completions(name.argument) ?? []
    return Completions(replacing: offset - word.utf8.count..<offset, items)
  }
}
