// ChartNumber: numbers as pictures say them: exact where they are whole, else with as much as the eye can use.

enum ChartNumber {
  static func short(_ number: Double) -> String {
    guard number.isFinite else { return Numbers.text(number) }
    if let whole = Int64(exactly: number) { return String(whole) }
    let size = abs(number)
    guard size < 1e15, size >= 1e-6 else { return "\(number)" }
    return decimals(number, size >= 100 ? 1 : size >= 1 ? 2 : size >= 0.01 ? 4 : 8)
  }

  /// With so many decimals at most.
  static func decimals(_ number: Double, _ count: Int) -> String {
    var scale = 1.0
    for _ in 0..<count { scale *= 10 }
    guard let scaled = Int64(exactly: (abs(number) * scale).rounded()) else { return "\(number)" }
    let unit = Int64(scale)
    var digits = String(scaled % unit)
    digits = String(repeating: "0", count: max(0, count - digits.count)) + digits
    while digits.last == "0" { digits.removeLast() }
    let sign = number < 0 && scaled > 0 ? "-" : ""
    return sign + String(scaled / unit) + (count == 0 || digits.isEmpty ? "" : "." + digits)
  }
}
