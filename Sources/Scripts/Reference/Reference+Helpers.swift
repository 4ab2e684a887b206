// The part of the reference about everything that is no operation: help's pages, with the types that editors get.
import BackupGateway
import Host

extension Reference {
  static func helperIndex(_ names: [String]) -> String {
    Markdown.table(
      ["name", "what it does"],
      names.compactMap { name in
        Help.helper(named: name).map {
          [Markdown.link(Markdown.code(name), to: name), Markdown.prose($0.summary)]
        }
      })
  }

  /// A name, and below it what is called through it.
  static func helperEntry(_ name: String, lab: [Operation]) -> String {
    var text = Help.helper(named: name).map { entry($0, level: 3) } ?? ""
    let owners = [name] + (objects[name] ?? [])
    for member in Vocabulary.members {
      let owner = member.name.split { ".:".contains($0) }.first.map(String.init) ?? ""
      if member.name != name, owners.contains(owner) { text += entry(member, level: 4) }
    }
    if name == "gateway_lab" { text += lab.map { entry($0, level: 4, isLab: true) }.joined() }
    return text
  }

  /// Objects that have no page of their own stand below the function that makes them.
  private static let objects = ["spawn": ["task"]]

  private static func entry(_ page: Vocabulary.Page, level: Int) -> String {
    var text = Markdown.heading(level, page.name)
    text += Markdown.block(page.signature.replacing("; ", with: "\n")) + "\n\(Markdown.prose(page.summary))\n"
    let declaration = Stubs.declaration(ofHelper: page.name)
    text += Markdown.table(
      ["argument", "type"],
      (declaration?.parameters ?? []).map {
        [Markdown.code($0.name.replacing("?", with: "")), argumentType($0)]
      })
    let options = (Vocabulary.options[page.name] ?? [:]).sorted { $0.key < $1.key }
    text += Markdown.table(
      ["option", "type"], options.map { [Markdown.code($0.key), typeText(Stubs.type($0.value))] })
    var facts: [String] = []
    if let type = Stubs.fieldTypes[page.name] {
      facts.append("It is: \(typeText(type))")
    } else if let results = declaration?.results, !results.isEmpty {
      facts.append("Gives: \(results.map(typeText).joined(separator: "; then "))")
    }
    let errors = Help.errors[page.name] ?? []
    if !errors.isEmpty {
      facts.append(
        "\(Markdown.link("Errors", to: "Errors")): \(errors.map { Markdown.code($0) }.joined(separator: ", "))"
      )
    }
    if !facts.isEmpty { text += "\n" + facts.map { "- \($0)\n" }.joined() }
    return text + Markdown.block(page.example, of: "lua")
  }

  private static func argumentType(_ argument: (name: String, type: String)) -> String {
    (argument.name.hasSuffix("?") ? "optional, " : "") + typeText(argument.type)
  }

  // MARK: Types

  /// A type as lua-language-server writes it, as people read it.
  static func typeText(_ type: String) -> String {
    let alternatives = split(type, at: "|")
    // A listing is what `for` calls, which editors must be told and people know.
    let isListing = alternatives.contains { $0.hasSuffix("Listing") || $0 == "SELF" }
    return alternatives.filter { !(isListing && $0.hasPrefix("fun(): ")) }.map(word).joined(separator: " or ")
  }

  private static func word(_ type: String) -> String {
    if type.hasPrefix("\"") { return Markdown.code(type) }
    if type.hasPrefix("("), type.hasSuffix(")") { return typeText(String(type.dropFirst().dropLast())) }
    if type.hasSuffix("[]") { return "array of \(word(String(type.dropLast(2))))" }
    if type.hasPrefix("{") {
      let fields = split(String(type.dropFirst().dropLast()), at: ",").map { "\($0.prefix { $0 != ":" }) =" }
      return Markdown.code("{ \(fields.joined(separator: ", ")) }")
    }
    if type.hasPrefix("fun(") {
      let given = split(String(type.dropFirst(4).prefix { $0 != ")" }), at: ",").map {
        $0.prefix { $0 != ":" }
      }
      return "function(\(given.joined(separator: ", ")))"
    }
    if type.hasPrefix("table<") {
      let parts = split(String(type.dropFirst(6).dropLast()), at: ",")
      if parts.count == 2 { return "table of \(typeText(parts[1])) by \(typeText(parts[0]))" }
    }
    switch type {
    case "any": return "any value"
    case "SELF": return Markdown.link("listing", to: "listing")
    case "ITEM": return "item"
    case "PAGE": return "response"
    case "osdate": return "table, as `os.date(\"*t\")` gives it"
    case _ where type.hasPrefix("moongate."): return link(to: String(type.dropFirst(9)))
    default: return type
    }
  }

  /// A class of the stubs.
  private static func link(to name: String) -> String {
    if let value = Stubs.values.first(where: { $0.name == name }) {
      return Markdown.link(value.heading.lowercased(), to: value.heading)
    }
    if let table = Stubs.tables.first(where: { $0.name == name }) {
      return Markdown.link(table.heading.lowercased(), to: name == "Error" ? "Errors" : table.heading)
    }
    if name.hasSuffix("Options") { return "table of options" }
    if name == "Task" { return Markdown.link("task", to: "task:wait") }
    let helper = name.lowercased()
    return Markdown.link(helper, to: Help.helper(named: helper) == nil ? name : helper)
  }

  /// The parts of a text between separators that stand in no bracket and no quotes.
  private static func split(_ text: String, at separator: Character) -> [String] {
    var parts = [""]
    var depth = 0
    var isQuoted = false
    for character in text {
      switch character {
      case "\"": isQuoted.toggle()
      case "(", "<", "{": depth += 1
      case ")", ">", "}": depth -= 1
      default: break
      }
      if character == separator, depth == 0, !isQuoted {
        parts.append("")
      } else if character != " " || parts.last?.isEmpty == false {
        parts[parts.count - 1].append(character)
      }
    }
    return parts
  }
}
