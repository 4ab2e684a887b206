// Watching: an expression evaluated again and again, with its value on the screen and what has changed in it marked.
import AWSCore
import BackupGateway
import Glibc
import LuaRuntime

extension Console {
  /// Evaluates an expression every so many seconds, until Ctrl-C or `q`, and leaves the last picture. What the service or
  /// the network could not do is shown and tried again; any other error ends it.
  /// - Parameter seconds: from the end of one evaluation to the start of the next.
  public func watch(_ source: String, every seconds: Double) -> Evaluation {
    if let operation = Self.writingOperation(namedIn: source) {
      LuaVM.write(
        "\(operation) changes something, and watching would send it again and again; type it as a line of its own\n",
        toStandardError: true)
      return .failed
    }
    let name = typed.add(Array(source.utf8))
    do throws(LuaError) {
      // What is no expression has nothing to show.
      try vm.task().load(Array("return \(source)".utf8), name: name)
    } catch { return tell(.failed(report(error))) }
    typedSecrets += SensitiveText.secrets(in: source)
    let keys = SingleKeys(takesControl: false)
    defer { withExtendedLifetime(keys) {} }
    var picture = Picture(title: source, seconds: seconds)
    while true {
      switch look(source, name) {
      case .seen(let text): picture.show(text)
      case .failed(let report) where [ExitCode.service, ExitCode.network].contains(report.exitCode):
        picture.show(text(of: report, width: Terminal.width, ink: Ink(isColoured: false)))
      case .failed(let report) where report.exitCode == ExitCode.interrupted: return .done
      case .failed(let report): return tell(.failed(report))
      case .exit(let code): return .leave(code: code)
      }
      guard pause(seconds, keys) else { return .done }
    }
  }

  /// The writing operation that a text names; the words are those that a typed line would allow.
  private static func writingOperation(namedIn source: String) -> String? {
    source.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }
      .lazy.compactMap { Service.operation(named: String($0)) }.first { !$0.isReading }?.name
  }

  /// What one evaluation came to.
  private enum Look {
    case seen(String)
    case failed(Report)
    case exit(Int32)
  }

  private func look(_ source: String, _ name: String) -> Look {
    author = .typed
    gate?.noteTyped("")
    let task = vm.task()
    do throws(LuaError) { try prompt.load(Array(source.utf8), name: name, on: task) } catch {
      return .failed(report(error))
    }
    var text = ""
    var problem: Report?
    let ending = finish(task, arguments: 0) { [self] count in
      guard count > 0, task.stack.reserve(8) else { return }
      for index in task.stack.top - count + 1...task.stack.top {
        switch self.text(of: task.stack, index) {
        case .success(let part): text += part
        case .failure(let report): problem = report
        }
      }
    }
    switch ending {
    case .finished: return problem.map(Look.failed) ?? .seen(text)
    case .failed(let report): return .failed(report)
    case .exit(let code, _): return .exit(code)
    }
  }

  /// - Returns: false when the operator has seen enough.
  private func pause(_ seconds: Double, _ keys: SingleKeys?) -> Bool {
    let end = loop.monotonicSeconds + seconds
    while case let left = end - loop.monotonicSeconds, left > 0 {
      var watched = [
        pollfd(fd: wakeDescriptor ?? -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: keys == nil ? -1 : STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      ]
      _ = unsafe poll(&watched, nfds_t(watched.count), Int32(clamping: Int64((left * 1_000).rounded(.up))))
      if Self.takeSignals() > 0 { return false }
      guard watched[1].revents != 0, let keys else { continue }
      let pressed = keys.next()
      // Nothing at all: the terminal has gone.
      if pressed.isEmpty || pressed.contains(UInt8(ascii: "q")) { return false }
    }
    return true
  }
}

/// What is on the screen of a watched expression.
private struct Picture {
  let title: String
  let seconds: Double
  /// The rows without marks, as they were painted last; nil before the first time.
  private var rows: [String]?
  /// The columns of what was painted, to know how many rows a narrower window makes of them.
  private var painted: [Int] = []

  init(title: String, seconds: Double) {
    self.title = Console.visible(title)
    self.seconds = seconds
  }

  mutating func show(_ text: String) {
    let screen = Terminal.size(of: STDOUT_FILENO) ?? (80, 24)
    var reader = ScreenRows(text)
    var new: [String] = []
    while let row = reader.next(columns: screen.columns) { new.append(row.text) }
    // A heading, and the row that the cursor waits in.
    let room = max(1, screen.lines - 2)
    if new.count > room, !Glyphs.isPlainTerminal {
      new = new.prefix(room - 1) + ["\(Glyphs.ofLocale.ellipsis) \(new.count - room + 1) more rows"]
    }
    let mark: ChangedCells.Mark = Ink(for: STDOUT_FILENO).isColoured ? .reversed : .star
    let marked = rows.map { ChangedCells(since: $0).marked(new, mark) } ?? new
    let heading = Terminal.cut(heading, to: screen.columns)
    var out = ""
    if rows != nil, !Glyphs.isPlainTerminal {
      let height = painted.reduce(0) { $0 + max(1, ($1 + screen.columns - 1) / screen.columns) }
      out += "\u{1B}[\(height)A\r\u{1B}[J"
    }
    out += ([heading] + marked).map { $0 + "\n" }.joined()
    _ = LuaVM.flush()
    Pager.draw(out)
    painted = ([heading] + new).map { Terminal.columns($0) }
    rows = new
  }

  private var heading: String { "\(clock)  every \(pause) s, Ctrl-C ends: \(title)" }

  private var pause: String { Int(exactly: seconds).map { String($0) } ?? Numbers.text(seconds) }

  private var clock: String {
    var now = time(nil)
    var parts = unsafe tm()
    guard unsafe localtime_r(&now, &parts) != nil else { return "" }
    return unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec]
      .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
