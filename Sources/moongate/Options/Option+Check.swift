// Options of check.
import Scripts

extension Option {
  static let ofCheck: [Option] = [
    Option(
      name: "format", argument: "FORM", section: .check,
      help: "how findings are told: \(forms) (default: human on a terminal, else plain)"
    ) {
      (arguments, value) throws(UsageError) in
      guard let form = CheckReport.Form(rawValue: value) else {
        throw UsageError(message: "--format is \(forms), not '\(value)'")
      }
      arguments.checkForm = form
    },
    Option(
      name: "snippet", section: .check,
      help: "hold a script without @name to what shared code has, too"
    ) {
      (arguments, _) throws(UsageError) in arguments.isSnippet = true
    },
    Option(name: "rules", section: .check, help: "list the rules") {
      (arguments, _) throws(UsageError) in arguments.wantsRules = true
    },
  ]

  private static let forms = CheckReport.Form.allCases.map(\.rawValue).joined(separator: ", ")
}
