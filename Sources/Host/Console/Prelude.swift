// Prelude: what is easier said in Lua than in Swift, in chunks that are loaded when a script first reads a name of theirs:
// all of them are 100 KB, and to compile them takes five times what the rest of a start does. CLuaVM/late.c says how.
//
// A chunk is called with `host` and `api`. `api` is the table behind the globals, `moongate` to scripts; `host` has the
// primitives and what chunks have for each other, and no script sees it. Both find late names, so that chunks need no
// order. A chunk takes what it needs of Lua into locals at its start; its globals are copies of Lua's own, whatever scripts
// did to theirs, and `scripts`, the libraries that scripts find.
import BackupGateway
import LuaRuntime

/// A chunk of the prelude, and the names that it gives.
struct PreludeChunk: Sendable {
  /// Where a chunk is there at all; all that hold in a universe. A Set would cost a start 0.2 million instructions.
  struct Condition: OptionSet, Sendable {
    let rawValue: UInt8
    static let always = Condition(rawValue: 1)
    static let own = Condition(rawValue: 2)
    static let connecting = Condition(rawValue: 4)
    static let lab = Condition(rawValue: 8)
    static let testing = Condition(rawValue: 16)
  }

  let text: @Sendable () -> [UInt8]
  var condition = Condition.always
  /// The names for scripts, and for other chunks.
  var api: [String] = []
  var host: [String] = []
  /// The names in Lua's own libraries.
  var os: [String] = []
  var io: [String] = []
}

extension PreludeChunk {
  /// All chunks, each at the number of its part. Only what loads one pays for this table, and for the model's.
  static let all: [PreludeChunk] =
    [
      // LuaVM.errorPart, timestampPart and secretPart.
      PreludeChunk(text: { PackageResources.errors_lua }),
      PreludeChunk(
        text: { PackageResources.timestamps_lua },
        host: ["is_timestamp", "to_seconds", "shifted", "comparable"]),
      PreludeChunk(text: { PackageResources.secrets_lua }, api: ["secret"]),
    ] + ofLibraries + others

  /// What is in Lua's own libraries, from LuaVM.firstPart on.
  static let ofLibraries = [
    PreludeChunk(text: { PackageResources.dates_lua }, os: ["date", "time"]),
    PreludeChunk(
      text: { PackageResources.files_lua }, condition: .own,
      os: ["execute", "remove", "rename", "tmpname", "getenv"],
      io: ["open", "lines", "read", "write", "input", "output", "close", "popen"]),
  ]

