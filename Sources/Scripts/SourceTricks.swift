// SourceTricks: bytes that make a source look like something else than what runs. Shared code that has them is not run:
// who read it has not seen it.
import AWSCore

public enum SourceTricks {
  /// What was found, for people.
  public struct Finding: Error, Equatable, Sendable {
    public let line: Int
    public let message: String
  }

  /// Looks for bytes that are not UTF-8, control characters, a carriage return that hides what stands before it, and
  /// characters that turn or hide text (CVE-2021-42574).
  public static func check(_ source: [UInt8]) throws(Finding) {
    guard let text = String(validating: source, as: UTF8.self) else {
      throw Finding(line: firstLine(notUTF8: source), message: "this is not UTF-8 text")
    }
    var line = 1
    var previous: Unicode.Scalar = "\n"
    for scalar in text.unicodeScalars {
      if previous == "\r", scalar != "\n" {
        throw Finding(line: line, message: "a carriage return without a line feed hides text from a reader")
      }
      if scalar == "\n" { line += 1 }
      if isTrick(scalar) {
        let code = String(scalar.value, radix: 16, uppercase: true)
        throw Finding(
          line: line,
          message: "the character \\u{\(code)} drives a terminal, or turns or hides text; in a string "
            + "write it so")
      }
      previous = scalar
    }
    if previous == "\r" {
      throw Finding(line: line, message: "a carriage return without a line feed hides text from a reader")
    }
  }

  /// True for what a reader does not see, or sees as something else; tabs and ends of lines are themselves. Also what Unicode
  /// calls ignorable, of which invisible code can be made, as variation selectors and Hangul's fillers; and the blank of
  /// Braille, which looks like a space.
  public static func isTrick(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isHidden { return scalar != "\t" && scalar != "\n" && scalar != "\r" }
    return scalar.properties.generalCategory == .privateUse || scalar.properties.isDefaultIgnorableCodePoint
      || scalar == "\u{2800}"
  }

  private static func firstLine(notUTF8 source: [UInt8]) -> Int {
    var number = 1
    for line in source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if String(validating: line, as: UTF8.self) == nil { return number }
      number += 1
    }
    return number
  }
}
