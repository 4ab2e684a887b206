// Prompt: what stands before the line.

/// A prompt and its look. Of the label only what takes room on the screen is shown, so that a profile's name
/// cannot drive the terminal.
struct Prompt: Equatable {
  private let program: String
  private let label: String
  private let isColoured: Bool
  private let isProduction: Bool
  /// Stands in the prompt's place while the history is searched.
  var search: HistorySearch?

  init(program: String, label: String, isColoured: Bool, isProduction: Bool) {
    self.program = program
    self.label = Layout.shown(label)
    self.isColoured = isColoured
    self.isProduction = isProduction
  }

  /// What it is made of.
  private struct Form {
    /// `moongate `, or nothing.
    var program: String
    /// `!prod/eu-west-1/123456789012>`; without colours the `!` says that this is production.
    var place: String

    var width: Int { Layout.columns(of: program) + Layout.columns(of: place) + 1 }
  }

  /// The longest form that takes no more than half of the window's row: without the program, without the last of three
  /// parts (the account), at last without any label.
  private func form(in columns: Int) -> Form {
    let sign = isProduction ? "!" : ""
    let parts = label.split(separator: "/", omittingEmptySubsequences: false)
    let labels = [label] + (parts.count > 2 ? [parts.dropLast().joined(separator: "/")] : [])
    let forms =
      [Form(program: "\(program) ", place: "\(sign)\(label)>")]
      + labels.map { Form(program: "", place: "\(sign)\($0)>") }
    return forms.first { $0.width <= columns / 2 } ?? Form(program: "", place: "\(sign)>")
  }

  func width(in columns: Int) -> Int {
    if let search { return Layout.columns(of: search.prompt(columns: columns)) }
    return form(in: columns).width
  }

  /// The prompt as libedit takes it: between two \1 stands what takes no room. Each such literal needs a
  /// visible character right behind it; one at the very end is dropped, and of two in a row one is printed as
  /// garbage.
  func text(in columns: Int) -> String {
    if let search { return search.prompt(columns: columns) }
    let form = form(in: columns)
    guard isColoured, form.place != ">" else { return "\(form.program)\(form.place) " }
    let program = form.program.isEmpty ? "" : "\u{1}\u{1B}[1m\u{1}\(form.program)"
    return program + "\u{1}\u{1B}[\(isProduction ? "1;31" : "0;36")m\u{1}\(form.place)\u{1}\u{1B}[0m\u{1} "
  }
}
