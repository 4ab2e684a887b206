// StyledRange: a part of a text and how it is to look.

/// What a part of a source is, which decides its colour.
public enum Style: Sendable {
  case keyword, string, number, comment
  /// A name of the host, as `get_gateway`.
  case host
  /// What is no part of the language.
  case mistake
}

public struct StyledRange: Equatable, Sendable {
  /// Bytes of UTF-8 from the start of the source.
  public var range: Range<Int>
  public var style: Style

  public init(_ range: Range<Int>, _ style: Style) {
    self.range = range
    self.style = style
  }
}
