// Looking at values where nothing of a script may run: everything is read raw, and nothing is called.
import CLuaVM

extension LuaStack {
  /// Lua's name of a value's type; "object" for what only the host makes.
  public func typeName(at index: Int32) -> String {
    switch unsafe lvm_type_at(state, index) {
    case LVM_NIL, LVM_NONE: "nil"
    case LVM_BOOLEAN: "boolean"
    case LVM_INTEGER, LVM_NUMBER: "number"
    case LVM_STRING: "string"
    case LVM_TIMESTAMP: "timestamp"
    case LVM_TABLE: "table"
    case LVM_FUNCTION: "function"
    case LVM_SECRET: "secret"
    default: "object"
    }
  }

  /// True for a table, whatever its metatable says.
  public func isTable(at index: Int32) -> Bool { unsafe lvm_type_at(state, index) == LVM_TABLE }

  /// Pushes the table of globals.
  public func pushGlobals() { unsafe lvm_push_globals(state) }

  /// Puts `table[key]` in the place of the key on top.
  public func pushRaw(of table: Int32) { unsafe lvm_push_raw(state, table) }

  /// Pushes `table[i]`.
  public func pushItem(_ i: Int64, of table: Int32) { unsafe lvm_push_item(state, table, i) }

  /// Pushes what a value's metatable has under a name, or nil.
  public func pushMetafield(_ name: String, of index: Int32) {
    unsafe lvm_push_metafield(state, index, name)
  }

  /// Pushes the n-th variable that a function closes over, or nil; they count from 1.
  public func pushUpvalue(_ n: Int32, of function: Int32) { unsafe lvm_push_upvalue(state, function, n) }

  /// Pushes key and value of each field of a table, one after the other, for `look` at -2 and -1, until it says false.
  public func forEachField(of table: Int32, _ look: (LuaStack) -> Bool) {
    let table = absolute(table)
    unsafe lvm_push_nil(state)
    while unsafe lvm_next(state, table) {
      let goesOn = look(self)
      pop()
      guard goesOn else { return pop() }
    }
  }

  /// Pushes what the script's code that called the host sees by a name: a local, a variable it closes over, or a global.
  /// - Returns: false, with nothing pushed, when there is none.
  public func pushVariable(_ name: String) -> Bool { unsafe lvm_push_variable(state, name) }

  /// The line on which a function of Lua's begins; nil for all else.
  public func functionLine(at index: Int32) -> Int? {
    let line = unsafe lvm_function_line(state, index)
    return line < 0 ? nil : Int(line)
  }
}
