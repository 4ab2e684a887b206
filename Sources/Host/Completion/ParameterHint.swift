// ParameterHint: what is still to be written of a call, shown faint behind the cursor while it is typed. It is asked at
// every key, so it looks at the text only: not at values, not at the service.
import BackupGateway
import Glibc

struct ParameterHint {
  private let reader: WantedReader
  private let text: TypedText
  private let glyphs: Glyphs

  /// - Parameters:
  ///   - meanings: of the text with the cursor at its end.
  ///   - glyphs: which characters the locale has.
  init(_ meanings: Meanings, glyphs: Glyphs) {
    reader = WantedReader(meanings)
    text = meanings.text
    self.glyphs = glyphs
  }

  private var dash: String { glyphs == .ascii ? "-" : "–" }

  /// Nil for nothing.
  var hint: String? {
    guard text.place == .code, let frame = text.frames.last else { return nil }
    let end = text.tokens.count
    let hint: String?
    switch frame.bracket {
    case "{": hint = ofTable(frame, end)
    case "(": hint = ofCall(frame, end)
    default: hint = nil
    }
    guard let hint, !hint.isEmpty else { return nil }
    let plain = ParameterText.plain(hint, glyphs)
    return text.source.last == UInt8(ascii: ",") ? " " + plain : plain
  }

  // MARK: Tables of parameters

  private func ofTable(_ frame: TypedText.Frame, _ end: Int) -> String? {
    guard let parameters = reader.parameters(of: text.frames.count - 1) else {
      // `connect{`: what may stand in it is shown once, before anything does.
      return frame.index == end - 1 && text.word.isEmpty ? ofHelper(frame) : nil
    }
    if let item = parameters.shape.item {
      guard frame.itemStart == end, text.word.isEmpty else { return nil }
      return item.members.isEmpty ? ParameterText.limits(item, dash) : "{ \(list(item.members)) }"
    }
    let open = ParameterText.sorted(parameters.open)
    if frame.itemStart == end { return rest(of: open) }
    guard frame.itemStart <= end - 2, let name = text.name(frame.itemStart),
      text.isAssignment(frame.itemStart + 1)
    else { return nil }
    let hasValue = frame.itemStart + 2 < end || !text.word.isEmpty
    guard !hasValue else { return open.isEmpty ? nil : ", " + list(open) }
    return parameters.shape.member(name).map { ParameterText.limits($0.shape, dash) }
  }

  /// All that is open, or what is left of the one whose name is being typed, and the others.
  private func rest(of open: [Member]) -> String? {
    guard !text.word.isEmpty else { return list(open) }
    guard let index = open.firstIndex(where: { $0.name.hasPrefix(text.word) }) else { return nil }
    var others = open
    let member = others.remove(at: index)
    let left = String(ParameterText.hint(member, dash).dropFirst(text.word.count))
    return others.isEmpty ? left : "\(left), \(list(others))"
  }

  private func list(_ members: [Member]) -> String {
    ParameterText.sorted(members).map { ParameterText.hint($0, dash) }.joined(separator: ", ")
  }

  // MARK: Calls

  private func ofCall(_ frame: TypedText.Frame, _ end: Int) -> String? {
    guard frame.itemStart == end, text.word.isEmpty else { return nil }
    if let operation = reader.callee(of: text.frames.count - 1)?.operation {
      let table = "{ \(list(others(operation))) }"
      switch (frame.item, operation.resource != nil) {
      case (0, true): return Help.signature(operation)
      case (0, false), (1, true): return operation.input.members.isEmpty ? nil : table
      default: return nil
      }
    }
    return ofHelper(frame)
  }

  private func others(_ operation: Operation) -> [Member] {
    operation.input.members.filter { $0.name != operation.resource?.name }
  }

  /// What a helper's signature says of the argument that comes and of those behind it.
  private func ofHelper(_ frame: TypedText.Frame) -> String? {
    guard let name = helper(endingAt: frame.index - 1),
      let arguments = Help.arguments(ofHelper: name, in: frame.bracket),
      arguments.indices.contains(frame.item)
    else { return nil }
    return arguments[frame.item...].joined(separator: ", ")
  }

  /// What help calls the function that an expression names: `ago`, `tags.get`, `listing:filter`.
  private func helper(endingAt last: Int) -> String? {
    guard let name = text.name(last), let start = text.expressionStart(endingAt: last) else { return nil }
    if text.symbol(last - 1) == ":", start < last {
      guard case .listing = reader.meanings.meaning(endingAt: last - 2) else { return nil }
      return "listing:\(name)"
    }
    return text.tokens[start...last].map(\.text).joined()
  }
}
