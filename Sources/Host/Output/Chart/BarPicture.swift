// BarPicture: bars with names, and a histogram, as SVG.

struct BarPicture {
  private let bars: [Chart.Bar]
  private let unit: String

  static let width = 800.0
  private static let row = 24.0

  init(_ bars: [Chart.Bar], unit: String) {
    self.bars = bars
    self.unit = unit
  }

  func svg(_ title: String) -> String {
    var svg = SVG()
    let labels = bars.map { Terminal.cut($0.label, to: 36) }
    let texts = bars.map { $0.value.map { ChartNumber.short($0) + unit } ?? "no value" }
    let values = bars.compactMap(\.value)
    let scale = Scale.numbers(min(0, values.min() ?? 0), max(0, values.max() ?? 0))
    let left = 20 + (labels.map(SVG.width).max() ?? 0)
    let right = Self.width - 24 - (texts.map(SVG.width).max() ?? 0)
    let top = title.isEmpty ? 16.0 : 48.0
    let bottom = top + Double(max(1, bars.count)) * Self.row
    func x(_ value: Double) -> Double { left + scale.fraction(value) * max(60, right - left) }
    if !title.isEmpty { svg.text(title, 12, 26, isTitle: true) }
    for tick in scale.ticks {
      svg.line(x(tick.value), top, x(tick.value), bottom, stroke: Colour.grid)
      svg.text(tick.label, x(tick.value), bottom + 18, .middle, fill: Colour.faint)
    }
    for (index, bar) in bars.enumerated() {
      let y = top + Double(index) * Self.row
      let value = bar.value ?? 0
      svg.text(labels[index], left - 8, y + 16, .end)
      if bar.value != nil {
        svg.rectangle(
          min(x(0), x(value)), y + 4, abs(x(value) - x(0)), Self.row - 8,
          fill: value < 0 ? Colour.negative : Colour.bar, note: "\(bar.label): \(texts[index])")
      }
      svg.text(
        texts[index], max(x(0), x(value)) + 6, y + 16, fill: bar.value == nil ? Colour.faint : Colour.text)
    }
    if bars.isEmpty { svg.text("no data", left + 8, top + 16, fill: Colour.faint) }
    svg.line(x(0), top, x(0), bottom, stroke: Colour.axis)
    if !unit.isEmpty { svg.text(String(unit.dropFirst()), 12, bottom + 18, fill: Colour.faint) }
    return svg.document(width: Self.width, height: bottom + 32, title: title.isEmpty ? "Bars" : title)
  }
}

struct HistogramPicture {
  private let histogram: Histogram
  private let unit: String

  init(_ histogram: Histogram, unit: String) {
    self.histogram = histogram
    self.unit = unit
  }

  func svg(_ title: String) -> String {
    var svg = SVG()
    let (width, height) = (BarPicture.width, 360.0)
    let top = title.isEmpty ? 20.0 : 52.0
    let bottom = height - 56
    let most = Double(histogram.bins.map(\.count).max() ?? 0)
    let scale = Scale.numbers(0, max(most, 4))
    let left = 24 + (scale.ticks.map { SVG.width($0.label) }.max() ?? 0)
    let right = width - 40
    func y(_ count: Double) -> Double { bottom - scale.fraction(count) * (bottom - top) }
    if !title.isEmpty { svg.text(title, 12, 26, isTitle: true) }
    for tick in scale.ticks {
      svg.line(left, y(tick.value), right, y(tick.value), stroke: Colour.grid)
      svg.text(tick.label, left - 8, y(tick.value) + 4, .end, fill: Colour.faint)
    }
    let step = (right - left) / Double(max(1, histogram.bins.count))
    // As many labels as have room: a bound of a bin stands under its left edge.
    let edges = histogram.bins.map { edge($0.low) } + (histogram.bins.last.map { [edge($0.high)] } ?? [])
    let every = max(1, Int(((edges.map(SVG.width).max() ?? 0) + 16) / max(1, step)) + 1)
    for (index, bin) in histogram.bins.enumerated() {
      svg.rectangle(
        left + Double(index) * step + 1, y(Double(bin.count)), step - 2, bottom - y(Double(bin.count)),
        fill: Colour.bar, note: "\(histogram.label(bin, "–")): \(bin.count)")
    }
    for (index, label) in edges.enumerated() where index % every == 0 {
      svg.text(label, left + Double(index) * step, bottom + 18, .middle, fill: Colour.faint)
    }
    if histogram.bins.isEmpty { svg.text("no data", left + 8, top + 16, fill: Colour.faint) }
    svg.line(left, bottom, right, bottom, stroke: Colour.axis)
    var notes: [String] = []
    if histogram.absent > 0 { notes.append("\(histogram.absent) without a value") }
    if histogram.isOfInstants { notes.append("times in UTC") }
    if !unit.isEmpty { notes.append("in\(unit)") }
    svg.text(notes.joined(separator: ", "), left, height - 14, fill: Colour.faint)
    return svg.document(width: width, height: height, title: title.isEmpty ? "Histogram" : title)
  }

  private func edge(_ value: Double) -> String {
    guard histogram.isOfInstants else { return ChartNumber.short(value) }
    return histogram.label(Histogram.Bin(low: value, high: value + binWidth, count: 0), "–")
  }

  private var binWidth: Double { histogram.bins.first.map { $0.high - $0.low } ?? 0 }
}
