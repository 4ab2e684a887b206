// Report: what became of every case of a public suite: passed, failed, or not applicable with the reason.
//
// The data lies beside the project and is none of it. A driver is written for the rule that a suite states, not for
// the cases seen: it reads whatever files there are. A case that does not apply is decided by rule too, and
// not-applicable.txt lists those that were known when it was written, so that none is dropped silently.
import AWSCore
import TestSupport
import Testing

/// Collects the cases of one suite. Made by `conformance`, which also tells the result.
final class Report {
  let suite: String
  /// The folder of the suite's data.
  let folder: String
  private(set) var passed: [String] = []
  private(set) var failed: [(id: String, why: String)] = []
  private(set) var notApplicable: [(id: String, reason: String)] = []

  init(suite: String, folder: String) {
    self.suite = suite
    self.folder = folder
  }

  /// One case: passed when `body` returns nil, failed with the text it returns or the error it throws.
  func check(_ id: String, _ body: () throws -> String?) {
    do {
      if let why = try body() { failed.append((id, why)) } else { passed.append(id) }
    } catch {
      failed.append((id, "\(error)"))
    }
  }

  /// One case that asks for something this client does not have.
  func skip(_ id: String, because reason: String) { notApplicable.append((id, reason)) }
}

/// Runs the driver of a suite and tells what became of its cases; every failed one is an issue of the test.
func conformance(_ suite: String, _ driver: (Report) throws -> Void) rethrows {
  guard let folder = Conformance.suite(suite) else { return }
  let report = Report(suite: suite, folder: folder)
  try driver(report)
  var text =
    "conformance \(suite): \(report.passed.count) passed, \(report.failed.count) failed, "
    + "\(report.notApplicable.count) not applicable\n"
  for (id, why) in report.failed { text += "  FAILED \(id): \(why)\n" }
  for (id, reason) in report.notApplicable {
    let known = KnownExceptions.contains("\(suite)/\(id)", reason)
    text += "  not applicable \(id): \(reason)\(known ? "" : " (NOT LISTED in not-applicable.txt)")\n"
  }
  // A notice, not a failure: ids that are places in a file mean other cases in a larger set of data.
  let ran = Set((report.passed + report.failed.map(\.id)).map { "\(suite)/\($0)" })
  for (id, _) in KnownExceptions.listed where ran.contains(id) {
    text += "  listed as not applicable, and yet it ran: \(id)\n"
  }
  print(text, terminator: "")
  for (id, why) in report.failed { Issue.record("\(suite)/\(id): \(why)") }
  #expect(
    !report.passed.isEmpty || !report.failed.isEmpty || !report.notApplicable.isEmpty,
    "the suite has no cases")
}

/// not-applicable.txt: `suite/id: reason`, one case a line; `#` begins a comment.
enum KnownExceptions {
  static let listed: [(id: String, reason: String)] = {
    let path = "\(#filePath)".split(separator: "/").dropLast().joined(separator: "/")
    let text = Conformance.text("/\(path)/not-applicable.txt") ?? ""
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
      // Ids may hold colons, reasons may not hold ": ".
      guard let colon = line.ranges(of: ": ").last else { return nil }
      return (String(line[..<colon.lowerBound]), String(line[colon.upperBound...]))
    }
  }()

  static func contains(_ id: String, _ reason: String) -> Bool {
    listed.contains { $0.id == id && $0.reason == reason }
  }
}
