// RequestedLimits: the limits that a header asks for with @limit, as in `@limit time=30m calls=20000 writes=5`.
import AWSCore

/// Each nil where the header says nothing.
public struct RequestedLimits: Sendable, Equatable {
  /// Seconds from the start to the end.
  public var time: Double?
  /// Seconds of computing without waiting for anything.
  public var busy: Double?
  /// Bytes that Lua may use.
  public var memory: Int?
  /// Bytes that may be printed.
  public var output: Int?
  /// Calls of the service.
  public var calls: Int?
  /// Those of them that write.
  public var writes: Int?

  public init() {}

  init(_ tag: ScriptHeader.Tag) throws(ScriptHeader.Problem) {
    let words = tag.text.split { $0 == " " || $0 == "\t" || $0 == "," }
    guard !words.isEmpty else {
      throw tag.problem("@limit takes what it raises, as in @limit time=30m calls=20000")
    }
    var seen: Set<String> = []
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      let value = parts.count == 2 ? String(parts[1]) : ""
      guard seen.insert(name).inserted else { throw tag.problem("@limit gives \(name) twice", at: word) }
      guard let set = Self.names[name] else {
        let names = Self.names.keys.sorted()
        throw tag.problem(
          "@limit has no \(name); it takes \(names.joined(separator: ", "))", at: word,
          suggestion: nearest(to: name, in: names))
      }
      guard set(&self, value) else {
        throw tag.problem(
          "@limit \(name)= cannot be '\(value)'; write it as in time=30m memory=128M calls=2000", at: word)
      }
    }
  }

  private static let names: [String: @Sendable (inout RequestedLimits, String) -> Bool] = [
    "time": { limits, text in
      limits.time = seconds(text)
      return limits.time != nil
    },
    "busy": { limits, text in
      limits.busy = seconds(text)
      return limits.busy != nil
    },
    "memory": { limits, text in
      limits.memory = ByteCount.parse(text)
      return limits.memory != nil
    },
    "output": { limits, text in
      limits.output = ByteCount.parse(text)
      return limits.output != nil
    },
    "calls": { limits, text in
      limits.calls = count(text)
      return limits.calls != nil
    },
    "writes": { limits, text in
      limits.writes = count(text)
      return limits.writes != nil
    },
  ]

  private static func seconds(_ text: String) -> Double? {
    Duration(text).map(\.inSeconds).flatMap { $0 > 0 ? $0 : nil }
  }

  private static func count(_ text: String) -> Int? {
    guard let number = UInt32(text), String(number) == text else { return nil }
    return Int(number)
  }
}

/// Sizes as people write them: 512K, 64M, 1G, or plain bytes.
public enum ByteCount {
  /// More no machine has, and sums of two still fit.
  private static let most = 1 << 60

  /// The bytes that a text means; nil for one that is no size.
  public static func parse(_ text: String) -> Int? {
    let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30]
    let shift = text.last.flatMap { shifts[$0] }
    let digits = shift == nil ? text[...] : text.dropLast()
    guard let number = Int(digits), digits.allSatisfy(\.isNumber), number > 0 else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << (shift ?? 0))
    return overflow || bytes > most ? nil : bytes
  }

  /// `8 MiB` where it is whole, else bytes.
  public static func text(_ bytes: Int) -> String {
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")]
    where bytes >= 1 << shift && bytes & ((1 << shift) - 1) == 0 {
      return "\(bytes >> shift) \(unit)"
    }
    return "\(bytes) bytes"
  }
}
