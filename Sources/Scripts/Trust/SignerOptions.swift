// SignerOptions: what a line of `allowed_signers` says of its key besides whose it is.
import AWSCore
import CLinux

public struct SignerOptions: Equatable, Sendable {
  /// A pattern list of what the key may sign for; nil for anything.
  public private(set) var namespaces: String?
  public private(set) var validAfter: Timestamp?
  public private(set) var validBefore: Timestamp?
  /// The key signs certificates, not files.
  public private(set) var isAuthority = false

  private static let names = ["cert-authority", "namespaces", "valid-after", "valid-before"]

  init() {}

  /// True for a text that goes on with options, not with a key.
  static func begins(_ text: Substring) -> Bool {
    let word = text.prefix { $0 != "=" && $0 != "," && $0 != " " && $0 != "\t" }.lowercased()
    let next = text.dropFirst(word.count).first
    return next == "=" || next == "," || names.contains(word)
  }

  /// Options with commas between them; names in capitals or not.
  init(_ text: String) throws(SSHPublicKey.Problem) {
    var rest = text[...]
    var seen: Set<String> = []
    repeat {
      let name = rest.prefix { $0 != "=" && $0 != "," }.lowercased()
      rest = rest.dropFirst(name.count)
      guard Self.names.contains(name) else {
        let hint = nearest(to: name, in: Self.names).map { "did you mean \($0)?" }
        throw Self.problem("there is no option \(quoted(name)); \(hint ?? "there are \(listed(Self.names))")")
      }
      guard seen.insert(name).inserted || name == "cert-authority" else {
        throw Self.problem("the option \(name) is given twice")
      }
      if name == "cert-authority" {
        isAuthority = true
      } else {
        let value = try Self.value(name, &rest)
        switch name {
        case "namespaces": namespaces = value
        case "valid-after": validAfter = try Self.time(name, value)
        default: validBefore = try Self.time(name, value)
        }
      }
      guard rest.isEmpty || rest.popFirst() == "," else {
        throw Self.problem("a comma is missing behind the option \(name)")
      }
      if rest.isEmpty, text.last == "," { throw Self.problem("the options end with a comma") }
    } while !rest.isEmpty
    if let validAfter, let validBefore, validBefore <= validAfter {
      throw Self.problem("valid-before is not later than valid-after")
    }
  }

  /// A value in quotes, in which `\"` is a quote.
  private static func value(_ name: String, _ rest: inout Substring) throws(SSHPublicKey.Problem) -> String {
    guard rest.hasPrefix("=\"") else { throw problem("the option \(name) wants =\"VALUE\"") }
    rest = rest.dropFirst(2)
    var value = ""
    while let character = rest.popFirst() {
      if character == "\"" { return value }
      if character == "\\", rest.first == "\"" {
        rest.removeFirst(); value.append("\"")
      } else {
        value.append(character)
      }
    }
    throw problem("a quote is not closed")
  }

  private static func time(_ name: String, _ text: String) throws(SSHPublicKey.Problem) -> Timestamp {
    guard let time = time(text) else {
      throw problem("\(name) is YYYYMMDD[Z] or YYYYMMDDHHMM[SS][Z], not \(quoted(text))")
    }
    return time
  }

  /// `YYYYMMDD[Z]` or `YYYYMMDDHHMM[SS][Z]`; without Z in this machine's time zone. Nil for anything else, and for what
  /// no calendar has.
  public static func time(_ text: String) -> Timestamp? {
    let isUTC = text.hasSuffix("Z") || text.hasSuffix("z")
    let digits = Array((isUTC ? text.dropLast() : text[...]).utf8)
    guard [8, 12, 14].contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    func number(_ start: Int, _ count: Int) -> Int {
      start < digits.count ? digits[start..<start + count].reduce(0) { $0 * 10 + Int($1 - 0x30) } : 0
    }
    let (year, month, day) = (number(0, 4), number(4, 2), number(6, 2))
    let (hour, minute, second) = (number(8, 2), number(10, 2), number(12, 2))
    guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day), hour < 24,
      minute < 60, second < 60
    else { return nil }
    let time = Timestamp(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    guard time.utc.day == day else { return nil }
    if isUTC { return time }
    // As ssh-keygen reads it, so that both agree on the hour: without summer time.
    let seconds = clinux_local_time(
      Int32(year), Int32(month), Int32(day), Int32(hour), Int32(minute), Int32(second))
    return seconds < 0 ? nil : Timestamp(microseconds: seconds * 1_000_000)
  }

  private static func problem(_ message: String) -> SSHPublicKey.Problem { .init(message: message) }
}