  private static let others = [
    PreludeChunk(
      text: { PackageResources.base_lua },
      host: [
        "refuse", "help_names", "name_functions", "methods", "queries", "session_handles", "change_lists",
        "pictures", "parallel_results", "query_of",
      ]),
    PreludeChunk(text: { PackageResources.arguments_lua }, host: ["arguments"]),
    PreludeChunk(
      text: { PackageResources.arns_lua }, api: ["parse_arn", "hypervisor_arn"], host: ["arn_of"]),
    PreludeChunk(text: { PackageResources.arrays_lua }, host: ["length", "walk"]),
    PreludeChunk(text: { PackageResources.changes_lua }, api: ["changes"], host: ["changes_rows"]),
    PreludeChunk(text: { PackageResources.chart_lua }, api: ["chart"]),
    PreludeChunk(text: { PackageResources.columns_lua }, host: ["column", "columns", "cell"]),
    PreludeChunk(text: { PackageResources.comparing_lua }, api: ["same", "diff"]),
    PreludeChunk(
      text: { PackageResources.connecting_lua }, condition: .connecting, api: ["use", "connect"],
      host: ["act", "switch"]),
    PreludeChunk(text: { PackageResources.display_lua }, host: ["displayed", "each_function"]),
    PreludeChunk(
      text: { PackageResources.durations_lua }, api: ["duration"], host: ["seconds", "duration_text"]),
    PreludeChunk(text: { PackageResources.ending_lua }, api: ["exit", "usage", "call"]),
    PreludeChunk(text: { PackageResources.fleets_lua }, api: ["fleet"], host: ["of_fleets"]),
    PreludeChunk(text: { PackageResources.help_lua }, api: ["help"]),
    PreludeChunk(text: { PackageResources.json_lua }, api: ["json"]),
    PreludeChunk(text: { PackageResources.lab_lua }, condition: .lab, api: ["gateway_lab"]),
    PreludeChunk(text: { PackageResources.libraries_lua }, host: ["library", "libraries"]),
    PreludeChunk(
      text: { PackageResources.listings_lua }, api: ["items"], host: ["listing_items", "listings"]),
    PreludeChunk(text: { PackageResources.members_lua }, host: ["member_path"]),
    PreludeChunk(text: { PackageResources.missing_lua }, api: ["missing_ok"]),
    PreludeChunk(text: { PackageResources.modules_lua }, api: ["require"]),
    PreludeChunk(text: { PackageResources.moongate_lua }, api: ["moongate"]),
    PreludeChunk(
      text: { PackageResources.operations_lua },
      api: Service.operations.filter(\.isListing).map(\.luaName), host: ["bound", "operations_by_name"]),
    PreludeChunk(text: { PackageResources.options_lua }, host: ["options"]),
    PreludeChunk(text: { PackageResources.output_lua }, api: ["show", "output"]),
    PreludeChunk(text: { PackageResources.output_files_lua }, host: ["output_target", "file_of"]),
    PreludeChunk(text: { PackageResources.progress_lua }, api: ["progress"]),
    PreludeChunk(text: { PackageResources.rows_lua }, host: ["array_rows", "rows"]),
    PreludeChunk(
      text: { PackageResources.sessions_lua }, api: ["session"], host: ["session_of", "facts_of"]),
    PreludeChunk(text: { PackageResources.shard_lua }, api: ["shard"]),
    PreludeChunk(text: { PackageResources.tags_lua }, api: ["tags"]),
    PreludeChunk(
      text: { PackageResources.targets_lua }, host: ["target_of", "target_handle", "is_of_fleet"]),
    PreludeChunk(
      text: { PackageResources.tasks_lua }, api: ["spawn", "parallel"],
      host: ["task_options", "check_function", "parallel"]),
    PreludeChunk(text: { PackageResources.testing_lua }, condition: .testing, api: ["clock", "run"]),
    PreludeChunk(
      text: { PackageResources.time_lua }, api: ["now", "ago", "timestamp", "older_than", "sleep"]),
    PreludeChunk(
      text: { PackageResources.timestamp_methods_lua }, host: ["clock", "timestamp_methods"]),
    PreludeChunk(text: { PackageResources.waiting_lua }, api: ["wait", "wait_until"]),
  ]
}

/// The prelude of one universe.
final class Prelude {
  private unowned let vm: LuaVM
  private let conditions: PreludeChunk.Condition
  /// The table behind the globals, and that of primitives.
  let api: LuaReference
  let host: LuaReference
  /// Tables of the parts' numbers by these names, which are filled before the first name is looked for.
  private let apiParts: LuaReference
  private let hostParts: LuaReference
  /// By part, once one is asked for.
  private var isLoaded: [Bool] = []
  private var hasPrimitives = false
  /// Sets the primitives in the table on top.
  var definePrimitives: (LuaStack) -> Void = { _ in }
  /// Pushes an operation that gives one answer.
  var pushOperation: (Operation, LuaStack) -> Void = { _, stack in stack.push(.nil) }

  /// The part of those operations, each of which is made by itself.
  private static let operationPart = PreludeChunk.all.count
  private static let operations = Service.operations.filter { !$0.isListing }

  /// Puts the late names behind the globals, and into Lua's libraries.
  /// - Parameter results: what stands behind all names.
  init(_ vm: LuaVM, conditions: PreludeChunk.Condition, behind results: LuaReference) {
    self.vm = vm
    self.conditions = conditions
    let main = vm.main
    func pushTable() -> LuaReference {
      main.pushTable()
      main.pushCopy(of: -1)
      return vm.keep(main)
    }
    main.pushTable()
    hostParts = pushTable()
    main.push(.nil)
    main.setLate()
    host = vm.keep(main)
    main.pushTable()
    apiParts = pushTable()
    main.push(results)
    main.setLate()
    main.pushCopy(of: -1)
    api = vm.keep(main)
    main.setGlobalFallback()
    main.pushTable()
    setParts(of: PreludeChunk.ofLibraries, from: LuaVM.firstPart, on: main) { $0.os }
    main.setLateLibrary("os")
    main.pushTable()
    setParts(of: PreludeChunk.ofLibraries, from: LuaVM.firstPart, on: main) { $0.io }
    main.setLateLibrary("io")
    vm.providePart = { [unowned self] in provide($0, on: $1) }
  }

