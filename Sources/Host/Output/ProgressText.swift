// ProgressText: how far something is, as a bar and as a line.

struct ProgressText {
  let label: String
  let total: Int?
  let done: Int
  let elapsed: Double

  init(_ bar: Progress.Bar, now: Double) {
    self.init(label: bar.label, total: bar.total, done: bar.done, elapsed: now - bar.started)
  }

  init(label: String, total: Int?, done: Int, elapsed: Double) {
    self.label = label
    self.total = total.flatMap { $0 > 0 ? $0 : nil }
    self.done = max(0, done)
    self.elapsed = max(0, elapsed)
  }

  private var fraction: Double? { total.map { min(1, Double(done) / Double($0)) } }

  /// As wide as `width` columns at most.
  func bar(width: Int, glyphs: Glyphs) -> String {
    let name = label.isEmpty ? "" : Terminal.cut(label, to: max(8, width / 3), mark: glyphs.ellipsis) + "  "
    var tail: String
    if let total, let fraction {
      tail = "\(Self.right(Int(fraction * 100), 3)) %  \(done)/\(total)"
      if let left { tail += "  \(Self.span(left)) left" }
    } else {
      tail = "\(done)  \(Self.span(elapsed))"
      if elapsed >= 1, done > 0 { tail += "  \(ChartNumber.short(Double(done) / elapsed))/s" }
    }
    let room = min(40, width - Terminal.columns(name) - Terminal.columns(tail) - 2)
    guard let fraction, room >= 8 else { return Terminal.cut(name + tail, to: width, mark: glyphs.ellipsis) }
    return name + Self.filled(fraction, room, glyphs) + "  " + tail
  }

  func line(isLast: Bool) -> String {
    let name = label.isEmpty ? "" : label + ": "
    guard let total else { return "\(name)\(done)\(isLast ? " in " : ", ")\(Self.span(elapsed))" }
    if isLast { return "\(name)\(done) of \(total) in \(Self.span(elapsed))" }
    let rest = left.map { ", \(Self.span($0)) left" } ?? ""
    return "\(name)\(done) of \(total) (\(Int((fraction ?? 0) * 100)) %)\(rest)"
  }

  /// Seconds that the rest will take at the pace so far; nil while nobody can say.
  private var left: Double? {
    guard let total, done > 0, done < total, elapsed >= 1 else { return nil }
    return elapsed * Double(total - done) / Double(done)
  }

  /// A bar of so many columns, filled to a fraction.
  static func filled(_ fraction: Double, _ width: Int, _ glyphs: Glyphs) -> String {
    let full = glyphs.across.count
    let eighths = Int((fraction * Double(width * full)).rounded(.down))
    var text = String(repeating: glyphs.across[full - 1], count: min(width, eighths / full))
    if eighths % full > 0, eighths / full < width { text += glyphs.across[eighths % full - 1] }
    let used = text.unicodeScalars.count
    return text + String(repeating: glyphs.rest, count: max(0, width - used))
  }

  /// "1m 12s": the two largest units.
  static func span(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "long" }
    var left = Int(seconds)
    var parts: [String] = []
    for (unit, size) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
      if left >= size || unit == "s" && parts.isEmpty {
        parts.append("\(left / size)\(unit)")
        left %= size
      } else if !parts.isEmpty {
        break
      }
      if parts.count == 2 { break }
    }
    return parts.joined(separator: " ")
  }

  private static func right(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
