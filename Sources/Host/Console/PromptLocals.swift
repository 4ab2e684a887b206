// PromptLocals: a `local` at the prompt is there on the next lines too. Lua ends it with its line, so each line is
// compiled inside a function that declares the locals which it mentions, and their variables are the ones of the lines
// before: closures over them go on seeing them, and a second `local x` is another variable.
//
//   > local n = 0                       local _keep, … = …  return function(...)
//   > function count() n = n + 1 end      local n = 0
//                                         _keep.n = function() return n end     the variable, in a closure over it
//                                       end
import LuaRuntime

/// What a line does about locals.
struct PromptLine: Equatable {
  struct Local: Equatable {
    var name: String
    /// `<const>`: it may not be set later, and its value may be nothing but a constant to the compiler.
    var isConstant = false
  }

  /// The locals that it declares at its top level, each once.
  private(set) var declared: [Local] = []
  /// Every name in it.
  private(set) var names: Set<String> = []
  /// Where what keeps the locals is to stand: before a last `return`; nil for the end.
  private(set) var returnOffset: Int?

  init(_ source: [UInt8]) {
    let tokens = LuaTokens.of(source)
    var depth = 0
    var index = 0
    names = Set(tokens.lazy.filter { $0.kind == .name }.map(\.text))
    while index < tokens.count {
      let token = tokens[index]
      index += 1
      guard token.kind == .keyword else { continue }
      switch token.text {
      // `while … do` and `for … do` are closed with their `do`.
      case "do", "function", "if", "repeat": depth += 1
      case "end", "until": depth -= 1
      case "return" where depth == 0: returnOffset = token.offset
      case "local" where depth == 0: index = declare(tokens, from: index)
      default: break
      }
    }
  }

  /// Reads the names behind `local`; gives where to go on.
  private mutating func declare(_ tokens: [LuaToken], from start: Int) -> Int {
    func symbol(_ index: Int) -> String? {
      tokens.indices.contains(index) && tokens[index].kind == .symbol ? tokens[index].text : nil
    }
    func name(_ index: Int) -> String? {
      tokens.indices.contains(index) && tokens[index].kind == .name ? tokens[index].text : nil
    }
    if tokens.indices.contains(start), tokens[start].text == "function", tokens[start].kind == .keyword {
      if let name = name(start + 1) { keep(Local(name: name)) }
      return start
    }
    var index = start
    while let found = name(index) {
      index += 1
      var attribute: String?
      if symbol(index) == "<", let word = name(index + 1), symbol(index + 2) == ">" {
        attribute = word
        index += 3
      }
      // What is to be closed is closed at the end of its line.
      if attribute != "close" { keep(Local(name: found, isConstant: attribute == "const")) }
      guard symbol(index) == "," else { break }
      index += 1
    }
    return index
  }

  /// True for a line that ends with `;`: its values are kept, and not shown.
  static func isSilent(_ source: [UInt8]) -> Bool {
    LuaTokens.of(source).last.map { $0.kind == .symbol && $0.text == ";" } ?? false
  }

  private mutating func keep(_ local: Local) {
    declared.removeAll { $0.name == local.name }
    // Another _ENV would take the globals from all later lines.
    if local.name != "_ENV" { declared.append(local) }
  }
}

/// The locals of the lines so far, and how a line is compiled among them.
final class PromptLocals {
  private var locals: [PromptLine.Local] = []
  /// The variables by name, each in a function over it.
  private let variables: LuaReference
  private unowned let vm: LuaVM

  init(_ vm: LuaVM) {
    self.vm = vm
    vm.main.pushTable()
    variables = vm.keep(vm.main)
  }

  /// Loads a line: as an expression if it is one, else as a chunk.
  /// - Parameter name: the chunk's, as Lua has it.
  func load(_ source: [UInt8], name: String, on task: LuaTask) throws(LuaError) {
    let line = PromptLine(source)
    let expression = Array("return ".utf8) + source
    if (try? task.load(expression, name: name)) != nil {
      try join(task, name, wrapped(line, expression, keeping: []))
      return
    }
    // By itself first: what is no Lua is told as if nothing stood around it.
    try task.load(source, name: name)
    try join(task, name, wrapped(line, source, keeping: line.declared))
  }

  /// Puts the line with its locals in the place of the bare one, where it has any.
  private func join(_ task: LuaTask, _ name: String, _ wrapped: [UInt8]?) throws(LuaError) {
    guard let wrapped else { return }
    task.stack.pop()
    try task.load(wrapped, name: name)
    try task.joinLocals(variables)
  }

  /// A line as it is compiled; nil where it has nothing to do with locals.
  private func wrapped(
    _ line: PromptLine, _ source: [UInt8], keeping declared: [PromptLine.Local]
  ) -> [UInt8]? {
    // No more than the line mentions: a function has at most 200 locals.
    let known = locals.filter { line.names.contains($0.name) }
    guard !known.isEmpty || !declared.isEmpty else { return nil }
    let keeper = Self.unused("_keep", in: line.names)
    let declarations = known.map { "local \($0.name)\($0.isConstant ? " <const>" : "") " }.joined()
    let keeping = declared.map { local in
      local.isConstant
        // A variable of its own: the compiler may have put a constant where the name stood.
        ? "\(keeper).\(local.name) = (function(v) return function() return v end end)(\(local.name));"
        : "\(keeper).\(local.name) = function() return \(local.name) end;"
    }.joined()
    var body = source
    if let offset = line.returnOffset, !declared.isEmpty {
      body.insert(contentsOf: Array(";\(keeping)".utf8), at: offset)
    } else {
      // On a line of its own: the last one may be a comment.
      body += Array("\n\(keeping)".utf8)
    }
    let head = "local \(keeper) = ... \(declarations)return function(...) "
    return Array(head.utf8) + body + Array(" end".utf8)
  }

  /// After a line has run: what it kept is there for the next ones.
  func note(_ source: [UInt8]) {
    let main = vm.main
    main.push(variables)
    defer { main.pop() }
    for local in PromptLine(source).declared {
      main.pushField(local.name, of: -1)
      let isKept = !main.isNil(at: -1)
      main.pop()
      guard isKept else { continue }
      locals.removeAll { $0.name == local.name }
      locals.append(local)
    }
  }

  var names: [String] { locals.map(\.name) }

  /// Pushes the value of a local; false, with nothing pushed, where there is none of that name.
  func push(_ name: String, on stack: LuaStack) -> Bool {
    guard locals.contains(where: { $0.name == name }) else { return false }
    stack.push(variables)
    stack.pushField(name, of: -1)
    stack.pushUpvalue(1, of: -1)
    stack.remove(at: -2)
    stack.remove(at: -2)
    return true
  }

  private static func unused(_ name: String, in names: Set<String>) -> String {
    var candidate = name
    while names.contains(candidate) { candidate += "_" }
    return candidate
  }
}
