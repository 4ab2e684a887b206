// History: what was typed, in this session and in earlier ones.
import Glibc

/// The lines and blocks of this and earlier sessions, oldest first. A line that begins with a space or holds
/// a secret can be recalled while the session lasts, and is never written down.
public final class History {
  /// How many entries are kept in memory.
  public static let limit = 10_000

  public private(set) var entries: [String] = []
  private var file: HistoryFile?

  /// What is wrong with the file, in words for the user, until it is taken; each session warns once.
  private var warning: String?

  /// Loads the history.
  /// - Parameter path: the file, made with its folders when it does not exist; nil for a session without one.
  public init(path: String?) {
    guard let path else { return }
    let file = HistoryFile(path: path)
    do {
      entries = try file.load(limit: History.limit)
      self.file = file
    } catch {
      warning = "The history is not kept: \(error)."
    }
  }

  /// The warning to print, once.
  public func takeWarning() -> String? {
    defer { warning = nil }
    return warning
  }

  /// Remembers a text. One that is equal to the last is not added again, nor is a blank one.
  /// - Parameters:
  ///   - label: the session it ran in, as the prompt showed it.
  ///   - succeeded: whether it ran without an error.
  ///   - time: when it was typed, in seconds since 1970.
  ///   - isSensitive: it must not be written down.
  public func add(
    _ text: String, label: String, succeeded: Bool, time: Int64, isSensitive: Bool = false
  ) {
    guard !text.allSatisfy(\.isWhitespace), text != entries.last else { return }
    entries.append(text)
    if entries.count > History.limit { entries.removeFirst(entries.count - History.limit) }
    guard let file, !text.hasPrefix(" "), !isSensitive else { return }
    do {
      try file.append(HistoryFile.Entry(time: time, label: label, succeeded: succeeded, text: text))
    } catch {
      warning = "The history is not kept from here on: \(error)."
      self.file = nil
    }
  }

  /// A place in the history, with the draft that waits below its end.
  struct Recall {
    private let entries: [String]
    private var index: Int
    private var draft = ""

    init(_ history: History) {
      entries = history.entries
      index = entries.count
    }

    /// The entry before this place that begins with `prefix`; nil at the top. `text` becomes the draft when
    /// the walk begins with it.
    mutating func previous(from text: String, startingWith prefix: String = "") -> String? {
      guard let found = entries[..<index].lastIndex(where: { $0.hasPrefix(prefix) }) else { return nil }
      if index == entries.count { draft = text }
      index = found
      return entries[found]
    }

    /// The entry after this place, at last the draft; nil when the draft is shown already.
    mutating func next(startingWith prefix: String = "") -> String? {
      guard index < entries.count else { return nil }
      let found = entries[(index + 1)...].firstIndex { $0.hasPrefix(prefix) }
      index = found ?? entries.count
      return found.map { entries[$0] } ?? draft
    }
  }
}
