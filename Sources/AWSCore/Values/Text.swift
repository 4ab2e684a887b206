// Text: the few string helpers that Foundation would bring.

/// Without leading and trailing white space.
func trimmed(_ text: some StringProtocol) -> String {
  guard let first = text.firstIndex(where: { !$0.isWhitespace }),
    let last = text.lastIndex(where: { !$0.isWhitespace })
  else { return "" }
  return String(text[first...last])
}

/// Words from outside (a library's, a server's) as a message may quote them: one line without control
/// characters, of at most `limit` Unicode scalars.
func oneLine(_ text: some StringProtocol, limit: Int = 200) -> String {
  var line = String.UnicodeScalarView()
  for (index, scalar) in text.unicodeScalars.enumerated() {
    guard index < limit else {
      line.append("…")
      break
    }
    switch scalar.properties.generalCategory {
    // Cf: marks that turn the direction of what follows.
    case .control, .format, .lineSeparator, .paragraphSeparator: line.append(" ")
    default: line.append(scalar)
    }
  }
  return String(line)
}

extension String {
  /// Without any of `characters` at both ends.
  func trimming(_ characters: String) -> String {
    guard let first = firstIndex(where: { !characters.contains($0) }),
      let last = lastIndex(where: { !characters.contains($0) })
    else { return "" }
    return String(self[first...last])
  }
}
