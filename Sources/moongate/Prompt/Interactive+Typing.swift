// What the shell asks while a text is being typed.
import Host
import Shell

extension Interactive {
  func styles(of source: String) -> [StyledRange] {
    Highlighting.highlights(of: source).map { StyledRange($0.range, Style($0.kind)) }
  }
}

extension Style {
  fileprivate init(_ kind: Highlight.Kind) {
    self =
      switch kind {
      case .keyword: .keyword
      case .string: .string
      case .number: .number
      case .comment: .comment
      case .host: .host
      case .mistake: .mistake
      }
  }
}
