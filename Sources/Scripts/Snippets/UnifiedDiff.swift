// UnifiedDiff: what changed between two sources, as diff -u has it.
import AWSCore

enum UnifiedDiff {
  private enum Line: Equatable {
    case same(String)
    case removed(String)
    case added(String)

    var isSame: Bool { if case .same = self { true } else { false } }
    var isOld: Bool { if case .added = self { false } else { true } }
    var isNew: Bool { if case .removed = self { false } else { true } }
    var text: String {
      switch self {
      case .same(let text): " \(text)"
      case .removed(let text): "-\(text)"
      case .added(let text): "+\(text)"
      }
    }
  }

  /// Lines around a change that stay.
  private static let context = 3
  /// Where the two texts have more lines between the first and the last that differ, they are shown as replaced: the
  /// comparison takes the square of that in time and space, and whoever wrote them must not make it last.
  private static let mostCompared = 4_000

  /// Empty for equal texts.
  static func text(from old: [UInt8], named oldName: String, to new: [UInt8], named newName: String) -> String
  {
    let all = lines(split(old), split(new))
    guard all.contains(where: { !$0.isSame }) else { return "" }
    var text = "--- \(oldName)\n+++ \(newName)\n"
    var index = 0
    // Lines of each text before `index`; counted anew for each change, that would take the square of their number.
    var (olds, news) = (0, 0)
    while let change = all[index...].firstIndex(where: { !$0.isSame }) {
      let begin = max(index, change - context)
      var end = change
      var same = 0
      while end < all.count, same <= 2 * context {
        same = all[end].isSame ? same + 1 : 0
        end += 1
      }
      end -= max(0, same - context)
      olds += all[index..<begin].count(where: \.isOld)
      news += all[index..<begin].count(where: \.isNew)
      let shown = all[begin..<end]
      let (oldCount, newCount) = (shown.count(where: \.isOld), shown.count(where: \.isNew))
      text += "@@ \(span("-", olds, oldCount)) \(span("+", news, newCount)) @@\n"
      text += shown.map { "\($0.text)\n" }.joined()
      (olds, news, index) = (olds + oldCount, news + newCount, end)
    }
    return text
  }

  private static func span(_ sign: Character, _ before: Int, _ count: Int) -> String {
    "\(sign)\(count == 0 ? before : before + 1)\(count == 1 ? "" : ",\(count)")"
  }

  private static func split(_ bytes: [UInt8]) -> [String] {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func lines(_ old: [String], _ new: [String]) -> [Line] {
    let before = zip(old, new).prefix { $0 == $1 }.count
    let after = zip(old.dropFirst(before).reversed(), new.dropFirst(before).reversed()).prefix { $0 == $1 }
      .count
    let oldPart = Array(old[before..<(old.count - after)])
    let newPart = Array(new[before..<(new.count - after)])
    let middle =
      oldPart.count + newPart.count > mostCompared
      ? oldPart.map(Line.removed) + newPart.map(Line.added) : compared(oldPart, newPart)
    return old[..<before].map(Line.same) + middle + old[(old.count - after)...].map(Line.same)
  }

  private static func compared(_ old: [String], _ new: [String]) -> [Line] {
    let difference = new.difference(from: old)
    var removed: Set<Int> = []
    var added: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    var lines: [Line] = []
    var i = 0
    var j = 0
    while i < old.count || j < new.count {
      if removed.contains(i) {
        lines.append(.removed(old[i]))
        i += 1
      } else if added.contains(j) {
        lines.append(.added(new[j]))
        j += 1
      } else {
        lines.append(.same(old[i]))
        i += 1
        j += 1
      }
    }
    return lines
  }
}
