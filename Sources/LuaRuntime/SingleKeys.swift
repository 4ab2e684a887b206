// SingleKeys: the terminal behind stdin, read key by key.
import CLuaVM
import Glibc

/// For as long as it lives, each key comes as it is pressed and none is shown. One at a time; main thread only.
public final class SingleKeys {
  /// True while Ctrl-C and Ctrl-Z are keys like others, and false while they do what they always do.
  public var takesControl: Bool {
    didSet { if takesControl != oldValue { _ = lvm_keys_begin(!takesControl) } }
  }

  /// Nil where stdin is no terminal.
  public init?(takesControl: Bool) {
    self.takesControl = takesControl
    guard lvm_keys_begin(!takesControl) else { return nil }
  }

  deinit { lvm_keys_end() }

  /// What has come, at most so many bytes, waiting for the first; none when the terminal has gone.
  public func read(_ most: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: most)
    while true {
      let count = unsafe Glibc.read(STDIN_FILENO, &bytes, most)
      if count < 0, errno == EINTR { continue }
      return Array(bytes.prefix(max(0, count)))
    }
  }

  /// Stops the process as Ctrl-Z does, with the terminal as it was; returns when it goes on.
  public func stop() {
    lvm_keys_end()
    raise(SIGTSTP)
    _ = lvm_keys_begin(!takesControl)
  }
}
