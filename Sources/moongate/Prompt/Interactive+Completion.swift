// What is known of a text while it is typed: the console's words as the shell takes them.
import Host
import Shell

extension Interactive {
  func completions(for source: String, at offset: Int) -> Completions {
    let found = connection.withoutQuestions { console.candidates(for: source, at: offset) }
    var completions = Completions(
      replacing: found.range, found.items.map { Completion($0.text, label: $0.label, detail: $0.detail) },
      note: found.note)
    completions.areFoundAnywhere = found.areFoundAnywhere
    completions.takeAnything = found.takeAnything
    return completions
  }

  func hint(for source: String) -> String? { console.parameterHint(for: source) }
}
