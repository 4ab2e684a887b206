// SnippetLimits: what a run of shared code may use. Tight unless the header or the operator says otherwise.
import AWSCore

public struct SnippetLimits: Sendable, Equatable {
  /// Bytes that Lua may use.
  public var memory = 64 << 20
  /// Seconds from the start to the end.
  public var time = 60.0
  /// Seconds of computing without waiting for anything.
  public var busy = 5.0
  /// Bytes that may be printed.
  public var output = 8 << 20
  /// Calls of the service.
  public var calls = 500
  /// Those of them that may write; nil for any number that is allowed.
  public var writes: Int?

  public init() {}

  /// - Parameters:
  ///   - header: what the script asks for.
  ///   - operator: what the operator says, which is the last word.
  public init(header: RequestedLimits, operator chosen: RequestedLimits = RequestedLimits()) {
    for wanted in [header, chosen] {
      memory = wanted.memory ?? memory
      time = wanted.time ?? time
      busy = wanted.busy ?? busy
      output = wanted.output ?? output
      calls = wanted.calls ?? calls
      writes = wanted.writes ?? writes
    }
    // The kernel's own clocks and sizes end somewhere.
    time = min(time, 366 * 86_400)
    busy = min(busy, time)
    memory = min(max(memory, 1 << 20), 1 << 40)
  }

  /// Where these are above the defaults, in words: `time 30m, 20000 calls`.
  public var raised: String? {
    let usual = SnippetLimits()
    var words: [String] = []
    if time > usual.time { words.append("time \(Self.text(seconds: time))") }
    if busy > usual.busy { words.append("computing \(Self.text(seconds: busy))") }
    if memory > usual.memory { words.append("memory \(ByteCount.text(memory))") }
    if output > usual.output { words.append("output \(ByteCount.text(output))") }
    if calls > usual.calls { words.append("\(calls) calls") }
    return words.isEmpty ? nil : words.joined(separator: ", ")
  }

  /// `30m`, `1h30m`, `90s`, `0.5s`.
  static func text(seconds: Double) -> String {
    guard seconds >= 60, seconds < 1e15, seconds == seconds.rounded() else {
      return seconds == seconds.rounded() ? "\(Int64(clamping: Int(seconds)))s" : "\(seconds)s"
    }
    let whole = Int(seconds)
    let parts = [(whole / 3_600, "h"), (whole / 60 % 60, "m"), (whole % 60, "s")]
    return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
  }
}
