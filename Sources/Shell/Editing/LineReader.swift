// LineReader: reads one line or block from the terminal, with history, paste and signals.
//
// libedit keeps the text and draws it. Everything that reaches it comes through `nextKey`, which waits for
// the terminal, for Ctrl-C and for signals at once, and lets nothing through that the screen has no room for.
import CEditline
import Glibc

/// A line editor on standard input and output. Main thread only; the terminal's modes are restored after each
/// line.
final class LineReader {
  /// How reading a line ended.
  enum Outcome: Equatable, Sendable {
    /// The text, rows divided by line feeds, without one at its end.
    case line(String)
    /// Ctrl-C; `discarded` when there was a text.
    case interrupted(discarded: Bool)
    /// The text is to be edited in the user's editor (Ctrl-X Ctrl-E).
    case edit(String)
    /// Ctrl-D on an empty line.
    case endOfInput
    /// A signal that ends the program: SIGTERM, SIGHUP (also when the terminal is gone) or SIGQUIT.
    case ended(signal: Int32)
  }

  /// What may stand at a byte of the text; asked when Tab is pressed.
  var completions: (String, Int) -> Completions = { _, _ in .none }

  /// The looks of a text, and what is shown, faint, behind it; asked whenever the text is painted.
  var styles: (String) -> [StyledRange] = { _ in [] }
  var hint: (String) -> String? = { _ in nil }

  /// What the user should know about the set-up, once.
  let warning: String?

  let editline: Editline
  let interpreter: any Interpreter
  let history: History
  let program: String
  /// True where escape sequences may be written.
  let isCapable: Bool
  /// Where Up and Down are in the history.
  var recall: History.Recall
  var chips = Chips()
  /// What was cut last.
  var killed: [Unicode.Scalar] = []
  /// True when Ctrl-C was pressed while a paste was arriving.
  var isInterrupted = false
  /// The paste that the next `.paste` command inserts.
  var pasted: [UInt8] = []

  var undo = Undo()
  var painter: Painter
  /// How many keys libedit has got since the text was painted.
  var unpaintedKeys = 0
  /// What stands, faint, behind the text and could become a part of it.
  var suggestion: Suggestion?

  /// True after vi's `r`: the next character is `replacement`.
  var awaitsReplacement = false
  var replacement: Unicode.Scalar = " "

  /// What the last Tab listed, for the next one.
  var round: CompletionRound?

  var prompt: Prompt
  /// What was searched for last.
  var lastSearch = ""
  /// The columns of the prompt on the screen.
  private var promptWidth = 0
  private var decoder = KeyDecoder()
  /// Keys to hand to libedit before any is read.
  private var queue: [Unicode.Scalar] = []
  private(set) var signalDescriptor: Int32 = -1
  var outcome: Outcome?
  /// What the text is to begin with.
  private var draft = ""

  /// Opens a reader; nil when memory or terminal fail.
  /// - Parameters:
  ///   - program: the name before the label in the prompt, and in the user's .editrc (`moongate:bind …`).
  ///   - history: what Up and Down recall.
  ///   - interpreter: what knows the texts that are typed.
  ///   - readsEditrc: whether the user's bindings hold.
  init?(program: String, history: History, interpreter: any Interpreter, readsEditrc: Bool) {
    Terminal.useLocale()
    guard let editline = Terminal.keepingModes({ Editline(program: program) }) else { return nil }
    self.editline = editline
    self.program = program
    self.history = history
    self.interpreter = interpreter
    isCapable = !Terminal.isDumb && editline.movesUp
    painter = Painter(isColoured: isCapable && Terminal.allowsColour)
    recall = History.Recall(history)
    prompt = Prompt(program: program, label: "", isColoured: false, isProduction: false)
    warning = Bindings.install(in: editline, readsEditrc: readsEditrc)
    editline.delegate = self
  }

  /// Reads one line or block.
  /// - Parameters:
  ///   - label: what the prompt shows behind the program's name.
  ///   - isProduction: a slip would be expensive here.
  ///   - draft: what the text begins with.
  ///   - isBehindOutput: something was printed, perhaps without a line end.
  func read(
    label: String, isProduction: Bool = false, draft: String = "", isBehindOutput: Bool = false
  ) -> Outcome {
    prompt = Prompt(
      program: program, label: label, isColoured: isCapable && Terminal.allowsColour,
      isProduction: isProduction)
    self.draft = draft
    recall = History.Recall(history)
    round = nil
    outcome = nil
    queue = []
    undo = Undo()
    painter.forget()
    suggestion = nil
    awaitsReplacement = false
    _ = interpreter.takeInterrupt()
    signalDescriptor = ce_signals_begin()
    let line = Terminal.keepingModes {
      // libedit does so too, but only when it has drawn the prompt: whoever saw it and typed at once was echoed by the
      // terminal, and Ctrl-D was the end of a file and no key.
      editline.setRaw(true)
      if isBehindOutput { beginRow() }
      editline.resize()
      setPrompt()
      setPasteMarks(true)
      let line = editline.read()
      setPasteMarks(false)
      return line
    }
    ce_signals_end()
    // A signal that came with the very last key must not wait for the next prompt.
    handleSignals(isEditing: false)
    return outcome ?? result(of: line)
  }

  /// Writes to the terminal between two lines.
  func write(_ text: String) { Terminal.write(text) }

  /// Begins a new row when something was printed that did not end with one; else does nothing. A mark and a
  /// row's worth of spaces wrap only when the cursor was not in the first column.
  private func beginRow() {
    guard isCapable else { return }
    editline.resize()
    let spaces = String(repeating: " ", count: editline.size.columns - 1)
    let mark = Terminal.allowsColour ? "\u{1B}[2m%\u{1B}[0m" : "%"
    Terminal.write(mark + spaces + "\r \r")
  }

