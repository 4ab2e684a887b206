// How the console tells of the errors of what is typed, and `.error`.
import BackupGateway
import Glibc
import LuaRuntime

extension Console {
  /// Tells of an error of a typed text, on stderr.
  func tellTyped(_ report: Report) {
    switch report.cause {
    case .unwound?, nil: return LuaVM.write(report.message + "\n", toStandardError: true)
    case .memory?: break
    case .syntax?, .runtime?: lastError = report.cause
    }
    let isTerminal = isatty(STDERR_FILENO) == 1
    Ink.writeToStandardError(
      text(
        of: report, width: isTerminal ? Terminal.size(of: STDERR_FILENO)?.columns : nil,
        ink: Ink(for: STDERR_FILENO)))
  }

  /// What is said of an error of a typed text.
  /// - Parameter width: columns of the screen; nil for no bound.
  func text(of report: Report, width: Int?, ink: Ink) -> String {
    guard let error = report.cause else { return report.message + "\n" }
    let display = ErrorDisplay(
      error, message: report.message, sources: typed,
      suggest: { [names, profile] in Report.suggestion(for: $0, names, profile) }, fails: fails,
      mayHoldSecrets: { [unowned self] source in
        Self.mayHoldSecrets(source) || isSensitive(String(decoding: source, as: UTF8.self))
      }, mask: { [unowned self] in masked($0) })
    return display.text(width: width, ink: ink)
  }

  /// Whether the compiler refuses a text for another reason than its end.
  private func fails(_ source: [UInt8]) -> Bool {
    do throws(LuaError) {
      try vm.task().load(source, name: "=prompt")
      return false
    } catch {
      if case .syntax(_, let isIncomplete) = error { return !isIncomplete }
      return false
    }
  }

  /// Whether a text names a member that the model keeps secret, or something called like one.
  private static func mayHoldSecrets(_ source: [UInt8]) -> Bool {
    LuaTokens.of(source).contains { $0.kind == .name && SensitiveText.isOfSecret($0.text) }
  }

  /// What `.error` prints: all that is known of the error that was told last.
  public var lastErrorText: String { masked(wholeErrorText) }

  private var wholeErrorText: String {
    switch lastError {
    case nil: return "nothing has failed yet\n"
    case .syntax(let message, _)?: return "\(message)\n"
    case .runtime(let failure)?:
      var text = ""
      if let table = failure.table {
        let order = [
          "code", "message", "operation", "http_status", "request_id", "host", "attempts", "retryable",
          "where",
        ]
        let names =
          order.filter { table[$0] != nil }
          + table.fields.map(\.name).filter { !order.contains($0) && $0 != "traceback" }.sorted()
        let width = names.map(\.count).max() ?? 0
        for name in names {
          let value =
            SensitiveText.isOfSecret(name)
            ? "\(Secrets.shown)\n" : table[name].map { Display(order: self.order, width: nil).text($0) } ?? ""
          text += Terminal.padded(Console.visible(name), to: width) + "  " + value
        }
        for item in table.items { text += Display(order: self.order, width: nil).text(item) }
      } else {
        text = failure.message + "\n"
      }
      return text + failure.traceback + "\n"
    case .memory?, .unwound?: return "\n"
    }
  }
}
