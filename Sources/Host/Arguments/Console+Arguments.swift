// The table `args` of a run: made before the script begins, from what the command line gave.
import AWSCore
import LuaRuntime

extension Console {
  /// Sets the global `args`, or takes away that of a run before.
  /// - Throws: a report when memory is short.
  func setArgs(_ given: GivenArguments?) throws(Report) {
    let main = vm.main
    openOutput = given?.open
    guard let given else {
      main.push(.nil)
      return main.setGlobal("args")
    }
    let names = given.named.map(\.name)
    let task = vm.task()
    vm.beginRun()
    defer { vm.endRun() }
    prelude.push("arguments", on: main)
    // (values, declared names, output files by name, what refuses an unknown name)
    main.pushTable()
    var outputs = LuaTable()
    for (name, item) in given.named {
      if case .output(let number) = item {
        outputs.fields.append((name, .integer(Int64(number))))
      } else {
        push(item, on: main)
        main.setField(name)
      }
    }
    for (index, word) in given.words.enumerated() {
      main.push(word)
      main.setItem(Int64(index + 1))
    }
    main.push(.table(LuaTable(fields: names.map { ($0, .boolean(true)) })))
    main.push(.table(outputs))
    main.push(
      function: vm.register { call throws(LuaRaise) in
        let name = call.stack.text(at: 1) ?? ""
        let known = names.isEmpty ? "none" : listed(names)
        let hint = nearest(to: name, in: names).map { "; did you mean \($0)?" } ?? ""
        throw LuaRaise.refused("the header declares no argument \(name)\(hint) (it declares \(known))")
      })
    main.move(5, to: task.stack)
    switch task.resume(arguments: 4) {
    case .finished:
      task.stack.move(1, to: main)
      main.setGlobal("args")
    case .failed(let error): throw report(error)
    case .parked: break
    }
  }

  private func push(_ item: GivenArguments.Item, on stack: LuaStack) {
    switch item {
    case .nothing, .output: stack.push(.nil)
    case .boolean(let flag): stack.push(.boolean(flag))
    case .integer(let number): stack.push(.integer(number))
    case .number(let number): stack.push(.number(number))
    case .string(let text): stack.push(text)
    case .timestamp(let microseconds): stack.push(.timestamp(microseconds))
    case .list(let items):
      stack.pushTable()
      for (index, item) in items.enumerated() {
        push(item, on: stack)
        stack.setItem(Int64(index + 1))
      }
    case .rows(let names, let records):
      stack.pushTable()
      for (index, record) in records.enumerated() {
        stack.push(.table(LuaTable(fields: zip(names, record).map { ($0, .string($1)) })))
        stack.setItem(Int64(index + 1))
      }
    case .document(let bytes):
      // For what stands for null. The document was read once already, by the same scanner.
      prelude.load { $0.api.contains("json") }
      guard let null = output.null,
        stack.pushOwnJSON(bytes, list: output.array ?? -1, null: null) == nil
      else { return stack.push(.nil) }
    }
  }
}
