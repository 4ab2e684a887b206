// KeyCommand: what the keys of ours do, and which keys these are.

/// An editing command of ours. The raw value is the code under which libedit gets it: one of the C1 controls,
/// which no keyboard sends (the key decoder drops them) and which libedit can bind like any other key.
enum KeyCommand: UInt32, CaseIterable {
  /// Ends the line; bound to libedit's own ed-newline, which leaves the cursor below a block.
  case submit = 0x80
  case enter, newline, paste
  case up, down, left, right, home, end, wordLeft, wordRight
  case searchBack, searchForward
  /// Looks in the history for what is typed next.
  case search
  /// Opens the text in the user's editor.
  case editText
  case delete, deleteBack, killToEnd, killToStart, killWordBack, killWord, yank
  case indent, undo
  /// vi's `$`, and the key it becomes when there is a text to go to the end of.
  case viEnd, viEndOfText
  /// vi's `r` and, once the new character was typed, its work; and vi's `~`.
  case viReplace, viReplaceNow, viChangeCase
  /// Beeps: keys whose own function in libedit is dangerous or has no meaning here.
  case refuse

  /// The command of a key that libedit found bound to ours: a code from above, or the key as typed. Of a
  /// sequence such as Alt-D libedit hands over the last character only.
  init(key: UInt32) {
    if let command = KeyCommand(rawValue: key) {
      self = command
      return
    }
    switch Unicode.Scalar(key) {
    case "\u{0A}": self = .enter  // Enter: the terminal turns CR and LF into each other while libedit edits
    case "\u{0D}": self = .newline  // Ctrl-J
    case "\u{10}", "k": self = .up  // Ctrl-P
    case "\u{0E}", "j": self = .down  // Ctrl-N
    case "\u{02}": self = .left  // Ctrl-B
    case "\u{06}": self = .right  // Ctrl-F
    case "\u{01}": self = .home  // Ctrl-A
    case "\u{05}": self = .end  // Ctrl-E
    case "b": self = .wordLeft
    case "f": self = .wordRight
    case "p": self = .searchBack
    case "n": self = .searchForward
    case "\u{0B}": self = .killToEnd  // Ctrl-K
    case "\u{15}": self = .killToStart  // Ctrl-U
    case "\u{17}", "\u{08}", "\u{7F}": self = .killWordBack  // Ctrl-W, Alt-Backspace
    case "d": self = .killWord
    case "\u{19}": self = .yank  // Ctrl-Y
    case "\u{09}": self = .indent  // Tab
    case "\u{1F}": self = .undo  // Ctrl-_, which is Ctrl-/ on most keyboards too
    case "\u{12}", "/", "?": self = .search  // Ctrl-R, and vi's commands
    case "v": self = .editText
    case "$": self = .viEnd
    case "r": self = .viReplace
    case "~": self = .viChangeCase
    default: self = .refuse
    }
  }
}
