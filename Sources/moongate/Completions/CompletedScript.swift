// CompletedScript: the header of the script that a command line is for, while it is typed. A file is read only where it is
// one: a pipe would wait for a writer. Nothing of it runs.
import AWSCore
import Glibc
import Host
import Scripts

enum CompletedScript {
  /// - Parameter name: a file by its path, or a snippet.
  /// - Returns: nil where there is none, or none that can be read.
  static func header(of name: String) -> ScriptHeader? {
    guard let bytes = source(name) else { return nil }
    // What can be read of it: a slip in a header is told when the script is run.
    return ScriptHeader.read(bytes).header
  }

  private static func source(_ name: String) -> [UInt8]? {
    guard Command.isFile(name) else {
      return try? Snippets.ofOperator?.verified(name).code.bytes
    }
    var status = stat()
    guard unsafe stat(name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return try? ScriptSource(name).bytes
  }
}

extension Snippets {
  /// As the operator's configuration has them; nil where they cannot be had.
  static var ofOperator: Snippets? {
    var arguments = Arguments()
    guard (try? arguments.read(Environment.process())) != nil else { return nil }
    return try? arguments.snippets()
  }

  /// The snippets that can be run, with a sentence for each where the program knows one: what the completions of the shells
  /// and of the prompt offer.
  static var summaries: [(name: String, summary: String)] {
    guard let snippets = ofOperator else { return [] }
    return snippets.names().map { name in
      let source = (try? snippets.verified(name))?.code.bytes
      return (name, source.map { ScriptHeader.read($0).header.summary } ?? "")
    }
  }
}
