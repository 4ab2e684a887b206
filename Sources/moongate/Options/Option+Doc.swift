// Options of `moongate doc`: the whole of what it knows, in the forms that files of documentation have.

extension Option {
  static let ofDoc: [Option] = [
    Option(
      name: "markdown", section: .doc, help: "the whole Lua API as one page of Markdown, docs/lua-api.md"
    ) {
      (arguments, _) throws(UsageError) in arguments.docForm = .markdown
    },
    Option(
      name: "man", section: .doc,
      help: "the manual page moongate(1): moongate doc --man > moongate.1, and man ./moongate.1 shows it"
    ) {
      (arguments, _) throws(UsageError) in arguments.docForm = .manual
    },
  ]
}
