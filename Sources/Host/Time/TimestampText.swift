// TimestampText: what is wrong with a text that is no timestamp.
import AWSCore

enum TimestampText {
  /// - Parameter text: nil for what is neither a text nor a number.
  static func problem(of text: String?) -> String {
    let form = "timestamp takes ISO 8601 as in \"2022-09-22T08:30:00Z\", or epoch seconds"
    guard let text else { return "\(form); got neither" }
    return "\(form); \(reason(text) ?? "got \"\(text.prefix(80))\"")"
  }

  private static func reason(_ text: String) -> String? {
    let midnight = "\(text)T00:00:00Z"
    if Timestamp(iso8601: midnight) != nil {
      return "\"\(text)\" is a date alone; write the time and the zone too, as in \"\(midnight)\""
    }
    if Timestamp(iso8601: text + "Z") != nil {
      return "\"\(text)\" has no zone; end it with Z for UTC, or with an offset like +01:00"
    }
    // The same with a date and a time that there are.
    let example = "2000-01-01T00:00:00"
    let digits: Set<Character> = Set("0123456789")
    func form(_ text: some StringProtocol) -> String { String(text.map { digits.contains($0) ? "0" : $0 }) }
    let start = text.prefix(example.count)
    guard form(start) == form(example.prefix(max(start.count, 10))) else { return nil }
    let rest = text.dropFirst(example.count)
    guard start.count == 10 || ["", "Z"].contains(where: { Timestamp(iso8601: example + rest + $0) != nil })
    else { return nil }
    return "there is no such date or time as \"\(text)\""
  }
}
