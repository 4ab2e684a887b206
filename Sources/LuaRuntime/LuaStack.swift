// LuaStack: the values of one coroutine, read raw. No metamethod runs, so no script does.
import CLuaVM

/// A coroutine's stack. Indices count from 1 at the bottom, or from -1 at the top.
@safe public struct LuaStack {
  let state: OpaquePointer

  init(_ state: OpaquePointer) { unsafe self.state = state }

  /// Makes room for so many more values; false when a stack cannot be that large. What pushes a few values finds room
  /// for them; what pushes many asks first.
  public func reserve(_ count: Int) -> Bool {
    guard let slots = Int32(exactly: count) else { return false }
    return unsafe lvm_reserve(state, slots)
  }

  /// How many values there are; the topmost has this index.
  public var top: Int32 { unsafe lvm_top(state) }
  public func pop(_ count: Int32 = 1) { unsafe lvm_pop(state, count) }

  /// Takes the value at an index out; those above it move down.
  public func remove(at index: Int32) { unsafe lvm_remove(state, index) }

  /// Copies the value at an index; see `LuaValue` for the bounds.
  public func value(at index: Int32) throws(LuaRaise) -> LuaValue {
    var copying = LuaCopying()
    return try LuaValue(self, absolute(index), depth: 0, copying: &copying)
  }

  /// True for nil and for a missing argument.
  public func isNil(at index: Int32) -> Bool {
    let type = unsafe lvm_type_at(state, index)
    return type == LVM_NIL || type == LVM_NONE
  }

  /// The text of a string; nil for every other type, and where the bytes are not UTF-8.
  public func string(at index: Int32) -> String? {
    var length = 0
    guard let start = unsafe lvm_string(state, index, &length) else { return nil }
    return unsafe String(validating: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
  }

  /// The text of a string, with what is not UTF-8 replaced; nil for every other type.
  public func text(at index: Int32) -> String? {
    bytes(at: index).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes of a string; nil for every other type.
  public func bytes(at index: Int32) -> [UInt8]? {
    var length = 0
    guard let start = unsafe lvm_string(state, index, &length) else { return nil }
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: length))
  }

  /// A whole number that Lua keeps as one; nil for every other value.
  public func integer(at index: Int32) -> Int64? {
    unsafe lvm_type_at(state, index) == LVM_INTEGER ? unsafe lvm_integer(state, index) : nil
  }

  /// The value of a number, whole or not; nil for every other type.
  public func number(at index: Int32) -> Double? {
    let type = unsafe lvm_type_at(state, index)
    return type == LVM_INTEGER || type == LVM_NUMBER ? unsafe lvm_number(state, index) : nil
  }

  /// Lua's truth: false for nil and false only.
  public func boolean(at index: Int32) -> Bool { unsafe lvm_boolean(state, index) }

  /// The microseconds of a timestamp; nil for every other type.
  public func timestamp(at index: Int32) -> Int64? {
    unsafe lvm_type_at(state, index) == LVM_TIMESTAMP ? unsafe lvm_timestamp(state, index) : nil
  }

  /// The shape of a record or list of the service, nil for all else.
  public func shape(at index: Int32) -> Int32? {
    let shape = unsafe lvm_shape_at(state, index)
    return shape < 0 ? nil : shape
  }

  /// True when the value is a table with the metatable of host errors.
  public func isHostError(at index: Int32) -> Bool { unsafe lvm_is_error(state, index) }

  /// A number for the place so many calls above the host function: the same for each step of one `for` loop.
  public func caller(level: Int32) -> Int64 { Int64(bitPattern: unsafe lvm_caller(state, level)) }

  /// What `tostring` gives, or nil when a metamethod fails. Only on the main stack: scripts may run.
  public func describe(at index: Int32) -> String? {
    var length = 0
    guard let start = unsafe lvm_describe(state, index, &length) else { return nil }
    defer { pop() }
    return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
  }

  // MARK: Pushing

