// Line: the keys of a terminal, and how the text that they make is painted over libedit's.
import Glibc

@testable import Shell

extension FuzzTarget {
  static let line = FuzzTarget(name: "line") { bytes in
    var choices = Choices(bytes)
    _ = isUTF8
    let layout = Layout(
      rows: 1 + choices.number(below: 40), columns: 2 + choices.number(below: 100),
      promptWidth: choices.number(below: 60))
    var editor = TypedLine(layout: layout, isColoured: choices.flag())
    var decoder = KeyDecoder()
    var rest = choices.remainder()[...]
    while let first = decoder.takeReadAhead() ?? rest.popFirst() {
      if let key = decoder.key(startingWith: first, more: { _ in rest.popFirst() }) { editor.press(key) }
    }
  }
}

/// How wide a character is, the C library knows by its locale.
private let isUTF8 = setlocale(LC_ALL, "C.UTF-8") != nil

/// A text that keys change and a painter shows, without a terminal.
private struct TypedLine {
  let layout: Layout
  private var text = TextBuffer(scalars: [], cursor: 0)
  private var undo = Undo()
  private var painter: Painter
  private var chips = Chips()

  init(layout: Layout, isColoured: Bool) {
    self.layout = layout
    painter = Painter(isColoured: isColoured)
  }

  mutating func press(_ key: KeyDecoder.Key) {
    switch key {
    case .character(let scalar): insert([scalar])
    case .paste(let bytes):
      let pasted = String(decoding: bytes, as: UTF8.self)
      insert(Array((pasted.utf8.count > 64 ? chips.collapse(pasted) : pasted).unicodeScalars))
    case .command(let command): perform(command)
    }
    check((0...text.scalars.count).contains(text.cursor), "the cursor is outside the text")
    paint()
  }

  private mutating func insert(_ scalars: [Unicode.Scalar]) {
    text.scalars.insert(contentsOf: scalars, at: text.cursor)
    text.cursor += scalars.count
    undo.note(text)
  }

  private mutating func perform(_ command: KeyCommand) {
    switch command {
    case .left: text.cursor = max(0, text.cursor - 1)
    case .right: text.cursor = min(text.scalars.count, text.cursor + 1)
    case .up: text.cursor = text.above ?? text.cursor
    case .down: text.cursor = text.below ?? text.cursor
    case .home: text.cursor = text.rowStart
    case .end: text.cursor = text.rowEnd
    case .wordLeft: text.cursor = text.wordStart
    case .wordRight: text.cursor = text.wordEnd
    case .newline: insert(["\n"] + Array(repeating: " ", count: text.indentation))
    case .killWord: remove(text.cursor..<text.wordEnd)
    case .delete: remove(text.cursor..<min(text.scalars.count, text.cursor + 1))
    default: if let before = undo.takeBack() { text = before }
    }
  }

  /// With the whole of every mark that it touches.
  private mutating func remove(_ range: Range<Int>) {
    let range = chips.covering(text.outdent ?? range, in: text.scalars)
    text.scalars.removeSubrange(range)
    text.cursor = min(range.lowerBound, text.scalars.count)
    undo.note(text)
  }

  private mutating func paint() {
    check(layout.rowCount(of: text.scalars) >= 1, "a text takes no row")
    let source = text.string
    let styles = [StyledRange(0..<source.utf8.count / 2, .keyword)]
    let ghost = Array(source.unicodeScalars.prefix(text.scalars.count % 7))
    let looks = Look.looks(of: text.scalars, styles)
    _ = Brackets(text, looks)
    _ = painter.painting(text, looks, ghost: text.cursor % 3 == 0 ? ghost : [], in: layout)
    _ = painter.erasingGhost()
    _ = chips.expand(source)
  }
}