  private func result(of line: Editline.Line) -> Outcome {
    switch line {
    case .text(let scalars): .line(chips.expand(TextBuffer.string(scalars)))
    case .endOfInput: .endOfInput
    // Nobody gave the line up: libedit cannot work on a terminal that has gone.
    case .stopped: .ended(signal: SIGHUP)
    }
  }

  // MARK: The window

  var layout: Layout {
    let size = editline.size
    return Layout(rows: size.rows, columns: size.columns, promptWidth: promptWidth)
  }

  func setPrompt() {
    let columns = editline.size.columns
    promptWidth = prompt.width(in: columns)
    editline.setPrompt(prompt.text(in: columns))
  }

  func setPasteMarks(_ on: Bool) {
    if isCapable { Terminal.write(on ? "\u{1B}[?2004h" : "\u{1B}[?2004l") }
  }

  /// Puts the cursor into the first column below the text.
  func leaveText() {
    let text = editline.buffer
    let below = layout.end(of: text.scalars).row - layout.cursor(in: text).row
    Terminal.write("\r" + String(repeating: "\n", count: below + 1))
  }

  /// Puts the cursor where the prompt begins and clears what is below; on a terminal that cannot go up,
  /// leaves the text where it is and begins a new row.
  func eraseText() {
    guard isCapable else { return leaveText() }
    let row = layout.cursor(in: editline.buffer).row
    Terminal.write((row > 0 ? "\u{1B}[\(row)A" : "") + "\r\u{1B}[J")
  }

  /// Prints a message above the text being edited.
  func announce(_ message: String) {
    eraseText()
    Terminal.write(message + "\n")
    editline.redraw()
  }

  func resize() {
    editline.resize()
    // Terminals move the rest of a row into the next one when they become narrower, so the rows are counted
    // with the new width.
    eraseText()
    setPrompt()
    redrawFitting()
  }

  /// Draws the text from the current row, as a chip when the window has no room for it any more.
  func redrawFitting() {
    let text = editline.buffer
    if !layout.fits(text.scalars) { collapse(text) }
    editline.redraw()
  }

  /// A text that outgrew the window by a command of libedit's own (vi's `p`) becomes a chip.
  private func keepFitting() {
    guard !layout.fits(editline.buffer.scalars) else { return }
    leaveText()
    redrawFitting()
  }

  /// Puts the cursor into the column it belongs to. libedit goes back one column instead of two when it has
  /// inserted something before a wide character.
  private func settleCursor() {
    guard isCapable, queue.isEmpty else { return }
    let text = editline.buffer
    guard text.scalars.contains(where: { $0.value >= 0x80 && Layout.width(of: $0) == 2 }) else { return }
    Terminal.write("\u{1B}[\(layout.cursor(in: text).column + 1)G")
  }

  /// Puts a chip into the place of the whole text.
  func collapse(_ text: TextBuffer) {
    editline.replace(with: Array(chips.collapse(text.string).unicodeScalars))
  }
}

// MARK: Keys

extension LineReader: EditlineDelegate {
  func nextKey() -> Editline.Key {
    if !draft.isEmpty {
      eraseText()  // the prompt is there already
      _ = show(draft)
      draft = ""
      editline.redraw()
    }
    keepFitting()
    settleCursor()
    undo.note(editline.buffer)
    while true {
      if !queue.isEmpty {
        if queue.first?.value == KeyCommand.submit.rawValue { paintForGood() }
        return handOver(queue.removeFirst())
      }
      guard let key = readKey() else { return .stop }
      switch key {
      case .character(let scalar) where awaitsReplacement:
        awaitsReplacement = false
        if scalar != "\u{1B}" {
          replacement = scalar
          press(.viReplaceNow)
        }
      case .character(let scalar): if makeRoom(for: scalar) { return handOver(scalar) }
      case .command(let command): press(command)
      case .paste(let bytes):
        pasted = bytes
        press(.paste)
      }
    }
  }

  /// The next key from the terminal; nil when the line is to end.
  func readKey() -> KeyDecoder.Key? {
    while let byte = decoder.takeReadAhead() ?? waitForByte() {
      let key = decode(byte)
      if isInterrupted {
        isInterrupted = false
        interrupt()
        return nil
      }
      if let key { return key }
    }
    return nil
  }

  /// The key that begins with a byte, whose rest is read; nil when the bytes mean nothing.
  func decode(_ first: UInt8) -> KeyDecoder.Key? {
    decoder.key(startingWith: first, more: nextByte)
  }

  /// Hands a command to libedit as the next key.
  func press(_ command: KeyCommand) {
    if let scalar = Unicode.Scalar(command.rawValue) { queue.append(scalar) }
  }

  /// Lets a key that something else has read be looked up as if it came now.
  func pass(on key: KeyDecoder.Key) {
    switch key {
    case .character(let scalar): if makeRoom(for: scalar) { queue.append(scalar) }
    case .command(let command): press(command)
    case .paste(let bytes):
      pasted = bytes
      press(.paste)
    }
  }

  /// Makes room for a character; false, with a beep, when it cannot be shown or there is no room in the
  /// middle of the text. At the end of a full window the text so far becomes a chip: what a program types
  /// without the marks of a paste must not be cut off and then run.
  private func makeRoom(for scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x20 || scalar.value == 0x7F { return true }
    let text = editline.buffer
    if Layout.isShown(scalar) {
      if fits([scalar], in: text) { return true }
      if text.cursor == text.scalars.count {
        eraseText()
        collapse(text)
        editline.redraw()
        return fits([scalar], in: editline.buffer)
      }
    }
    editline.beep()
    return false
  }
}
