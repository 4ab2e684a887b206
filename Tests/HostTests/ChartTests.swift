// Charts: axes with round marks, bars that show what there is, and pictures that are well-formed.
import LuaRuntime
import Testing

@testable import Host

@Suite struct ChartTests {
  // MARK: Axes

  private struct Axis: Sendable {
    var low: Double
    var high: Double
    var labels: [String]

    init(_ low: Double, _ high: Double, _ labels: String...) {
      self.low = low
      self.high = high
      self.labels = labels
    }
  }

  @Test func numbersAreMarkedAtRoundValues() {
    let axes = [
      Axis(0, 9, "0", "2", "4", "6", "8", "10"), Axis(0, 0.3, "0", "0.1", "0.2", "0.3"),
      Axis(-30, 120, "-50", "0", "50", "100", "150"), Axis(5, 5, "5", "6"),
    ]
    for axis in axes {
      let scale = Scale.numbers(axis.low, axis.high)
      #expect(Array(scale.ticks.map(\.label).prefix(axis.labels.count)) == axis.labels)
      #expect(scale.low <= axis.low && scale.high >= axis.high)
    }
  }

  @Test func instantsAreMarkedAtRoundTimes() {
    let day = 86_400.0
    let axes = [
      Axis(0, 100, "00:00:00"), Axis(0, 18_000, "00:00"), Axis(80_000, 200_000, "01-02 00:00"),
      Axis(0, 30 * day, "1970-01-01"), Axis(0, 400 * day, "1970-01"), Axis(0, 10_000 * day, "1970"),
    ]
    for axis in axes {
      let ticks = Scale.instants(axis.low, axis.high).ticks
      #expect(ticks.first?.label == axis.labels[0] && (2...8).contains(ticks.count), "\(ticks)")
      #expect(ticks.allSatisfy { $0.value >= axis.low && $0.value <= axis.high })
    }
  }

  @Test func noAxisIsTooWideOrTooNarrow() {
    let axes = [
      Axis(1, 1), Axis(-1e308, 1e308), Axis(0, .leastNonzeroMagnitude), Axis(1e300, 1e300), Axis(0, 1e20),
      Axis(-62_135_596_800, 253_402_300_799),
    ]
    for axis in axes {
      #expect(Scale.numbers(axis.low, axis.high).ticks.count < 20)
      #expect(Scale.instants(axis.low, axis.high).ticks.count < 20)
    }
  }

  // MARK: Bars

  private static let bars = [
    Chart.Bar(label: "one", value: 8), Chart.Bar(label: "twelve", value: -2),
    Chart.Bar(label: "tiny", value: 0.01),
    Chart.Bar(label: "none", value: nil), Chart.Bar(label: "zero", value: 0),
  ]

  @Test func barsInUnicode() {
    #expect(
      ChartText(width: 40, glyphs: .unicode, unit: " GB").bars(Self.bars) == """
        one         │███████████████████▎ 8 GB
        twelve █████│-2 GB
        tiny        │▏ 0.01 GB
        none        │-
        zero        │0 GB

        """)
  }

  @Test func barsInASCII() {
    #expect(
      ChartText(width: 40, glyphs: .ascii, unit: "").bars(Self.bars) == """
        one          |###################### 8
        twelve  #####|-2
        tiny         |# 0.01
        none         |-
        zero         |0

        """)
  }

  // MARK: Sparks

  @Test func aSparkShowsGapsAndFits() {
    let text = ChartText(width: 8, glyphs: .unicode, unit: "")
    #expect(text.spark([1, nil, 8, 4.5]) == "▁ █▅")
    #expect(text.spark([3, 3]) == "▁▁")
    #expect(text.spark((0..<1_000).map(Double.init)) == "▁▂▃▄▅▆▇█")
    #expect(text.spark([-.greatestFiniteMagnitude, .greatestFiniteMagnitude]) == "▁█")
  }

  // MARK: Histograms

  @Test func aHistogramCountsInRoundIntervals() throws {
    let values = [1, 2, 2, 3, 7, 10].map { LuaValue.integer($0) } + [.nil]
    let histogram = try #require(Histogram(values, bins: 5))
    #expect(histogram.bins.map(\.count) == [1, 3, 0, 1, 0, 1] && histogram.absent == 1)
    #expect(histogram.bins.map(\.low) == [0, 2, 4, 6, 8, 10])
    #expect(Histogram([.integer(1), .timestamp(1)], bins: 5) == nil, "not both kinds")
  }

  private static let extremes: [[LuaValue]] = [
    [], [.integer(.max)], [.number(-0.5)], [.number(.leastNonzeroMagnitude), .number(1e308)],
    [.integer(.min), .integer(.max)],
    [.timestamp(.max), .timestamp(.min)],
  ]

  @Test(arguments: extremes) func aHistogramHoldsEveryValue(_ values: [LuaValue]) throws {
    let histogram = try #require(Histogram(values, bins: 10))
    let counted = histogram.bins.reduce(0) { $0 + $1.count }
    #expect(counted == values.count && histogram.bins.count <= 203)
  }

  // MARK: Timelines

  @Test func aTimelineHasAnAxis() {
    let lanes = [
      Chart.Lane(label: "db", marks: [.init(start: 0), .init(start: 43_200), .init(start: 43_300)]),
      Chart.Lane(
        label: "web",
        marks: [.init(start: 21_600, stop: 64_800), .init(start: 80_000, stop: 86_400, isOpen: true)]),
      Chart.Lane(label: "never"),
    ]
    #expect(
      ChartText(width: 48, glyphs: .unicode, unit: "").timeline(lanes) == """
        db     ●···················◉····················
        web    ··········━━━━━━━━━━━━━━━━━━━━━······━━━▶
        never  ·········································
               ┴───────────────────┴───────────────────┴
               01-01 00:00         01-01 12:00
               1970-01-01 00:00 to 1970-01-02 00:00 UTC

        """)
  }

  // MARK: SVG

  @Test func textOfOthersIsEscapedInSVG() {
    var svg = SVG()
    svg.text("<script>&\"\u{0}\u{1B}\u{FFFF}", 0, 0)
    let document = svg.document(width: 10, height: 10, title: "a < b")
    #expect(document.contains(">&lt;script&gt;&amp;&quot;␀␛\u{FFFD}</text>"), "\(document)")
    #expect(document.contains("<title>a &lt; b</title>"))
  }

  // MARK: Progress

  private func bar(_ label: String, _ total: Int?, _ done: Int, _ elapsed: Double) -> String {
    let text = ProgressText(label: label, total: total, done: done, elapsed: elapsed)
    return text.bar(width: 79, glyphs: .ascii)
  }

  @Test func aBarTellsHowFarAndHowLong() {
    let half = String(repeating: "#", count: 16) + String(repeating: ".", count: 24)
    #expect(bar("vms", 250, 105, 10) == "vms  \(half)   42 %  105/250  13s left")
    #expect(bar("", nil, 3_000, 61) == "3000  1m 1s  49.18/s")
    #expect(bar("x", 0, 0, 0) == "x  0  0s")
    #expect(bar("x", 3, 7, 0) == "x  " + String(repeating: "#", count: 40) + "  100 %  7/3")
  }

  @Test(arguments: 1...100) func aBarFitsItsLine(_ width: Int) {
    let text = ProgressText(label: "東京 machines of everybody", total: 1_000_000, done: 12_345, elapsed: 99)
    #expect(Terminal.columns(text.bar(width: width, glyphs: .unicode)) <= width)
  }
}
