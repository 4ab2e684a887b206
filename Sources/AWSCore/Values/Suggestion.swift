// Suggestion: what a person most likely meant, and texts and lists as a sentence writes them.

/// The candidate that a person most likely meant: the one with the fewest edits, if they are few for its
/// length, or else the only one that begins with it.
public func nearest(to word: String, in candidates: [String]) -> String? {
  // Longer than any name there is; the distance of a megabyte would take a while.
  guard word.utf8.count <= 100 else { return nil }
  let wanted = word.lowercased()
  let scored = candidates.map { (name: $0, distance: editDistance(wanted, $0.lowercased())) }
  guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
  // The dashes of options are right for nothing: --gate is far from --data.
  let length = [word, best.name].map { $0.drop { $0 == "-" }.count }.min() ?? 0
  if best.distance <= max(1, length / 3) { return best.name }
  // What was not written to its end: `LastBackup`.
  let longer = candidates.filter { $0.lowercased().hasPrefix(wanted) }
  return wanted.count >= 3 && longer.count == 1 ? longer[0] : nil
}

/// How many insertions, deletions, replacements and swaps of neighbours lead from one word to the other
/// (optimal string alignment).
private func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a.utf8)
  let b = Array(b.utf8)
  guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
  var rows = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
  for i in 0...a.count { rows[i][0] = i }
  for j in 0...b.count { rows[0][j] = j }
  for i in 1...a.count {
    for j in 1...b.count {
      let replace = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, replace)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
      }
    }
  }
  return rows[a.count][b.count]
}

/// `A, B and C`.
public func listed(_ words: [String]) -> String {
  guard words.count > 1, let last = words.last else { return words.first ?? "none" }
  return words.dropLast().joined(separator: ", ") + " and " + last
}

/// A text as a sentence shows it: cut after 200 characters, on one line, control characters made visible.
public func quoted(_ text: String) -> String {
  let shown = text.unicodeScalars.prefix(200).map { scalar in
    scalar.isHidden ? scalar.escaped(asASCII: true) : String(scalar)
  }
  return "'\(shown.joined())'"
}
