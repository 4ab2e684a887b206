// Bindings: which keys libedit hands to our commands, and which of its own are kept from it.

import AWSCore

enum Bindings {
  /// Binds the keys of a new editor. The order matters: first comes what the user may change, then the user's
  /// .editrc, then what must not be missing.
  /// - Returns: a warning when the .editrc was not read to its end.
  static func install(in editline: Editline, readsEditrc: Bool) -> String? {
    editline.setMap("emacs")
    for key in conveniences { editline.bind(key) }
    let warning = readsEditrc ? source(in: editline) : nil
    if editline.isVi { guardVi(editline) } else { guardEmacs(editline) }
    for key in ["^J", "^M", "^P", "^N", "^V", "^@"] { bindInAllMaps(key, editline) }
    for command in KeyCommand.allCases where command != .submit && command != .viEndOfText {
      bindInAllMaps(code(of: command), editline)
    }
    for isViCommand in [false, true] {
      editline.bind(code(of: .submit), to: "ed-newline", viCommands: isViCommand)
      editline.bind(code(of: .viEndOfText), to: "ed-move-to-end", viCommands: isViCommand)
    }
    return warning
  }

  /// Does what the user's .editrc says, as el_source does, up to a line that is not understood. Line by line, because
  /// `bind -e` wipes all bindings, and those of the lines below it are to win over ours.
  /// - Returns: a warning when it was not read to its end.
  private static func source(in editline: Editline) -> String? {
    let path = Terminal.variable("EDITRC") ?? (Terminal.variable("HOME") ?? "") + "/.editrc"
    guard let bytes = try? Environment.process().readFile(path) else { return nil }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let line = String(decoding: line, as: UTF8.self)
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let command = words.first, !command.hasPrefix("#") else { continue }
      guard editline.parse(line) else {
        return "\(path): a line was not understood, and those below it were not read."
      }
      // Also behind a program's name: `moongate:bind`.
      if command.hasSuffix("bind"), words.contains("-e") {
        for key in conveniences { editline.bind(key) }
      }
    }
    return nil
  }

  /// Row by row instead of over the whole block, and the words of Lua.
  private static let conveniences = [
    "^A", "^E", "^B", "^F", "^K", "^U", "^W", "^Y", "^I", "^_", "\\eb", "\\ef", "\\e^H", "\\e^?",
  ]

  /// What crashes libedit 3.1-20221030 in emacs mode or leaves its own history in charge.
  private static func guardEmacs(_ editline: Editline) {
    // em-copy-prev-word keeps a pointer over a realloc; counts insert a character thousands of times;
    // ed-command opens libedit's own command line; the mark of ^X^X outlives the text; ^R reads Latin-1 only
    // and, with ^W, before the buffer; em-delete-next-word (Alt-D) reads beyond it.
    for key in ["\\e^_", "\\ex", "\\eX", "^X^X", "^R", "\\ed", "\\eD"] { editline.bind(key) }
    for digit in 0...9 { editline.bind("\\e\(digit)") }
    // As a macro: of a sequence we are told the last key only, and Ctrl-U alone cuts.
    editline.bind("^X^U", typing: code(of: .undo))
    for key in ["\\ep", "\\eP", "\\en", "\\eN"] { editline.bind(key) }
    // ESC and then, slowly, Enter or Ctrl-J: a new row, as when they come at once.
    editline.bind("\\e^J", typing: code(of: .newline))
    editline.bind("\\e^M", typing: code(of: .newline))
    editline.bind("^X^E", typing: code(of: .editText))
  }

  /// The same for vi mode.
  private static func guardVi(_ editline: Editline) {
    // In insert mode libedit types control characters into the line.
    let controls = "ABEFGIKNOPRTUWXY]^_"
    for letter in controls { editline.bind("^\(letter)") }
    editline.bind("^L", to: "ed-clear-screen")
    // libedit's own arrow sequences make ESC in command mode wait for a key and swallow it.
    editline.bind("^[", to: "vi-command-mode", viCommands: true)
    // $ on an empty line steps before the buffer; r, R and ~ in the last column count a row too many, which
    // in a small window is a write past the screen image; . types text again that was not measured; an empty
    // : command reads a wild pointer; the others search and replace by libedit's own history, or start an
    // editor. \055 is the minus, which would be an option.
    for key in ["k", "j", "$", "^E", "^R", "r", "R", "~", ".", ":", "\\055", "+"]
      + "KJG/?v_@#".map(String.init)
    {
      editline.bind(key, viCommands: true)
    }
  }

  private static func bindInAllMaps(_ key: String, _ editline: Editline) {
    editline.bind(key)
    editline.bind(key, viCommands: true)
  }

  /// A command's code in libedit's notation, octal: `\200`.
  private static func code(of command: KeyCommand) -> String { "\\" + String(command.rawValue, radix: 8) }
}
