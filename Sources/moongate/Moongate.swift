// Moongate: the entry. Everything else happens in plain types: closures formed inside @main are bound to the main
// actor, and C calls them from wherever it likes.
import CGetopt
import CLinux
import Scripts

@main enum Moongate {
  static func main() {
    let words = commandLine()
    // Before anything else: a worker is a process of another kind.
    Worker.runIfAsked(words)
    keepMemoryPrivate()
    Command.exit(with: Command.run(words))
  }

  /// What stands behind the program's name; bytes that are not UTF-8 become U+FFFD, as everywhere in Swift.
  private static func commandLine() -> [String] {
    (0..<cgetopt_word_count()).dropFirst().map { unsafe String(cString: cgetopt_word($0)) }
  }

  /// Keys lie in memory, so no core dump is made of it, and no other process of the same user may look into it (its
  /// environment included). RLIMIT_CORE would do the first only, not where cores are piped to a program (core(5)),
  /// and children would inherit it. The flag ends with the next exec; re-executing /proc/self/exe and sanitizers
  /// still work: a process may always look into itself, and LeakSanitizer lifts the flag while it looks.
  private static func keepMemoryPrivate() { _ = clinux_set_dumpable(0) }
}
