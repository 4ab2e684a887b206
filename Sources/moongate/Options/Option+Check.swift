// Options of check.
import Scripts

extension Option {
  static let ofCheck: [Option] = [
    Option(
      name: "format", argument: "FORM", section: .check, verbs: [.check, .test],
      help: "how findings are told: \(forms) (default: human on a terminal, else plain); "
        + "and of test its results: \(testForms) (default: text)"
    ) {
      (arguments, value) throws(UsageError) in
      arguments.checkForm = CheckReport.Form(rawValue: value)
      arguments.testForm = Arguments.TestForm(rawValue: value)
      guard arguments.checkForm != nil || arguments.testForm != nil else {
        throw UsageError(message: "--format is \(forms), and for test \(testForms), not '\(value)'")
      }
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

  static let testForms = Arguments.TestForm.allCases.map(\.rawValue).joined(separator: ", ")
  static let forms = CheckReport.Form.allCases.map(\.rawValue).joined(separator: ", ")
}
