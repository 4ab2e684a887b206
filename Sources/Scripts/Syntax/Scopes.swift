// Scopes: which name means which local, which `goto` reaches which label, and the limits of Lua's compiler, by the rules
// of lparser.c: functions, blocks in them, and in those the locals and labels that can be seen.

struct Scopes {
  /// A function's most locals that are alive at once, and the most that it may take from outside.
  private static let mostLocals = 200
  private static let mostUpvalues = 255

  /// A problem with a name, at its place.
  typealias Problem = SyntaxError

  private struct Scope {
    var isLoop: Bool
    /// How many were alive when the block began.
    var locals: Int
    var labels: Int
    var jumps: Int
  }

  private struct FunctionScope {
    var isVariadic: Bool
    var number: Int
    /// The first of its own.
    var locals: Int
    var labels: Int
    var blocks: Int
    var upvalues: Set<Int> = []
  }

  private struct Label {
    var name: String
    var locals: Int
    var line: Range<Int>
  }

  private struct Jump {
    var name: String
    var locals: Int
    var range: Range<Int>
  }

  private(set) var variables: [Variable] = []
  private(set) var globalReads: [GlobalRead] = []
  private(set) var globalWrites: [GlobalWrite] = []
  /// The variables that can be seen, innermost last. Lua keeps hidden ones for loops, which have no name: -1.
  private var alive: [Int] = []
  /// Where in `alive` the variables of a name stand, innermost last.
  private var places: [String: [Int]] = [:]
  private var functions: [FunctionScope] = []
  private var blocks: [Scope] = []
  private var labels: [Label] = []
  private var jumps: [Jump] = []
  private(set) var problems: [Problem] = []
  /// Functions so far.
  private var count = 0

  /// The environment, which a local of that name may replace, counts as something from outside.
  private static let environment = Int.max

  var isVariadic: Bool { functions.last?.isVariadic ?? false }

  // MARK: Functions and blocks

  mutating func enterFunction(isVariadic: Bool = false) {
    defer { count += 1 }
    functions.append(
      FunctionScope(
        isVariadic: isVariadic, number: count, locals: alive.count, labels: labels.count, blocks: blocks.count
      ))
    enterBlock()
  }

  mutating func makeVariadic() {
    guard !functions.isEmpty else { return }
    functions[functions.count - 1].isVariadic = true
  }

  mutating func leaveFunction() {
    leaveBlock()
    functions.removeLast()
  }

  mutating func enterBlock(isLoop: Bool = false) {
    blocks.append(Scope(isLoop: isLoop, locals: alive.count, labels: labels.count, jumps: jumps.count))
  }

  mutating func leaveBlock() {
    guard let block = blocks.popLast() else { return }
    for variable in alive[min(block.locals, alive.count)...] where variable >= 0 {
      _ = places[variables[variable].name]?.popLast()
    }
    alive.removeLast(max(0, alive.count - block.locals))
    labels.removeLast(max(0, labels.count - block.labels))
    let isOutermost = functions.last?.blocks == blocks.count
    var kept: [Jump] = []
    for var jump in jumps[min(block.jumps, jumps.count)...] {
      if block.isLoop, jump.name == Self.breakName { continue }
      if isOutermost {
        problems.append(
          Problem(
            range: jump.range,
            message: jump.name == Self.breakName
              ? "break stands outside of a loop" : "no label ::\(jump.name):: can be seen from this goto"))
        continue
      }
      jump.locals = min(jump.locals, block.locals)
      kept.append(jump)
    }
    jumps.replaceSubrange(min(block.jumps, jumps.count)..., with: kept)
  }

  /// How deep it is, for going on behind an error.
  var depth: (functions: Int, blocks: Int) { (functions.count, blocks.count) }

  /// Leaves what an error has left open.
  mutating func leave(to depth: (functions: Int, blocks: Int)) {
    while functions.count > depth.functions {
      while let function = functions.last, blocks.count > function.blocks + 1 { leaveBlock() }
      leaveFunction()
    }
    while blocks.count > depth.blocks { leaveBlock() }
  }

  // MARK: Locals

  /// Adds a variable that is not seen yet: `local x = x` reads another one.
  mutating func add(_ name: String, _ kind: Variable.Kind, _ range: Range<Int>) -> Int {
    variables.append(Variable(name: name, kind: kind, range: range))
    return variables.count - 1
  }

