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

/// What every C target of ours is compiled with.
let c: [CSetting] = [
  .define("_GNU_SOURCE"),
  .enableWarning("all"),
  .enableWarning("extra"),
  .treatAllWarnings(as: .error),
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
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),

    // C where a library forces it, and the one hot path.
    .target(name: "CJSON", cSettings: c),
    // Both are opened when they are first needed, by the names of their shared libraries; only headers are needed here.
    .target(name: "CCurl", cSettings: c),  // apt: libcurl4-openssl-dev
    .target(name: "COpenSSL", cSettings: c),  // apt: libssl-dev
    .target(name: "CGetopt", cSettings: c),
    .target(name: "CSpawn", cSettings: c),
    .target(name: "CLockdown", cSettings: c),
    .target(name: "CEditline", cSettings: c, linkerSettings: [.linkedLibrary("edit")]),  // apt: libedit-dev
    // Lua raises by a jump that ThreadSanitizer does not see (Debian's liblua calls __longjmp_chk): each error would leave the
    // functions that it jumped over on the sanitizer's own stack of 65,536, and some thousand errors later it crashes.
    .target(
      name: "CLuaVM", dependencies: ["CLua", "CJSON"],
      cSettings: c + [.unsafeFlags(["-mllvm", "-tsan-instrument-func-entry-exit=0"])]),

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
        .embedInCode("Time/time.lua"),
        .embedInCode("Language/records.lua"),
        .embedInCode("Language/listings.lua"),
        .embedInCode("Sessions/sessions.lua"),
        .embedInCode("Language/helpers.lua"),
        .embedInCode("Calls/changes.lua"),
        .embedInCode("Console/lab.lua"),
        .embedInCode("Tasks/tasks.lua"),
        .embedInCode("Console/prelude.lua"),
        .embedInCode("Files/files.lua"),
        .embedInCode("Output/output.lua"),
        .embedInCode("Output/chart.lua"), .embedInCode("Files/modules.lua"),
        .embedInCode("Testing/testing.lua"),
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
        "AWSCore", "BackupGateway", "Host", "Library", "Scripts", "Shell", "LocalGateway", "CGetopt",
        "CLinux",
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
      name: "LuaRuntimeTests", dependencies: ["LuaRuntime", "CLuaVM"], swiftSettings: testSwift),
    .testTarget(
      name: "HostTests", dependencies: ["Host", "LuaRuntime", "BackupGateway", "AWSCore", "TestSupport"],
      swiftSettings: testSwift),
    .testTarget(
      name: "LocalGatewayTests",
      dependencies: ["LocalGateway", "BackupGateway", "AWSCore", "TestSupport"],
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
