// Showing results: what a typed line prints. A listing is asked for page by page, as the operator goes on; whatever is longer
// than the screen waits for a key.
import Glibc
import LuaRuntime

extension Console {
  /// The form of values at the prompt and of `show`.
  public var outputForm: OutputForm {
    get { output.form ?? .table }
    set { output.form = newValue }
  }

  /// How far a value has been shown.
  private enum Shown { case whole, left, failed }

  /// Shows the topmost values of a stack.
  /// - Returns: false when one could not be shown, which has been told.
  func show(_ stack: LuaStack, _ count: Int32) -> Bool {
    guard count > 0, stack.reserve(8) else { return true }
    let pager = Pager(self)
    for index in stack.top - count + 1...stack.top {
      let shown = show(stack, index, pager)
      guard shown == .whole else { return shown == .left }
    }
    pager?.finish()
    return true
  }

  /// Shows the nil that a line gave. That of a call says nothing: `print` and most functions give none. That of a name or
  /// of a member does, above all where nothing has the name.
  func showNil(of source: [UInt8]) {
    let tokens = LuaTokens.of(source)
    guard let last = tokens.last, last.kind != .string, ![")", "}"].contains(last.text) else { return }
    LuaVM.write("nil\n")
    guard tokens.count == 1, last.kind == .name, !prompt.names.contains(last.text),
      let near = Report.nearName(to: last.text, in: names)
    else { return }
    let ink = Ink(for: STDERR_FILENO)
    Ink.writeToStandardError(
      "\(ink.cyan("hint:")) nothing is called \(last.text); did you mean \(near)?\n")
  }

  private func show(_ stack: LuaStack, _ index: Int32, _ pager: Pager?) -> Shown {
    do throws(Problem) {
      switch try content(stack, index) {
      case .text(let text): return write(text, pager)
      case .pages(let source, let isSingle): return try showPages(of: source, isSingle: isSingle, pager)
      }
    } catch {
      if case .failed(let report) = error { _ = tell(.failed(report)) }
      return .failed
    }
  }

  /// The text that shows a value; of a listing no more than one page.
  func text(of stack: LuaStack, _ index: Int32) -> Result<String, Report> {
    do throws(Problem) {
      switch try content(stack, index) {
      case .text(let text): return .success(text)
      case .pages(let source, let isSingle):
        var rows = RowsAtThePrompt(outputForm, isSingle: isSingle, order: order)
        let (text, hasMore) = try nextPage(of: source, as: &rows)
        return .success(text + (hasMore ? "\(Glyphs.ofLocale.ellipsis)\n" : ""))
      }
    } catch {
      switch error {
      case .failed(let report): return .failure(report)
      case .unwound: return .failure(report(.unwound))
      }
    }
  }

  /// Why a value is not shown.
  private enum Problem: Error {
    case failed(Report)
    /// The run is to end, and tells that itself.
    case unwound
  }

  /// What there is to see of a value.
  private enum Content {
    case text(String)
    /// A function on top of a task's stack gives it, an array a call.
    case pages(LuaTask, isSingle: Bool)
  }

  private func content(_ stack: LuaStack, _ index: Int32) throws(Problem) -> Content {
    let task = vm.task()
    prelude.push("displayed", on: task.stack)
    stack.pushCopy(of: index)
    stack.move(1, to: task.stack)
    task.stack.push(outputForm.rawValue)
    let count = try perform(task, arguments: 2)
    let first = task.stack.top - count + 1
    switch count > 1 ? task.stack.string(at: first + 1) : nil {
    case "pages":
      let isSingle = task.stack.boolean(at: first + 2)
      task.stack.pushCopy(of: first)
      return .pages(task, isSingle: isSingle)
    case "record":
      guard case .table(let table) = shownValue(task.stack, first) else { return .text("") }
      return .text(Display(order: order, width: Terminal.width).record(table))
    case "text": return .text((task.stack.text(at: first) ?? "") + "\n")
    default: return .text(display(task.stack, at: first))
    }
  }

  /// Runs a function of the prelude, which stands on a task's stack with its arguments.
  /// - Returns: how many results are on the stack.
  private func perform(_ task: LuaTask, arguments: Int32) throws(Problem) -> Int32 {
    let shown = scheduler.start(task, arguments: arguments)
    shown.wasWaitedFor = true
    switch scheduler.run(until: shown) {
    case .success(let count): return count
    case .failure(.unwound): throw .unwound
    case .failure(let error): throw .failed(report(error))
    }
  }

  // MARK: Pages

  /// Shows what a function gives, for as long as the operator goes on.
  private func showPages(
    of source: LuaTask, isSingle: Bool, _ pager: Pager?
  ) throws(Problem) -> Shown {
    var rows = RowsAtThePrompt(outputForm, isSingle: isSingle, order: order)
    while true {
      let (text, hasMore) = try nextPage(of: source, as: &rows)
      if write(text, pager) == .left { return .left }
      guard hasMore else { return .whole }
      guard let pager else {
        LuaVM.write("\(Glyphs.ofLocale.ellipsis) there is more; show(_) prints it all\n")
        return .whole
      }
      // What is not yet written, as CSV until its columns are known, is no page.
      guard text.isEmpty || pager.pause() else { return .left }
    }
  }

