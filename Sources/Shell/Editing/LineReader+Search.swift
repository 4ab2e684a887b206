// Searching the history while its answer is on the screen: Ctrl-R, in vi's command mode also / and ?.
//
// The found text stands where the line is edited, and what is looked for in the prompt's place, so that everything that
// holds for a line (the window's size, wide characters, a resize) holds here too.

/// A search that goes on: what is looked for, and where it has got to.
struct HistorySearch: Equatable {
  /// Oldest first.
  private let entries: [String]
  private(set) var pattern = ""
  /// The place of the entry that is shown; nil while nothing is looked for.
  private(set) var index: Int?
  /// False when nothing older or newer holds the pattern; the last one that does stays on the screen.
  private(set) var isFound = true

  init(_ entries: [String]) { self.entries = entries }

  /// The entry that is shown.
  var entry: String? { index.map { entries[$0] } }

  /// Looks for a longer pattern, from the entry that is shown on.
  mutating func append(_ text: String) {
    pattern += text
    find(entries[..<min(entries.count, (index ?? entries.count) + 1)].indices.reversed())
  }

  /// Looks for a shorter one, from the newest on.
  mutating func removeLast() {
    guard !pattern.isEmpty else { return }
    pattern = String(pattern.unicodeScalars.dropLast())
    index = nil
    isFound = true
    if !pattern.isEmpty { find(entries.indices.reversed()) }
  }

  mutating func older() {
    if !pattern.isEmpty { find(entries[..<(index ?? entries.count)].indices.reversed()) }
  }

  mutating func newer() {
    if !pattern.isEmpty, let index { find(entries[(index + 1)...].indices) }
  }

  private mutating func find(_ places: some Sequence<Int>) {
    let wanted = FoldedText(pattern)
    let found = places.first { wanted.place(in: entries[$0]) != nil }
    isFound = found != nil
    if let found { index = found }
  }

  /// Where the pattern begins in a text, in scalars.
  func place(in text: String) -> Int? { FoldedText(pattern).place(in: text) }

  /// `(search) 'get_': `, and shorter where the window is narrow: at most half of it.
  func prompt(columns: Int) -> String {
    let room = max(8, columns / 2)
    let long = "(\(isFound ? "search" : "not found")) '\(pattern)': "
    if Layout.columns(of: long) <= room { return long }
    var end = pattern.unicodeScalars[...]
    let mark = isFound ? "" : "!"
    while Layout.columns(of: "\(mark)'\(String(end))': ") > room, !end.isEmpty { end.removeFirst() }
    return "\(mark)'\(String(end))': "
  }
}

/// A text that is looked for, in whatever case.
struct FoldedText {
  private let folded: [Unicode.Scalar]

  init(_ text: String) { folded = text.unicodeScalars.map(Self.fold) }

  /// Where it begins in a text, in scalars; nil when it is not there.
  func place(in text: String) -> Int? {
    guard let first = folded.first else { return nil }
    let scalars = text.unicodeScalars
    var offset = 0
    var start = scalars.startIndex
    while start < scalars.endIndex {
      if Self.fold(scalars[start]) == first, begins(in: scalars[start...]) { return offset }
      scalars.formIndex(after: &start)
      offset += 1
    }
    return nil
  }

  private func begins(in scalars: Substring.UnicodeScalarView) -> Bool {
    var place = scalars.startIndex
    for wanted in folded {
      guard place < scalars.endIndex, Self.fold(scalars[place]) == wanted else { return false }
      scalars.formIndex(after: &place)
    }
    return true
  }

  /// One scalar for one scalar, so that places stay what they are.
  private static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.isASCII {
      return (0x41...0x5A).contains(scalar.value) ? Unicode.Scalar(scalar.value + 32) ?? scalar : scalar
    }
    let lowered = scalar.properties.lowercaseMapping.unicodeScalars
    return lowered.count == 1 ? lowered.first ?? scalar : scalar
  }
}

extension LineReader {
  /// Searches until a key ends it: Enter runs what was found, Esc and Ctrl-G bring the old text back, any other key goes
  /// on editing what was found.
  func search(from original: TextBuffer) -> Editline.Reaction {
    var search = HistorySearch(history.entries)
    draw(search, original)
    while let key = readKey() {
      switch key {
      case .character("\u{12}"):  // Ctrl-R
        // At once again: what was searched for last.
        if search.pattern.isEmpty { search.append(lastSearch) } else { search.older() }
      case .character("\u{13}"): search.newer()  // Ctrl-S
      case .character("\u{08}"), .character("\u{7F}"): search.removeLast()
      case .character("\u{07}"), .character("\u{1B}"):
        finish(search, original)
        restore(original)
        return .nothing
      case .character("\n"):
        finish(search, original)
        press(.enter)
        return .nothing
      case .character(let scalar) where scalar.value >= 0x20 && Layout.isShown(scalar):
        search.append(String(scalar))
      case .paste(let bytes):
        search.append(TextBuffer.string(PastedText(bytes).scalars.prefix { $0 != "\n" && $0 != "\t" }))
      default:
        finish(search, original)
        pass(on: key)
        return .nothing
      }
      if !search.isFound { editline.beep() }
      draw(search, original)
    }
    // Ctrl-C, or a signal: the line is over.
    prompt.search = nil
    return .nothing
  }

  /// Shows the state of the search.
  private func draw(_ search: HistorySearch, _ original: TextBuffer) {
    eraseText()
    prompt.search = search
    setPrompt()
    if let entry = search.entry {
      _ = show(entry)
      if let place = search.place(in: editline.buffer.string) { editline.moveCursor(to: place) }
    } else {
      put(original)
    }
    redrawFitting()
  }

  /// Ends the search with what it has found in the line.
  private func finish(_ search: HistorySearch, _ original: TextBuffer) {
    if !search.pattern.isEmpty { lastSearch = search.pattern }
    if let index = search.index { recall = History.Recall(history, at: index, draft: original.string) }
    eraseText()
    prompt.search = nil
    setPrompt()
    redrawFitting()
  }

  private func restore(_ original: TextBuffer) {
    eraseText()
    recall = History.Recall(history)
    put(original)
    redrawFitting()
  }

  private func put(_ text: TextBuffer) {
    editline.replace(with: text.scalars)
    editline.moveCursor(to: text.cursor)
  }
}