  /// Every name for scripts.
  var names: [String] {
    PreludeChunk.all.filter { conditions.contains($0.condition) }.flatMap(\.api)
      + Self.operations.map(\.luaName)
  }

  /// Pushes a name that chunks have for each other; nil where its chunk is not there.
  func push(_ name: String, on stack: LuaStack) {
    load { $0.host.contains(name) }
    push(name, of: host, on: stack)
  }

  /// Pushes a name that scripts have, whatever they set in front of it.
  func push(forScripts name: String, on stack: LuaStack) {
    load { $0.api.contains(name) }
    push(name, of: api, on: stack)
  }

  private func push(_ name: String, of table: LuaReference, on stack: LuaStack) {
    stack.push(table)
    stack.pushField(name, of: -1)
    stack.remove(at: -2)
  }

  /// Loads the chunks that are wanted and there.
  func load(where isWanted: (PreludeChunk) -> Bool) {
    for (part, chunk) in PreludeChunk.all.enumerated()
    where conditions.contains(chunk.condition) && isWanted(chunk) { vm.provide(part) }
  }

  /// Makes every name, for whoever goes through all of them.
  func loadAll() {
    load { _ in true }
    let main = vm.main
    main.push(api)
    for operation in Self.operations { make(operation, on: main) }
    main.pop()
  }

  // MARK: Parts

  /// What Lua asks for; see `LuaVM.providePart`.
  private func provide(_ part: Int, on stack: LuaStack) -> Int32 {
    if part == LuaVM.namePart {
      setParts(on: stack)
      return 0
    }
    if part == Self.operationPart {
      guard let operation = stack.string(at: 2).flatMap(Service.operation(luaNamed:)) else { return 0 }
      stack.push(api)
      make(operation, on: stack)
      stack.pop()
      return 0
    }
    if isLoaded.isEmpty { isLoaded = Array(repeating: false, count: PreludeChunk.all.count) }
    guard isLoaded.indices.contains(part), !isLoaded[part] else { return 0 }
    isLoaded[part] = true
    if !hasPrimitives {
      hasPrimitives = true
      stack.push(host)
      definePrimitives(stack)
      stack.pop()
    }
    stack.push(.bytes(PreludeChunk.all[part].text()))
    stack.push(host)
    stack.push(api)
    return 3
  }

  /// Sets the parts' numbers by name.
  private func setParts(on stack: LuaStack) {
    stack.push(hostParts)
    setParts(of: PreludeChunk.all, from: 0, on: stack) { $0.host }
    stack.push(apiParts)
    setParts(of: PreludeChunk.all, from: 0, on: stack) { $0.api }
    for operation in Self.operations {
      stack.push(.integer(Int64(Self.operationPart)))
      stack.setField(operation.luaName)
    }
    stack.pop(2)
  }

  /// Sets them in the table on top.
  private func setParts(
    of chunks: [PreludeChunk], from first: Int, on stack: LuaStack, _ names: (PreludeChunk) -> [String]
  ) {
    for (part, chunk) in chunks.enumerated() where conditions.contains(chunk.condition) {
      for name in names(chunk) {
        stack.push(.integer(Int64(first + part)))
        stack.setField(name)
      }
    }
  }

  /// Sets an operation in the table on top, unless it is there.
  private func make(_ operation: Operation, on stack: LuaStack) {
    stack.pushField(operation.luaName, of: -1)
    let isThere = !stack.isNil(at: -1)
    stack.pop()
    guard !isThere else { return }
    pushOperation(operation, stack)
    stack.setField(operation.luaName)
  }
}
