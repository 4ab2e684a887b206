// When the text is painted: right before the terminal is waited for, and never while more is typed ahead.

extension LineReader {
  /// Gives libedit a key, and notes what that does to the screen.
  func handOver(_ key: Unicode.Scalar) -> Editline.Key {
    unpaintedKeys += 1
    // A control character may be bound to what draws everything again, as Ctrl-L is. Backspace is not.
    let isControl = key.value < 0x20 && key.value != 0x08
    if isControl { painter.forget() }
    return .scalar(key)
  }

  /// Paints the text, with the pair of the bracket at the cursor, and how it could go on.
  func paint() {
    let text = editline.buffer
    suggestion = nil
    var ghost: [Unicode.Scalar] = []
    if painter.isColoured, prompt.search == nil, !text.isEmpty, text.cursor == text.scalars.count {
      if let hint = hint(text.string) {
        ghost = hint.unicodeScalars.filter(Layout.isShown)
      } else {
        suggestion = Suggestion(for: text, from: history.entries, isSensitive: interpreter.isSensitive)
        ghost = suggestion?.rest ?? []
      }
    }
    paint(text, atCursor: true, ghost: ghost)
  }

  /// Paints the text as it is to stand above what it prints: nothing in it depends on the cursor.
  func paintForGood() { paint(editline.buffer, atCursor: false, ghost: []) }

  func eraseGhost() { Terminal.write(painter.erasingGhost()) }

  private func paint(_ text: TextBuffer, atCursor isAtCursor: Bool, ghost: [Unicode.Scalar]) {
    guard isCapable else { return }
    // What changed and changed back between two paintings would not be noticed.
    if unpaintedKeys > 1 || editline.isRedrawn { painter.forget() }
    unpaintedKeys = 0
    editline.isRedrawn = false
    let looks = painter.isColoured ? looks(of: text, atCursor: isAtCursor) : []
    Terminal.write(painter.painting(text, looks, ghost: ghost, in: layout))
  }

  private func looks(of text: TextBuffer, atCursor isAtCursor: Bool) -> [Look] {
    var looks = Look.looks(of: text.scalars, styles(text.string))
    let brackets = Brackets(text, looks)
    for index in brackets.unmatched { looks[index] = .mistake }
    if isAtCursor { for index in brackets.pair { looks[index] = .pair } }
    for range in chips.marks(in: text.scalars) {
      looks.replaceSubrange(range, with: range.map { _ in .chip })
    }
    return looks
  }
}
