// CompletionList: which of the completions fit what is typed, what they have in common, and how they are listed.

struct CompletionList: Equatable {
  /// Those that fit, best first.
  let items: [Completion]
  /// What is typed of one.
  let typed: String
  private let areFoundAnywhere: Bool

  /// - Parameter typed: what stands in the range that they replace.
  init(_ completions: Completions, typed: String) {
    self.typed = typed
    areFoundAnywhere = completions.areFoundAnywhere
    items = Self.fitting(completions.items, typed, anywhere: completions.areFoundAnywhere)
  }

  // MARK: Choosing

  /// Those that begin with what is typed; where there is none, those that do so in another case; else those that have
  /// it somewhere; else those that have its letters in that order.
  private static func fitting(_ items: [Completion], _ typed: String, anywhere: Bool) -> [Completion] {
    guard !typed.isEmpty else { return items }
    let wanted = typed.lowercased()
    // By its name before by an id that happens to have the letters.
    let named = items.filter { $0.label.lowercased().contains(wanted) }
    let others = items.filter {
      !$0.label.lowercased().contains(wanted) && $0.text.lowercased().contains(wanted)
    }
    if anywhere, !named.isEmpty || !others.isEmpty { return named + others }
    let tests: [(Completion) -> Bool] = [
      { $0.text.hasPrefix(typed) || $0.label.hasPrefix(typed) },
      { $0.text.lowercased().hasPrefix(wanted) || $0.label.lowercased().hasPrefix(wanted) },
      { $0.label.lowercased().contains(wanted) },
      { isSubsequence(wanted, of: $0.label.lowercased()) },
    ]
    for test in tests {
      let fitting = items.filter(test)
      if !fitting.isEmpty { return fitting }
    }
    return []
  }

  private static func isSubsequence(_ wanted: String, of text: String) -> Bool {
    var rest = wanted[...]
    for character in text where character == rest.first { rest.removeFirst() }
    return rest.isEmpty
  }

  /// What can be put in the place of what is typed without choosing: all that they begin with. Nil when that is no more
  /// than what is typed, or something else.
  var beginning: String? {
    guard var common = items.first?.text else { return nil }
    for item in items.dropFirst() { common = Self.common(common, item.text) }
    // A name by which something was looked for must not be lost to a beginning that says nothing.
    let goesOn = typed.isEmpty ? !areFoundAnywhere : common.lowercased().hasPrefix(typed.lowercased())
    return goesOn && common.unicodeScalars.count > typed.unicodeScalars.count ? common : nil
  }

  private static func common(_ a: String, _ b: String) -> String {
    TextBuffer.string(zip(a.unicodeScalars, b.unicodeScalars).prefix { $0 == $1 }.map(\.0))
  }

  // MARK: Listing

  /// The rows of the list: labels with what is to be known of each, or labels in columns where those would be too many.
  /// - Parameters:
  ///   - columns: of the window.
  ///   - rows: that a list may have before its details are left out.
  ///   - faint: what turns the details faint, and back; empty for nothing.
  func rows(columns: Int, rows most: Int, faint: (on: String, off: String)) -> [String] {
    let labels = items.map { Layout.shown($0.label) }
    let details = items.map { Layout.shown($0.detail) }
    let widest = labels.map(Layout.columns).max() ?? 0
    let hasDetails = details.contains { !$0.isEmpty }
    if hasDetails && (items.count <= most || areFoundAnywhere) {
      // A long label must not push the details of all out of the window.
      let width = min(widest, max(columns / 2, 1))
      return zip(labels, details).map { label, detail in
        let label = Self.cut(label, to: columns - 1)
        let gap = max(0, width - Layout.columns(of: label)) + 2
        let room = columns - 1 - Layout.columns(of: label) - gap
        guard !detail.isEmpty, room > 0 else { return label }
        return label + String(repeating: " ", count: gap) + faint.on + Self.cut(detail, to: room) + faint.off
      }
    }
    let across = max(1, (columns - 1 + 2) / (widest + 2))
    let down = (items.count + across - 1) / across
    return (0..<down).map { row in
      var text = ""
      var column = 0
      for place in stride(from: row, to: items.count, by: max(down, 1)) {
        let wanted = place / max(down, 1) * (widest + 2)
        text += String(repeating: " ", count: max(0, wanted - column)) + labels[place]
        column = max(wanted, column) + Layout.columns(of: labels[place])
      }
      return Self.cut(text, to: columns - 1)
    }
  }

  private static func cut(_ text: String, to columns: Int) -> String {
    var width = 0
    return TextBuffer.string(
      text.unicodeScalars.prefix { scalar in
        width += Layout.width(of: scalar)
        return width <= columns
      })
  }
}
