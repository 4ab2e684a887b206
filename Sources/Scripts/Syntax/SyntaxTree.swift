// SyntaxTree: a chunk of Lua as a tree. Every part knows its bytes. What may be as long as the source, as a.b.c… or
// 1 + 1 + …, is an array and not nested, so that walking a tree never goes deeper than Lua's own 200 levels.

/// A source that was read whole: its tree, its variables, and what is wrong with it.
struct SyntaxTree: Sendable {
  var source: [UInt8]
  var block = Block(statements: [], range: 0..<0)
  /// Every local that is declared, in order.
  var variables: [Variable] = []
  /// In the order of the source.
  var errors: [SyntaxError] = []
  /// The comments of one line, with their dashes.
  var comments: [Range<Int>] = []
  var globalReads: [GlobalRead] = []
  var globalWrites: [GlobalWrite] = []
  /// Names of fields that the script sets somewhere, as in `vm.age = 3`.
  var assignedFields: Set<String> = []

  /// True when Lua compiles it.
  var isLua: Bool { errors.isEmpty }
}

struct GlobalRead: Sendable {
  var name: String
  var range: Range<Int>
  /// Which function of the source it is in; 0 is the chunk itself.
  var function: Int
}

struct GlobalWrite: Sendable {
  var name: String
  var range: Range<Int>
  var function: Int
  /// It is `function name()`.
  var isFunction: Bool
}

/// Where a script uses one global.
struct GlobalUse {
  var firstWrite: Range<Int>?
  /// The functions that set or read it.
  var functions: Set<Int> = []

  static func all(in tree: SyntaxTree) -> [String: GlobalUse] {
    var uses: [String: GlobalUse] = [:]
    for write in tree.globalWrites {
      uses[write.name, default: GlobalUse()].functions.insert(write.function)
      if uses[write.name]?.firstWrite == nil { uses[write.name]?.firstWrite = write.range }
    }
    for read in tree.globalReads { uses[read.name]?.functions.insert(read.function) }
    return uses
  }
}

/// A local: a variable, a parameter, the variable of a loop.
struct Variable: Sendable {
  enum Kind: Sendable { case local, function, parameter, loop, selfParameter }
  var name: String
  var kind: Kind
  /// Where it is declared.
  var range: Range<Int>
  var isConstant = false
  /// `<close>`: it is there to be closed, and need not be read.
  var isClosed = false
  /// It is declared together with others, as `ok` in `local ok, result`.
  var isOneOfMany = false
  var reads = 0
  /// Assignments after its declaration.
  var writes = 0
}

struct Name: Sendable {
  var text: String
  var range: Range<Int>
  /// The place in `SyntaxTree.variables`; nil for a global.
  var variable: Int?
}

struct Block: Sendable {
  var statements: [Statement]
  var range: Range<Int>
}

struct Statement: Sendable {
  indirect enum Kind: Sendable {
    case local([Name], [Expression])
    case assign([Expression], [Expression])
    case call(Expression)
    case `do`(Block)
    case `while`(Expression, Block)
    case `repeat`(Block, Expression)
    /// Conditions with their blocks; the last block without one is `else`.
    case `if`([(condition: Expression, block: Block)], Block?)
    case count(Name, [Expression], Block)
    case `for`([Name], [Expression], Block)
    /// `function a.b:c()`: the target, the function.
    case function(Expression, Function)
    case localFunction(Name, Function)
    case `return`([Expression])
    case other
  }
  var kind: Kind
  var range: Range<Int>
}

struct Function: Sendable {
  var parameters: [Name]
  var isVariadic: Bool
  var block: Block
  var range: Range<Int>
}

struct Expression: Sendable {
  indirect enum Kind: Sendable {
    case none, yes, no, dots
    case number(LuaNumber)
    case string([UInt8])
    case function(Function)
    case table([Field])
    case name(Name)
    case parentheses(Expression)
    /// What stands first, and the fields, calls and methods behind it.
    case chain(Expression, [Step])
    case unary(LuaToken.Kind, Expression)
    /// Operands of operators that are applied from the left.
    case operators(Expression, [(sign: LuaToken.Kind, operand: Expression)])
  }
  var kind: Kind
  var range: Range<Int>
}

struct Step: Sendable {
  enum Kind: Sendable {
    case field(String)
    case index(Expression)
    case call([Expression])
    case method(String, [Expression])
  }
  var kind: Kind
  /// Of the name, of the index in its brackets, of the arguments with theirs.
  var range: Range<Int>
  /// Of a method's arguments.
  var argumentRange: Range<Int>?
}

struct Field: Sendable {
  enum Key: Sendable {
    case item
    case name(String, Range<Int>)
    case expression(Expression)
  }
  var key: Key
  var value: Expression
}

extension Expression {
  /// The text of a literal, if it is UTF-8.
  var text: String? {
    guard case .string(let bytes) = kind else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// The function that stands here as a literal.
  var function: Function? { if case .function(let function) = kind { function } else { nil } }

  /// The fields of a table that stands here as a literal.
  var fields: [Field]? { if case .table(let fields) = kind { fields } else { nil } }

  /// The name of a global that it is and nothing else.
  var global: Name? {
    guard case .name(let name) = kind, name.variable == nil else { return nil }
    return name
  }

  /// The number of a literal, with its sign.
  var number: LuaNumber? {
    switch kind {
    case .number(let number): return number
    case .unary(.minus, let operand):
      switch operand.number {
      case .integer(let value)?: return .integer(0 &- value)
      case .float(let value)?: return .float(-value)
      case nil: return nil
      }
    default: return nil
    }
  }

  /// It can be assigned to.
  var isAssignable: Bool {
    switch kind {
    case .name: return true
    case .chain(_, let steps):
      switch steps.last?.kind {
      case .field?, .index?: return true
      default: return false
      }
    default: return false
    }
  }

  /// It can stand as a statement.
  var isCall: Bool {
    guard case .chain(_, let steps) = kind else { return false }
    switch steps.last?.kind {
    case .call?, .method?: return true
    default: return false
    }
  }
}
