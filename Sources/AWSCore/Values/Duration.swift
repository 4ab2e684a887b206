// Duration: how long, as people write it, on a command line or in a script's header: 20ms, 1.5s, 2h, 7d12h.

extension Duration {
  private static let units: [(name: String, microseconds: Double)] = [
    ("ms", 1e3), ("s", 1e6), ("m", 6e7), ("h", 3.6e9), ("d", 8.64e10), ("w", 6.048e11),
  ]

  /// One or more numbers with a unit (ms, s, m, h, d, w), after a sign if `signed`. Nil for anything else, and
  /// for more than a hundred years.
  public init?(_ text: some StringProtocol, signed: Bool = false) {
    var rest = Substring(text)
    var sign = 1.0
    if signed, let first = rest.first, "+-".contains(first) {
      sign = first == "-" ? -1 : 1
      rest.removeFirst()
    }
    guard !rest.isEmpty else { return nil }
    var sum = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest[digits.endIndex...]
      let name = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest[name.endIndex...]
      guard digits.first != ".", digits.last != ".", let number = Double(digits),
        let unit = Self.units.first(where: { $0.name == name })
      else { return nil }
      sum += number * unit.microseconds
    }
    guard sum <= 100 * 366 * 8.64e10 else { return nil }
    self = .microseconds(Int64((sign * sum).rounded()))
  }

  /// Whole microseconds; enough for three hundred thousand years.
  public var microseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }

  /// `52m`, `1h 5m`: the two largest units down to seconds, without those that are zero.
  public var roughly: String {
    let seconds = components.seconds
    let units = [
      ("d", seconds / 86_400), ("h", seconds / 3_600 % 24), ("m", seconds / 60 % 60), ("s", seconds % 60),
    ]
    return units.drop { $0.1 == 0 }.prefix(2).filter { $0.1 > 0 }.map { "\($0.1)\($0.0)" }.joined(
      separator: " ")
  }

  /// As a number of seconds, for clocks that count in them.
  public var inSeconds: Double { Double(microseconds) / 1e6 }
}
