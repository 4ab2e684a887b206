// Reference: the whole Lua API as one page of Markdown, docs/lua-api.md. It is made of what help() and editors have: the
// model, the pages of help with their examples, the types of the stubs, the options that functions take.
import BackupGateway
import Host

public enum Reference {
  /// The page.
  /// - Parameter lab: the functions of `gateway_lab`.
  public static func markdown(lab: [Operation]) -> String {
    let groups = Help.groups + [(testGroup, ["run", "clock"])]
    var text = """
      # Lua API

      <!-- Made by moongate doc --markdown; scripts/docs writes it anew. -->

      Everything that a script can call. `help(NAME)` and `NAME?` at the prompt, and `moongate doc NAME` outside, show one \
      entry of this page; `moongate stubs` writes the same for editors. Each example runs as it stands on \
      `moongate --local --grant read=. --grant write=.`, with every write allowed and every secret given, and a test runs it; \
      those of the last group are for files of tests. [language.md](language.md) tells how it all works together.

      ## Contents

      """
    text += "- [Operations](#operations)" + kindsAsList + "\n"
    text += "- " + Markdown.link("Records", to: "Records") + ": the tables that operations take and give\n"
    text +=
      "- Helpers: " + groups.map { Markdown.link($0.title, to: $0.title) }.joined(separator: " · ") + "\n"
    text +=
      "- " + Markdown.link("Values", to: "Values") + " · " + Markdown.link("Errors", to: "Errors") + "\n"

    text += Markdown.heading(2, "Operations") + "\n" + operationsIntroduction + operationIndex
    for (title, operations) in Help.kinds {
      text += Markdown.heading(2, title) + operations.map { entry($0) }.joined()
    }
    text += recordSections
    for group in groups {
      text += Markdown.heading(2, group.title) + helperIndex(group.names)
      for name in group.names { text += helperEntry(name, lab: lab) }
    }
    return text + values + errors
  }

  private static let testGroup = "In the files of moongate test"

  private static var kindsAsList: String {
    ": " + Help.kinds.map { Markdown.link($0.title, to: $0.title) }.joined(separator: " · ")
  }

  private static let operationsIntroduction = """
    Where a signature begins with a resource, as `get_gateway(gateway)`, that is its ARN or any record that carries it; the \
    other parameters follow in a table, spelt as AWS spells them. A table alone, as `get_gateway{ GatewayArn = gateway }`, \
    does as well. An ARN of the service is `arn:PARTITION:backup-gateway:REGION:ACCOUNT:KIND/ID`, where `KIND` is \
    \(ResourceKind.allCases.map { Markdown.code($0.rawValue) }.joined(separator: ", ")). Each function gives one value.

    """

  // MARK: Values and errors

  private static var values: String {
    var text = Markdown.heading(2, "Values")
    for value in Stubs.values {
      text += Markdown.heading(3, value.heading) + "\n\(Markdown.prose(value.summary))\n"
    }
    for table in Stubs.tables where table.name != "Error" {
      text += Markdown.heading(3, table.heading) + "\n\(Markdown.prose(table.summary))\n" + fields(of: table)
    }
    return text
  }

  private static var errors: String {
    var text = Markdown.heading(2, "Errors")
    text += """

      A call that fails raises a table, which `pcall` gives as its second result. What a function cannot take is a \
      `ParamValidation` error, and nothing was sent. A call of the service may end, beside its own errors, with \
      `NoCredentials`, `NoRegion`, `Configuration` or `Network`, and a write with `NotAllowed`, `Declined`, `ReadOnly` or \
      `Limit` ([permissions.md](permissions.md)).

      """
    for table in Stubs.tables where table.name == "Error" { text += fields(of: table) }
    text += "\nThe codes that Moongate itself gives:\n"
    text += Markdown.table(
      ["code", "when"], ErrorCodes.own.sorted { $0.key < $1.key }.map { [Markdown.code($0.key), $0.value] })
    text += "\nThose of the service, with the status that its model has for them:\n"
    text += Markdown.table(
      ["code", "HTTP status"],
      Service.errorStatus.sorted { $0.key < $1.key }.map { [Markdown.code($0.key), "\($0.value)"] })
    return text
  }

  private static func fields(of table: Stubs.Table) -> String {
    Markdown.table(
      ["field", "type", "meaning"],
      table.fields.map { [Markdown.code($0.name), typeText($0.type), Markdown.prose($0.summary)] })
  }
}