  mutating func makeConstant(_ variable: Int, isClosed: Bool = false) {
    variables[variable].isConstant = true
    variables[variable].isClosed = isClosed
  }

  mutating func group(_ names: [Int]) { for variable in names { variables[variable].isOneOfMany = true } }

  /// Lets variables be seen from here on.
  mutating func declare(_ names: [Int]) {
    for variable in names {
      places[variables[variable].name, default: []].append(alive.count)
      alive.append(variable)
      check(variable)
    }
  }

  /// Lua's own, in loops.
  mutating func declareHidden(_ count: Int, at range: Range<Int>) {
    alive += [Int](repeating: -1, count: count)
  }

  private mutating func check(_ variable: Int) {
    guard let function = functions.last, alive.count - function.locals == Self.mostLocals + 1 else { return }
    problems.append(
      Problem(
        range: variables[variable].range,
        message: "a function has at most \(Self.mostLocals) locals at a time; keep some of them in a table"))
  }

  /// Finds what a name means; nil for a global.
  mutating func resolve(_ name: String, at range: Range<Int>) -> Int? {
    let found = lookUp(name, range)
    if let found {
      variables[found].reads += 1
    } else {
      globalReads.append(GlobalRead(name: name, range: range, function: functions.last?.number ?? 0))
      if lookUp("_ENV", range) == nil { capture(Self.environment, from: 0, range) }
    }
    return found
  }

  private mutating func lookUp(_ name: String, _ range: Range<Int>) -> Int? {
    guard let place = places[name]?.last else { return nil }
    let owner = functions.lastIndex { $0.locals <= place } ?? 0
    capture(alive[place], from: owner + 1, range)
    return alive[place]
  }

  private mutating func capture(_ variable: Int, from first: Int, _ range: Range<Int>) {
    for index in functions.indices.dropFirst(first) where functions[index].upvalues.insert(variable).inserted
    {
      if functions[index].upvalues.count == Self.mostUpvalues + 1 {
        problems.append(
          Problem(
            range: range, message: "a function uses at most \(Self.mostUpvalues) variables from outside"))
      }
    }
  }

  /// A variable that was looked up is written and not read.
  mutating func assign(_ name: Name, isFunction: Bool = false) {
    guard let variable = name.variable else {
      if let read = globalReads.lastIndex(where: { $0.range == name.range }) { globalReads.remove(at: read) }
      globalWrites.append(
        GlobalWrite(
          name: name.text, range: name.range, function: functions.last?.number ?? 0, isFunction: isFunction))
      return
    }
    variables[variable].reads -= 1
    variables[variable].writes += 1
    if variables[variable].isConstant {
      problems.append(
        Problem(range: name.range, message: "\(name.text) is a constant, and cannot be assigned to"))
    }
  }

  // MARK: Jumps

  private static let breakName = "break"

  mutating func jump(to name: String, at range: Range<Int>) {
    let first = functions.last?.labels ?? 0
    if labels[min(first, labels.count)...].contains(where: { $0.name == name }) { return }
    jumps.append(Jump(name: name, locals: alive.count, range: range))
  }

  mutating func breakLoop(at range: Range<Int>) { jump(to: Self.breakName, at: range) }

  /// - Parameter isLast: only labels and semicolons follow it in its block, where no local is alive any more.
  mutating func label(_ name: String, at range: Range<Int>, isLast: Bool) {
    let first = functions.last?.labels ?? 0
    if labels[min(first, labels.count)...].contains(where: { $0.name == name }) {
      problems.append(Problem(range: range, message: "the label ::\(name):: is there already"))
    }
    let block = blocks.last
    let locals = isLast ? block?.locals ?? 0 : alive.count
    labels.append(Label(name: name, locals: locals, line: range))
    let start = min(block?.jumps ?? 0, jumps.count)
    for jump in jumps[start...] where jump.name == name && jump.locals < locals {
      let local = alive.indices.contains(jump.locals) ? alive[jump.locals] : -1
      let text = local >= 0 ? " \(variables[local].name)" : ""
      problems.append(
        Problem(
          range: jump.range, message: "this goto jumps into the scope of the local\(text)"))
    }
    jumps[start...].removeAll { $0.name == name }
  }
}
