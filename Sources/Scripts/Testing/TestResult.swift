// TestResult: what came of a test.
import Host

public struct TestResult: Sendable {
  /// As it was named on the command line, or found below a folder that was.
  public var file: String
  /// The function; nil for the file as a whole, which could not be loaded.
  public var name: String?
  /// Where the function begins.
  public var line: Int?
  public var seconds: Double
  /// Why it failed, each of setup, the test and teardown for itself; empty when it passed.
  var failures: [Failure] = []
  /// What it printed, stdout and stderr as they came.
  public var output: [UInt8] = []

  /// A failure, and during what, where that is not the test itself.
  public struct Failure: Sendable {
    public var during: String?
    public var failure: TestFailure
  }

  public init(file: String, name: String?, line: Int? = nil, seconds: Double) {
    self.file = file
    self.name = name
    self.line = line
    self.seconds = seconds
  }

  var hasPassed: Bool { failures.isEmpty }

  /// What it is called in a report.
  public var title: String { name ?? "the file" }

  /// The failures, as lines for people.
  var explanation: [String] {
    failures.flatMap { failure -> [String] in
      let during = failure.during.map { "in \($0): " } ?? ""
      var lines = (during + failure.failure.text).split(separator: "\n", omittingEmptySubsequences: false)
        .map(String.init)
      lines += failure.failure.excerpt.map { "  \($0)" }
      if failure.failure.calls.count > 1 {
        lines.append("calls:")
        lines += failure.failure.calls.map { "  \($0)" }
      }
      return lines
    }
  }

  /// What it printed, as lines; control characters made visible.
  var printed: [String] {
    var lines = String(decoding: output, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    )
    .map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false)
        .map { Console.visible(String($0)) }.joined(separator: "\t")
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}
