// Markdown: text in GitHub's flavour of Markdown, in which every character of a help text means itself.

enum Markdown {
  /// Prose. Of what Markdown would take for its own, help texts have these.
  static func prose(_ text: some StringProtocol) -> String {
    text.split(separator: "\n").map { line in
      line.drop { $0 == " " }.map { "*<|[]".contains($0) ? "\\\($0)" : String($0) }.joined()
    }.joined(separator: " ")
  }

  static func code(_ text: some StringProtocol) -> String { "`\(text)`" }

  static func link(_ text: String, to heading: String) -> String { "[\(text)](#\(anchor(heading)))" }

  /// The part behind # that GitHub gives a heading: small letters, digits, - and _; blanks become -.
  static func anchor(_ heading: String) -> String {
    heading.lowercased().unicodeScalars.map { scalar in
      scalar == " "
        ? "-"
        : scalar.properties.isAlphabetic || "0123456789-_".unicodeScalars.contains(scalar)
          ? String(scalar) : ""
    }.joined()
  }

  static func heading(_ level: Int, _ text: String) -> String {
    "\n\(String(repeating: "#", count: level)) \(text)\n"
  }

  /// A table; nothing where there is no row. A bar inside a cell would end it, also within code.
  static func table(_ titles: [String], _ rows: [[String]]) -> String {
    guard !rows.isEmpty else { return "" }
    func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
    func inCell(_ text: String) -> String {
      text.replacing("\\|", with: "|").replacing("|", with: "\\|").replacing("\n", with: " ")
    }
    return "\n" + line(titles) + "|" + String(repeating: "---|", count: titles.count) + "\n"
      + rows.map { line($0.map(inCell)) }.joined()
  }

  static func block(_ text: String, of language: String = "") -> String { "\n```\(language)\n\(text)\n```\n" }
}
