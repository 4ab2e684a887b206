// TestFailure: why a test failed, as it is told: the words, the row with what was compared, and the script's own calls.
import AWSCore
import BackupGateway
import LuaRuntime

public struct TestFailure: Sendable {
  /// What went wrong, a line or more, without its place.
  public var message: String
  /// Where; empty and nil where no place is known.
  public var file = ""
  public var line: Int?
  /// The row and a mark under it, and the values of the names that were compared.
  public var excerpt: [String] = []
  /// The calls that led there, `file:line: in function 'name'`, innermost first.
  public var calls: [String] = []

  public init(message: String) { self.message = message }

  /// `file:line: message`, or the message alone.
  public var text: String {
    line.map { "\(Console.visible(file)):\($0): \(message)" } ?? message
  }
}

extension Console {
  /// Why a run of a test failed; nil when it did not.
  public func failure(_ ending: Ending) -> TestFailure? {
    switch ending {
    case .finished: return nil
    case .exit(let code, let message):
      return TestFailure(
        message: "it called exit(\(code)), which ends a script; a test returns"
          + (message.map { "; it said: \(Console.visible($0))" } ?? ""))
    case .failed(let report): return failure(report)
    }
  }

  private func failure(_ report: Report) -> TestFailure {
    var traceback = ""
    var message = report.message
    if case .runtime(let failure)? = report.cause {
      traceback = LuaError.scriptCalls(of: failure.table?["traceback"]?.string ?? failure.traceback)
      if !failure.isHostError, let tail = message.ranges(of: "\n" + traceback).last {
        message.removeSubrange(tail)
      }
      // What a script printed is often the message, as in assert(r.code == 0, r.stderr); a report indents each line.
      message.replace(UnicodeScalar("\n").shown, with: "\n")
    }
    var failure = TestFailure(message: message)
    failure.calls = traceback.split(separator: "\n").dropFirst().map { call in
      masked(Console.visible(String(call.drop { $0 == "\t" }).replacing("\t", with: " ")))
    }.filter { !$0.hasPrefix("[C]:") }
    if let (file, line, rest) = Self.place(message[...]) {
      (failure.file, failure.line, failure.message) = (file, line, String(rest))
    } else if let (file, line, _) = failure.calls.first.flatMap({ Self.place($0[...]) }) {
      (failure.file, failure.line) = (file, line)
    }
    failure.excerpt = excerpt(failure)
    return failure
  }

  /// Reads `file:line: rest`.
  private static func place(_ text: Substring) -> (file: String, line: Int, rest: Substring)? {
    guard let end = text.firstRange(of: ": ") else { return nil }
    guard let colon = text[..<end.lowerBound].lastIndex(of: ":"),
      let line = Int(text[text.index(after: colon)..<end.lowerBound])
    else { return nil }
    return (String(text[..<colon]), line, text[end.upperBound...])
  }

  /// The row of the test file, with what is wrong in it marked.
  private func excerpt(_ failure: TestFailure) -> [String] {
    guard let line = failure.line, isScript(failure.file),
      let spot = ErrorSpot(row: line, of: source, message: failure.message, function: nil)
    else { return [] }
    let noted = assertion.flatMap { $0.place == "\(failure.file):\(line)" ? $0 : nil }
    let row = String(decoding: source[spot.rowRange], as: UTF8.self)
    let margin = "\(line) | "
    var lines = [margin + Console.visible(row.replacing("\t", with: " "))]
    if let marked = noted?.condition ?? spot.marked {
      let end = min(marked.upperBound, spot.rowRange.upperBound)
      let before = columns(spot.rowRange.lowerBound..<marked.lowerBound)
      let mark = String(
        repeating: "^", count: max(1, columns(marked.lowerBound..<max(end, marked.lowerBound))))
      lines.append(String(repeating: " ", count: margin.count + before) + mark)
    }
    let width = noted?.values.map { Terminal.columns($0.name) }.max() ?? 0
    for value in noted?.values ?? [] {
      lines.append("\(Terminal.padded(value.name, to: width)) = \(value.text)")
    }
    return lines.map { masked($0) }
  }

  private func columns(_ bytes: Range<Int>) -> Int {
    Terminal.columns(Console.visible(String(decoding: source[bytes], as: UTF8.self)))
  }
}
