// Moongate: the entry. Everything else happens in plain types: closures formed inside @main are bound to the main
// actor, and C calls them from wherever it likes.
import Glibc

@main enum Moongate {
  static func main() {
    // Only the character type: numbers are written with a point, and strings compared by byte, in every locale.
    _ = unsafe setlocale(LC_CTYPE, "")
    Command.exit(with: Command.run(Array(CommandLine.arguments.dropFirst())))
  }
}
