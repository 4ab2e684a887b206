// Prompt: what stands before the line.

/// A prompt and its look. Of the label only what takes room on the screen is shown, so that a profile's name
/// cannot drive the terminal.
struct Prompt: Equatable {
  private let program: String
  private let label: String
  private let isColoured: Bool
  private let isProduction: Bool
  /// Stands in the prompt's place while the history is searched.
  var search: HistorySearch?

  init(program: String, label: String, isColoured: Bool, isProduction: Bool) {
    self.program = program
    self.label = TextBuffer.string(
      label.unicodeScalars.filter { Layout.isShown($0) && $0 != "\n" && $0 != "\t" })
    self.isColoured = isColoured
    self.isProduction = isProduction
  }

  private var full: String { "\(program) \(label)> " }

  /// True when the full prompt would take more than half of the window's row; then it is only `> `.
  private func isShort(in columns: Int) -> Bool { Prompt.width(full) > columns / 2 }

  func width(in columns: Int) -> Int {
    if let search { return Prompt.width(search.prompt(columns: columns)) }
    return isShort(in: columns) ? 2 : Prompt.width(full)
  }

  /// The prompt as libedit takes it: between two \1 stands what takes no room. Each such literal needs a
  /// visible character right behind it; one at the very end is dropped, and of two in a row one is printed as
  /// garbage.
  func text(in columns: Int) -> String {
    if let search { return search.prompt(columns: columns) }
    if isShort(in: columns) { return "> " }
    guard isColoured else { return full }
    return
      "\u{1}\u{1B}[1m\u{1}\(program) \u{1}\u{1B}[\(isProduction ? "1;31" : "0;36")m\u{1}\(label)>\u{1}\u{1B}[0m\u{1} "
  }

  private static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + Layout.width(of: $1) }
  }
}
