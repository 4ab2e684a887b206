// ChartText: charts drawn with characters, as wide as the screen at most.

struct ChartText {
  let width: Int
  let glyphs: Glyphs
  let unit: String

  // MARK: Bars

  func bars(_ bars: [Chart.Bar]) -> String {
    guard !bars.isEmpty else { return "(no data)\n" }
    let labels = bars.map { Terminal.cut($0.label, to: max(8, width / 3), mark: glyphs.ellipsis) }
    let texts = bars.map { $0.value.map { ChartNumber.short($0) + unit } ?? "-" }
    let labelWidth = labels.map(Terminal.columns).max() ?? 0
    let textWidth = texts.map(Terminal.columns).max() ?? 0
    // The axis and a space before the number.
    let room = max(8, width - labelWidth - textWidth - 3)
    let values = bars.compactMap(\.value)
    let (low, high) = (min(0, values.min() ?? 0), max(0, values.max() ?? 0))
    /// Which part of the room a bar takes.
    func part(_ value: Double) -> Double { Scale.fraction(low + abs(value), low, high) }
    let before = Int((Double(room) * part(low)).rounded(.up))
    return bars.indices.map { index in
      let label = Terminal.padded(labels[index], to: labelWidth)
      let value = bars[index].value ?? 0
      var left = String(repeating: " ", count: before)
      var right = ""
      if value < 0 {
        let full = min(before, max(1, Int((Double(room) * part(value)).rounded())))
        left = String(repeating: " ", count: before - full) + String(repeating: block, count: full)
      } else {
        right = bar(part(value), room)
      }
      return "\(label) \(left)\(glyphs.axis)\(right)\(right.isEmpty ? "" : " ")\(texts[index])\n"
    }.joined()
  }

  private var block: String { glyphs.across[glyphs.across.count - 1] }

  /// A bar in eighths of a column; what is more than nothing is seen.
  private func bar(_ fraction: Double, _ room: Int) -> String {
    guard fraction > 0 else { return "" }
    let parts = glyphs.across.count
    let eighths = max(1, Int((fraction * Double(room * parts)).rounded()))
    let full = String(repeating: block, count: eighths / parts)
    return eighths % parts == 0 ? full : full + glyphs.across[eighths % parts - 1]
  }

  // MARK: Sparks

  func spark(_ values: [Double?]) -> String {
    let values = Self.thinned(values, to: width)
    let known = values.compactMap { $0 }
    guard let low = known.min(), let high = known.max() else { return values.map { _ in " " }.joined() }
    let top = Double(glyphs.upward.count - 1)
    return values.map { value in
      guard let value else { return " " }
      return glyphs.upward[Int((Scale.fraction(value, low, high) * top).rounded())]
    }.joined()
  }

  /// Means of neighbours, where there are more values than columns.
  static func thinned(_ values: [Double?], to count: Int) -> [Double?] {
    guard values.count > count, count > 0 else { return values }
    return (0..<count).map { place in
      let part = values[(values.count * place / count)..<(values.count * (place + 1) / count)].compactMap {
        $0
      }
      return part.isEmpty ? nil : part.reduce(0) { $0 + $1 / Double(part.count) }
    }
  }

  // MARK: Timelines

  func timeline(_ lanes: [Chart.Lane]) -> String {
    guard let (low, high) = Chart.Lane.bounds(lanes) else { return "(no data)\n" }
    let labels = lanes.map { Terminal.cut($0.label, to: max(8, width / 3), mark: glyphs.ellipsis) }
    let labelWidth = labels.map(Terminal.columns).max() ?? 0
    let room = max(10, width - labelWidth - 2)
    let scale = Scale.instants(low, high, marks: max(1, room / 16))
    var out = zip(labels, lanes).map { label, lane in
      Terminal.padded(label, to: labelWidth) + "  " + track(lane, scale, room) + "\n"
    }.joined()
    let margin = String(repeating: " ", count: labelWidth + 2)
    for line in axis(scale, room) { out += margin + line + "\n" }
    return out + margin + "\(Scale.instant(low)) to \(Scale.instant(high)) UTC\n"
  }

  private func place(_ value: Double, _ scale: Scale, _ room: Int) -> Int {
    min(room - 1, Int(scale.fraction(value) * Double(room - 1) + 0.5))
  }

  private func track(_ lane: Chart.Lane, _ scale: Scale, _ room: Int) -> String {
    var cells = [String](repeating: glyphs.track, count: room)
    for mark in lane.marks where mark.stop != nil {
      let (from, to) = (place(mark.start, scale, room), place(mark.stop ?? mark.start, scale, room))
      for cell in min(from, to)...max(from, to) { cells[cell] = glyphs.span }
      if mark.isOpen { cells[to] = glyphs.onward }
    }
    for mark in lane.marks where mark.stop == nil {
      let cell = place(mark.start, scale, room)
      cells[cell] = cells[cell] == glyphs.point || cells[cell] == glyphs.points ? glyphs.points : glyphs.point
    }
    return cells.joined()
  }

  /// The line of marks, and the labels below those that have room for them.
  private func axis(_ scale: Scale, _ room: Int) -> [String] {
    var line = [String](repeating: glyphs.horizontal, count: room)
    var labels = ""
    for tick in scale.ticks {
      let cell = place(tick.value, scale, room)
      line[cell] = glyphs.tick
      let start = min(cell, max(0, room - tick.label.count))
      guard labels.isEmpty || start > labels.count else { continue }
      labels += String(repeating: " ", count: start - labels.count) + tick.label
    }
    return [line.joined(), labels]
  }
}

extension Chart.Lane {
  /// The first and the last instant of all lanes, never the same one; nil when there is none.
  static func bounds(_ lanes: [Chart.Lane]) -> (low: Double, high: Double)? {
    let instants = lanes.flatMap(\.marks).flatMap { [$0.start, $0.stop ?? $0.start] }
    guard let low = instants.min(), let high = instants.max() else { return nil }
    return high > low ? (low, high) : (low - 1_800, high + 1_800)
  }
}
