// Manual: the page moongate(1), from the tables that the program itself reads: commands, options, faults, exit codes. What
// no table of the program has, what it is for, variables and files, stands in Manual+Surroundings.swift.
import AWSCore
import Host
import LocalGateway

enum Manual {
  /// The page, in the language of man(7).
  static var text: String {
    var page = Roff()
    page.section("Name")
    page.paragraph("moongate \\- Lua console for AWS Backup Gateway")
    synopsis(&page)
    description(&page)
    commands(&page)
    options(&page)
    faults(&page)
    exitStatus(&page)
    surroundings(&page)
    examples(&page)
    page.section("See also")
    page.paragraph("\(Roff.bold("aws"))(1), \(Roff.bold("lua"))(1), \(Roff.bold("ssh-keygen"))(1)")
    page.paragraph(
      "\(Roff.bold("moongate doc")) lists what scripts can call, and \(Roff.bold("moongate doc")) \(Roff.italic("NAME")) "
        + "explains one of them; \(Roff.bold("help()")) does at the prompt.")
    return """
      .\\" Made by moongate doc --man from the tables of the program; scripts/docs writes it anew.
      .TH MOONGATE 1 "\(Version.date)" "Moongate \(Version.current)" "User commands"
      .\\" Names of variables are long and do not break; what stands between them is not stretched.
      .ad l

      """ + page.text
  }

  private static func synopsis(_ page: inout Roff) {
    page.section("Synopsis")
    let lines = Verb.allCases.flatMap(\.usages).map { usage($0.line) }
    page.paragraph(lines.joined(separator: "\n.br\n"))
  }

  private static func description(_ page: inout Roff) {
    page.section("Description")
    for text in about { page.paragraph(Roff.plain(text)) }
  }

  private static func commands(_ page: inout Roff) {
    page.section("Commands")
    for (line, summary) in Verb.allCases.flatMap(\.usages) { page.row(usage(line), sentence(summary)) }
    page.subsection("Commands of moongate snippet")
    for command in SnippetCommand.all {
      page.row("\(Roff.bold(command.name)) \(usage(command.arguments))", sentence(command.summary))
    }
  }

  private static func options(_ page: inout Roff) {
    page.section("Options")
    page.paragraph(
      "Options stand before the script or the snippet: what follows one is its own. Behind an option stand the commands that "
        + "it does something in, where a run is not the only one; elsewhere it is refused.")
    for section in Option.Section.allCases {
      page.subsection(section.rawValue)
      for option in Option.all where option.section == section {
        page.row(option.term, sentence(option.help) + (option.owners.map { " (\($0))" } ?? ""))
      }
    }
  }

  private static func faults(_ page: inout Roff) {
    page.section("Faults")
    page.paragraph(
      "What \(Roff.bold("--fault")) takes, as in \(Roff.bold("error500=5%")) or \(Roff.bold("reset:GetGateway=next:2")). "
        + "\(Roff.italic("WHEN")) is a share as 5%, next:2 or always.")
    for kind in FaultKind.all {
      page.row("\(Roff.bold("\(kind.name)="))\(Roff.italic(kind.placeholder))", sentence(kind.help))
    }
  }

  private static func exitStatus(_ page: inout Roff) {
    page.section("Exit status")
    for (code, meaning) in ExitCode.table { page.row(Roff.bold(code), sentence(meaning)) }
  }

  private static func surroundings(_ page: inout Roff) {
    page.section("Environment")
    for (names, meaning) in environment {
      page.row(names.split(separator: " ").map(Roff.bold).joined(separator: ", "), sentence(meaning))
    }
    page.section("Files")
    for (name, meaning) in files { page.row(Roff.italic(name), sentence(meaning)) }
  }

  private static func examples(_ page: inout Roff) {
    page.section("Examples")
    for (purpose, command) in exampleCommands {
      page.paragraph(Roff.plain(purpose))
      page.example(command)
    }
  }

  // MARK: Words

  /// A command line as its usage has it: capitals are what the reader puts in, the rest is typed as it stands.
  static func usage(_ line: String) -> String {
    var text = ""
    var word = ""
    func isPlaceholder(_ word: String) -> Bool {
      let letters = word.filter(\.isLetter)
      return ["options", "args", "arguments"].contains(word)
        || (!letters.isEmpty && letters.allSatisfy(\.isUppercase))
    }
    func flush() {
      if !word.isEmpty { text += isPlaceholder(word) ? Roff.italic(word) : Roff.bold(word) }
      word = ""
    }
    for character in line {
      if " []|".contains(character) {
        flush()
        text.append(character)
      } else {
        word.append(character)
      }
    }
    flush()
    return text.replacing("…", with: "...")
  }

  private static func sentence(_ text: String) -> String {
    let text = Roff.plain(text)
    return (text.first.map { $0.uppercased() + text.dropFirst() } ?? "") + (text.hasSuffix(".") ? "" : ".")
  }
}

extension Option {
  /// `-e, --execute CODE`.
  fileprivate var term: String {
    let names = (letter.map { [Roff.bold("-\($0)")] } ?? []) + [Roff.bold("--\(name)")]
    return names.joined(separator: ", ") + (argument.map { " \(Roff.italic($0))" } ?? "")
  }

  /// The commands that it belongs to, where its section does not say so.
  fileprivate var owners: String? {
    let verbs = Verb.allCases.filter(isTaken)
    if verbs == Verb.allCases { return "every command" }
    if verbs.isEmpty || verbs == [.run] || verbs == section.command.map({ [$0] }) { return nil }
    return verbs.map(\.rawValue).joined(separator: ", ")
  }
}
