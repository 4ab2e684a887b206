// Suggestion: how a text may go on, as one that was typed before did.

struct Suggestion: Equatable {
  /// The text that it was made for.
  let text: [Unicode.Scalar]
  let rest: [Unicode.Scalar]

  /// The rest of the newest entry that begins with the text; nil when there is none.
  /// - Parameter isSensitive: what is not to be shown unasked.
  init?(for text: TextBuffer, from entries: [String], isSensitive: (String) -> Bool) {
    guard !text.isEmpty, text.cursor == text.scalars.count else { return nil }
    let typed = text.string.utf8
    let found = entries.last { entry in
      entry.utf8.count > typed.count && entry.utf8.starts(with: typed) && !isSensitive(entry)
    }
    guard let found, let rest = String(found.utf8.dropFirst(typed.count)) else { return nil }
    self.text = text.scalars
    self.rest = rest.unicodeScalars.filter(Layout.isShown)
  }

  /// What a key takes of it into the text; nil when it takes nothing.
  func accepted(by command: KeyCommand, in text: TextBuffer) -> [Unicode.Scalar]? {
    guard text.cursor == text.scalars.count, text.scalars == self.text else { return nil }
    switch command {
    case .right, .end: return rest
    case .wordRight: return Array(rest[..<TextBuffer(scalars: rest, cursor: 0).wordEnd])
    default: return nil
    }
  }
}
