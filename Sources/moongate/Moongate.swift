// Moongate: the entry. Everything else happens in plain types: closures formed inside @main are bound to the main
// actor, and C calls them from wherever it likes.
import CLinux
import Scripts

@main enum Moongate {
  static func main() {
    // Before anything else: a worker is a process of another kind.
    Worker.runIfAsked(Array(CommandLine.arguments.dropFirst()))
    keepMemoryPrivate()
    Command.exit(with: Command.run(Array(CommandLine.arguments.dropFirst())))
  }

  /// Keys lie in memory, so no core dump is made of it, and no other process of the same user may look into it (its
  /// environment included). RLIMIT_CORE would do the first only, not where cores are piped to a program (core(5)),
  /// and children would inherit it. The flag ends with the next exec; re-executing /proc/self/exe and sanitizers
  /// still work: a process may always look into itself, and LeakSanitizer lifts the flag while it looks.
  private static func keepMemoryPrivate() { _ = clinux_set_dumpable(0) }
}
