// OutputPrimitives: what output.lua builds `show`, `output` and `json` on. It walks the rows and calls a script's columns;
// here each row becomes text.
import AWSCore
import LuaRuntime

extension Console {
  func defineOutput(_ define: Define) {
    output.array = vm.shape(.list, name: "array")
    defineRows(define)
    defineJSON(define)
    defineProgress(define)
    defineCharts(define)
    define("output_form") { [output] call throws(LuaRaise) in
      let form = output.form ?? (Terminal.width == nil ? .json : .table)
      return call.returning(.string(form.rawValue))
    }
    define("write_file") { [unowned self] call throws(LuaRaise) in
      let file = try outputFile(call.stack.value(at: 1))
      do throws(OutputFailure) {
        try file.write(call.stack.bytes(at: 2) ?? [])
        try file.finish()
      } catch {
        throw LuaRaise(text: error.message)
      }
      return .results(0)
    }
  }

  /// The order of members, with what is known of shapes by now.
  var order: MemberOrder { MemberOrder(shapes: records.shapes, array: output.array) }

  /// A file to write: one that the command line named for an argument, by its number, or else where that is granted.
  private func outputFile(_ path: LuaValue) throws(LuaRaise) -> any OutputSink {
    if let number = path.wholeNumber, let openOutput {
      do throws(OutputFailure) { return try openOutput(number) } catch { throw LuaRaise(text: error.message) }
    }
    guard let path = path.string else { throw LuaRaise.refused("a file's name is UTF-8 text") }
    return try grants.replace(path, by: author)
  }

  // MARK: Rows

  private func defineRows(_ define: Define) {
    // (form, single, columns?, { to = path, text = true, indent = n, width = n, title =, summary = }) → number of the run
    define("output_open") { [unowned self] call throws(LuaRaise) in
      guard let form = OutputForm(rawValue: call.stack.string(at: 1) ?? "") else { return .results(0) }
      let isSingle = call.stack.boolean(at: 2)
      let columns = Self.columns(try call.stack.value(at: 3))
      guard case .table(let options) = try call.stack.value(at: 4) else { return .results(0) }
      let target: OutputRun.Target
      if let path = options["to"] {
        target = .file(try outputFile(path))
      } else {
        target = options["text"] == nil ? .standardOutput : .text
      }
      // Only the terminal bounds what is not told its width.
      var width = options["width"]?.wholeNumber
      var isForTerminal = false
      if case .standardOutput = target, let screen = Terminal.width {
        width = width ?? screen
        isForTerminal = true
      }
      let indent = options["indent"]?.wholeNumber ?? 2
      var frame = TableFrame(title: options["title"]?.string)
      if case .table(let lines)? = options["summary"] { frame.summary = lines.items.compactMap(\.string) }
      output.lastRun += 1
      output.runs[output.lastRun] = OutputRun(
        RowWriter(
          form, columns: columns, isSingle: isSingle, order: order, width: width,
          frame: frame, indent: indent == 0 ? nil : indent, isForTerminal: isForTerminal), to: target)
      return call.returning(.integer(output.lastRun))
    }
    define("output_row") { [unowned self] call throws(LuaRaise) in
      guard let run = call.stack.integer(at: 1).flatMap({ output.runs[$0] }) else { return .results(0) }
      var values: [LuaValue] = []
      for index in 2..<max(2, call.argumentCount + 1) {
        values.append(try plain(call.stack, index, for: "output"))
      }
      try run.row(values, order: order)
      return .results(0)
    }
    define("output_end") { [unowned self] call throws(LuaRaise) in
      guard let run = call.stack.integer(at: 1).flatMap({ output.runs.removeValue(forKey: $0) }) else {
        return .results(0)
      }
      defer { run.abandon() }
      try run.end()
      return call.returning(.bytes(run.text))
    }
    define("output_abandon") { [output] call throws(LuaRaise) in
      call.stack.integer(at: 1).flatMap { output.runs.removeValue(forKey: $0) }?.abandon()
      return .results(0)
    }
    define("is_list") { [unowned self] call throws(LuaRaise) in
      call.returning(.boolean(order.isList(shape: call.stack.shape(at: 1))))
    }
  }

  private static func columns(_ value: LuaValue) -> [OutputColumn]? {
    guard case .table(let table) = value else { return nil }
    return table.items.map { item in
      guard case .table(let column) = item else { return OutputColumn(title: "") }
      let alignment = column["align"]?.string.flatMap(Table.Alignment.init(rawValue:))
      return OutputColumn(title: column["title"]?.string ?? "", alignment: alignment)
    }
  }

  /// An argument as data.
  /// - Throws: a refusal where a table contains itself: its writer's slip, as what else is no data.
  private func plain(_ stack: LuaStack, _ index: Int32, for name: String) throws(LuaRaise) -> LuaValue {
    do throws(LuaRaise) { return try stack.value(at: index) } catch {
      throw LuaRaise.refused("\(name): \(error.text)")
    }
  }

  // MARK: JSON

  private func defineJSON(_ define: Define) {
    define("json_list") { [output] call throws(LuaRaise) in
      _ = call.stack.pushJSON(Array("[]".utf8), shape: output.array ?? -1)
      return .results(1)
    }
    define("set_json_null") { [unowned vm, output] call throws(LuaRaise) in
      output.null = vm.keep(call.stack)
      return .results(0)
    }
    define("json_encode") { [unowned self] call throws(LuaRaise) in
      let data = PlainData(order: order, isSorted: call.stack.boolean(at: 3), showsSecrets: false)
      let document: Value
      let value = try plain(call.stack, 1, for: "json.encode")
      do throws(NotData) { document = try data.document(value) } catch {
        throw LuaRaise.refused("json.encode: \(error.message)")
      }
      let indent = call.stack.integer(at: 2).flatMap(Int.init(exactly:))
      return call.returning(.bytes(JSON.encode(document, indent: indent)))
    }
    define("json_decode") { [output] call throws(LuaRaise) in
      guard let bytes = call.stack.bytes(at: 1), let null = output.null else { return .results(0) }
      if let error = call.stack.pushOwnJSON(bytes, list: output.array ?? -1, null: null) {
        throw LuaRaise.refused("json.decode: \(error.problem) \(Self.place(of: error.offset, in: bytes))")
      }
      return .results(1)
    }
  }

  private static func place(of offset: Int, in bytes: [UInt8]) -> String {
    let before = bytes.prefix(offset)
    let newline = UInt8(ascii: "\n")
    let line = before.reduce(1) { $0 + ($1 == newline ? 1 : 0) }
    let column = before.count - (before.lastIndex(of: newline).map { $0 + 1 } ?? 0) + 1
    return "at line \(line), byte \(column)"
  }
}

extension LuaValue {
  /// A whole number that fits.
  var wholeNumber: Int? { if case .integer(let number) = self { Int(exactly: number) } else { nil } }

  /// The value as a double.
  var double: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }
}
