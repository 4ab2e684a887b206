// SecretSource: `--secret NAME=@FILE|env:NAME|-`: a secret that is given before a run, for where nobody can be asked. The
// secret itself never stands on the command line, where every user of the machine can read it.
import AWSCore
import Glibc
import Host

struct SecretSource {
  private enum Place {
    case file(String)
    case variable(String)
    case standardInput
    /// The secret itself, which a test made up.
    case given(String)
  }

  /// What scripts ask for it by.
  let name: String
  private let place: Place

  /// More is no password.
  private static let longest = 64 << 10

  init(_ text: String) throws(UsageError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, let place = Self.place(parts[1]) else {
      // What was meant for a place may be the secret.
      throw UsageError(
        message: "--secret takes NAME=@FILE, NAME=env:VARIABLE or NAME=-, which is a line of standard input")
    }
    name = parts[0]
    self.place = place
  }

  /// A secret that is none.
  init(name: String, text: String) {
    self.name = name
    place = .given(text)
  }

  private static func place(_ text: String) -> Place? {
    if text == "-" { return .standardInput }
    if text.hasPrefix("@"), text.count > 1 { return .file(String(text.dropFirst())) }
    if text.hasPrefix("env:"), text.count > 4 { return .variable(String(text.dropFirst(4))) }
    return nil
  }

  /// The secret, without the newline at its end.
  /// - Throws: a report that says what is not there.
  func read(_ environment: Environment) throws(Report) -> String {
    switch place {
    case .given(let text): return text
    case .variable(let variable):
      guard let text = environment.variable(variable), !text.isEmpty else {
        throw problem("the variable \(variable) is not set")
      }
      return text
    case .standardInput: return try text(bytes(STDIN_FILENO, upToNewline: true), of: "standard input")
    case .file(let path):
      let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw problem("cannot open '\(path)': \(unsafe String(cString: strerror(errno)))")
      }
      defer { close(descriptor) }
      return try text(bytes(descriptor, upToNewline: false), of: "'\(path)'")
    }
  }

  /// Of standard input a byte at a time: what follows the line is the script's.
  private func bytes(_ descriptor: Int32, upToNewline: Bool) throws(Report) -> [UInt8] {
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: upToNewline ? 1 : Self.longest)
    while content.count <= Self.longest {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw problem("cannot be read: \(unsafe String(cString: strerror(errno)))") }
      content += chunk[..<count]
      if count == 0 || (upToNewline && chunk[0] == UInt8(ascii: "\n")) { return content }
    }
    throw problem("is longer than \(Self.longest >> 10) KiB")
  }

  private func text(_ bytes: [UInt8], of place: String) throws(Report) -> String {
    var bytes = bytes
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else {
      throw problem(bytes.isEmpty ? "\(place) is empty" : "\(place) is not UTF-8 text")
    }
    return text
  }

  private func problem(_ text: String) -> Report {
    Report(message: "--secret \(name): \(text)", exitCode: ExitCode.usage)
  }
}
