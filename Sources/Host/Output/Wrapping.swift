// Wrapping: sentences over as many lines as the screen needs, broken at spaces.

public enum Wrapping {
  /// The lines of a text; a word that is wider than the screen has a line, or several, of its own.
  /// - Parameters:
  ///   - width: columns of the screen; nil for no bound.
  ///   - first: columns that are taken before the first line begins.
  ///   - indent: columns that the other lines begin with.
  public static func lines(_ text: String, width: Int?, first: Int = 0, indent: Int = 0) -> [String] {
    guard let width, first + Terminal.columns(text) >= width else { return [text] }
    let blank = String(repeating: " ", count: min(indent, width / 2))
    var lines: [String] = []
    var line = ""
    var used = first
    for (place, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
      let columns = Terminal.columns(String(word))
      let gap = place == 0 ? 0 : 1
      // Spaces that the text begins with are its own indentation, and no line.
      if used + gap + columns >= width, line.contains(where: { $0 != " " }) {
        lines.append(line)
        (line, used) = (blank + word, blank.count + columns)
      } else {
        line += (gap == 0 ? "" : " ") + word
        used += gap + columns
      }
    }
    return lines + [line]
  }
}
