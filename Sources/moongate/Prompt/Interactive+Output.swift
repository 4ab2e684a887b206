// The dot commands about what is printed.
import AWSCore
import Host
import Shell

extension Interactive {
  var outputCommands: [DotCommand] {
    [
      DotCommand(
        "output", "[\(OutputForm.allCases.map(\.rawValue).joined(separator: "|"))]",
        "The form of results and of show(); without an argument says which.",
        completions: { _ in OutputForm.allCases.map { Completion($0.rawValue) } },
        run: { [unowned self] in setOutput($0) }),
      DotCommand(
        "results", "[clear]", "Lists the results that _1, _2, … have; clear forgets them.",
        completions: { _ in [Completion("clear")] }, run: { [unowned self] in results($0) }),
    ]
  }

  private func setOutput(_ argument: String) -> DotCommand.Outcome {
    if argument.isEmpty {
      Console.write("\(console.outputForm.rawValue)\n")
      return .done
    }
    guard let form = OutputForm(rawValue: argument) else {
      Console.write(".output is \(OutputForm.list), not '\(argument)'\n", toStandardError: true)
      return .failed
    }
    console.outputForm = form
    return .done
  }

  private func results(_ argument: String) -> DotCommand.Outcome {
    switch argument {
    case "": console.listResults()
    case "clear": console.forgetResults()
    default:
      Console.write(".results takes nothing, or clear\n", toStandardError: true)
      return .failed
    }
    return .done
  }
}
