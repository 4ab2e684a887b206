// Brackets: which belong together, and which close nothing.

struct Brackets {
  /// The bracket at the cursor, or else the one before it, and its pair.
  private(set) var pair: [Int] = []
  /// Closing brackets without one to close.
  private(set) var unmatched: [Int] = []

  /// - Parameter looks: of each character; what stands in strings and comments is no bracket.
  init(_ text: TextBuffer, _ looks: [Look]) {
    let candidates = [text.cursor, text.cursor - 1]
    var pairs: [Int: Int] = [:]
    var open: [Int] = []
    for (index, scalar) in text.scalars.enumerated() {
      guard scalar.value < 0x80, looks[index] == .plain else { continue }
      switch scalar {
      case "(", "[", "{": open.append(index)
      case ")", "]", "}":
        guard let last = open.last, Brackets.closer(of: text.scalars[last]) == scalar else {
          unmatched.append(index)
          continue
        }
        open.removeLast()
        if candidates.contains(last) || candidates.contains(index) {
          pairs[last] = index
          pairs[index] = last
        }
      default: break
      }
    }
    if let place = candidates.first(where: { pairs[$0] != nil }), let other = pairs[place] {
      pair = [place, other]
    }
  }

  private static func closer(of opener: Unicode.Scalar) -> Unicode.Scalar {
    switch opener {
    case "(": ")"
    case "[": "]"
    default: "}"
    }
  }
}
