// Chips: a text too tall for the window stands in the line as one short mark.

/// The texts that are shown as `⟦text 1: 200 lines⟧`, and which run in full. The brackets are no Lua, so a
/// mark that somebody damaged is a syntax error and never something else.
struct Chips {
  private var texts: [(mark: String, text: String)] = []

  /// The mark that stands for a text from now on.
  mutating func collapse(_ text: String) -> String {
    let whole = expand(text)
    if let chip = texts.first(where: { $0.text == whole }) { return chip.mark }
    let lines = whole.split(separator: "\n", omittingEmptySubsequences: false).count
    let size = lines > 1 ? "\(lines) lines" : "\(whole.unicodeScalars.count) characters"
    let mark = "⟦text \(texts.count + 1): \(size)⟧"
    texts.append((mark: mark, text: whole))
    return mark
  }

  /// Where marks stand in a text.
  func marks(in text: [Unicode.Scalar]) -> [Range<Int>] {
    guard text.contains("⟦") else { return [] }
    return texts.flatMap { text.ranges(of: Array($0.mark.unicodeScalars)) }
  }

  /// The range, with the whole of every mark that it touches.
  func covering(_ range: Range<Int>, in text: [Unicode.Scalar]) -> Range<Int> {
    marks(in: text).filter { $0.overlaps(range) }.reduce(range) { whole, mark in
      min(whole.lowerBound, mark.lowerBound)..<max(whole.upperBound, mark.upperBound)
    }
  }

  /// The text with every mark replaced by what it stands for.
  func expand(_ text: String) -> String {
    guard text.contains("⟦") else { return text }
    return texts.reduce(text) { text, chip in
      text.split(separator: chip.mark, omittingEmptySubsequences: false).joined(separator: chip.text)
    }
  }
}
