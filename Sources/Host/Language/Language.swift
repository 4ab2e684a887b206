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
    define("array_job") { [surroundings] call throws(LuaRaise) in
      switch surroundings.arrayJob {
      case .none: return .results(0)
      case .unusable(let problem): throw LuaRaise.refused("shard: \(problem)")
      case .part(let index, let count):
        call.stack.push(.integer(Int64(index)))
        call.stack.push(.integer(Int64(count)))
        return .results(2)
      }
    }
    // is_mine(name): whether what is known by this name is of this run's part.
    define("is_mine") { [surroundings] call throws(LuaRaise) in
      guard case .part(let index, let count) = surroundings.arrayJob else {
        return call.returning(.boolean(true))
      }
      let name = call.stack.bytes(at: 1).map { String(decoding: $0, as: UTF8.self) } ?? ""
      return call.returning(.boolean(ArrayJob.isMine(name, index, of: count)))
    }
  }
}
