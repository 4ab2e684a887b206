// PromptSources: what was typed lately, by the name that its chunk has in error messages: `prompt[3]`, for the third text.
// A function of an earlier text fails in that text's rows, not in those of the text that called it.

struct PromptSources {
  /// Texts that are kept; what failed in an older one is told without its line.
  private static let kept = 200

  private(set) var count = 0
  private var sources: [Int: [UInt8]] = [:]

  /// Remembers a text.
  /// - Returns: the name of its chunk, as Lua wants it.
  mutating func add(_ source: [UInt8]) -> String {
    count += 1
    sources[count] = source
    sources[count - Self.kept] = nil
    return "=\(Self.name(count))"
  }

  /// The text that an error message names; nil for a file, and for what is forgotten.
  func source(named name: some StringProtocol) -> [UInt8]? {
    guard name.hasPrefix("prompt["), name.hasSuffix("]"), let number = Int(name.dropFirst(7).dropLast())
    else {
      return nil
    }
    return sources[number]
  }

  /// The place of the latest text, if it has one row only.
  var onlyRow: ErrorPlace? {
    guard let source = sources[count], !source.contains(UInt8(ascii: "\n")) else { return nil }
    return ErrorPlace(chunk: Self.name(count), row: 1)
  }

  private static func name(_ number: Int) -> String { "prompt[\(number)]" }
}
