// Value: what a request or a response holds, whatever the wire protocol.

/// A document as AWS protocols know it. Object members keep their order.
public enum Value: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  /// An instant, in microseconds since 1970-01-01T00:00:00Z.
  case timestamp(Timestamp)
  case array([Value])
  case object(Object)

  /// The members of an object in the order they were written; a name occurs once.
  public struct Object: Equatable, Sendable, ExpressibleByDictionaryLiteral {
    public private(set) var members: [(name: String, value: Value)]

    public init() { members = [] }

    /// Members whose names are known to differ.
    public init(members: [(name: String, value: Value)]) { self.members = members }

    public init(dictionaryLiteral elements: (String, Value)...) {
      members = elements.map { (name: $0.0, value: $0.1) }
    }

    /// True when it has no member.
    public var isEmpty: Bool { members.isEmpty }

    /// The value of a member, or nil. Setting nil removes the member; setting a new name appends it.
    public subscript(name: String) -> Value? {
      get { members.first { Name($0.name) == Name(name) }?.value }
      set {
        let index = members.firstIndex { Name($0.name) == Name(name) }
        switch (index, newValue) {
        case (let index?, let value?): members[index].value = value
        case (let index?, nil): members.remove(at: index)
        case (nil, let value?): members.append((name: name, value: value))
        case (nil, nil): break
        }
      }
    }

    /// A member's name as JSON compares them (RFC 8259 8.3): by code units. Swift takes `é` and `e` with an
    /// accent for the same text.
    struct Name: Hashable {
      private let text: String
      init(_ text: String) { self.text = text }

      static func == (a: Name, b: Name) -> Bool {
        let (a, b) = (a.text.utf8.span, b.text.utf8.span)
        // The count first: it settles nearly every comparison at once.
        return a.count == b.count && a.indices.allSatisfy { a[$0] == b[$0] }
      }
      func hash(into hasher: inout Hasher) { for byte in text.utf8 { hasher.combine(byte) } }
    }

    /// Appends a member that is known to be new.
    public mutating func append(_ name: String, _ value: Value) { members.append((name: name, value: value)) }

    /// Appends a text that is known to be new, if there is one.
    public mutating func append(_ name: String, _ text: String?) {
      if let text { append(name, .string(text)) }
    }

    /// Makes room for so many members.
    public mutating func reserveCapacity(_ count: Int) { members.reserveCapacity(count) }

    /// Equal when both hold the same members, in any order.
    public static func == (a: Object, b: Object) -> Bool {
      a.members.count == b.members.count && a.members.allSatisfy { b[$0.name] == $0.value }
    }
  }

  /// The value, when it is of that type; nil for every other.
  public var string: String? { if case .string(let text) = self { text } else { nil } }
  public var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
  public var array: [Value]? { if case .array(let items) = self { items } else { nil } }
  public var object: Object? { if case .object(let members) = self { members } else { nil } }

  /// A member of an object; nil for anything else, and for null.
  public subscript(name: String) -> Value? {
    guard let value = object?[name], value != .null else { return nil }
    return value
  }

  /// The same without the members of objects that are null: in Smithy's protocols a member without a value is
  /// one that is not sent.
  public var withoutNulls: Value {
    guard hasNullMembers else { return self }
    switch self {
    case .array(let items): return .array(items.map(\.withoutNulls))
    case .object(let object):
      var kept = Object()
      for (name, value) in object.members where value != .null { kept.append(name, value.withoutNulls) }
      return .object(kept)
    default: return self
    }
  }

  private var hasNullMembers: Bool {
    switch self {
    case .array(let items): items.contains(where: \.hasNullMembers)
    case .object(let object): object.members.contains { $0.value == .null || $0.value.hasNullMembers }
    default: false
    }
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByBooleanLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(arrayLiteral elements: Value...) { self = .array(elements) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(dictionaryLiteral elements: (String, Value)...) {
    var object = Object()
    for (name, value) in elements { object[name] = value }
    self = .object(object)
  }
}
