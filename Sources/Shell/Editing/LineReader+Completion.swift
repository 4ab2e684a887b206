// What Tab does: it puts in what is certain, and lists the rest below the text. Tab again goes through the list, one
// candidate after the other in the text, and comes back to what was typed.
import Glibc

/// What the last Tab left behind, for the next one.
struct CompletionRound {
  /// The text as it was left; another one ends the round.
  var text: TextBuffer
  /// Where in it the candidate stands, in scalars.
  var range: Range<Int>
  /// What was typed there, and the candidates; the index is of the next.
  var typed: [Unicode.Scalar]
  var choices: [[Unicode.Scalar]]
  var next = 0
}

extension LineReader {
  func complete(_ text: TextBuffer) -> Editline.Reaction {
    if let round, round.text == text { return goOn(round) }
    round = nil
    let before = TextBuffer.string(text.beforeCursor)
    let found = completions(text.string, before.utf8.count)
    let bytes = Array(before.utf8)
    guard bytes.indices.contains(found.range.lowerBound) || found.range.lowerBound == bytes.count else {
      return .beep
    }
    let typed = String(decoding: bytes[found.range.lowerBound...], as: UTF8.self)
    // At the start of a row where anything may stand, Tab indents.
    let isIndenting = text.scalars[text.rowStart..<text.cursor].allSatisfy { $0 == " " }
    if isIndenting, found.takeAnything || found.items.isEmpty { return insert([" ", " "]) }
    let list = CompletionList(found, typed: typed)
    let start = text.cursor - typed.unicodeScalars.count
    guard !list.items.isEmpty else {
      guard let note = found.note else { return .beep }
      leave()
      return print([Layout.shown(note)])
    }
    // What is printed stands below the text as it is on the screen, which is the text before it grows.
    if list.items.count > 1 || found.note != nil { leave() }
    let beginning = (list.items.count == 1 ? list.items[0].text : list.beginning).map {
      Array($0.unicodeScalars)
    }
    if let beginning, !put(beginning, from: start) { editline.beep() }
    guard list.items.count > 1 else {
      guard let note = found.note else { return .redraw }
      return print([Layout.shown(note)])
    }
    let left = editline.buffer
    round = CompletionRound(
      text: left, range: start..<left.cursor, typed: Array(left.scalars[start..<left.cursor]),
      choices: list.items.map { Array($0.text.unicodeScalars) })
    let size = editline.size
    let below = layout.end(of: left.scalars).row + 2
    let isFaint = isCapable && Terminal.allowsColour
    return print(
      list.rows(
        columns: size.columns, rows: max(1, size.rows - below),
        faint: isFaint ? ("\u{1B}[2m", "\u{1B}[0m") : ("", ""))
        + (found.note.map { [Layout.shown($0)] } ?? []))
  }

  /// Puts the next candidate into the text, and after the last what was typed.
  private func goOn(_ last: CompletionRound) -> Editline.Reaction {
    var round = last
    let choice = round.next < round.choices.count ? round.choices[round.next] : round.typed
    round.next = (round.next + 1) % (round.choices.count + 1)
    guard put(choice, from: round.range.lowerBound) else { return .beep }
    round.text = editline.buffer
    round.range = round.range.lowerBound..<round.text.cursor
    self.round = round
    return .redraw
  }

  /// Puts characters in the place of those from a position to the cursor; false where the window has no room for them.
  private func put(_ scalars: [Unicode.Scalar], from start: Int) -> Bool {
    let text = editline.buffer
    guard start >= 0, start <= text.cursor else { return false }
    var without = text
    without.scalars.removeSubrange(start..<text.cursor)
    without.cursor = start
    guard scalars.allSatisfy(Layout.isShown), fits(scalars, in: without) else { return false }
    editline.delete(start..<text.cursor)
    if !scalars.isEmpty { editline.insert(scalars) }
    return true
  }

  // MARK: Printing

  private func leave() {
    paintForGood()
    leaveText()
  }

  /// Prints rows, page by page, and draws the text again below them.
  private func print(_ rows: [String]) -> Editline.Reaction {
    let page = max(1, editline.size.rows - 1)
    var left = rows[...]
    while !left.isEmpty {
      // What is left after a page is no page of its own when it is one row.
      let count = left.count <= page + 1 ? left.count : page
      Terminal.write(left.prefix(count).joined(separator: "\n") + "\n")
      left = left.dropFirst(count)
      guard !left.isEmpty else { break }
      guard wantsMore() else { break }
    }
    editline.redraw()
    return .nothing
  }

  private static let more = "-- more (Space/q) --"

  /// Asks whether the next page is wanted: Space and Tab say so, every other key and every signal says no. The key
  /// itself is forgotten.
  private func wantsMore() -> Bool {
    Terminal.write(Self.more)
    defer { Terminal.write("\r" + String(repeating: " ", count: Self.more.count) + "\r") }
    var watched = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: interpreter.wakeDescriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signalDescriptor, events: Int16(POLLIN), revents: 0),
    ]
    while unsafe poll(&watched, nfds_t(watched.count), -1) < 0, errno == EINTR {}
    if watched[1].revents != 0 { _ = interpreter.takeInterrupt() }
    guard watched[0].revents != 0, case .byte(let first) = LineReader.readByte(within: 0) else {
      return false
    }
    let key = decode(first)
    // Ctrl-C in a paste is an answer here, and no end of the line.
    if isInterrupted {
      isInterrupted = false
      return false
    }
    return key == .character(" ") || key == .character("\t")
  }
}
