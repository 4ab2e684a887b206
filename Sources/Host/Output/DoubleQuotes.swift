// DoubleQuotes: a text in the double quotes that Lua, YAML and JSON have in common, with the escapes that all three know.

public enum DoubleQuotes {
  /// - Parameter other: what stands for a character that is none of the five with an escape of its own.
  /// - Returns: the text with its quotes.
  public static func around(_ text: String, _ other: (Unicode.Scalar) -> String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case "\r": out += "\\r"
      default: out += other(scalar)
      }
    }
    return out + "\""
  }
}
