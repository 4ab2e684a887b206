// Histogram: how many values lie in each of some equally wide, round intervals. Of numbers, or of instants.
import LuaRuntime

struct Histogram {
  /// From `low`, which belongs to it, to `high`, which does not.
  struct Bin {
    var low: Double
    var high: Double
    var count: Int
  }

  private(set) var bins: [Bin] = []
  /// Rows without a value.
  private(set) var absent = 0
  private(set) var isOfInstants = false

  /// More than anybody can look at.
  private static let most = 200

  /// - Parameters:
  ///   - values: numbers or timestamps, not both; nil for a row that has none.
  ///   - wanted: how many bins, more or less: their bounds are round.
  /// - Returns: nil for both kinds at once.
  init?(_ values: [LuaValue], bins wanted: Int) {
    var numbers: [Double] = []
    var instants = 0
    var isWhole = true
    for value in values {
      guard let number = value.plotted else {
        absent += 1
        continue
      }
      if case .timestamp = value { instants += 1 }
      if case .integer = value {} else { isWhole = false }
      numbers.append(number)
    }
    guard instants == 0 || instants == numbers.count else { return nil }
    isOfInstants = instants > 0
    guard let low = numbers.min(), let high = numbers.max() else { return }
    let count = max(1, min(Self.most, wanted))
    var step =
      isOfInstants ? Self.roundTime((high - low) / Double(count)) : Scale.round((high - low) / Double(count))
    if isWhole { step = max(1, step) }
    if high == low, !isOfInstants { step = isWhole ? 1 : max(Scale.round(abs(high) / 10), 1e-9) }
    let first = (low / step).rounded(.down) * step
    let places = min(Self.most + 2, max(0, Int(exactly: ((high - first) / step).rounded(.down)) ?? 0))
    bins = (0...places).map {
      Bin(low: first + Double($0) * step, high: first + Double($0 + 1) * step, count: 0)
    }
    for number in numbers {
      let place = Int(exactly: ((number - first) / step).rounded(.down)) ?? 0
      bins[min(places, max(0, place))].count += 1
    }
  }

  private static func roundTime(_ seconds: Double) -> Double {
    let steps: [Double] = [
      1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
      1_209_600, 2_592_000, 7_776_000, 31_536_000,
    ]
    return steps.first { $0 >= seconds } ?? Scale.round(seconds / 31_536_000) * 31_536_000
  }

  /// The bins as bars, and the rows without a value below them.
  func bars(_ glyphs: Glyphs) -> [Chart.Bar] {
    let dash = glyphs == .ascii ? "-" : "–"
    var bars = bins.map { bin in
      Chart.Bar(label: label(bin, dash), value: Double(bin.count))
    }
    if absent > 0 { bars.append(Chart.Bar(label: "(none)", value: Double(absent))) }
    return bars
  }

  func label(_ bin: Bin, _ dash: String) -> String {
    guard isOfInstants else {
      return "\(ChartNumber.short(bin.low)) \(dash) \(ChartNumber.short(bin.high))"
    }
    let isDays = bin.low.truncatingRemainder(dividingBy: 86_400) == 0 && bin.high - bin.low >= 86_400
    return isDays ? Scale.date(bin.low) : Scale.instant(bin.low)
  }
}
