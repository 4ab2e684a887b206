// Highlighting: what the parts of Lua source are, for colours. It reads the source and the names of the host, and runs
// nothing.
import BackupGateway

/// A part of a source that is worth a colour.
public struct Highlight: Equatable, Sendable {
  public enum Kind: Sendable {
    case keyword, string, number, comment
    /// An operation or a helper.
    case host
    /// What the compiler will refuse.
    case mistake
  }

  /// Bytes from the start of the source.
  public var range: Range<Int>
  public var kind: Kind
}

public enum Highlighting {
  private static let hostNames = Set(Service.operations.map(\.luaName) + Help.entries.map(\.name))

  /// The parts of a source, in order.
  public static func highlights(of source: String) -> [Highlight] {
    let bytes = Array(source.utf8)
    let tokens = LuaTokens.all(of: bytes)
    return tokens.indices.compactMap { index in
      kind(of: tokens[index], behind: tokens[..<index].suffix(2), isLast: tokens[index].end == bytes.count)
        .map { Highlight(range: tokens[index].offset..<tokens[index].end, kind: $0) }
    }
  }

  private static func kind(of token: LuaToken, behind: ArraySlice<LuaToken>, isLast: Bool) -> Highlight.Kind?
  {
    switch token.kind {
    case .keyword: .keyword
    case .comment: .comment
    case .number: isNumber(token.text) ? .number : .mistake
    // One that nothing follows, not even a line end, is still being typed.
    case .string: token.isFinished || isLast ? .string : .mistake
    case .name: hostNames.contains(token.text) && !isMember(behind) ? .host : nil
    case .symbol: nil
    // `get_gateway?` asks for help.
    case .stray: token.text == "?" && isLast && behind.last?.kind == .name ? nil : .mistake
    }
  }

  /// True behind the `.` of `t.name` and the `:` of `t:name`, false behind the `..` of `a .. name`.
  private static func isMember(_ behind: ArraySlice<LuaToken>) -> Bool {
    guard let last = behind.last, last.kind == .symbol else { return false }
    let isDoubled = behind.count == 2 && behind.first?.text == last.text && behind.first?.end == last.offset
    return last.text == ":" || (last.text == "." && !isDoubled)
  }

  /// What Lua takes for a number (manual 5.4, section 3.1).
  private static func isNumber(_ text: String) -> Bool {
    let isHexadecimal = text.lowercased().hasPrefix("0x")
    let parts = text.lowercased().dropFirst(isHexadecimal ? 2 : 0)
      .split(separator: isHexadecimal ? "p" : "e", maxSplits: 1, omittingEmptySubsequences: false)
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let digits = mantissa.joined()
    guard mantissa.count <= 2, !digits.isEmpty,
      digits.allSatisfy({ isHexadecimal ? $0.isHexDigit : $0.isNumber })
    else { return false }
    guard parts.count == 2 else { return true }
    let exponent = parts[1].drop { $0 == "+" || $0 == "-" }
    return parts[1].count - exponent.count <= 1 && !exponent.isEmpty && exponent.allSatisfy(\.isNumber)
  }
}
