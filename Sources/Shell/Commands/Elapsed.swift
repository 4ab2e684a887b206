// Elapsed: a time that something took, as people read it.

public enum Elapsed {
  /// `0.004 s`, `12.3 s`, `3 min 4 s`.
  public static func text(_ seconds: Double) -> String {
    let thousandths = Int64(exactly: (max(0, seconds) * 1_000).rounded()) ?? 0
    if thousandths < 10_000 { return "\(decimal(thousandths, digits: 3)) s" }
    if thousandths < 60_000 { return "\(decimal(thousandths / 100, digits: 1)) s" }
    let whole = thousandths / 1_000
    if whole < 3_600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3_600) h \(whole / 60 % 60) min"
  }

  private static func decimal(_ value: Int64, digits: Int) -> String {
    let text = String(value)
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    return "\(padded.dropLast(digits)).\(padded.suffix(digits))"
  }
}
