// Undo: the texts that a line has been. libedit has none in emacs mode, and knows nothing of our commands in vi mode.

struct Undo {
  /// More steps back than anybody counts, in at most a few megabytes.
  private static let limit = 100

  private var past: [TextBuffer] = []
  private var present = TextBuffer(scalars: [], cursor: 0)
  /// True while characters are being typed one after another: they go back together, a word at a time.
  private var isTyping = false

  /// Looks at the text as it is before the next key.
  mutating func note(_ text: TextBuffer) {
    defer { present = text }
    guard text.scalars != present.scalars else {
      if text.cursor != present.cursor { isTyping = false }
      return
    }
    let isTyped = isOneTyped(text)
    let endsWord = isTyped && text.scalars[text.cursor - 1] == " "
    if !isTyped || !isTyping || endsWord { past.append(present) }
    if past.count > Undo.limit { past.removeFirst() }
    isTyping = isTyped
  }

  /// The text before the last change, which is forgotten; nil when there is none.
  mutating func takeBack() -> TextBuffer? {
    guard let before = past.popLast() else { return nil }
    present = before
    isTyping = false
    return before
  }

  /// True when the text is the present one with one character more, before the cursor.
  private func isOneTyped(_ text: TextBuffer) -> Bool {
    text.scalars.count == present.scalars.count + 1 && text.cursor == present.cursor + 1
  }
}
