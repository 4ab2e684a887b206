// What the prompt has of the console beside running lines: switching sessions, and the operator's file of beginnings.
import AWSCore
import LuaRuntime

extension Console {
  /// Has the operations act on another session: what `use(connect{…})` does, by the same way.
  /// - Parameters:
  ///   - wish: fields of `connect`, as `region`.
  ///   - source: who says so, for messages.
  /// - Throws: why the session stays.
  public func connect(_ wish: [(name: String, value: String)], from source: String) throws(Report) {
    let task = vm.task()
    prelude.push("switch", on: task.stack)
    guard !task.stack.isNil(at: -1) else { return }
    task.stack.push(.table(LuaTable(fields: wish.map { ($0.name, .string($0.value)) })))
    task.stack.push(source)
    if case .failed(let report) = finish(task, arguments: 2) { throw report }
  }

  /// Has the operations act on a session that is there already.
  public func act(on session: Session) {
    let handle = newHandle()
    openSessions[handle] = session
    let task = vm.task()
    prelude.push("act", on: task.stack)
    task.stack.push(handle: handle)
    if case .failed(let report) = finish(task, arguments: 1) { tellTyped(report) }
  }

  /// True when the configuration calls the current session production.
  public var isProduction: Bool { gate?.permissions.production.includes(session) == .yes }

  /// What this session may do, a line each.
  public var permissionText: String {
    var rows = gate?.rows(for: session) ?? []
    rows.append(("grants", grants.texts.isEmpty ? "none" : grants.texts.joined(separator: ", ")))
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { "\(Terminal.padded($0.name, to: width))  \(Self.visible($0.value))\n" }.joined()
  }

  /// Runs the operator's own file before the first line: its top-level locals are there on the lines after it.
  public func begin(with source: [UInt8], chunkName: String, author: Author) -> Evaluation {
    self.author = author
    self.source = source
    typedSecrets += SensitiveText.secrets(in: String(decoding: source, as: UTF8.self))
    let task = vm.task()
    do throws(LuaError) {
      try prompt.load(source, name: chunkName, on: task)
    } catch {
      return tell(.failed(report(error)))
    }
    let ending = finish(task, arguments: 0)
    if case .finished = ending { prompt.note(source) }
    return tell(ending)
  }
}
