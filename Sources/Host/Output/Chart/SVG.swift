// SVG: a picture for a browser or a document: well-formed XML, with a title that screen readers read.

struct SVG {
  static let font = 13.0
  private var body = ""

  /// What a line of text takes, more or less: fonts differ.
  static func width(_ text: String) -> Double { Double(Terminal.columns(text)) * font * 0.58 }

  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String, note: String? = nil
  ) {
    element(
      "rect", [("x", x), ("y", y), ("width", max(0, width)), ("height", max(0, height))], "fill=\"\(fill)\"",
      note)
  }

  mutating func circle(_ x: Double, _ y: Double, _ radius: Double, fill: String, note: String? = nil) {
    element("circle", [("cx", x), ("cy", y), ("r", radius)], "fill=\"\(fill)\"", note)
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, stroke: String) {
    element("line", [("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2)], "stroke=\"\(stroke)\"", nil)
  }

  mutating func path(_ data: String, _ attributes: String) {
    body += "  <path d=\"\(data)\" \(attributes)/>\n"
  }

  enum Anchor: String { case start, middle, end }

  mutating func text(
    _ text: String, _ x: Double, _ y: Double, _ anchor: Anchor = .start, fill: String = Colour.text,
    isTitle: Bool = false
  ) {
    let weight = isTitle ? " font-size=\"16\" font-weight=\"600\"" : ""
    body +=
      "  <text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor.rawValue)\" "
      + "fill=\"\(fill)\"\(weight)>\(Self.escaped(text))</text>\n"
  }

  private mutating func element(
    _ name: String, _ numbers: [(String, Double)], _ attributes: String, _ note: String?
  ) {
    let places = numbers.map { "\($0.0)=\"\(Self.number($0.1))\"" }.joined(separator: " ")
    let inner = note.map { "><title>\(Self.escaped($0))</title></\(name)>" } ?? "/>"
    body += "  <\(name) \(places) \(attributes)\(inner)\n"
  }

  /// The whole document.
  func document(width: Double, height: Double, title: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.number(width))" height="\(Self.number(height))" \
    viewBox="0 0 \(Self.number(width)) \(Self.number(height))" role="img" \
    font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="\(Self.number(Self.font))">
      <title>\(Self.escaped(title))</title>
      <rect width="100%" height="100%" fill="\(Colour.ground)"/>
    \(body)</svg>

    """
  }

  /// Hundredths of a pixel are enough.
  static func number(_ number: Double) -> String { number.isFinite ? ChartNumber.decimals(number, 2) : "0" }

  /// XML has no control characters, not even escaped ones (XML 1.0, 2.2).
  static func escaped(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in Visible.line(text).unicodeScalars {
      switch scalar {
      case "&": out.append(contentsOf: "&amp;".unicodeScalars)
      case "<": out.append(contentsOf: "&lt;".unicodeScalars)
      case ">": out.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": out.append(contentsOf: "&quot;".unicodeScalars)
      case "\u{FFFE}", "\u{FFFF}": out.append("\u{FFFD}")
      default: out.append(scalar)
      }
    }
    return String(out)
  }
}

/// What pictures are painted with; readable on paper and to the colour-blind.
enum Colour {
  static let ground = "#ffffff"
  static let text = "#1f2933"
  static let faint = "#5f6c7b"
  static let grid = "#e1e6eb"
  static let axis = "#9aa5b1"
  static let bar = "#2f6f9f"
  static let negative = "#c2571a"
  static let absent = "#b8c1cb"
}
