// swift-tools-version: 6.2
// The house of Moongate: one target a folder under Sources, imports as drawn in ARCHITECTURE.md.
import PackageDescription

/// What every Swift target of ours is compiled with. A warning is an error; each unsafe step carries the word `unsafe`.
let swift: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// What every C target of ours is compiled with; in a release the compiler's guards too, which want optimised code.
let c: [CSetting] = [
  .define("_GNU_SOURCE"),
  .enableWarning("all"),
  .enableWarning("extra"),
  .treatAllWarnings(as: .error),
  .define("_FORTIFY_SOURCE", to: "3", .when(configuration: .release)),
  .unsafeFlags(
    ["-fstack-protector-strong", "-fstack-clash-protection"], .when(configuration: .release)),
]

/// Tests may handle pointers without ceremony, but a warning is still an error.
let testSwift: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

/// The snippets of the library, which `Library.swift` lists.
let library = [
  "backup-timeline",
  "bandwidth-schedule",
  "capacity",
  "failed-backups",
  "fleet-sweep",
  "inventory",
  "maintenance-plan",
  "moved-vms",
  "on-demand-backup",
  "orphans",
  "replace-gateway",
  "rotate-credentials",
  "silent-gateways",
  "software-updates",
  "stale-vms",
  "tag-audit",
  "tag-mappings",
  "unprotected-vms",
]