  /// Pushes a string.
  public func push(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) {
        unsafe lvm_push_string(state, $0.baseAddress, $0.count)
      }
    }
  }

  /// Pushes a copy of a value; what is opaque becomes nil.
  public func push(_ value: LuaValue) {
    _ = unsafe lvm_reserve(state, 3)
    switch value {
    case .nil: unsafe lvm_push_nil(state)
    case .boolean(let flag): unsafe lvm_push_boolean(state, flag)
    case .integer(let number): unsafe lvm_push_integer(state, number)
    case .number(let number): unsafe lvm_push_number(state, number)
    case .string(let text): push(text)
    case .bytes(let bytes):
      unsafe bytes.withUnsafeBytes {
        unsafe lvm_push_string(state, $0.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
      }
    case .timestamp(let microseconds): unsafe lvm_push_timestamp(state, microseconds)
    case .table(let table):
      unsafe lvm_push_table(state, Int32(clamping: table.items.count), Int32(clamping: table.fields.count))
      for (index, item) in table.items.enumerated() {
        push(item)
        unsafe lvm_set_item(state, -2, Int64(index + 1))
      }
      for field in table.fields {
        push(field.value)
        setField(field.name)
      }
    case .secret(let number): unsafe lvm_push_secret(state, number)
    case .opaque: unsafe lvm_push_nil(state)
    }
  }

  /// Pushes a registered host function.
  public func push(function: UInt32) { unsafe lvm_push_host_function(state, function) }

  /// Pushes the value that was kept.
  public func push(_ kept: LuaReference) { unsafe lvm_push_kept(state, kept.number) }

  /// Pushes an opaque value that stands for something by number; numbers begin at 1.
  public func push(handle: UInt64) { unsafe lvm_push_handle(state, handle) }

  /// The number of a handle, nil for any other value.
  public func handle(at index: Int32) -> UInt64? {
    let number = unsafe lvm_handle(state, index)
    return number == 0 ? nil : number
  }

  /// Pushes a file of Lua's io library, which owns the descriptor from then on; `mode` as fopen takes it. Closing one with
  /// a child waits for that process.
  /// - Returns: false, with nothing pushed and the descriptor still the caller's, when there is none to be had.
  public func push(file descriptor: Int32, mode: String, child: Int32 = 0) -> Bool {
    unsafe lvm_push_file(state, descriptor, mode, child)
  }

  /// Pushes a new table, the value at an index once more, or a field of the table there.
  public func pushTable() { unsafe lvm_push_table(state, 0, 0) }
  public func pushCopy(of index: Int32) { unsafe lvm_push_copy(state, index) }
  public func pushField(_ name: String, of index: Int32) {
    unsafe lvm_push_field(state, index, name, name.utf8.count)
  }

  /// `table[name] = value` for the value on top and the table below it; pops the value.
  public func setField(_ name: String) { unsafe lvm_set_field(state, -2, name, name.utf8.count) }

  /// `table[i] = value` for the value on top and the table below it; pops the value.
  public func setItem(_ i: Int64) { unsafe lvm_set_item(state, -2, i) }

  /// `_G[name] = value` for the value on top, which it pops.
  public func setGlobal(_ name: String) { unsafe lvm_set_global(state, name, name.utf8.count) }

  /// Takes the topmost values, as many, over to another coroutine.
  public func move(_ count: Int32, to other: LuaStack) { unsafe lvm_move(state, other.state, count) }

  /// Pops the table on top and makes it the metatable of host errors.
  public func setErrorMetatable() { unsafe lvm_set_error_metatable(state) }
  /// Pops the table on top and makes it the metatable of timestamps.
  public func setTimestampMetatable() { unsafe lvm_set_timestamp_metatable(state) }
  /// Puts into the table on top the functions in C that the prelude goes over rows with.
  public func setRows() { unsafe lvm_set_rows(state) }
  /// Pops the table on top and makes it the metatable of secrets.
  public func setSecretMetatable() { unsafe lvm_set_secret_metatable(state) }
  /// Pops the table on top and makes it the place where globals are looked up that a script has not set.
  public func setGlobalFallback() { unsafe lvm_set_global_fallback(state) }

  /// Makes the names of a table late, which are made when they are read (CLuaVM/late.c). Pops two tables: below the top the
  /// parts' numbers by name, on top the one behind it, or nil.
  public func setLate() { unsafe lvm_set_late(state) }
  /// Pops the parts' numbers by name of names that a library has; they are late once globals are guarded.
  public func setLateLibrary(_ name: String) { unsafe lvm_set_late_library(state, name) }
  /// Pushes the table behind the late one whose `__index` is at the index, nil for every other value.
  public func pushBehind(_ index: Int32) { unsafe lvm_push_behind(state, index) }

  /// Builds the value of a JSON document from its bytes; on failure pushes nothing and returns what is wrong.
  /// - Parameter isChecked: whether the document is known to be in order, as the client leaves answers.
  public func pushJSON(_ bytes: [UInt8], shape: Int32, isChecked: Bool = false) -> String? {
    unsafe bytes.withUnsafeBytes { raw in
      let start = unsafe raw.baseAddress?.assumingMemoryBound(to: CChar.self)
      guard let start = unsafe start else { return "empty document" }
      return unsafe lvm_push_json(state, start, raw.count, shape, isChecked).map {
        unsafe String(cString: $0)
      }
    }
  }

  /// Pushes an error as a value, without the place that it would be raised at.
  public func push(error: LuaRaise) { push(error, where: "") }

  /// Pops a value on top and hides it beside the record below, which reads it as `target`; pops that too.
  public func setTarget() { unsafe lvm_set_target(state) }

  /// Builds the value of a script's own JSON; on failure pushes nothing and returns what is wrong, and at which byte.
  /// - Parameters:
  ///   - list: the shape that every list gets.
  ///   - null: what stands for null.
  public func pushOwnJSON(
    _ bytes: [UInt8], list: Int32, null: LuaReference
  ) -> (problem: String, offset: Int)? {
    unsafe bytes.withUnsafeBytes { raw in
      let start = unsafe raw.baseAddress?.assumingMemoryBound(to: CChar.self)
      guard let start = unsafe start else { return ("unfinished document", 0) }
      var offset = 0
      let problem = unsafe lvm_push_own_json(state, start, raw.count, list, null.number, &offset)
      return unsafe problem.map { (unsafe String(cString: $0), offset) }
    }
  }

  /// Pushes what is raised: a text with its place, or an error table, which has the calls that led to it too.
  func push(_ raise: LuaRaise, where location: String) {
    _ = unsafe lvm_reserve(state, 4)
    if raise.fields.isEmpty {
      push(raise.isPositioned && !location.isEmpty ? "\(location): \(raise.text)" : raise.text)
      return
    }
    var fields = raise.fields
    if !location.isEmpty { fields.append(("where", .string(location))) }
    unsafe lvm_push_calls(state)
    let calls = string(at: -1) ?? ""
    pop()
    fields.append(("traceback", .string(LuaError.scriptCalls(of: calls))))
    push(.table(LuaTable(fields: fields)))
    unsafe lvm_mark_error(state)
  }

  func park(_ operation: UInt64) { unsafe lvm_park(state, operation) }

  func absolute(_ index: Int32) -> Int32 { index < 0 ? top + index + 1 : index }
}

/// The arguments of one host call, and where its results go; lives no longer than the call.
public struct LuaCall: ~Copyable {
  public let stack: LuaStack

  init(_ state: OpaquePointer) { stack = unsafe LuaStack(state) }

  /// How many arguments the call has.
  public var argumentCount: Int32 { stack.top }

  /// `file:line` of the script's code that made the call; empty when there is none.
  public var location: String {
    unsafe lvm_push_where(stack.state)
    defer { stack.pop() }
    return stack.string(at: -1) ?? ""
  }

  /// Pushes one result.
  public func returning(_ value: LuaValue) -> LuaVM.Outcome {
    stack.push(value)
    return .results(1)
  }
}
