// History: what was typed, in this session and in earlier ones.
import Glibc

/// The lines and blocks of this and earlier sessions. A line that begins with a space or holds a secret can be recalled
/// while the session lasts, and is never written down.
final class History {
  /// How many entries can be recalled.
  static let limit = 50_000

  /// A line of this session.
  struct Typed {
    var entry: HistoryEntry
    /// It must not be written down.
    var isSensitive: Bool
  }

  /// The lines of this session, oldest first.
  private(set) var session: [Typed] = []
  private var file: HistoryFile?
  /// What can be recalled; nil until it is asked for the first time, which is when the file is read.
  private var recalled: [String]?

  /// What is wrong with the file, in words for the user, until it is taken; each session warns once.
  private var warning: String?

  /// Opens the history. Its file is read when something is recalled.
  /// - Parameter path: the file, made with its folders when it does not exist; nil for a session without one.
  init(path: String?) {
    guard let path else { return }
    let file = HistoryFile(path: path)
    do {
      try file.prepare()
      self.file = file
    } catch {
      warning = "The history is not kept: \(error)."
    }
  }

  /// The texts that can be recalled, oldest first. Of those that are equal only the newest is there.
  var entries: [String] {
    if let recalled { return recalled }
    var texts: [String] = []
    do { texts = try file?.texts(limit: History.limit) ?? [] } catch { warning = "\(error)." }
    recalled = texts
    // Those that were not written down, too.
    for typed in session { remember(typed.entry.text) }
    return recalled ?? []
  }

  /// Every entry of the file, those of other sessions too, oldest first; without a file, those of this session.
  func all() throws(HistoryFile.Problem) -> [HistoryEntry] {
    try file?.entries() ?? session.map(\.entry)
  }

  /// The warning to print, once.
  func takeWarning() -> String? {
    defer { warning = nil }
    return warning
  }

  /// Remembers a text; a blank one is not worth it.
  /// - Parameters:
  ///   - label: the session it ran in, as the prompt showed it.
  ///   - succeeded: whether it ran without an error.
  ///   - time: when it was typed, in seconds since 1970.
  ///   - seconds: how long it took.
  ///   - isSensitive: it must not be written down.
  func add(
    _ text: String, label: String, succeeded: Bool, time: Int64, seconds: Double? = nil,
    isSensitive: Bool = false
  ) {
    guard !text.allSatisfy(\.isWhitespace) else { return }
    let entry = HistoryEntry(time: time, label: label, succeeded: succeeded, seconds: seconds, text: text)
    let isSensitive = isSensitive || text.hasPrefix(" ")
    session.append(Typed(entry: entry, isSensitive: isSensitive))
    if recalled != nil { remember(text) }
    guard let file, !isSensitive else { return }
    do {
      try file.append(entry)
    } catch {
      warning = "The history is not kept from here on: \(error)."
      self.file = nil
    }
  }

  private func remember(_ text: String) {
    if let older = recalled?.lastIndex(of: text) { recalled?.remove(at: older) }
    recalled?.append(text)
    if let count = recalled?.count, count > History.limit { recalled?.removeFirst(count - History.limit) }
  }

  /// A place in the history, with the draft that waits below its end.
  struct Recall {
    private let history: History
    /// Nil at the draft.
    private var index: Int?
    private var draft = ""

    init(_ history: History) { self.history = history }

    /// A place that a search has found.
    init(_ history: History, at index: Int, draft: String) {
      self.history = history
      self.index = index
      self.draft = draft
    }

    /// The entry before this place that begins with `prefix`; nil at the top. `text` becomes the draft when
    /// the walk begins with it.
    mutating func previous(from text: String, startingWith prefix: String = "") -> String? {
      let entries = history.entries
      guard let found = entries[..<(index ?? entries.count)].lastIndex(where: { $0.hasPrefix(prefix) }) else {
        return nil
      }
      if index == nil { draft = text }
      index = found
      return entries[found]
    }

    /// The entry after this place, at last the draft; nil when the draft is shown already.
    mutating func next(startingWith prefix: String = "") -> String? {
      guard let index else { return nil }
      let entries = history.entries
      self.index = entries[(index + 1)...].firstIndex { $0.hasPrefix(prefix) }
      return self.index.map { entries[$0] } ?? draft
    }
  }
}
