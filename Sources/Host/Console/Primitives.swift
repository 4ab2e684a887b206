// Primitives: the host functions that the prelude builds on, defined when its first chunk is loaded. Scripts never see this
// table, only what the prelude makes of it.
import AWSCore
import BackupGateway
import LuaRuntime

extension Console {
  /// Fills the table on top of a stack.
  func definePrimitives(on stack: LuaStack) {
    func define(_ name: String, _ function: @escaping LuaVM.HostFunction) {
      stack.push(function: vm.register(function))
      stack.setField(name)
    }
    defineMetatables(define)
    defineTime(define)
    defineZones(define)
    defineSecrets(define)
    defineLanguage(define)
    defineChanges(define)
    defineCalls(define)
    defineTasks(define)
    defineTerminal(define)
    defineSessions(define)
    defineFiles(define)
    defineOutput(define)
    defineModules(define)
    if let testing { defineTesting(define, testing) }
    stack.setRows()
    define("load_all") { [unowned self] call throws(LuaRaise) in
      prelude.loadAll()
      return .results(0)
    }
    pushLab(on: stack)
    stack.setField("lab")
    stack.push(results.table)
    stack.setField("results")
  }

  typealias Define = (String, @escaping LuaVM.HostFunction) -> Void

  private func defineMetatables(_ define: Define) {
    define("set_error_metatable") { call throws(LuaRaise) in
      call.stack.setErrorMetatable()
      return .results(0)
    }
    define("set_timestamp_metatable") { call throws(LuaRaise) in
      call.stack.setTimestampMetatable()
      return .results(0)
    }
    define("refuse_text") { call throws(LuaRaise) in throw LuaRaise.refused(call.stack.text(at: 1) ?? "") }
    define("repeated_token") { call throws(LuaRaise) in
      let name = call.stack.string(at: 1) ?? ""
      throw LuaRaise(
        CallError(
          .service, code: "RepeatedToken",
          message:
            "the service sent the same NextToken twice; stopped, since this listing would never end",
          operation: name))
    }
    define("bad_page") { call throws(LuaRaise) in
      throw LuaRaise(
        CallError(
          .network, code: "Network",
          message: "the answer is not what it should be: \(call.stack.text(at: 2) ?? "")",
          operation: call.stack.string(at: 1)))
    }
    define("sorted_names") { call throws(LuaRaise) in
      guard case .table(let table) = try call.stack.value(at: 1) else { return .results(0) }
      return call.returning(.table(LuaTable(items: table.fields.map(\.name).sorted().map(LuaValue.string))))
    }
  }

  private func defineTime(_ define: Define) {
    define("now_micros") { [loop] call throws(LuaRaise) in call.returning(.integer(loop.codeNow.microseconds))
    }
    define("sleep") { [loop] call throws(LuaRaise) in
      // Longer than a century is as good as for ever, and every number below it fits the timer.
      let seconds = min(max(0, call.stack.number(at: 1) ?? 0), 4e9)
      var callOff: () -> Void = {}
      let wait = ParkedOperation(cancel: { callOff() }) { _ throws(LuaRaise) in .results(0) }
      callOff = loop.sleep(seconds) { wait.complete() }
      return .wait(for: wait)
    }
    define("loop_place") { call throws(LuaRaise) in
      // Above this stand runs_of and turn of listings.lua and the step of rows.c, then the loop.
      call.returning(.integer(call.stack.caller(level: 4)))
    }
    define("micros") { call throws(LuaRaise) in
      call.returning(call.stack.timestamp(at: 1).map(LuaValue.integer) ?? .nil)
    }
    define("instant") { call throws(LuaRaise) in
      guard let micros = call.stack.integer(at: 1),
        Timestamp(epochSeconds: Double(micros) / 1_000_000) != nil
      else { throw LuaRaise.refused("a timestamp lies in the years 1 to 9999") }
      return call.returning(.timestamp(micros))
    }
    define("timestamp_text") { call throws(LuaRaise) in
      call.returning(.string(Timestamp(microseconds: call.stack.timestamp(at: 1) ?? 0).iso8601))
    }
    define("parse_timestamp") { call throws(LuaRaise) in
      if let seconds = call.stack.number(at: 1) {
        guard let time = Timestamp(epochSeconds: seconds) else {
          throw LuaRaise.refused(
            "timestamp: these epoch seconds are not in the years 1 to 9999; are they milliseconds?")
        }
        return call.returning(.timestamp(time.microseconds))
      }
      guard let text = call.stack.string(at: 1), let time = Timestamp(iso8601: text) else {
        throw LuaRaise.refused(TimestampText.problem(of: call.stack.string(at: 1)))
      }
      return call.returning(.timestamp(time.microseconds))
    }
  }

  private func defineTerminal(_ define: Define) {
    define("show") { [unowned self] call throws(LuaRaise) in
      LuaVM.write(display(call.stack, at: 1))
      return .results(0)
    }
    define("help") { [unowned self] call throws(LuaRaise) in
      page(try help(call.stack))
      return .results(0)
    }
    define("exit") { [unowned self] call throws(LuaRaise) in
      let code = call.stack.isNil(at: 1) ? 0 : call.stack.integer(at: 1)
      // Of moongate's own codes, scripts have the one for arguments that cannot be used: only they know some of it.
      guard let code, (0...125).contains(code) || code == Int64(ExitCode.usage) else {
        throw LuaRaise.refused(
          "exit takes a code from 0 to 125, or \(ExitCode.usage) where the arguments cannot be used; the others are "
            + "moongate's own")
      }
      let message: String?
      switch try call.stack.value(at: 2) {
      case .nil: message = nil
      case .string(let text): message = text
      case .bytes(let bytes): message = String(decoding: bytes, as: UTF8.self)
      case .integer(let number): message = String(number)
      case .number(let number): message = String(number)
      case let other: throw LuaRaise.refused("exit takes a text as its message, not a \(other.typeName)")
      }
      exitRequest = (Int32(code), message)
      vm.unwindForExit()
      return .unwind
    }
  }
}
