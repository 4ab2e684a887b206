// What the command line gave a script, on its way to a worker: JSON that stays small where a file has many lines. A text is
// a string; everything else that JSON has no word for is an array that begins with a letter.
import AWSCore
import Host

extension GivenArguments {
  var value: Value {
    .object([
      "names": .array(named.map { .string($0.name) }), "items": .array(named.map(\.item.value)),
      "words": .array(words.map(Value.string)),
    ])
  }

  /// Nil for what no host says. Its files open nowhere: the worker says where.
  init?(_ value: Value) {
    let names = value["names"]?.array?.compactMap(\.string) ?? []
    let items = (value["items"]?.array ?? []).compactMap { Item($0) }
    guard names.count == items.count, let words = value["words"]?.array else { return nil }
    self.init(
      named: zip(names, items).map { (name: $0, item: $1) }, words: words.compactMap(\.string))
  }
}

extension GivenArguments.Item {
  fileprivate var value: Value {
    switch self {
    case .nothing: .null
    case .boolean(let flag): .bool(flag)
    case .string(let text): .string(text)
    case .integer(let number): ["i", .integer(number)]
    case .number(let number): ["n", .number(number)]
    case .timestamp(let microseconds): ["t", .integer(microseconds)]
    case .list(let items): .array(["l"] + items.map(\.value))
    case .rows(let names, let records):
      .array(["r"] + ([names] + records).map { .array($0.map(Value.string)) })
    case .document(let bytes): ["d", .string(String(decoding: bytes, as: UTF8.self))]
    case .output(let number): ["o", .integer(Int64(number))]
    }
  }

  fileprivate init?(_ value: Value) {
    switch value {
    case .null: self = .nothing
    case .bool(let flag): self = .boolean(flag)
    case .string(let text): self = .string(text)
    case .array(let parts):
      let rest = parts.dropFirst()
      switch (parts.first?.string, rest.first) {
      case ("i", .integer(let number)?): self = .integer(number)
      case ("n", .number(let number)?): self = .number(number)
      case ("n", .integer(let number)?): self = .number(Double(number))
      case ("t", .integer(let microseconds)?): self = .timestamp(microseconds)
      case ("l", _): self = .list(rest.compactMap { Self($0) })
      case ("r", .array(let names)?):
        self = .rows(
          names: names.compactMap(\.string),
          records: rest.dropFirst().map { $0.array?.compactMap(\.string) ?? [] })
      case ("d", .string(let text)?): self = .document(Array(text.utf8))
      case ("o", .integer(let number)?):
        guard let number = Int(exactly: number) else { return nil }
        self = .output(number)
      default: return nil
      }
    default: return nil
    }
  }
}
