// HistoryQuery: which entries `.history` is asked for.

/// `[N] [failed|ok] [LABEL] [/REGEX/]`, in any order: the last N entries of those that meet every condition.
struct HistoryQuery {
  /// How many entries are listed when no number is given.
  static let usualCount = 20

  private(set) var count = HistoryQuery.usualCount
  private var succeeded: Bool?
  private var labels: [String] = []
  private var pattern: SearchPattern?

  init(_ argument: String) throws(SearchPattern.Problem) {
    var rest = argument[...]
    while let first = rest.first {
      if first == "/" {
        // To the last slash: a pattern may hold slashes, and nothing else begins with one.
        guard let end = rest.lastIndex(of: "/"), end > rest.startIndex else {
          throw SearchPattern.Problem(description: "a pattern ends with a slash, as in .history /tag_/")
        }
        pattern = try SearchPattern(String(rest[rest.index(after: rest.startIndex)..<end]))
        rest = rest[rest.index(after: end)...]
      } else if first.isWhitespace {
        rest.removeFirst()
      } else {
        let word = String(rest.prefix { !$0.isWhitespace })
        rest = rest.dropFirst(word.count)
        switch word {
        case "failed": succeeded = false
        case "ok": succeeded = true
        default:
          if let number = Int(word), number > 0 { count = number } else { labels.append(word.lowercased()) }
        }
      }
    }
  }

  func matches(_ entry: HistoryEntry) -> Bool {
    if let succeeded, entry.succeeded != succeeded { return false }
    if !labels.isEmpty {
      let label = entry.label.lowercased()
      guard labels.allSatisfy({ label.contains($0) }) else { return false }
    }
    return pattern?.matches(entry.text) ?? true
  }

  /// The last entries that match, each with its number: its place in the whole history, from 1.
  func select(
    from entries: [HistoryEntry], while goOn: () -> Bool = { true }
  ) -> [(number: Int, entry: HistoryEntry)] {
    var found: [(number: Int, entry: HistoryEntry)] = []
    for (index, entry) in entries.enumerated().reversed() {
      if found.count == count || !goOn() { break }
      if matches(entry) { found.append((number: index + 1, entry: entry)) }
    }
    return found.reversed()
  }
}
