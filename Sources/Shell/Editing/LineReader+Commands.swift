// What our commands do to the text.

extension LineReader {
  func perform(_ command: KeyCommand) -> Editline.Reaction {
    let text = editline.buffer
    if command != .indent { round = nil }
    if let taken = suggestion?.accepted(by: command, in: text) { return insert(taken) }
    switch command {
    case .enter: return enter(text)
    case .newline: return breakRow(text)
    case .paste: return paste()
    case .up: return up(text)
    case .down: return down(text)
    case .left: return move(to: text.cursor - 1, in: text)
    case .right: return move(to: text.cursor + 1, in: text)
    case .home: return move(to: text.rowStart, in: text)
    case .end: return move(to: text.rowEnd, in: text)
    case .wordLeft: return move(to: text.wordStart, in: text)
    case .wordRight: return move(to: text.wordEnd, in: text)
    case .searchBack: return show(recall.previous(from: text.string, startingWith: prefix(text)))
    case .searchForward: return show(recall.next(startingWith: prefix(text)))
    case .search: return search(from: text)
    case .editText:
      outcome = .edit(chips.expand(text.string))
      leaveText()
      return .nothing
    case .delete: return remove(text.cursor..<text.cursor + 1, of: text)
    case .killToEnd:
      // At the end of a row the line end goes, so that repeating it joins rows.
      return kill(text.cursor..<max(text.rowEnd, min(text.cursor + 1, text.scalars.count)), of: text)
    case .killToStart: return kill(text.rowStart..<text.cursor, of: text)
    case .killWordBack: return kill(text.wordStart..<text.cursor, of: text)
    case .killWord: return kill(text.cursor..<text.wordEnd, of: text)
    case .yank: return insert(killed)
    case .indent: return complete(text)
    case .undo:
      guard let before = undo.takeBack() else { return .beep }
      guard layout.fits(before.scalars) else {  // the window was larger then
        collapse(before)
        return .redraw
      }
      editline.replace(with: before.scalars)
      editline.moveCursor(to: before.cursor)
      return .redraw
    case .viEnd:
      // On an empty line libedit's own steps before the buffer.
      guard !text.isEmpty else { return .beep }
      press(.viEndOfText)
      return .pending
    case .viReplace:
      guard text.cursor < text.scalars.count else { return .beep }
      awaitsReplacement = true
      return .nothing
    case .viReplaceNow: return replace(with: [replacement], in: text)
    case .viChangeCase:
      guard text.cursor < text.scalars.count else { return .beep }
      let properties = text.scalars[text.cursor].properties
      let changed = properties.isLowercase ? properties.uppercaseMapping : properties.lowercaseMapping
      let reaction = replace(with: Array(changed.unicodeScalars), in: text)
      editline.moveCursor(to: text.cursor + 1)
      return reaction
    case .submit, .viEndOfText, .refuse: return .beep
    }
  }

  /// Enter: ends a text that is whole, and begins a new row in one that goes on.
  private func enter(_ typed: TextBuffer) -> Editline.Reaction {
    if let spaces = typed.outdent {
      editline.delete(spaces)
      editline.moveCursor(to: typed.cursor - spaces.count)
    }
    let text = editline.buffer
    let source = chips.expand(text.string)
    if !source.allSatisfy(\.isWhitespace), DotLine(source) == nil, interpreter.isIncomplete(source) {
      return breakRow(text)
    }
    editline.moveCursor(to: text.scalars.count)
    press(.submit)
    return .redraw
  }

  /// Begins a new row. Where the window has no more, the rows so far become a chip, so that there is no end
  /// to what can be typed.
  private func breakRow(_ text: TextBuffer) -> Editline.Reaction {
    let row = "\n" + String(repeating: " ", count: text.indentation)
    let scalars = Array(row.unicodeScalars)
    if !fits(scalars, in: text) { collapse(text) }
    return insert(scalars)
  }

  private func move(to position: Int, in text: TextBuffer) -> Editline.Reaction {
    guard text.scalars.indices.contains(position) || position == text.scalars.count, position != text.cursor
    else { return .beep }
    editline.moveCursor(to: position)
    return .redraw
  }

