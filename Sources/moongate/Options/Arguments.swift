// Arguments: what the command line asks for.
import AWSCore
import BackupGateway
import Host
import LocalGateway
import Scripts

/// What the command line asks for.
struct Arguments {
  var profile: String?
  var region: String?
  var endpoint: String?
  /// The targets of `fleet()`.
  var profiles: [String] = []
  var regions: FleetWish.Regions?
  var isLocal = false
  var dataFolder: String?
  var code: String?
  var memoryLimit: Int?
  /// Seconds that a run may take.
  var timeLimit: Double?
  /// Seconds that Lua may compute without waiting for anything.
  var busyLimit: Double?
  /// What `show` writes; nil for a table on a terminal, JSON elsewhere.
  var output: OutputForm?
  /// Which part of the work is this run's, as in 2/8.
  var shard: String?
  var isDebug = false
  /// Neither the operator's configuration nor init.lua is read.
  var isPlain = false
  /// What is typed is kept for later sessions.
  var keepsHistory = true
  var permissions = Permissions()
  /// The script is somebody else's.
  var isUntrusted = false
  var isTrusted = false
  /// What the operator says of the limits of shared code.
  var sharedLimits = RequestedLimits()
  /// What `--grant` says, each as it was written.
  var grants: [String] = []
  var audit = Audit.standard
  var secrets: [SecretSource] = []
  /// Whose signatures are believed, as the configuration says.
  var trust = TrustSettings()
  /// Hashes that the operator knows: the bytes that they are of may be added without being asked about.
  var hashes: Set<String> = []
  /// Registries that are git checkouts are brought up to date.
  var pulls = false
  /// A snippet is published without a signature.
  var isUnsigned = false
  /// Where snippets come from, beside the library.
  var registries: [RegistrySettings] = []
  /// What `moongate snippet` is told: the key to sign with, whom a key belongs to and until when, and which key is
  /// meant.
  var signingKey: String?
  var principal: String?
  var trustedUntil: Timestamp?
  var fingerprint: String?
  var wantsHelp = false
  /// Typed at the prompt, where `moongate snippet` is `.snippet`.
  var isAtPrompt = false
  var wantsVersion = false
  var isVerbose = false
  // moongate check
  var checkForm: CheckReport.Form?
  /// A script is shared code though its header has no name.
  var isSnippet = false
  var wantsRules = false
  // moongate doc
  /// What else it prints than a page of help.
  var docForm: DocCommand.Form?
  // moongate doctor
  /// It sends nothing, or what a run sends too.
  var isOffline = false
  var isSigned = false
  // moongate serve
  var port = 0
  var isEphemeral = false
  var seed = "sample"
  var virtualMachines: Int?
  var credentialsFile: String?
  var bindAddress = IPAddress.loopback
  var hostNames: Set<String> = []
  var faults: [FaultRule] = []
  var faultSeed: Int64?
  var logFormat: AccessLog.Format?
  var hasControl = false
  /// The cassettes to write, and to answer from.
  var recordFile: String?
  var replayFile: String?
  /// Somebody types at a prompt.
  var isInteractive = false
  // moongate test
  var tests = TestRunner.Choice()
  /// How results are told; nil for text.
  var testForm: TestForm?
  /// Where JUnit's XML goes besides.
  var junitFile: String?
  /// Where the test file is that runs the script; nil for what no test runs.
  var testFileFolder: String?
  /// No scheduler gives the script a part: it is a test's, whatever array of jobs the tests run in.
  var isWholeJob = false
  /// The time at which the world of a test begins, and stands still; nil: the machine's.
  var worldStart: Timestamp?

  /// How the results of tests are told.
  enum TestForm: String, CaseIterable {
    case text, tap, junit
  }

  /// Where decisions about writes are written down.
  enum Audit: Equatable {
    /// The file of the operator's state folder.
    case standard
    case off
    case file(String)
  }

  /// The names of the options that were given.
  var options: [String] = []
  /// The command or script, and everything after it.
  var rest: [String] = []
}
