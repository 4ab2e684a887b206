// What is shown while a text is being typed: of a dot command by the table of commands, else by the interpreter.

extension Shell {
  func styles(of text: String) -> [StyledRange] {
    guard let line = DotLine(text) else { return interpreter.styles(of: text) }
    let start = text.utf8.prefix { $0 != UInt8(ascii: ".") }.count
    let range = start..<start + 1 + line.name.utf8.count
    if table[line.name] != nil { return [StyledRange(range, .host)] }
    // A name that is still being typed is no mistake yet.
    let isBegun =
      range.upperBound == text.utf8.count && table.commands.contains { $0.name.hasPrefix(line.name) }
    return isBegun ? [] : [StyledRange(range, .mistake)]
  }

  func hint(for text: String) -> String? {
    guard let line = DotLine(text) else { return interpreter.hint(for: text) }
    guard let command = table[line.name], line.argument.isEmpty, !command.arguments.isEmpty else {
      return nil
    }
    return text.last == " " ? command.arguments : " " + command.arguments
  }
}