let package = Package(
  name: "moongate",
  products: [.executable(name: "moongate", targets: ["moongate"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0")
  ],
  targets: [
    // Libraries of the system. CLua's module map is empty on purpose: Swift must never see a Lua symbol.
    // None is asked of pkg-config, whose -L would have them linked dynamically where scripts/moongate has it otherwise.
    .systemLibrary(name: "CLua", providers: [.apt(["liblua5.4-dev"])]),
    .systemLibrary(name: "CExpat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CPCRE2", providers: [.apt(["libpcre2-dev"])]),

    // C where a library forces it, and the one hot path.
    .target(name: "CJSON", cSettings: c),
    // Both are opened when they are first needed, by the names of their shared libraries; only headers are needed here.
    .target(name: "CCurl", cSettings: c),  // apt: libcurl4-openssl-dev
    .target(name: "COpenSSL", cSettings: c),  // apt: libssl-dev
    .target(name: "CBuild", cSettings: c),
    .target(name: "CGetopt", cSettings: c),
    .target(name: "CSpawn", cSettings: c),
    .target(name: "CLockdown", cSettings: c),
    // apt: libedit-dev, libncurses-dev
    .target(
      name: "CEditline", cSettings: c, linkerSettings: [.linkedLibrary("edit"), .linkedLibrary("tinfo")]),
    // Lua raises by a jump that ThreadSanitizer does not see (Debian's liblua calls __longjmp_chk): each error would leave the
    // functions that it jumped over on the sanitizer's own stack of 65,536, and some thousand errors later it crashes.
    .target(
      name: "CLuaVM", dependencies: ["CLua", "CJSON"],
      cSettings: c + [.unsafeFlags(["-mllvm", "-tsan-instrument-func-entry-exit=0"])],
      linkerSettings: [.linkedLibrary("lua5.4")]),

    .target(
      name: "AWSCore", dependencies: ["CJSON", "CCurl", "CLinux", "CSpawn", "COpenSSL", "CExpat", "CPCRE2"],
      swiftSettings: swift),
    .target(
      name: "BackupGateway", dependencies: ["AWSCore", "CPCRE2"], swiftSettings: swift),
    .target(name: "LuaRuntime", dependencies: ["CLuaVM"], swiftSettings: swift),
    .target(
      name: "Host", dependencies: ["LuaRuntime", "BackupGateway", "AWSCore"],
      resources: [
        .embedInCode("Arguments/arguments.lua"),
        .embedInCode("Calls/changes.lua"),
        .embedInCode("Calls/errors.lua"),
        .embedInCode("Calls/missing.lua"),
        .embedInCode("Calls/operations.lua"),
        .embedInCode("Calls/secrets.lua"),
        .embedInCode("Console/base.lua"),
        .embedInCode("Console/display.lua"),
        .embedInCode("Console/ending.lua"),
        .embedInCode("Console/help.lua"),
        .embedInCode("Console/lab.lua"),
        .embedInCode("Console/moongate.lua"),
        .embedInCode("Files/files.lua"),
        .embedInCode("Files/modules.lua"),
        .embedInCode("Language/arns.lua"),
        .embedInCode("Language/arrays.lua"),
        .embedInCode("Language/comparing.lua"),
        .embedInCode("Language/libraries.lua"),
        .embedInCode("Language/listings.lua"),
        .embedInCode("Language/members.lua"),
        .embedInCode("Language/options.lua"),
        .embedInCode("Language/shard.lua"),
        .embedInCode("Language/tags.lua"),
        .embedInCode("Output/chart.lua"),
        .embedInCode("Output/columns.lua"),
        .embedInCode("Output/json.lua"),
        .embedInCode("Output/output.lua"),
        .embedInCode("Output/output_files.lua"),
        .embedInCode("Output/progress.lua"),
        .embedInCode("Output/rows.lua"),
        .embedInCode("Sessions/connecting.lua"),
        .embedInCode("Sessions/fleets.lua"),
        .embedInCode("Sessions/sessions.lua"),
        .embedInCode("Sessions/targets.lua"),
        .embedInCode("Tasks/tasks.lua"),
        .embedInCode("Tasks/waiting.lua"),
        .embedInCode("Testing/testing.lua"),
        .embedInCode("Time/dates.lua"),
        .embedInCode("Time/durations.lua"),
        .embedInCode("Time/time.lua"),
        .embedInCode("Time/timestamp_methods.lua"),
        .embedInCode("Time/timestamps.lua"),
      ],
      swiftSettings: swift),
    .target(
      name: "Scripts",
      dependencies: [
        "Host", "LuaRuntime", "BackupGateway", "AWSCore", "CLinux", "CSpawn", "CLockdown", "COpenSSL",
      ],
      swiftSettings: swift),
    // The bundled snippets are files of their own at the top, where people look for them.
    .target(
      name: "Library", path: "snippets", exclude: ["tests"], sources: ["Library.swift"],
      resources: library.map { .embedInCode("\($0).lua") }, swiftSettings: swift),
    .target(
      name: "Shell", dependencies: ["AWSCore", "CEditline", "CLinux", "CPCRE2", "CSpawn"],
      swiftSettings: swift),
    .target(
      name: "LocalGateway",
      dependencies: [
        "BackupGateway", "AWSCore", "CSQLite",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: swift),
    .executableTarget(
      name: "moongate",
      dependencies: [
        "AWSCore", "BackupGateway", "Host", "Library", "Scripts", "Shell", "LocalGateway", "CBuild",
        "CGetopt", "CLinux", "CSpawn",
      ],
      swiftSettings: swift),

    .target(
      name: "TestSupport", dependencies: ["AWSCore", "BackupGateway", "Host", "LuaRuntime"],
      path: "Tests/TestSupport", swiftSettings: testSwift),
    .testTarget(
      name: "AWSCoreTests", dependencies: ["AWSCore", "TestSupport"], swiftSettings: testSwift),
    .testTarget(
      name: "BackupGatewayTests", dependencies: ["BackupGateway", "AWSCore", "TestSupport"],
      swiftSettings: testSwift),
    .testTarget(
      name: "LuaRuntimeTests", dependencies: ["LuaRuntime"], swiftSettings: testSwift),
    .testTarget(
      name: "HostTests", dependencies: ["Host", "LuaRuntime", "BackupGateway", "AWSCore", "TestSupport"],
      swiftSettings: testSwift),
    .testTarget(
      name: "LocalGatewayTests",
      dependencies: ["LocalGateway", "BackupGateway", "AWSCore", "CSQLite"],
      swiftSettings: testSwift),
    .testTarget(
      name: "ConformanceTests",
      dependencies: ["AWSCore", "BackupGateway", "Host", "LocalGateway", "LuaRuntime", "TestSupport"],
      exclude: ["not-applicable.txt"], swiftSettings: testSwift),
    .testTarget(
      name: "ScriptsTests", dependencies: ["Scripts", "Host", "BackupGateway", "AWSCore"],
      swiftSettings: testSwift),
    .testTarget(name: "ShellTests", dependencies: ["Shell"], swiftSettings: testSwift),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17
)

// A build to be watched, where MOONGATE_FUZZER says where libFuzzer is (`scripts/fuzz --library` does): it has the fuzzer, our
// Swift counts where it has been, and our C looks for undefined behaviour. Optimised it takes a third more time to build, and runs
// two to five times as fast. No other build has any of it.
if let fuzzer = Context.environment["MOONGATE_FUZZER"] {
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "AWSCore", "BackupGateway", "Host", "LuaRuntime", "Scripts", "Shell", "LocalGateway", "TestSupport",
      ],
      path: "Fuzz", exclude: ["Corpus", "Dictionaries"],
      resources: [.embedInCode("calls.lua"), .embedInCode("patterns.lua")],
      // libFuzzer calls one target in one thread.
      swiftSettings: testSwift + [.defaultIsolation(MainActor.self)],
      linkerSettings: [.unsafeFlags([fuzzer]), .linkedLibrary("stdc++")]))
  let counting = "-sanitize-coverage=edge,indirect-calls,trace-cmp,inline-8bit-counters,pc-table"
  for target in package.targets where target.type != .test {
    target.swiftSettings?.append(.unsafeFlags(["-O", counting]))
    target.cSettings?.append(
      .unsafeFlags(["-fsanitize=fuzzer-no-link,undefined", "-fno-sanitize-recover=undefined"]))
  }
}
