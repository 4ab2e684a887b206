// TextBytes: the bytes of a text, for whoever takes it apart by places in them: slices and texts of their own took ten
// times as long.

extension Span<UInt8> {
  /// Whether a text is at a place.
  public func has(_ text: String, at place: Range<Int>) -> Bool {
    let text = text.utf8.span
    return text.count == place.count
      && text.indices.allSatisfy { text[$0] == self[place.lowerBound + $0] }
  }

  /// What is at a place, as a text.
  public func text(_ place: Range<Int>) -> String {
    unsafe extracting(place).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}
