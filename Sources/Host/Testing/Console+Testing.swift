// A test file in a universe of its own: its chunk runs, then one of its functions.
import LuaRuntime

extension Console {
  /// The functions that are tests: the globals whose name begins so, in the order in which they stand in the file.
  public var tests: [String] {
    let main = vm.main
    main.pushGlobals()
    defer { main.pop() }
    var found: [(line: Int, name: String)] = []
    main.forEachField(of: -1) { stack in
      if let name = stack.string(at: -2), name.hasPrefix("test_"), let line = stack.functionLine(at: -1) {
        found.append((line, name))
      }
      return true
    }
    return found.sorted { ($0.line, $0.name) < ($1.line, $1.name) }.map(\.name)
  }

  /// The line on which a global function of the script begins; nil when there is none of Lua's.
  public func line(of name: String) -> Int? {
    let main = vm.main
    main.pushGlobals()
    main.pushField(name, of: -1)
    defer { main.pop(2) }
    return main.functionLine(at: -1)
  }

  /// Calls a global function of the script that has run, without arguments.
  /// - Returns: nil when there is no such function.
  public func call(_ name: String) -> Ending? {
    let main = vm.main
    main.pushGlobals()
    main.pushField(name, of: -1)
    guard main.functionLine(at: -1) != nil else {
      main.pop(2)
      return nil
    }
    let task = vm.task()
    main.move(1, to: task.stack)
    main.pop()
    return finish(task, arguments: 0)
  }

  /// Whether Lua means the script that was run by the name of a file; it cuts long ones in front.
  func isScript(_ file: String) -> Bool {
    let path = chunkName.dropFirst()
    return file == path || (file.hasPrefix("...") && path.hasSuffix(file.dropFirst(3)))
  }
}
