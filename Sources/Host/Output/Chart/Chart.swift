// Chart: a picture of data, as text and as SVG. It is read from what chart.lua made of a script's rows.
import LuaRuntime

struct Chart {
  /// A bar with a name. Nil where a row has no value, which is not the same as nothing.
  struct Bar {
    var label: String
    var value: Double?
  }

  /// Instants and spans in one line, in epoch seconds.
  struct Lane {
    struct Mark {
      var start: Double
      /// Nil for an instant.
      var stop: Double?
      /// Without an end so far; it reaches to now.
      var isOpen = false
    }

    var label: String
    var marks: [Mark] = []
  }

  enum Kind {
    case bars([Bar])
    case histogram(Histogram)
    case spark([Double?])
    case timeline([Lane])
  }

  var kind: Kind
  /// Empty for none.
  var title: String
  /// What stands behind each number.
  var unit: String

  /// - Returns: nil when it is no chart.
  init?(_ value: LuaValue) {
    guard case .table(let spec) = value else { return nil }
    title = Visible.line(spec["title"]?.string ?? "")
    unit = spec["unit"]?.string.map { " " + Visible.line($0) } ?? ""
    let points = spec["points"]?.items ?? []
    switch spec["kind"]?.string {
    case "bar":
      kind = .bars(points.map { Bar(label: $0.label, value: $0["value"]?.plotted) })
    case "histogram":
      let values = points.map { $0["value"] ?? .nil }
      guard let histogram = Histogram(values, bins: spec["bins"]?.wholeNumber ?? 10) else { return nil }
      kind = .histogram(histogram)
    case "spark":
      kind = .spark(points.map { $0["value"]?.plotted })
    case "timeline":
      kind = .timeline(Self.lanes(points))
    default: return nil
    }
  }

  /// Rows of one name share a line.
  private static func lanes(_ points: [LuaValue]) -> [Lane] {
    var lanes: [Lane] = []
    var known: [String: Int] = [:]
    for point in points {
      let label = point.label
      let index = known[label] ?? lanes.count
      if index == lanes.count {
        known[label] = index
        lanes.append(Lane(label: label))
      }
      guard let start = point["start"]?.plotted else { continue }
      lanes[index].marks.append(
        Lane.Mark(start: start, stop: point["stop"]?.plotted, isOpen: point["open"] != nil))
    }
    return lanes
  }

  /// Lines, each with its newline.
  func text(width: Int, glyphs: Glyphs) -> String {
    let text = ChartText(width: max(20, width), glyphs: glyphs, unit: unit)
    let head = title.isEmpty ? "" : Terminal.cut(title, to: max(20, width), mark: glyphs.ellipsis) + "\n"
    switch kind {
    case .bars(let bars): return head + text.bars(bars)
    case .histogram(let histogram): return head + text.bars(histogram.bars(glyphs))
    case .spark(let values): return (title.isEmpty ? "" : title + " ") + text.spark(values) + "\n"
    case .timeline(let lanes): return head + text.timeline(lanes)
    }
  }

  var svg: String {
    switch kind {
    case .bars(let bars): BarPicture(bars, unit: unit).svg(title)
    case .histogram(let histogram): HistogramPicture(histogram, unit: unit).svg(title)
    case .spark(let values): SparkPicture(values, unit: unit).svg(title)
    case .timeline(let lanes): TimelinePicture(lanes).svg(title)
    }
  }
}

extension LuaValue {
  fileprivate subscript(name: String) -> LuaValue? {
    if case .table(let table) = self { table[name] } else { nil }
  }

  fileprivate var items: [LuaValue]? { if case .table(let table) = self { table.items } else { nil } }

  fileprivate var label: String {
    switch self["label"] {
    case .string(let text)?: Visible.line(text)
    case .integer(let number)?: String(number)
    case .number(let number)?: Numbers.text(number)
    case .boolean(let flag)?: String(flag)
    case .timestamp(let micros)?: Scale.instant(Double(micros) / 1e6)
    default: "-"
    }
  }

  /// A number, or an instant in epoch seconds; nil for all else.
  var plotted: Double? {
    if case .timestamp(let microseconds) = self { return Double(microseconds) / 1e6 }
    return double.flatMap { $0.isFinite ? $0 : nil }
  }
}
