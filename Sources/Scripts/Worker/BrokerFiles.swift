// BrokerFiles: the files that the operator named for a worker's script. What the worker writes goes into a file beside, which
// takes its name when all of it has come; a worker reaches no other path, and sees none.
import Host

struct BrokerFiles {
  private let paths: [String]
  /// Bytes that all of them may have together.
  private let limit: Int
  private var open: [Int: OutputFile] = [:]
  /// Why a file cannot be had any more, until the worker asks or begins anew.
  private var problems: [Int: String] = [:]
  private var written = 0

  init(paths: [String], limit: Int) {
    self.paths = paths
    self.limit = limit
  }

  /// - Returns: false when that is more than may be written.
  mutating func write(_ bytes: [UInt8], to file: Int) throws(Frame.Problem) -> Bool {
    try check(file)
    written += bytes.count
    guard written <= limit else { return false }
    guard problems[file] == nil else { return true }
    do throws(OutputFailure) {
      try opened(file).write(bytes)
    } catch {
      problems[file] = error.message
    }
    return true
  }

  /// - Returns: why the file is not there.
  mutating func finish(_ file: Int) throws(Frame.Problem) -> String? {
    try check(file)
    if let problem = problems[file] {
      try abandon(file)
      return problem
    }
    do throws(OutputFailure) {
      try opened(file).finish()
      open[file] = nil
      return nil
    } catch {
      try abandon(file)
      return error.message
    }
  }

  mutating func abandon(_ file: Int) throws(Frame.Problem) {
    try check(file)
    problems[file] = nil
    open.removeValue(forKey: file)?.abandon()
  }

  mutating func abandonAll() {
    open.values.forEach { $0.abandon() }
    open = [:]
  }

  private mutating func opened(_ file: Int) throws(OutputFailure) -> OutputFile {
    if let known = open[file] { return known }
    let new = try OutputFile(paths[file])
    open[file] = new
    return new
  }

  private func check(_ file: Int) throws(Frame.Problem) {
    guard paths.indices.contains(file) else { throw Frame.Problem(message: "a file that it has not") }
  }
}
