// Editline: libedit as a Swift object. All unsafe steps of the shell towards the library are here.
import CEditline

/// What libedit asks while it edits a line.
protocol EditlineDelegate: AnyObject {
  /// The next key.
  func nextKey() -> Editline.Key
  /// Runs the command of a key that is bound to ours.
  func perform(_ command: KeyCommand) -> Editline.Reaction
}

/// One line editor on the standard streams. For the main thread; the text may be touched only while `read`
/// runs.
@safe final class Editline {
  /// The version of libedit's interface, as `2.11`.
  static var version: String { unsafe String(cString: ce_libedit_version()) }

  enum Key: Equatable {
    case scalar(Unicode.Scalar)
    /// Gives the line up.
    case stop
  }

  /// What is to be done after a command.
  enum Reaction {
    case nothing, redraw, beep
    /// Goes on with the command that was begun, as vi's `d` waits for `$`.
    case pending
  }

  enum Line: Equatable {
    case text([Unicode.Scalar])
    case endOfInput
    case stopped
  }

  /// The most characters in a line, far from where libedit would have to move its buffers.
  static let capacity = Int(CE_CAPACITY) / 4

  private let handle: OpaquePointer
  private let callbacks: Callbacks

  /// Opens an editor under the name that `.editrc` knows it by. Nil when memory or terminal fail.
  init?(program: String) {
    let callbacks = Callbacks()
    let context = unsafe Unmanaged.passUnretained(callbacks).toOpaque()
    let table = unsafe ce_callbacks(
      context: context,
      next_key: { context in
        guard let delegate = unsafe Callbacks.from(context).delegate else { return -1 }
        return switch delegate.nextKey() {
        case .scalar(let scalar): Int32(bitPattern: scalar.value)
        case .stop: -1
        }
      },
      perform: { context, key in
        let delegate = unsafe Callbacks.from(context).delegate
        let reaction =
          switch delegate?.perform(KeyCommand(key: key)) ?? .beep {
          case .nothing: CE_NORMAL
          case .pending: CE_PENDING
          case .redraw: CE_REFRESH
          case .beep: CE_ERROR
          }
        return Int32(bitPattern: UInt32(reaction))
      })
    guard let handle = unsafe ce_open(program, table) else { return nil }
    unsafe self.handle = handle
    self.callbacks = callbacks
  }

  deinit { unsafe ce_close(handle) }

  weak var delegate: (any EditlineDelegate)? {
    get { callbacks.delegate }
    set { callbacks.delegate = newValue }
  }

  /// Edits one line.
  func read() -> Line {
    var count: Int32 = 0
    guard let text = unsafe ce_read(handle, &count) else { return count < 0 ? .stopped : .endOfInput }
    return .text(unsafe Editline.scalars(text, Int(count)))
  }

  // MARK: Set-up

  var isVi: Bool { unsafe ce_is_vi(handle) }
  func setMap(_ name: String) { unsafe ce_set_map(handle, name) }
  /// Does what a line of an .editrc says. False when it was not understood.
  func parse(_ line: String) -> Bool { unsafe ce_parse(handle, line) }
  func bind(_ key: String, viCommands: Bool = false) { unsafe ce_bind(handle, key, viCommands) }
  func bind(_ key: String, to function: String, viCommands: Bool = false) {
    unsafe ce_bind_builtin(handle, key, function, viCommands)
  }
  func bind(_ key: String, typing keys: String) { unsafe ce_bind_macro(handle, key, keys) }
  func setPrompt(_ prompt: String) { _ = unsafe ce_set_prompt(handle, prompt) }

  // MARK: The text

  var buffer: TextBuffer {
    var count = 0
    var cursor = 0
    guard let text = unsafe ce_text(handle, &count, &cursor) else {
      return TextBuffer(scalars: [], cursor: 0)
    }
    return TextBuffer(scalars: unsafe Editline.scalars(text, count), cursor: cursor)
  }

  /// The number of scalars in the text; cheaper than the text.
  var count: Int {
    var count = 0
    var cursor = 0
    _ = unsafe ce_text(handle, &count, &cursor)
    return count
  }

  func insert(_ scalars: [Unicode.Scalar]) {
    unsafe ce_insert(handle, scalars.map(\.value) + [0])
  }

  /// Moves the cursor to a position in the text.
  func moveCursor(to position: Int) {
    let by = position - buffer.cursor
    unsafe ce_move(handle, Int32(clamping: by))
  }

  /// Removes a part of the text and leaves the cursor in its place.
  func delete(_ range: Range<Int>) {
    moveCursor(to: range.upperBound)
    unsafe ce_delete_before(handle, Int32(clamping: range.count))
  }

  /// Puts another text in the place of this one, the cursor at its end.
  func replace(with scalars: [Unicode.Scalar]) {
    delete(0..<count)
    insert(scalars)
  }

  // MARK: The screen

  /// The window's rows and columns as libedit knows them, at least 1 and 2.
  var size: (rows: Int, columns: Int) {
    var rows: Int32 = 0
    var columns: Int32 = 0
    unsafe ce_size(handle, &rows, &columns)
    return (max(1, Int(rows)), max(2, Int(columns)))
  }

  var movesUp: Bool { unsafe ce_moves_up(handle) }
  /// Forgets what is on the screen and draws from the current row.
  func redraw() {
    isRedrawn = true
    unsafe ce_redraw(handle)
  }
  /// True when all was drawn anew, until somebody has noted it.
  var isRedrawn = false
  func resize() { unsafe ce_resize(handle) }
  func setRaw(_ raw: Bool) { unsafe ce_set_raw(handle, raw) }
  func beep() { unsafe ce_beep(handle) }

  private static func scalars(_ text: UnsafePointer<UInt32>, _ count: Int) -> [Unicode.Scalar] {
    unsafe UnsafeBufferPointer(start: text, count: count).map { Unicode.Scalar($0) ?? "\u{FFFD}" }
  }

  /// What C holds on to: an object of its own, so that the editor can be built around it.
  private final class Callbacks {
    weak var delegate: (any EditlineDelegate)?

    static func from(_ context: UnsafeMutableRawPointer?) -> Callbacks {
      guard let context = unsafe context else { return Callbacks() }
      return unsafe Unmanaged<Callbacks>.fromOpaque(context).takeUnretainedValue()
    }
  }
}
