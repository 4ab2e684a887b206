// CapturedOutput: what is printed while something runs, kept in memory instead of written: the host's own words, the
// script's, and those of processes that it starts, since the descriptors themselves lead elsewhere meanwhile.
import CLinux
import Glibc
import LuaRuntime

public struct CapturedOutput {
  public var output: [UInt8]
  /// Empty where both were kept as one.
  public var errors: [UInt8]

  /// More is refused to whoever prints it, as by a full disk.
  private static let largest: Int64 = 64 << 20

  /// Runs `body` with stdout and stderr kept.
  /// - Parameter asOne: both in the order in which they were written.
  /// - Returns: nil, and nothing is run, when the system has no room for it.
  public static func during(asOne: Bool = false, _ body: () -> Void) -> CapturedOutput? {
    let output = clinux_bounded_file(largest)
    guard output >= 0 else { return nil }
    defer { close(output) }
    let errors = asOne ? output : clinux_bounded_file(largest)
    guard errors >= 0 else { return nil }
    defer { if errors != output { close(errors) } }
    redirect((output, errors), while: body)
    return CapturedOutput(output: content(output), errors: asOne ? [] : content(errors))
  }

  private static func redirect(_ files: (output: Int32, errors: Int32), while body: () -> Void) {
    fflush(nil)
    let before = (dup(STDOUT_FILENO), dup(STDERR_FILENO))
    dup2(files.output, STDOUT_FILENO)
    dup2(files.errors, STDERR_FILENO)
    LuaVM.streamsChanged()
    body()
    fflush(nil)
    dup2(before.0, STDOUT_FILENO)
    dup2(before.1, STDERR_FILENO)
    LuaVM.streamsChanged()
    close(before.0)
    close(before.1)
  }

  /// What was written to a file from its beginning to where it stands.
  private static func content(_ file: Int32) -> [UInt8] {
    let count = Int(max(0, lseek(file, 0, SEEK_CUR)))
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      unsafe filled = max(0, pread(file, buffer.baseAddress, count, 0))
    }
  }
}
