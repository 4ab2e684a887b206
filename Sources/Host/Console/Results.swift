// Results: what the lines at the prompt gave. They stand behind all other names: a script's own `_` hides ours, and no
// script finds them among its globals.
import LuaRuntime

final class Results {
  /// Results that are kept: they hold on to memory that the session's limit counts.
  static let most = 1_000

  /// `_1`, `_2` … for each value that was no nil; `_`, `__`, `___` for the first value of the latest lines.
  let table: LuaReference
  /// How many values there have been.
  private(set) var count = 0
  private unowned let vm: LuaVM

  init(_ vm: LuaVM) {
    self.vm = vm
    vm.main.pushTable()
    table = vm.keep(vm.main)
  }

  /// The numbers of the values that are kept.
  var numbers: Range<Int> { max(0, count - Self.most) + 1..<count + 1 }

  /// Keeps the topmost values of a stack.
  func add(_ stack: LuaStack, _ count: Int32) {
    guard count > 0, stack.reserve(8), vm.main.reserve(8) else { return }
    let main = vm.main
    main.push(table)
    defer { main.pop() }
    var isFirst = true
    for index in stack.top - count + 1...stack.top where !stack.isNil(at: index) {
      if isFirst {
        for (older, newer) in [("___", "__"), ("__", "_")] {
          main.pushField(newer, of: -1)
          main.setField(older)
        }
        set("_", to: stack, index)
      }
      isFirst = false
      self.count += 1
      set("_\(self.count)", to: stack, index)
      main.push(.nil)
      main.setField("_\(self.count - Self.most)")
    }
  }

  /// Forgets all of them; numbers go on.
  func removeAll() {
    let main = vm.main
    main.push(table)
    for name in ["_", "__", "___"] + numbers.map({ "_\($0)" }) {
      main.push(.nil)
      main.setField(name)
    }
    main.pop()
  }

  private func set(_ name: String, to stack: LuaStack, _ index: Int32) {
    stack.pushCopy(of: index)
    stack.move(1, to: vm.main)
    vm.main.setField(name)
  }
}
