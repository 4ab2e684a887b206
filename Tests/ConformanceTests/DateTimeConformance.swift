// The datetime suite: timestamps to and from the three forms that AWS's protocols have.
//
// A timestamp is whole microseconds of the years 0001 to 9999. What the suite refuses, and what it has of other years, is
// refused where a number comes in; what is finer is cut. Of epoch seconds before 1970 the suite adds the fraction to the
// seconds, so that its -1.25 is -0.75; here a number is what it says, as in botocore.
import TestSupport
import Testing

@testable import AWSCore

@Test func dateTimeConformance() {
  conformance("datetime") { report in
    for path in Conformance.files(under: report.folder, suffix: ".json") {
      let file = String(path.dropFirst(report.folder.count + 1).dropLast(".json".count))
      for (index, item) in (Conformance.json(path)?.array ?? []).enumerated() {
        run(item, file, "\(file)#\(index) \(item["iso8601"]?.string ?? "")", report)
      }
    }
  }
}

private func run(_ item: Value, _ file: String, _ id: String, _ report: Report) {
  let seconds = item["canonical_seconds"]?.string.flatMap { Int64($0) } ?? 0
  let nanoseconds = item["canonical_nanos"]?.integer ?? 0
  let time = Timestamp(microseconds: seconds * 1_000_000 + nanoseconds / 1_000)
  let isInRange = Timestamp.years.contains(time.microseconds)
  let text = item["smithy_format_value"]?.string ?? ""
  let fails = item["error"] == true
  if file.hasSuffix("epoch_seconds") && seconds < 0 && nanoseconds != 0 {
    return report.skip(
      id, because: "the suite's fraction of a negative number counts forward, JSON's does not")
  }
  switch file {
  case "parse_date_time": report.check(id) { parsed(Timestamp(iso8601: text), time, fails) }
  case "parse_http_date": report.check(id) { parsed(Timestamp(httpDate: text), time, fails) }
  case "parse_epoch_seconds":
    guard isInRange || fails else {
      return report.skip(id, because: "a year outside 0001 to 9999, which no answer may say")
    }
    report.check(id) { parsed(epoch(text), time, fails) }
  case "format_epoch_seconds":
    let written = String(decoding: JSON.encode(.timestamp(time)), as: UTF8.self)
    report.check(id) { written == text ? nil : written }
  case "format_date_time": report.check(id) { formatted(time.iso8601, text, fails, isInRange) }
  case "format_http_date": report.check(id) { formatted(time.httpDate, text, fails, isInRange) }
  default: report.skip(id, because: "the driver does not know this kind of case")
  }
}

/// As a number in an answer is read: a double, which far from today tells no microseconds apart.
private func epoch(_ text: String) -> Timestamp? {
  switch try? JSON.decode(Array(text.utf8)) {
  case .integer(let seconds): Timestamp(epochSeconds: Double(seconds))
  case .number(let seconds): Timestamp(epochSeconds: seconds)
  default: nil
  }
}

private func parsed(_ found: Timestamp?, _ wanted: Timestamp, _ fails: Bool) -> String? {
  guard let found, !fails else { return (found == nil) == fails ? nil : "\(found?.iso8601 ?? "nothing")" }
  let spacing = Int64((wanted.epochSeconds.ulp * 1_000_000).rounded(.up))
  return (found.microseconds - wanted.microseconds).magnitude < spacing ? nil : found.iso8601
}

/// A timestamp that has no text cannot come to be.
private func formatted(_ found: String, _ wanted: String, _ fails: Bool, _ isInRange: Bool) -> String? {
  if fails { return isInRange ? "a timestamp of a year that has no text" : nil }
  return found == wanted ? nil : found
}
