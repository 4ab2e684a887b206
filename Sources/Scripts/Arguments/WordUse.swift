// WordUse: whether a script does anything with the words of its command line that are no options. A word that nothing reads
// is a slip of whoever wrote it, as `stale-vms 30d` for `--age 30d`.

enum WordUse {
  /// True for code that names `arg`, uses `args` in another way than by `args.name`, or has `...` outside of every
  /// function. A name that is shadowed counts too: then words are passed on, as they were before.
  static func isFound(in source: [UInt8]) -> Bool {
    let tokens = LuaLexer(ScriptSource.withoutPreamble(source)).tokens
    /// Blocks that are open; true for those of functions.
    var blocks: [Bool] = []
    for (index, token) in tokens.enumerated() {
      switch token.kind {
      case .function: blocks.append(true)
      case .do, .if, .repeat: blocks.append(false)
      case .endWord, .until: _ = blocks.popLast()
      case .dots where !blocks.contains(true): return true
      case .name:
        let isField = index > 0 && [.dot, .colon].contains(tokens[index - 1].kind)
        let name = isField ? "" : String(decoding: source[token.range], as: UTF8.self)
        if name == "arg" { return true }
        let next = index + 1 < tokens.count ? tokens[index + 1].kind : .end
        if name == "args", next != .dot { return true }
      default: break
      }
    }
    return false
  }
}
