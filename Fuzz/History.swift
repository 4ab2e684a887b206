// History: lines of the file that keeps what was typed, and what it is searched for.

@testable import Shell

extension FuzzTarget {
  static let history = FuzzTarget(name: "history") { bytes in
    var choices = Choices(bytes)
    let isSearch = choices.flag()
    guard isSearch else {
      guard let entry = HistoryEntry(line: choices.remainder()[...]) else { return }
      var kept = entry
      if let seconds = entry.seconds { kept.seconds = (seconds * 1_000).rounded() / 1_000 }
      let again = HistoryEntry(line: entry.line.dropLast())
      check(again?.text == entry.text && again?.label == entry.label, "an entry is read as another one")
      return check(again?.time == entry.time && again?.succeeded == entry.succeeded, "it changes: \(entry)")
    }
    if let pattern = try? SearchPattern(choices.text()) { _ = pattern.matches(choices.text()) }
  }
}
