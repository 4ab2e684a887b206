// Rules about names: globals that nobody sets, names of ours that are hidden, locals that nobody reads.
import AWSCore
import BackupGateway
import Host

extension Checker {
  /// What `moongate test` adds to a file of tests.
  private static let testGlobals: Set<String> = ["run", "clock", "gateway_lab"]

  /// Every global that this script finds.
  private func isThere(_ name: String) -> Bool {
    if ownGlobals.contains(name) || Vocabulary.luaGlobals.contains(name) || Vocabulary.names.contains(name)
      || Vocabulary.luaLibraries[name] != nil || name == "_" || name == "args"
    {
      return true
    }
    return isTest ? Self.testGlobals.contains(name) : !isSnippet && Vocabulary.trustedGlobals.contains(name)
  }

  func checkGlobals() {
    // A script that changes where globals live knows more of them than can be read.
    let changesEnvironment =
      ownGlobals.contains("_ENV") || tree.variables.contains { $0.name == "_ENV" }
      || tree.globalReads.contains { $0.name == "_ENV" }
    for read in tree.globalReads {
      let (name, range) = (read.name, read.range)
      if isSnippet, let reason = Vocabulary.absentInSharedCode[name], !ownGlobals.contains(name) {
        add("not-in-shared-code", "shared code has no \(name): \(reason)", at: range)
      } else if !changesEnvironment, !isThere(name) {
        undefined(name, at: range)
      }
    }
    for write in tree.globalWrites where write.name != "_ENV" && !changesEnvironment { checkWrite(write) }
  }

  private func undefined(_ name: String, at range: Range<Int>) {
    if nearNames[name] == nil { nearNames[name] = .some(soughtName { nearGlobal(to: name) }) }
    let near = nearNames[name] ?? nil
    if let near, Service.operation(named: near) != nil {
      add("undefined-global", "there is no \(name); did you mean \(near)?", at: range, suggestion: near)
      return
    }
    let isLocalElsewhere = localNames.contains(name)
    let hint =
      isLocalElsewhere
      ? "; the local of that name is not seen here" : near.map { "; did you mean \($0)?" } ?? ""
    add(
      "undefined-global", "nothing sets the global \(name)\(hint)", at: range,
      suggestion: isLocalElsewhere ? nil : near)
  }

  private func nearGlobal(to name: String) -> String? {
    let ours = Vocabulary.names.union(Vocabulary.luaGlobals).union(Vocabulary.luaLibraries.keys)
    let own = ownGlobals.union(tree.variables.prefix(1000).map(\.name))
    return Vocabulary.nearName(to: name, in: ours.union(own).sorted())
  }

  private func checkWrite(_ write: GlobalWrite) {
    if Vocabulary.names.contains(write.name) {
      if globalUses[write.name]?.firstWrite == write.range {
        add(
          "hidden-name",
          "\(write.name) hides Moongate's in the whole script; moongate.\(write.name) is still there",
          at: write.range)
      }
      return
    }
    // A global that is set and read in one function alone was meant to be a local.
    guard write.function > 0, globalUses[write.name]?.firstWrite == write.range,
      !(isTest && write.name.hasPrefix("test_")), !Vocabulary.luaGlobals.contains(write.name),
      Vocabulary.luaLibraries[write.name] == nil
    else { return }
    guard globalUses[write.name]?.functions.count == 1, !write.isFunction else { return }
    add(
      "accidental-global",
      "\(write.name) is set for the whole script, and used in this function only; is local missing?",
      at: write.range, suggestion: "local \(write.name)")
  }

  func checkLocals() {
    for variable in tree.variables
    where variable.reads <= 0 && (variable.kind == .local || variable.kind == .function)
      && !variable.name.hasPrefix("_") && !variable.isClosed && !variable.isOneOfMany
    {
      add("unused-local", "\(variable.name) is never read", at: variable.range)
    }
  }

  /// A use of a local as if it were the host's of that name.
  func checkHidden(_ name: Name, _ known: Known, _ step: Step) {
    guard let variable = name.variable, Vocabulary.names.contains(name.text) else { return }
    let row = lines.line(of: tree.variables[variable].range.lowerBound)
    switch step.kind {
    case .call where known.cannotBeCalled:
      guard
        Service.operation(named: name.text) != nil
          || Vocabulary.globals.contains(where: { $0.name == name.text && $0.isFunction })
      else { return }
      add(
        "hidden-name",
        "\(name.text) is the script's own since line \(row), and no function; Moongate's is moongate.\(name.text)",
        at: name.range, suggestion: "moongate.\(name.text)")
    case .field(let field):
      guard case .ownTable(let own?) = known, !own.contains(field),
        Vocabulary.members(of: name.text).contains(field),
        !tree.assignedFields.contains(field)
      else { return }
      add(
        "hidden-name",
        "\(name.text) is the script's own since line \(row), and hides \(name.text).\(field) here; write moongate.\(name.text).\(field)",
        at: name.range, suggestion: "moongate.\(name.text)")
    default: return
    }
  }
}

extension Vocabulary.Page {
  /// It is called by its name.
  fileprivate var isFunction: Bool { signature.hasPrefix(name + "(") || signature.hasPrefix(name + "{") }
}
