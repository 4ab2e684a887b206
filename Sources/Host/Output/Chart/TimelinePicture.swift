// TimelinePicture: lanes of instants and spans, and a line of values, as SVG.

struct TimelinePicture {
  private let lanes: [Chart.Lane]
  private static let row = 26.0

  init(_ lanes: [Chart.Lane]) { self.lanes = lanes }

  func svg(_ title: String) -> String {
    var svg = SVG()
    let width = BarPicture.width
    let labels = lanes.map { Terminal.cut($0.label, to: 36) }
    let left = 24 + (labels.map(SVG.width).max() ?? 0)
    let right = width - 50
    let top = title.isEmpty ? 16.0 : 48.0
    let bottom = top + Double(max(1, lanes.count)) * Self.row
    if !title.isEmpty { svg.text(title, 12, 26, isTitle: true) }
    guard let (low, high) = Chart.Lane.bounds(lanes) else {
      svg.text("no data", left, top + 18, fill: Colour.faint)
      return svg.document(width: width, height: bottom + 32, title: title.isEmpty ? "Timeline" : title)
    }
    let scale = Scale.instants(low, high, marks: 6)
    func x(_ value: Double) -> Double { left + scale.fraction(value) * max(60, right - left) }
    var labelled = -Double.infinity
    for tick in scale.ticks {
      svg.line(x(tick.value), top, x(tick.value), bottom, stroke: Colour.grid)
      let half = SVG.width(tick.label) / 2
      guard x(tick.value) - half > labelled + 8 else { continue }
      labelled = x(tick.value) + half
      svg.text(tick.label, x(tick.value), bottom + 18, .middle, fill: Colour.faint)
    }
    for (index, lane) in lanes.enumerated() {
      let y = top + Double(index) * Self.row
      svg.text(labels[index], left - 10, y + 17, .end)
      svg.line(left, y + Self.row, right, y + Self.row, stroke: Colour.grid)
      for mark in lane.marks { draw(mark, lane.label, y, x, on: &svg) }
    }
    svg.line(left, bottom, right, bottom, stroke: Colour.axis)
    svg.text(
      "\(Scale.instant(low)) to \(Scale.instant(high)) UTC", left, bottom + 38, fill: Colour.faint)
    return svg.document(width: width, height: bottom + 52, title: title.isEmpty ? "Timeline" : title)
  }

  private func draw(
    _ mark: Chart.Lane.Mark, _ label: String, _ y: Double, _ x: (Double) -> Double, on svg: inout SVG
  ) {
    let middle = y + Self.row / 2
    guard let stop = mark.stop else {
      svg.circle(
        x(mark.start), middle, 5, fill: Colour.bar, note: "\(label): \(Scale.instant(mark.start)) UTC")
      return
    }
    let (from, to) = (min(mark.start, stop), max(mark.start, stop))
    let end = mark.isOpen ? "now" : Scale.instant(to)
    svg.rectangle(
      x(from), middle - 6, max(2, x(to) - x(from)), 12, fill: Colour.bar,
      note: "\(label): \(Scale.instant(from)) to \(end) UTC")
    // What goes on has a point.
    if mark.isOpen {
      let tip = x(to)
      svg.path(
        "M\(SVG.number(tip)) \(SVG.number(middle - 10))l9 10l-9 10z", "fill=\"\(Colour.bar)\"")
    }
  }
}

struct SparkPicture {
  private let values: [Double?]
  private let unit: String

  init(_ values: [Double?], unit: String) {
    self.values = ChartText.thinned(values, to: 2_000)
    self.unit = unit
  }

  func svg(_ title: String) -> String {
    var svg = SVG()
    let (width, height) = (480.0, title.isEmpty ? 96.0 : 128.0)
    let known = values.compactMap { $0 }
    let name = title.isEmpty ? "Values" : title
    if !title.isEmpty { svg.text(title, 12, 26, isTitle: true) }
    guard let low = known.min(), let high = known.max() else {
      svg.text("no data", 12, height - 24, fill: Colour.faint)
      return svg.document(width: width, height: height, title: name)
    }
    let scale = Scale.numbers(low, high, marks: 2)
    let left = 20 + (scale.ticks.map { SVG.width($0.label + unit) }.max() ?? 0)
    let (right, top, bottom) = (width - 20, height - 80, height - 16)
    func y(_ value: Double) -> Double { bottom - scale.fraction(value) * (bottom - top) }
    for tick in scale.ticks {
      svg.line(left, y(tick.value), right, y(tick.value), stroke: Colour.grid)
      svg.text(tick.label + unit, left - 8, y(tick.value) + 4, .end, fill: Colour.faint)
    }
    let step = (right - left) / Double(max(1, values.count - 1))
    var path = ""
    var isDown = false
    for (index, value) in values.enumerated() {
      // A gap stays one.
      guard let value else {
        isDown = false
        continue
      }
      let x = left + Double(index) * step
      path += "\(isDown ? "L" : "M")\(SVG.number(x)) \(SVG.number(y(value)))"
      if !isDown { path += "h0" }
      isDown = true
    }
    svg.path(
      path,
      "fill=\"none\" stroke=\"\(Colour.bar)\" stroke-width=\"2\" stroke-linejoin=\"round\" stroke-linecap=\"round\""
    )
    return svg.document(width: width, height: height, title: name)
  }
}