  private func nextPage(
    of source: LuaTask, as rows: inout RowsAtThePrompt
  ) throws(Problem) -> (text: String, hasMore: Bool) {
    let task = vm.task()
    source.stack.pushCopy(of: -1)
    source.stack.move(1, to: task.stack)
    let count = try perform(task, arguments: 0)
    let hasMore = count > 1 && task.stack.boolean(at: -1)
    rows.order = order
    do throws(LuaRaise) {
      let page = task.stack.top - count + 1
      let value = outputForm == .table ? shownValue(task.stack, page) : try task.stack.value(at: page)
      return (try rows.text(value, isLast: !hasMore), hasMore)
    } catch {
      throw .failed(
        Report(message: "\(error.text); .output table shows it", exitCode: ExitCode.usage))
    }
  }

  private func write(_ text: String, _ pager: Pager?) -> Shown {
    guard let pager else {
      LuaVM.write(text)
      return .whole
    }
    return pager.write(text) ? .whole : .left
  }

  // MARK: Values

  /// The text that shows a value on the standard output.
  func display(_ stack: LuaStack, at index: Int32) -> String {
    let display = Display(order: order, width: Terminal.width)
    let value = shownValue(stack, index)
    if case .opaque(let name) = value, name.hasPrefix("function "),
      Help.text(for: String(name.dropFirst(9)), lab: lab?.operations ?? []) != nil
    {
      return "(\(name); help(\(name.dropFirst(9))) explains it)\n"
    }
    return display.text(value)
  }

  private func shownValue(_ stack: LuaStack, _ index: Int32, most: Int = LuaValue.most) -> LuaValue {
    stack.shownValue(at: index, most: most) { [self] identity in
      if functionNames == nil { nameFunctions() }
      return functionNames?[identity]
    }
  }

  private func nameFunctions() {
    functionNames = [:]
    let task = vm.task()
    prelude.push("each_function", on: task.stack)
    task.stack.push(
      function: vm.register { [unowned self] call throws(LuaRaise) in
        functionNames?[call.stack.identity(at: 1)] = call.stack.string(at: 2)
        return .results(0)
      })
    _ = try? perform(task, arguments: 1)
  }

  // MARK: The list

  /// Prints the results that are kept, each on a line.
  public func listResults() {
    let main = vm.main
    main.push(results.table)
    defer { main.pop() }
    let numbers = results.numbers
    let width = Terminal.width.map { max(8, $0 - "_\(results.count)".count - 2) } ?? 100
    var text = numbers.lowerBound > 1 ? "(the latest \(Results.most) are kept)\n" : ""
    for number in numbers {
      main.pushField("_\(number)", of: -1)
      defer { main.pop() }
      guard !main.isNil(at: -1) else { continue }
      let value = main.shownValue(at: -1, most: 100) { [self] in functionNames?[$0] }
      let name = Terminal.padded("_\(number)", to: "_\(results.count)".count)
      let line = Display(order: order, width: nil).line(value)
      text += "\(name)  \(Terminal.cut(line, to: width, mark: Glyphs.ofLocale.ellipsis))\n"
    }
    page(text.isEmpty ? "(no results yet)\n" : text)
  }

  /// Forgets the results: what only they held on to is free.
  public func forgetResults() { results.removeAll() }
}

/// The rows of one value, in the session's form, a page at a time.
private struct RowsAtThePrompt {
  var order: MemberOrder {
    get { writer.order }
    set { writer.order = newValue }
  }
  private let form: OutputForm
  private var writer: RowWriter
  private var layout: Table.Layout?
  private var hasAny = false
  private var count = 0

  init(_ form: OutputForm, isSingle: Bool, order: MemberOrder) {
    self.form = form
    writer = RowWriter(form, columns: nil, isSingle: isSingle, order: order, isForTerminal: true)
  }

  mutating func text(_ page: LuaValue, isLast: Bool) throws(LuaRaise) -> String {
    guard case .table(let page) = page else { return "" }
    guard form != .table else { return table(page, isLast: isLast) }
    var bytes: [UInt8] = []
    do throws(NotData) {
      for row in page.items {
        count += 1
        bytes += try writer.row([row])
      }
      bytes += isLast ? try writer.end() : try writer.flush()
    } catch {
      throw LuaRaise(text: "\(form.rawValue): row \(error.row ?? count), \(error.message)")
    }
    return String(decoding: LuaVM.visible(bytes), as: UTF8.self)
  }

  private mutating func table(_ page: LuaTable, isLast: Bool) -> String {
    let display = Display(order: order, width: Terminal.width)
    guard let first = page.items.first else { return isLast && !hasAny ? "(nothing)\n" : "" }
    hasAny = true
    // Texts and numbers, as a map gives them, one below another.
    if case .table = first { return display.text(.table(LuaTable(items: page.items)), below: &layout) }
    return page.items.map { display.text($0) }.joined()
  }
}
