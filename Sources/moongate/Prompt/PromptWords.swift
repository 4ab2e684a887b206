// PromptWords: the words behind a dot command, as shells take them apart: blanks between them, quotes around what holds some,
// a backslash before a single character.

enum PromptWords {
  /// The words, and whether the last of them may go on.
  static func split(_ text: String) -> (words: [String], isOpen: Bool, hasOpenQuote: Bool) {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in text {
      if isEscaped {
        word = (word ?? "") + String(character)
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
        word = word ?? ""
      } else if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let last = word { words.append(last) }
    return (words, word != nil, quote != nil || isEscaped)
  }

  /// A word as it can be typed.
  static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { !$0.isWhitespace && !"\"'\\".contains($0) }
    return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
  }
}
