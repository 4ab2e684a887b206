// CommandTable: the dot commands of a session, the shell's own and the interpreter's.
import AWSCore

struct CommandTable {
  let commands: [DotCommand]

  init(_ commands: [DotCommand]) { self.commands = commands.sorted { $0.name < $1.name } }

  subscript(name: String) -> DotCommand? { commands.first { $0.name == name } }

  /// What `.help` prints: a command with its arguments in the first third of the window, or longer; its summary beside it,
  /// broken at words, or from the next row on.
  func help(columns: Int) -> String {
    let rows = commands.map { (usage: "  .\($0.name) \($0.arguments)", summary: $0.summary) }
    let width = min((rows.map(\.usage.count).max() ?? 0) + 1, columns / 3)
    let indent = String(repeating: " ", count: width)
    return rows.map { row in
      var lines = [row.usage]
      if row.usage.count < width {
        lines[0] += indent.dropFirst(row.usage.count)
      } else {
        lines.append(indent)
      }
      for word in row.summary.split(separator: " ") {
        let last = lines.count - 1
        if lines[last].count + 1 + word.count >= columns {
          lines.append(indent + word)
        } else {
          lines[last] += (lines[last].count > width ? " " : "") + word
        }
      }
      return lines.map { $0 + "\n" }.joined()
    }.joined()
  }

  /// What is said of a command that does not exist.
  func unknown(_ name: String) -> String {
    let known = name == "quit" ? "exit" : nearest(to: name, in: commands.map(\.name))
    let near = known.map { "did you mean .\($0)?" }
    return "there is no command .\(name); \(near ?? ".help lists them")"
  }
}

extension CommandTable {
  /// What may stand in a dot command's name, or in its argument.
  func completions(for line: DotLine, in text: String, at offset: Int) -> Completions {
    let typed = String(decoding: Array(text.utf8).prefix(offset), as: UTF8.self)
    guard let space = typed.lastIndex(where: \.isWhitespace), let name = DotLine(typed), name.name != ""
    else {
      let isAtEnd = offset == text.utf8.count
      let items = commands.map { command in
        let name = ".\(command.name)"
        return Completion(
          isAtEnd && !command.arguments.isEmpty ? name + " " : name, label: name, detail: command.summary)
      }
      return Completions(replacing: 0..<offset, items)
    }
    let word = String(typed[typed.index(after: space)...])
    // With the spaces at its end, which tell a word from the next one.
    let argument = typed.drop(while: \.isWhitespace).dropFirst(1 + name.name.count).drop(
      while: \.isWhitespace)
    let items = self[name.name]?.completions(String(argument)) ?? []
    return Completions(replacing: offset - word.utf8.count..<offset, items)
  }
}
