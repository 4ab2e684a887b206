// DocCommand: `moongate doc [NAME]`: what help() says, and with an option all of it as a file of documentation.
import Host
import LocalGateway
import Scripts

enum DocCommand {
  /// What else it prints than a page of help.
  enum Form: Sendable {
    case markdown, manual
  }

  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    let name = arguments.rest.first
    guard arguments.rest.count <= 1 else { throw UsageError(message: "doc takes one name") }
    if let form = arguments.docForm {
      guard name == nil else {
        throw UsageError(message: "doc takes no name with --markdown or --man: they tell all")
      }
      print(text(form), terminator: "")
      return ExitCode.ok
    }
    guard let text = Help.text(for: name, lab: ControlAccess.operations) else {
      throw UsageError(message: "there is no help for '\(name ?? "")'")
    }
    print(text, terminator: "")
    return ExitCode.ok
  }

  private static func text(_ form: Form) -> String {
    switch form {
    case .markdown: Reference.markdown(lab: ControlAccess.operations)
    case .manual: Manual.text
    }
  }
}