  // MARK: Inserting

  /// True when the window has room for the text with these characters at the cursor.
  func fits(_ scalars: [Unicode.Scalar], in text: TextBuffer) -> Bool {
    text.scalars.count + scalars.count < Editline.capacity
      && layout.fits(text.beforeCursor + scalars + text.afterCursor)
  }

  /// Inserts characters that may be shown; a text too large for the window becomes a chip.
  func insert(_ scalars: [Unicode.Scalar]) -> Editline.Reaction {
    let text = editline.buffer
    guard !scalars.isEmpty else { return .beep }
    if fits(scalars, in: text) {
      editline.insert(scalars)
      return .redraw
    }
    let chip = Array(chips.collapse(TextBuffer.string(scalars)).unicodeScalars)
    guard fits(chip, in: text) else { return .beep }
    editline.insert(chip)
    return .redraw
  }

  /// A paste enters as one block and runs nothing: line ends become rows, and the last one is left out.
  private func paste() -> Editline.Reaction {
    let paste = PastedText(pasted)
    pasted = []
    if paste.dropped > 0 {
      announce("Left out of the paste, for they take no room on the screen: \(paste.dropped) characters.")
    }
    return insert(paste.scalars)
  }

  /// Puts characters into the place of the one under the cursor.
  private func replace(with scalars: [Unicode.Scalar], in text: TextBuffer) -> Editline.Reaction {
    guard text.cursor < text.scalars.count, scalars.allSatisfy(Layout.isShown), fits(scalars, in: text) else {
      return .beep
    }
    editline.delete(text.cursor..<text.cursor + 1)
    editline.insert(scalars)
    editline.moveCursor(to: text.cursor)
    return .redraw
  }

  // MARK: Cutting

  private func remove(_ range: Range<Int>, of text: TextBuffer) -> Editline.Reaction {
    guard !range.isEmpty, range.upperBound <= text.scalars.count else { return .beep }
    editline.delete(range)
    return .redraw
  }

  private func kill(_ range: Range<Int>, of text: TextBuffer) -> Editline.Reaction {
    guard !range.isEmpty else { return .beep }
    killed = Array(text.scalars[range])
    return remove(range, of: text)
  }

  // MARK: History

  private func up(_ text: TextBuffer) -> Editline.Reaction {
    if let above = text.above { return move(to: above, in: text) }
    return show(recall.previous(from: text.string))
  }

  private func down(_ text: TextBuffer) -> Editline.Reaction {
    if let below = text.below { return move(to: below, in: text) }
    return show(recall.next())
  }

  private func prefix(_ text: TextBuffer) -> String { TextBuffer.string(text.beforeCursor) }

  /// Shows a text from the history, as a chip when the window has no room for it.
  func show(_ entry: String?) -> Editline.Reaction {
    guard let entry else { return .beep }
    editline.replace(with: [])
    let scalars = entry.unicodeScalars.filter(Layout.isShown)
    return scalars.isEmpty ? .redraw : insert(Array(scalars))
  }
}

/// A paste made fit for the line.
struct PastedText: Equatable {
  let scalars: [Unicode.Scalar]
  /// How many characters that take no room (combining marks, joiners) were left out. Control characters,
  /// which nobody pasted on purpose, are left out without a word.
  let dropped: Int

  init(_ bytes: [UInt8]) {
    var scalars: [Unicode.Scalar] = []
    var dropped = 0
    // While libedit edits, the terminal turns CR and LF into each other: CR LF arrives as LF CR.
    let text = String(decoding: bytes, as: UTF8.self).unicodeScalars
    for scalar in text {
      if scalar == "\r" {
        if scalars.last != "\n" { scalars.append("\n") }
      } else if Layout.isShown(scalar) {
        scalars.append(scalar)
      } else if scalar.value >= 0xA0 {
        dropped += 1
      }
    }
    while scalars.last == "\n" { scalars.removeLast() }
    self.scalars = scalars
    self.dropped = dropped
  }
}
