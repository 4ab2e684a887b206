// Scale: an axis: what part of it a value is at, and the round values to mark. Of numbers, or of instants in UTC.
import AWSCore

struct Scale {
  struct Tick: Equatable {
    var value: Double
    var label: String
  }

  private(set) var low: Double
  private(set) var high: Double
  private(set) var ticks: [Tick] = []

  /// From 0 to 1.
  func fraction(_ value: Double) -> Double { high > low ? Self.fraction(value, low, high) : 0.5 }

  /// Which part of the way from `low` to `high` a value is at. By halves: the whole way may be no double.
  static func fraction(_ value: Double, _ low: Double, _ high: Double) -> Double {
    let part = (value / 2 - low / 2) / (high / 2 - low / 2)
    return part.isNaN ? 0 : min(1, max(0, part))
  }

  // MARK: Numbers

  /// The smallest of 1, 2, 5 times a power of ten that is at least so much.
  static func round(_ step: Double) -> Double {
    guard step > 0, step.isFinite else { return 1 }
    var power = 1.0
    while power * 10 <= step { power *= 10 }
    while power > step { power /= 10 }
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= step * 0.999999 } ?? power * 10
  }

  /// An axis that begins and ends with a mark.
  static func numbers(_ low: Double, _ high: Double, marks: Int = 5) -> Scale {
    let span = high > low ? high - low : max(1, abs(high))
    let step = round(span / Double(max(1, marks)))
    // Beyond what doubles count in steps of one there are no marks between.
    guard step.isFinite, abs(low / step) < 1e15, abs(high / step) < 1e15 else {
      return Scale(
        low: low, high: high, ticks: [low, high].map { Tick(value: $0, label: ChartNumber.short($0)) })
    }
    let first = (low / step).rounded(.down)
    let last = max(first + 1, (high / step - 1e-9).rounded(.up))
    let ticks = stride(from: first, through: last, by: 1).map { place in
      Tick(value: place * step, label: ChartNumber.short(clean(place * step)))
    }
    return Scale(low: first * step, high: last * step, ticks: ticks)
  }

  /// 0.30000000000000004 is 0.3 on an axis.
  private static func clean(_ number: Double) -> Double {
    Double(ChartNumber.decimals(number, 9)).flatMap { abs($0 - number) < abs(number) * 1e-9 ? $0 : nil }
      ?? number
  }

  // MARK: Instants

  private static let seconds: [Double] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
    604_800, 1_209_600,
  ]
  private static let months = [1, 2, 3, 6, 12, 24, 60, 120, 600, 1_200, 6_000, 12_000]
  private static let day = 86_400.0

  /// An axis of epoch seconds, exactly from one instant to another, with marks at round times of UTC.
  static func instants(_ low: Double, _ high: Double, marks: Int = 5) -> Scale {
    var scale = Scale(low: low, high: high)
    // What is no instant has no round times, and steps of a second may be nothing to it.
    guard Timestamp(epochSeconds: low) != nil, Timestamp(epochSeconds: high) != nil else {
      scale.ticks = [low, high].map { Tick(value: $0, label: ChartNumber.short($0)) }
      return scale
    }
    let wanted = (high - low) / Double(max(1, marks))
    let isOneDay = (low / day).rounded(.down) == (high / day).rounded(.down)
    if let step = seconds.first(where: { $0 >= wanted }) {
      var at = (low / step).rounded(.up) * step
      while at <= high {
        scale.ticks.append(Tick(value: at, label: label(at, step: step, withDay: !isOneDay)))
        at += step
      }
    } else {
      let step = months.first { Double($0) * 30 * day >= wanted } ?? 12_000
      guard let start = Timestamp(epochSeconds: low)?.utc else { return scale }
      var month = (start.year * 12 + start.month - 1) / step * step
      while month < 10_000 * 12 {
        let at = Timestamp(year: month / 12, month: month % 12 + 1, day: 1).epochSeconds
        if at > high { break }
        if at >= low {
          scale.ticks.append(
            Tick(value: at, label: String(date(at).prefix(step < 12 ? 7 : 4))))
        }
        month += step
      }
    }
    if scale.ticks.isEmpty { scale.ticks = [Tick(value: low, label: label(low, step: 1, withDay: true))] }
    return scale
  }

  private static func label(_ at: Double, step: Double, withDay: Bool) -> String {
    if step >= day { return date(at) }
    let text = iso(at)
    let time = String(text.dropFirst(11).prefix(step < 60 ? 8 : 5))
    return withDay ? text.dropFirst(5).prefix(5) + " " + time : time
  }

  /// `2022-09-22`.
  static func date(_ seconds: Double) -> String { String(iso(seconds).prefix(10)) }

  /// `2022-09-22 08:30`, and seconds where there are some.
  static func instant(_ seconds: Double) -> String {
    let text = iso(seconds)
    return text.prefix(10) + " " + text.dropFirst(11).prefix(text.dropFirst(17).prefix(2) == "00" ? 5 : 8)
  }

  private static func iso(_ seconds: Double) -> String {
    Timestamp(epochSeconds: seconds.rounded())?.iso8601 ?? Numbers.text(seconds)
  }
}
