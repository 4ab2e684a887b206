// OutputRun: rows under way, from the first to the end or to an error.
import LuaRuntime

/// What makes text of rows, and where it goes.
final class OutputRun {
  enum Target {
    case standardOutput
    case text
    case file(any OutputSink)
  }

  private var writer: RowWriter
  private let target: Target
  private var rows = 0
  /// What was written, when that is wanted as a text.
  private(set) var text: [UInt8] = []

  init(_ writer: RowWriter, to target: Target) {
    self.writer = writer
    self.target = target
  }

  func row(_ values: [LuaValue], order: MemberOrder) throws(LuaRaise) {
    rows += 1
    writer.order = order
    let bytes: [UInt8]
    do throws(NotData) { bytes = try writer.row(values) } catch { throw refusal(error) }
    try put(bytes)
  }

  func end() throws(LuaRaise) {
    let bytes: [UInt8]
    do throws(NotData) { bytes = try writer.end() } catch { throw refusal(error) }
    try put(bytes)
    guard case .file(let file) = target else { return }
    do throws(OutputFailure) { try file.finish() } catch { throw LuaRaise(text: error.message) }
  }

  /// Lets go of everything; a file that is not whole is not there.
  func abandon() {
    if case .file(let file) = target { file.abandon() }
  }

  private func put(_ bytes: [UInt8]) throws(LuaRaise) {
    guard !bytes.isEmpty else { return }
    switch target {
    case .standardOutput: LuaVM.write(bytes)
    case .text: text += bytes
    case .file(let file):
      do throws(OutputFailure) { try file.write(bytes) } catch { throw LuaRaise(text: error.message) }
    }
  }

  private func refusal(_ error: NotData) -> LuaRaise {
    LuaRaise.refused("output: row \(error.row ?? rows), \(error.message)")
  }
}

/// What a console has under way.
final class OutputState {
  /// What `show` writes when it is not told: nil for a table on a terminal, JSON elsewhere.
  var form: OutputForm?
  var runs: [Int64: OutputRun] = [:]
  var lastRun: Int64 = 0
  /// The shape of lists that are a script's own, and the value that stands for null.
  var array: Int32?
  var null: LuaReference?
  let progress: Progress

  init(form: OutputForm?, loop: EventLoop) {
    self.form = form
    progress = Progress(loop: loop)
  }

  /// At the end of a run: nothing half written stays, and no bar.
  func endRun() {
    runs.values.forEach { $0.abandon() }
    runs = [:]
    progress.endAll()
  }
}
