// TestReport: how the results of tests are told: as text for people, or as TAP while they run; or as JUnit's XML, whole,
// for what reads it after the run.
import AWSCore
import Host

public protocol TestReport {
  /// Adds a result, in the order in which tests ran.
  mutating func add(_ result: TestResult) -> String
  /// What stands at the end.
  mutating func end(seconds: Double) -> String
}

/// For people.
public struct TextReport: TestReport {
  private var file: String?
  private var passed = 0
  private var failed = 0

  public init() {}

  public mutating func add(_ result: TestResult) -> String {
    var text = file == result.file ? "" : "\(Console.visible(result.file))\n"
    file = result.file
    if result.hasPassed { passed += 1 } else { failed += 1 }
    text += "  \(result.hasPassed ? "ok    " : "FAILED") \(Console.visible(result.title))\n"
    guard !result.hasPassed else { return text }
    for line in result.explanation { text += "         \(line)\n" }
    let printed = result.printed
    if !printed.isEmpty {
      text += "         printed:\n"
      for line in printed { text += "           \(line)\n" }
    }
    return text
  }

  public mutating func end(seconds: Double) -> String {
    let tests = passed + failed == 1 ? "1 test" : "\(passed + failed) tests"
    return "\(tests), \(failed) failed (\(Self.text(seconds)) s)\n"
  }

  static func text(_ seconds: Double) -> String { "\((seconds * 100).rounded() / 100)" }
}

/// The Test Anything Protocol, version 14, which readers of version 13 understand too.
public struct TAPReport: TestReport {
  private var number = 0

  public init() {}

  public mutating func add(_ result: TestResult) -> String {
    number += 1
    var text = number == 1 ? "TAP version 14\n" : ""
    text +=
      "\(result.hasPassed ? "ok" : "not ok") \(number) - \(Self.escaped("\(result.file): \(result.title)"))\n"
    guard !result.hasPassed else { return text }
    let first = result.failures.first?.failure
    text += "  ---\n  message: \(Self.quoted(first?.message ?? ""))\n"
    if let line = first?.line { text += "  at: \(Self.quoted("\(first?.file ?? ""):\(line)"))\n" }
    text += "  explanation:\n"
    for line in result.explanation { text += "    - \(Self.quoted(line))\n" }
    if !result.printed.isEmpty {
      text += "  printed:\n"
      for line in result.printed { text += "    - \(Self.quoted(line))\n" }
    }
    return text + "  ...\n"
  }

  public mutating func end(seconds: Double) -> String {
    (number == 0 ? "TAP version 14\n" : "") + "1..\(number)\n"
  }

  /// `#` begins a directive.
  private static func escaped(_ text: String) -> String {
    Console.visible(text).replacing("\\", with: "\\\\").replacing("#", with: "\\#")
  }

  /// A text in YAML's double quotes, which are JSON's. YAML's own way to write what is hidden needs as many digits as JSON's,
  /// which not every character has.
  private static func quoted(_ text: String) -> String {
    DoubleQuotes.around(text) { $0.isHidden ? "\\" + $0.shown : String($0) }
  }
}

/// What CI reads: the XML of JUnit, as Jenkins, GitLab and GitHub's actions take it. A document, so it is there at the end.
public struct JUnitReport: TestReport {
  private var results: [TestResult] = []

  public init() {}

  public mutating func add(_ result: TestResult) -> String {
    var result = result
    // What a test printed is told when it failed; of the others it is not kept until the end.
    if result.hasPassed { result.output = [] }
    results.append(result)
    return ""
  }

  public mutating func end(seconds: Double) -> String {
    var files: [String] = []
    for result in results where files.last != result.file { files.append(result.file) }
    let suites = files.map { file in suite(file, results.filter { $0.file == file }) }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"moongate test\""
      + "\(Self.counts(results)) time=\"\(Self.time(seconds))\">\n\(suites.joined())</testsuites>\n"
  }

  private func suite(_ file: String, _ results: [TestResult]) -> String {
    let seconds = results.reduce(0) { $0 + $1.seconds }
    return
      "  <testsuite name=\"\(Self.escaped(file))\"\(Self.counts(results)) time=\"\(Self.time(seconds))\">\n"
      + results.map(testCase).joined() + "  </testsuite>\n"
  }

  private func testCase(_ result: TestResult) -> String {
    var text =
      "    <testcase classname=\"\(Self.escaped(result.file))\" name=\"\(Self.escaped(result.title))\""
      + " file=\"\(Self.escaped(result.file))\""
    if let line = result.line ?? result.failures.first?.failure.line { text += " line=\"\(line)\"" }
    text += " time=\"\(Self.time(result.seconds))\""
    guard !result.hasPassed else { return text + "/>\n" }
    let message = result.failures.first?.failure.text.split(separator: "\n").first.map(String.init) ?? ""
    let explanation = result.explanation.joined(separator: "\n")
    text +=
      ">\n      <failure message=\"\(Self.escaped(message))\" type=\"failure\">\(Self.escaped(explanation))</failure>\n"
    let printed = result.printed
    if !printed.isEmpty {
      text += "      <system-out>\(Self.escaped(printed.joined(separator: "\n")))</system-out>\n"
    }
    return text + "    </testcase>\n"
  }

  private static func counts(_ results: [TestResult]) -> String {
    " tests=\"\(results.count)\" failures=\"\(results.count { !$0.hasPassed })\" errors=\"0\" skipped=\"0\""
  }

  private static func time(_ seconds: Double) -> String { "\((seconds * 1_000).rounded() / 1_000)" }

  /// As text and as an attribute's value; what XML cannot hold is shown by its picture.
  private static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "\n": out += "&#10;"
      case "\t": out += "&#9;"
      case "\u{FFFE}", "\u{FFFF}": out += "\u{FFFD}"
      default: out += scalar.isHidden ? scalar.shown : String(scalar)
      }
    }
    return out
  }
}
