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

  /// The next key, waited for: a byte, or a sequence that begins with ESC, all of which comes at once. No bytes when the
  /// terminal has gone. What was typed behind it is left for whoever reads next.
  public func next() -> [UInt8] {
    guard let first = byte() else { return [] }
    var key = [first]
    guard first == 0x1B else { return key }
    var more = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    while unsafe poll(&more, 1, 0) > 0, let byte = byte() {
      key.append(byte)
      // A letter or ~ ends a sequence; [ and O stand at its beginning.
      if key.count > 2, (0x40...0x7E).contains(byte) { break }
    }
    return key
  }

  private func byte() -> UInt8? {
    var byte: UInt8 = 0
    while true {
      let count = unsafe Glibc.read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      return count == 1 ? byte : nil
    }
  }

  /// Stops the process as Ctrl-Z does, with the terminal as it was; returns when it goes on.
  public func stop() {
    lvm_keys_end()
    raise(SIGTSTP)
    _ = lvm_keys_begin(!takesControl)
  }
}
