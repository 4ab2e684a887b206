// FuzzTarget: one part of Moongate that takes bytes from somewhere else.
import AWSCore

/// What libFuzzer may aim at. A body lives through every input, and what it asserts holds for each.
struct FuzzTarget {
  let name: String
  let body: ([UInt8]) -> Void

  /// The slowest last.
  static let all: [FuzzTarget] = [
    .json, .cbor, .ini, .time, .header, .syntax, .snippets, .trust, .worker, .history, .line, .signature,
    .gateway, .pattern, .lua,
  ]
}

/// Ends the process when something does not hold, so that libFuzzer keeps the input.
func check(_ holds: Bool, _ message: @autoclosure () -> String) {
  if !holds { fail(message()) }
}

/// An input as a row of choices: what is read beyond its end is zero.
struct Choices {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isEmpty: Bool { rest.isEmpty }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// A number from 0 up to, but not with, the bound.
  mutating func number(below bound: Int) -> Int { Int(byte()) % bound }

  mutating func flag() -> Bool { byte() & 1 == 1 }

  mutating func pick<T>(_ items: [T]) -> T { items[number(below: items.count)] }

  mutating func integer() -> Int64 {
    Int64(bitPattern: (0..<8).reduce(UInt64(0)) { sum, _ in sum << 8 | UInt64(byte()) })
  }

  /// The bytes up to a zero, which goes too.
  mutating func word() -> [UInt8] {
    let word = rest.prefix { $0 != 0 }
    rest = rest.dropFirst(word.count + 1)
    return Array(word)
  }

  mutating func text() -> String { String(decoding: word(), as: UTF8.self) }

  /// All that is left.
  mutating func remainder() -> [UInt8] {
    defer { rest = [] }
    return Array(rest)
  }
}
