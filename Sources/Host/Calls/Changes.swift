// Changes: writes that a script collects first and sends together, after one question about all of them.
import AWSCore
import BackupGateway
import LuaRuntime

/// A list of writes, each checked, none sent by itself.
final class ChangeList {
  let title: String
  /// Where they go, but for those whose resource says where it lives: the session in which the list was begun.
  let session: Session
  fileprivate(set) var changes: [PermissionGate.Change] = []
  /// Why each of them may be sent; nil while nobody has said yes to all.
  fileprivate var approval: String?

  init(_ title: String, _ session: Session) {
    self.title = title
    self.session = session
  }
}

extension Console {
  func defineChanges(_ define: Define) {
    // changes_begin(title): a handle of a new list.
    define("changes_begin") { [unowned self] call throws(LuaRaise) in
      let handle = newHandle()
      changeLists[handle] = ChangeList(try Self.title(call.stack.string(at: 1)), session)
      call.stack.push(handle: handle)
      return .results(1)
    }
    // changes_add(list, session or nil, operation, …): checks a write and puts it into the list; gives what `show` says
    // of it, and its place.
    define("changes_add") { [unowned self] call throws(LuaRaise) in
      let list = try changeList(call)
      let session = call.stack.isNil(at: 2) ? list.session : try self.session(at: 2, call)
      let operation = try operation(named: call.stack.string(at: 3))
      for _ in 1...3 { call.stack.remove(at: 1) }
      let request = try request(operation, call)
      list.changes.append(PermissionGate.Change(request: request, session: session))
      let place = (name: "index", value: LuaValue.integer(Int64(list.changes.count)))
      return call.returning(.table(LuaTable(fields: Self.row(request) + [place])))
    }
    // changes_ask(list, indices): the operator's yes to these, asked for once.
    define("changes_ask") { [unowned self] call throws(LuaRaise) in
      let list = try changeList(call)
      guard let gate, case .table(let indices) = try call.stack.value(at: 2) else { return .results(0) }
      let changes = indices.items.compactMap { value -> PermissionGate.Change? in
        guard case .integer(let index) = value else { return nil }
        return change(index, of: list)
      }
      switch try gate.decide(changes, titled: list.title, by: author) {
      case .each: list.approval = nil
      case .all(let reason): list.approval = reason
      case .quit: throw stopRun(at: "changes")
      }
      return .results(0)
    }
    // changes_start(list, index): sends one; a handle to wait for it with `await`.
    define("changes_start") { [unowned self] call throws(LuaRaise) in
      let list = try changeList(call)
      guard let change = change(call.stack.integer(at: 2) ?? 0, of: list) else { return .results(0) }
      return hand(over: try send(change.request, through: change.session, approved: list.approval), call)
    }
  }

  /// It stands in the question to the operator, so it is one line and shows what it is.
  private static func title(_ text: String?) throws(LuaRaise) -> String {
    guard let text, !text.isEmpty, text.unicodeScalars.count <= 200,
      !text.unicodeScalars.contains(where: \.isHidden)
    else {
      throw LuaRaise.refused(
        "changes takes a title that says what they are for, a line of at most 200 characters, as in "
          + "changes(\"Tag moved VMs\")")
    }
    return text
  }

  private func changeList(_ call: borrowing LuaCall) throws(LuaRaise) -> ChangeList {
    guard let list = call.stack.handle(at: 1).flatMap({ changeLists[$0] }) else {
      throw LuaRaise.refused("this is no list of changes")
    }
    return list
  }

  private func change(_ index: Int64, of list: ChangeList) -> PermissionGate.Change? {
    Int(exactly: index).flatMap { list.changes.indices.contains($0 - 1) ? list.changes[$0 - 1] : nil }
  }

  /// The operation, what it is about, and its other parameters as Lua, secrets masked.
  private static func row(_ request: Request) -> [(name: String, value: LuaValue)] {
    let resource = request.operation.resource?.name
    return [
      ("operation", .string(request.operation.name)),
      ("resource", resource.flatMap { request.parameters[$0]?.string }.map(LuaValue.string) ?? .nil),
      ("parameters", .string(RequestText.parameters(request, besides: resource))),
    ]
  }
}
