// Language: host functions of the prelude's own language: names, parts of an array job.
import AWSCore
import BackupGateway
import LuaRuntime

extension Console {
  func defineLanguage(_ define: Define) {
    // nearest(name, names): the one that was most likely meant, or nil.
    define("nearest") { call throws(LuaRaise) in
      guard let name = call.stack.string(at: 1), case .table(let table) = try call.stack.value(at: 2) else {
        return call.returning(.nil)
      }
      return call.returning(
        nearest(to: name, in: table.items.compactMap(\.string)).map(LuaValue.string) ?? .nil)
    }
    // array_job(): this run's part and the number of parts, or nothing when it is on its own.
    define("array_job") { [unowned self] call throws(LuaRaise) in
      guard let (index, count) = try part(for: "shard") else { return .results(0) }
      tellPart()
      call.stack.push(.integer(Int64(index)))
      call.stack.push(.integer(Int64(count)))
      return .results(2)
    }
    // is_mine(name): whether what is known by this name is of this run's part.
    define("is_mine") { [surroundings] call throws(LuaRaise) in
      guard case .part(let index, let count, _) = surroundings.arrayJob else {
        return call.returning(.boolean(true))
      }
      let name = call.stack.bytes(at: 1).map { String(decoding: $0, as: UTF8.self) } ?? ""
      return call.returning(.boolean(ArrayJob.isMine(name, index, of: count)))
    }
  }

  // MARK: This run's part

  /// The part of this run; nil when it is on its own.
  /// - Throws: what makes it unknown. Whoever took that for a run on its own would do all of the work in each.
  private func part(for function: String) throws(LuaRaise) -> (index: Int, count: Int)? {
    switch surroundings.arrayJob {
    case .none: return nil
    case .unusable(let problem): throw LuaRaise.refused("\(function): \(problem)")
    case .part(let index, let count, _): return (index, count)
    }
  }

  /// The targets of a fleet that are of this run's part, by place: the name may come to have an account.
  func ofThisPart(_ targets: [FleetTarget]) throws(LuaRaise) -> [FleetTarget] {
    guard let (index, count) = try part(for: "fleet") else { return targets }
    let mine = targets.filter { ArrayJob.isMine($0.place, index, of: count) }
    tellPart(", \(mine.count) of \(targets.count) \(targets.count == 1 ? "target" : "targets")")
    return mine
  }

  /// Says once which part this is: what is missing in a report must not look as if it were not there.
  private func tellPart(_ more: String = "") {
    guard !hasToldPart, let text = surroundings.arrayJob.text else { return }
    hasToldPart = true
    LuaVM.write("moongate: this is \(text)\(more)\n", toStandardError: true)
  }
}
