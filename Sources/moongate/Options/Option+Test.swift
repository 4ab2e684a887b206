// Options of `moongate test`: which tests run, and how their results are told.
import Scripts

extension Option {
  static let ofTest: [Option] = [
    Option(
      name: "filter", argument: "WORD", section: .test,
      help: "only tests whose name, or whose file's, holds WORD"
    ) {
      (arguments, value) throws(UsageError) in arguments.tests.filter = value
    },
    Option(name: "fail-fast", section: .test, help: "stop after the first test that fails") {
      (arguments, _) throws(UsageError) in arguments.tests.failsFast = true
    },
    Option(
      name: "junit", argument: "FILE", section: .test, help: "write JUnit's XML to FILE too, as CI reads it"
    ) {
      (arguments, value) throws(UsageError) in arguments.junitFile = value
    },
  ]
}
