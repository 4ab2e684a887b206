// ChartPrimitives: what chart.lua builds `chart` on: it reads a script's rows, here they become pictures.
import LuaRuntime

extension Console {
  func defineCharts(_ define: Define) {
    // (chart, width or nil, ASCII or nil) → text
    define("chart_text") { call throws(LuaRaise) in
      let chart = try Self.chart(call)
      let width = call.stack.integer(at: 2).flatMap(Int.init(exactly:)) ?? Terminal.width ?? 80
      let isPlain = call.stack.isNil(at: 3) ? nil : call.stack.boolean(at: 3)
      let glyphs = isPlain.map { $0 ? Glyphs.ascii : .unicode } ?? .ofPictures
      return call.returning(.string(chart.text(width: min(width, 1_000), glyphs: glyphs)))
    }
    define("chart_svg") { call throws(LuaRaise) in call.returning(.string(try Self.chart(call).svg)) }
  }

  private static func chart(_ call: borrowing LuaCall) throws(LuaRaise) -> Chart {
    guard let chart = Chart(try call.stack.value(at: 1)) else {
      throw LuaRaise.refused("chart: the values are numbers or timestamps, not some of each")
    }
    return chart
  }
}
