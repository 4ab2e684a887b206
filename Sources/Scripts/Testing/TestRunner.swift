// TestRunner: runs tests of scripts: each function `test_…` of a file in a universe of its own, in a world of its own,
// between `setup` and `teardown` where the file has them.
import AWSCore
import Glibc
import Host

/// A universe in a new world, for one test.
public struct TestBench {
  public var console: Console
  /// Ends the world.
  public var close: () -> Void

  public init(console: Console, close: @escaping () -> Void) {
    self.console = console
    self.close = close
  }
}

/// Runs the tests of files one after the other, and counts.
public final class TestRunner {
  /// Which tests run.
  public struct Choice: Sendable {
    /// Only those whose name, or whose file's, holds this.
    public var filter: String?
    /// Nothing runs after the first that fails.
    public var failsFast = false

    public init() {}
  }

  private let choice: Choice
  private let open: () throws(Report) -> TestBench
  private let tell: (TestResult) -> Void
  /// How many tests there were, and how many failed.
  public private(set) var found = 0
  public private(set) var failed = 0
  /// Ctrl-C came.
  public private(set) var isInterrupted = false

  /// - Parameters:
  ///   - open: opens the world of a test.
  ///   - tell: is told each result.
  public init(
    _ choice: Choice = Choice(), open: @escaping () throws(Report) -> TestBench,
    tell: @escaping (TestResult) -> Void
  ) {
    self.choice = choice
    self.open = open
    self.tell = tell
  }

  private var isOver: Bool { isInterrupted || (choice.failsFast && failed > 0) }

  /// Runs the tests of a file.
  /// - Throws: a report when there is no world to run them in.
  public func run(_ path: String) throws(Report) {
    guard !isOver else { return }
    let source: ScriptSource
    do throws(ScriptSource.Failure) { source = try ScriptSource(path) } catch {
      return add(failed(path, TestFailure(message: error.message)))
    }
    var names: [String]?
    var next = 0
    while !isOver, next < names?.count ?? 1 {
      let bench = try open()
      defer { bench.close() }
      let test = Test(source, bench.console)
      guard let output = CapturedOutput.during(asOne: true, { test.load() }) else { throw Self.noRoom }
      if names == nil {
        if let failure = test.failure {
          var result = failed(path, failure)
          result.output = output.output
          return add(result)
        }
        names = bench.console.tests.filter { wants($0, of: path) }
        guard names?.isEmpty == false else { return }
      }
      try run(test, names?[next] ?? "", path, output.output)
      next += 1
    }
  }

  private func run(_ test: Test, _ name: String, _ path: String, _ loading: [UInt8]) throws(Report) {
    let begin = Duration.systemUptime()
    guard let output = CapturedOutput.during(asOne: true, { test.run(name) }) else { throw Self.noRoom }
    var result = TestResult(
      file: path, name: name, line: test.line, seconds: (Duration.systemUptime() - begin).inSeconds)
    result.failures = test.failures
    result.output = loading + output.output
    isInterrupted = test.isInterrupted
    if !isInterrupted { add(result) }
  }

  private static let noRoom = Report(
    message: "the system has no memory for what tests print", exitCode: ExitCode.network)

  private func wants(_ name: String, of path: String) -> Bool {
    choice.filter.map { name.contains($0) || path.contains($0) } ?? true
  }

  private func failed(_ path: String, _ failure: TestFailure) -> TestResult {
    var result = TestResult(file: path, name: nil, seconds: 0)
    result.failures = [TestResult.Failure(during: nil, failure: failure)]
    return result
  }

  private func add(_ result: TestResult) {
    found += 1
    if !result.hasPassed { failed += 1 }
    tell(result)
  }
}

/// One test under way.
private final class Test {
  private let source: ScriptSource
  private let console: Console
  private(set) var failures: [TestResult.Failure] = []
  private(set) var line: Int?
  private(set) var isInterrupted = false

  init(_ source: ScriptSource, _ console: Console) {
    self.source = source
    self.console = console
  }

  var failure: TestFailure? { failures.first?.failure }

  /// Runs the file's chunk.
  func load() {
    note(
      console.run(source.bytes, name: source.name, chunkName: source.chunkName, arguments: []),
      during: "the file")
  }

  /// Runs a function of it; without setup there is no test, and teardown comes in any case.
  func run(_ name: String) {
    line = console.line(of: name)
    if failures.isEmpty, call("setup", during: "setup", mayBeAbsent: true) { _ = call(name, during: nil) }
    if !isInterrupted { _ = call("teardown", during: "teardown", mayBeAbsent: true) }
  }

  /// - Returns: false when it failed.
  private func call(_ name: String, during: String?, mayBeAbsent: Bool = false) -> Bool {
    guard let ending = console.call(name) else {
      if !mayBeAbsent {
        failures.append(
          TestResult.Failure(
            during: nil,
            failure: TestFailure(message: "it was there when the file was first run, and is not now")))
      }
      return mayBeAbsent
    }
    return note(ending, during: during)
  }

  @discardableResult
  private func note(_ ending: Console.Ending, during: String?) -> Bool {
    if case .failed(let report) = ending, report.exitCode == ExitCode.interrupted { isInterrupted = true }
    guard let failure = console.failure(ending) else { return true }
    failures.append(TestResult.Failure(during: during, failure: failure))
    return false
  }
}
