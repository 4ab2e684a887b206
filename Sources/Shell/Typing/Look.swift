// Look: how a character of the text is drawn.

/// What decides the look of one character. The colours are of the sixteen that every user has chosen to be readable.
enum Look: UInt8 {
  case plain, keyword, string, number, comment, host, mistake
  /// A bracket at the cursor and its pair.
  case pair
  /// What stands for a text that the window has no room for.
  case chip
  /// What could stand behind the text, and does not yet.
  case ghost

  init(_ style: Style) {
    self =
      switch style {
      case .keyword: .keyword
      case .string: .string
      case .number: .number
      case .comment: .comment
      case .host: .host
      case .mistake: .mistake
      }
  }

  /// The parameters of its SGR sequence (ECMA-48 8.3.117).
  var parameters: String {
    switch self {
    case .plain: "0"
    case .keyword: "35"
    case .string: "32"
    case .number: "36"
    case .comment, .ghost: "2"
    case .host: "1;34"
    case .mistake: "31"
    case .pair: "1;4"
    case .chip: "7"
    }
  }
}

extension Look {
  /// The look of every character of a text.
  /// - Parameter styles: by bytes of UTF-8, in order; a character has the style in which it begins.
  static func looks(of scalars: [Unicode.Scalar], _ styles: [StyledRange]) -> [Look] {
    var looks = [Look](repeating: .plain, count: scalars.count)
    var offset = 0
    var next = styles.startIndex
    for (index, scalar) in scalars.enumerated() {
      while next < styles.endIndex, styles[next].range.upperBound <= offset { next += 1 }
      guard next < styles.endIndex else { break }
      if styles[next].range.contains(offset) { looks[index] = Look(styles[next].style) }
      offset += UTF8.width(scalar)
    }
    return looks
  }
}
