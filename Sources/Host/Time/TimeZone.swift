// TimeZone: the rules of one time zone, read from the bytes of its TZif file (RFC 8536), so that an instant can be told
// in the time of a place. Pure: where the bytes come from is `ZoneDatabase`'s business.

struct TimeZone: Sendable {
  /// What clocks show from one transition to the next.
  struct LocalTime: Equatable, Sendable {
    /// Seconds east of Greenwich.
    var offset: Int
    /// As in `CEST`.
    var abbreviation: String
    /// Summer time, or what the zone counts as such.
    var isDaylight: Bool
  }

  static let utc = TimeZone(LocalTime(offset: 0, abbreviation: "UTC", isDaylight: false))

  /// Epoch seconds of the transitions, rising, and what holds from each of them.
  private var transitions: [Int64] = []
  private var after: [LocalTime] = []
  private var before: LocalTime
  /// What holds after the last transition; nil when that one's time goes on for ever.
  private var rule: ZoneRule?

  private init(_ time: LocalTime) { before = time }

  /// Nil for bytes that are no TZif file.
  init?(_ bytes: [UInt8]) {
    var reader = TZifReader(bytes)
    guard var block = reader.block(wide: false) else { return nil }
    if block.version >= 2 {
      guard let wide = reader.block(wide: true) else { return nil }
      block = wide
      // An empty footer says nothing about the time after the last transition.
      guard let footer = reader.footer() else { return nil }
      if !footer.isEmpty {
        guard let rule = ZoneRule(footer) else { return nil }
        self.rule = rule
      }
    }
    guard let first = block.types.first else { return nil }
    // "The local time for timestamps before the first transition is specified by the first time type."
    before = first
    transitions = block.transitions
    after = block.indices.map { block.types[$0] }
  }

  /// What clocks show at an instant.
  func localTime(at epochSeconds: Int64) -> LocalTime {
    // How many transitions are at or before the instant, by bisection.
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= epochSeconds { low = middle + 1 } else { high = middle }
    }
    if low == transitions.count, let rule { return rule.localTime(at: epochSeconds) }
    return low == 0 ? before : after[low - 1]
  }
}

/// Reads a TZif file from the front. Every length is checked: the file may be cut short, or be something else.
private struct TZifReader {
  struct Block {
    var version: Int
    var transitions: [Int64] = []
    var indices: [Int] = []
    var types: [TimeZone.LocalTime] = []
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
    // Two's complement, most significant byte first.
    bytes.reduce(bytes.first.map { $0 >= 0x80 ? -1 : 0 } ?? 0) { $0 << 8 | Int64($1) }
  }

  /// A header and the data behind it: with times of 64 bits, or of 32 as in the first block of every file.
  mutating func block(wide: Bool) -> Block? {
    guard let magic = take(4), magic.elementsEqual("TZif".utf8), let version = take(1)?.first,
      take(15) != nil
    else { return nil }
    var counts: [Int] = []
    for _ in 0..<6 {
      guard let field = take(4), case let count = Self.number(field), count >= 0 else { return nil }
      counts.append(Int(count))
    }
    let (isUTCount, isStandardCount, leapCount) = (counts[0], counts[1], counts[2])
    let (timeCount, typeCount, characterCount) = (counts[3], counts[4], counts[5])
    let size = wide ? 8 : 4
    guard let times = take(timeCount * size), let indices = take(timeCount), let types = take(typeCount * 6),
      let names = take(characterCount), take(leapCount * (size + 4)) != nil, take(isStandardCount) != nil,
      take(isUTCount) != nil
    else { return nil }
    // '\0' in the first version, a digit in the later ones.
    var block = Block(version: version == 0 ? 1 : Int(version) - 0x30)
    for start in stride(from: types.startIndex, to: types.endIndex, by: 6) {
      let from = names.startIndex + Int(types[start + 5])
      guard from < names.endIndex else { return nil }
      block.types.append(
        TimeZone.LocalTime(
          offset: Int(Self.number(types[start..<start + 4])),
          abbreviation: String(decoding: names[from...].prefix { $0 != 0 }, as: UTF8.self),
          isDaylight: types[start + 4] != 0))
    }
    block.transitions = stride(from: times.startIndex, to: times.endIndex, by: size).map {
      Self.number(times[$0..<$0 + size])
    }
    block.indices = indices.map(Int.init)
    guard !block.types.isEmpty, block.indices.allSatisfy({ $0 < block.types.count }),
      zip(block.transitions, block.transitions.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    return block
  }

  /// The text between two newlines at the end.
  mutating func footer() -> String? {
    guard take(1)?.first == 0x0A, let end = rest.firstIndex(of: 0x0A) else { return nil }
    return String(decoding: rest[..<end], as: UTF8.self)
  }
}
