// ArgumentText: a word of the command line as the value that its type says.
import AWSCore
import Host

/// Why a command line cannot be used, for people.
public struct ArgumentProblem: Error, Equatable, Sendable {
  public let message: String
  /// What was most likely meant, alone; the message says it too.
  public let suggestion: String?

  init(_ message: String, suggestion: String? = nil) {
    self.message = message + (suggestion.map { "; did you mean \($0)?" } ?? "")
    self.suggestion = suggestion
  }
}

enum ArgumentText {
  /// The value of a text, for the types that need nothing but the text.
  /// - Throws: a problem in words that follow the argument's name: "takes a whole number, not 'x'".
  static func value(of text: String, as argument: ScriptArgument) throws(ArgumentProblem)
    -> GivenArguments.Item
  {
    switch argument.kind {
    case .string: return .string(text)
    case .integer:
      guard let number = Int64(text) else {
        throw ArgumentProblem("takes a whole number, not \(quoted(text))")
      }
      return .integer(number)
    case .number:
      guard let number = Double(text), number.isFinite, !text.lowercased().contains("x") else {
        throw ArgumentProblem("takes a number, not \(quoted(text))")
      }
      return .number(number)
    case .boolean:
      guard text == "true" || text == "false" else {
        throw ArgumentProblem("takes true or false, not \(quoted(text))")
      }
      return .boolean(text == "true")
    case .duration:
      guard let duration = Duration(text) else {
        throw ArgumentProblem("takes a duration as in 90s, 7d12h or 2w, not \(quoted(text))")
      }
      let micros = duration.microseconds
      return micros % 1_000_000 == 0 ? .integer(micros / 1_000_000) : .number(duration.inSeconds)
    case .timestamp:
      // A date alone is its midnight.
      guard let time = Timestamp(iso8601: text) ?? Timestamp(iso8601: "\(text)T00:00:00Z") else {
        throw ArgumentProblem(
          "takes a time as in 2026-03-01T06:00:00Z or a date as in 2026-03-01, not \(quoted(text))")
      }
      return .timestamp(time.microseconds)
    case .choice(let words):
      guard words.contains(text) else {
        throw ArgumentProblem(
          "must be one of \(words.joined(separator: ", ")), not \(quoted(text))",
          suggestion: nearest(to: text, in: words))
      }
      return .string(text)
    case .resource, .file, .output: return .string(text)
    }
  }
}
