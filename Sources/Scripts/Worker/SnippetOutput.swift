// SnippetOutput: what a worker prints, on its way to the host's own streams. On a terminal its control characters are made
// visible and each line stands behind a bar, so that nothing it prints looks like the host's own words. What the reader
// at the other end does not take is not read from the worker either.
import CLinux
import CSpawn
import Glibc
import LuaRuntime

final class SnippetOutput {
  private struct Stream {
    let source: Int32
    let target: Int32
    let isTerminal: Bool
    let isFile: Bool
    var isOpen = true
    /// Bytes of what is not complete: a character on a terminal, a line of a file. A run that is killed leaves no half a
    /// row behind.
    var unfinished: [UInt8] = []
    /// Bytes that the reader has not taken.
    var pending: [UInt8] = []
  }

  /// Before each line on a terminal.
  private static let bar = Array("| ".utf8)
  /// What may wait for a slow reader before the worker is made to wait.
  private static let mostPending = 64 << 10

  private let watcher: Int32
  private let limit: Int
  /// Readable after Ctrl-C.
  private let signals: Int32?
  private var streams: [Stream]
  private var isAtLineStart = true
  /// The stream that was shown last.
  private var lastShown = 0
  private(set) var taken = 0
  /// The host's reader has gone, as that of `… | head`.
  private(set) var isReaderGone = false
  /// No reader is waited for any more; set by Ctrl-C.
  var isImpatient = false
  /// What went wrong with the host's streams otherwise.
  private(set) var problem: String?

  init(output: Int32, error: Int32, watcher: Int32, limit: Int, signals: Int32?) {
    self.watcher = watcher
    self.limit = limit
    self.signals = signals
    streams = [(output, STDOUT_FILENO), (error, STDERR_FILENO)].map { source, target in
      Stream(
        source: source, target: target, isTerminal: isatty(target) == 1, isFile: Self.isFile(target))
    }
    for stream in streams { _ = cspawn_watch(watcher, stream.source, true, false) }
  }

  /// True when more was printed than the limit lets through.
  var isOverLimit: Bool { taken > limit }

  /// Moves what is there from the worker to the host's streams, without waiting for anybody.
  func move() {
    for index in streams.indices {
      write(index)
      while streams[index].isOpen, streams[index].pending.count < Self.mostPending, !isOverLimit,
        read(index)
      {
        write(index)
      }
      watch(index)
    }
  }

  /// Writes everything that was taken, however long the reader takes; until Ctrl-C, which whoever listens finds too.
  func flush() {
    for index in streams.indices {
      while true {
        write(index)
        if isImpatient || streams[index].pending.isEmpty { break }
        var states = [
          pollfd(fd: streams[index].target, events: Int16(POLLOUT), revents: 0),
          pollfd(fd: signals ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        unsafe _ = poll(&states, nfds_t(states.count), -1)
        isImpatient = states[1].revents != 0
      }
    }
  }

  /// Moves the rest after the worker's end, and ends the last line on a terminal.
  func finish() {
    for index in streams.indices {
      while streams[index].isOpen, !isOverLimit, read(index) { flush() }
      let rest = streams[index].unfinished
      streams[index].unfinished = []
      add(rest, to: index)
    }
    if !isAtLineStart, let index = streams.firstIndex(where: \.isTerminal) {
      streams[index].pending.append(UInt8(ascii: "\n"))
      isAtLineStart = true
    }
    flush()
  }

  private func read(_ index: Int) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = unsafe Glibc.read(streams[index].source, &bytes, bytes.count)
    if count < 0 { return errno == EINTR }
    guard count > 0 else {
      streams[index].isOpen = false
      return false
    }
    // What is over the limit is not shown.
    let allowed = min(count, max(0, limit - taken))
    taken += count
    var text = streams[index].unfinished + bytes.prefix(allowed)
    let unfinished =
      streams[index].isTerminal
      ? Self.unfinishedTail(text) : streams[index].isFile ? Self.unfinishedLine(text) : 0
    streams[index].unfinished = Array(text.suffix(unfinished))
    text.removeLast(unfinished)
    add(text, to: index)
    return true
  }

  private func add(_ text: [UInt8], to index: Int) {
    guard streams[index].isTerminal else {
      streams[index].pending += text
      return
    }
    // Two streams, one screen: what one of them left unfinished is not continued by the other.
    if index != lastShown, !isAtLineStart, !text.isEmpty {
      streams[index].pending.append(UInt8(ascii: "\n"))
      isAtLineStart = true
    }
    lastShown = index
    for byte in LuaVM.visible(text) {
      if isAtLineStart { streams[index].pending += Self.bar }
      streams[index].pending.append(byte)
      isAtLineStart = byte == UInt8(ascii: "\n")
    }
  }

  /// How many bytes at the end begin a character of UTF-8 and do not finish it.
  private static func unfinishedTail(_ text: [UInt8]) -> Int {
    for back in 1...3 where back <= text.count {
      let byte = text[text.count - back]
      if byte & 0xC0 == 0x80 { continue }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
      return length > back ? back : 0
    }
    return 0
  }

  private static func unfinishedLine(_ text: [UInt8]) -> Int {
    text.lastIndex(of: UInt8(ascii: "\n")).map { text.count - 1 - $0 } ?? text.count
  }

  private static func isFile(_ descriptor: Int32) -> Bool {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Writes what goes without waiting: a pipe that polls as writable takes a page, a file whole lines.
  private func write(_ index: Int) {
    while !streams[index].pending.isEmpty {
      let target = streams[index].target
      var state = pollfd(fd: target, events: Int16(POLLOUT), revents: 0)
      guard unsafe poll(&state, 1, 0) > 0 else { return }
      let piece = Array(
        streams[index].isFile ? streams[index].pending[...] : streams[index].pending.prefix(4_096))
      let count = unsafe Glibc.write(target, piece, piece.count)
      if count >= 0 {
        streams[index].pending.removeFirst(count)
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        // stderr that is gone concerns nobody.
        if target == STDOUT_FILENO {
          isReaderGone = errno == EPIPE
          if !isReaderGone { problem = unsafe String(cString: strerror(errno)) }
        }
        streams[index].pending = []
      }
    }
  }

  private func watch(_ index: Int) {
    let stream = streams[index]
    let waits = !stream.pending.isEmpty
    _ = cspawn_watch(
      watcher, stream.source, stream.isOpen && stream.pending.count < Self.mostPending && !isOverLimit, false)
    _ = cspawn_watch(watcher, stream.target, false, waits)
  }
}
