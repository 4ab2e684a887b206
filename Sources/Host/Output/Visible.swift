// Visible: texts of other people's as they may stand on a line of a table or a picture: what would drive a terminal, break
// the line or turn its direction is shown as something.
import LuaRuntime

enum Visible {
  /// The text on one line, as wide as it will be.
  static func line(_ text: String) -> String {
    // Nearly all texts need nothing.
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": out.append(contentsOf: "\\n".unicodeScalars)
      case "\t": out.append(contentsOf: "\\t".unicodeScalars)
      default:
        if LuaVM.drivesTerminal(scalar) {
          out.append(contentsOf: picture(of: scalar).unicodeScalars)
        } else {
          out.append(scalar)
        }
      }
    }
    return String(out)
  }

  /// As the standard streams show it.
  private static func picture(of scalar: Unicode.Scalar) -> String {
    if scalar.value < 0x20, let picture = Unicode.Scalar(0x2400 + scalar.value) { return String(picture) }
    return "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
  }
}
