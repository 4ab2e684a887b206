// What the operator gives a worker, secrets and files to write, against a worker that a script has taken over.
import AWSCore
import BackupGateway
import Glibc
import Host
import Testing

@testable import Scripts

private final class Door: ServiceDoor {
  let facts = SessionFacts(profile: "test", region: "us-east-1", account: nil, endpoint: nil)
  private(set) var sent: [Request] = []
  private var completions: [(Result<Response, CallError>) -> Void] = []

  func start(
    _ request: Request, completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    sent.append(request)
    completions.append(completion)
    return CallID(number: UInt64(sent.count))
  }

  func cancel(_ id: CallID) {}

  func answer(_ result: Result<Response, CallError>) { completions.removeFirst()(result) }
}

/// A broker with a secret and a file of the operator's, and every byte that goes down.
private final class Scene {
  let door = Door()
  let path: String
  private(set) var down: [UInt8] = []
  private(set) var messages: [HostMessage] = []
  private(set) var endings: [Broker.Ending] = []
  private(set) var questions = 0
  private var broker: Broker?

  init(
    secret: String? = canary, clock: (any CodeClock)? = nil,
    path: String = "/tmp/moongate-broker-\(UInt64.random(in: 0...UInt64.max))"
  ) throws {
    self.path = path
    var permissions = Permissions()
    permissions.allowed = [try AllowRule("UpdateHypervisor")]
    let gate = PermissionGate(permissions)
    gate.tell = { _ in }
    var limits = SnippetLimits()
    limits.output = 1_000
    broker = Broker(
      session: Session(label: "test", door: door), gate: gate,
      author: Author(.snippet, name: "s", operations: ["UpdateHypervisor"]), limits: limits, outputs: [path],
      secrets: ["password"],
      seams: Broker.Seams(
        send: { [unowned self] bytes in
          down += bytes
          var reader = Frame.Reader(largest: Frame.largestDown, mayHavePayload: true)
          reader.append(bytes)
          while let frame = try? reader.next() {
            if let message = try? HostMessage(frame) { messages.append(message) }
          }
        },
        end: { [unowned self] in endings.append($0) },
        secret: { [unowned self] _ in
          questions += 1
          return secret
        }, clock: clock))
  }

  deinit { unlink(path) }

  var folder: String { String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)) }

  func say(_ messages: WorkerMessage...) {
    for message in messages { broker?.receive(message.frame.encoded()) }
  }

  func stop() { broker?.stop() }

  var standIn: String? {
    for case .secret(_, let standIn) in messages { return standIn }
    return nil
  }

  var file: String? {
    guard let file = unsafe fopen(path, "r") else { return nil }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 2_000)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}

private let canary = "canary \"quoted\" secret"
private let hypervisor = "arn:aws:backup-gateway:us-east-1:123456789012:hypervisor/hype-12345678"

@Suite struct BrokerGivenTests {
  private func update(_ number: UInt64, _ more: Value.Object) -> WorkerMessage {
    var parameters = more
    parameters["HypervisorArn"] = .string(hypervisor)
    return .call(number: number, operation: "UpdateHypervisor", parameters: parameters)
  }

  @Test func theServiceGetsTheSecretAndTheWorkerAStandIn() throws {
    let scene = try Scene()
    scene.say(.secret(number: 1, name: "password"), .secret(number: 2, name: "password"))
    let standIn = try #require(scene.standIn)
    #expect(scene.questions == 1)
    scene.say(update(3, ["Password": .string(standIn), "Host": .string(standIn)]))
    let sent = try #require(scene.door.sent.first?.parameters)
    #expect(sent["Password"] == .string(canary))
    #expect(sent["Host"] == .string(standIn))
  }

  @Test func noMessageToTheWorkerHasTheSecretWhateverTheServiceSays() throws {
    let scene = try Scene()
    scene.say(.secret(number: 1, name: "password"))
    let standIn = try #require(scene.standIn)
    for number in UInt64(2)...4 { scene.say(update(number, ["Password": .string(standIn)])) }
    let echo = JSON.encode(.object(["HypervisorArn": .string(canary), "More": .string("a \(canary) b")]))
    scene.door.answer(
      .success(Response(body: echo, requestID: canary, httpStatus: 200, attempts: 1, seconds: 0)))
    scene.door.answer(
      .failure(CallError(.service, code: canary, message: "\(canary) is too weak", requestID: canary)))
    scene.door.answer(.failure(CallError(.network, code: "Network", message: canary)))
    #expect(scene.messages.count == 4)
    let text = String(decoding: scene.down, as: UTF8.self)
    #expect(!text.contains("canary"))
    #expect(text.contains("•••"))
  }

  @Test func aSecretThatTheHeaderDoesNotDeclareEndsTheRun() throws {
    let scene = try Scene()
    scene.say(.secret(number: 1, name: "other"))
    #expect(scene.endings == [.broken("sent a secret that it has not")])
    #expect(scene.questions == 0)
  }

  @Test func whatIsNotGivenIsNothing() throws {
    let scene = try Scene(secret: nil)
    scene.say(.secret(number: 1, name: "password"))
    #expect(scene.messages.count == 1 && scene.standIn == nil)
  }

  /// A loop around `secret` had asked for ever, or had filled stderr where there is no terminal.
  @Test func whoGivesNothingIsNotAskedAgain() throws {
    let scene = try Scene(secret: nil)
    for number in UInt64(1)...5 { scene.say(.secret(number: number, name: "password")) }
    #expect(scene.messages.count == 5 && scene.standIn == nil)
    #expect(scene.questions == 1)
  }

  /// A cassette counts on from the time of the last call: the end of all times had ended the host.
  @Test func aTimeThatNoClockShowsEndsTheRun() throws {
    let clock = RecordingClock()
    let scene = try Scene(clock: clock)
    let before = clock.now
    scene.say(.clock(Timestamp(microseconds: .max)))
    #expect(scene.endings == [.broken("sent a time that no clock shows")])
    #expect(clock.now == before)
  }

  @Test func nobodySleepsIntoTheFutureByAClockThatIsWaitedFor() throws {
    let clock = RecordingClock()
    let scene = try Scene(clock: clock)
    scene.say(.clock(Timestamp(year: 9000, month: 1, day: 1)))
    #expect(scene.endings.isEmpty)
    #expect(clock.now <= Timestamp.systemNow())
  }

  @Test func whatIsWrongWithAFileIsForgottenWithWhatWasWritten() throws {
    let scene = try Scene(path: "/tmp/moongate-broker-\(UInt64.random(in: 0...UInt64.max))/report.csv")
    scene.say(.write(file: 0, [65]), .abandon(file: 0))
    mkdir(scene.folder, 0o700)
    scene.say(.write(file: 0, Array("all".utf8)), .finish(number: 1, file: 0))
    #expect(scene.file == "all")
    unlink(scene.path)
    rmdir(scene.folder)
  }

  @Test func aFileIsThereWhenAllOfItHasCome() throws {
    let scene = try Scene()
    scene.say(.write(file: 0, Array("one ".utf8)), .write(file: 0, Array("two".utf8)))
    #expect(scene.file == nil)
    scene.say(.finish(number: 1, file: 0))
    #expect(scene.file == "one two")
    // What follows replaces it, whole or not at all.
    scene.say(.write(file: 0, Array("three".utf8)), .abandon(file: 0))
    #expect(scene.file == "one two")
    scene.say(.write(file: 0, Array("four".utf8)))
    scene.stop()
    #expect(scene.file == "one two")
  }

  @Test func noOtherFileIsWrittenAndNoMoreThanAllowed() throws {
    for file in [-1, 1, Int.max] {
      let scene = try Scene()
      scene.say(.write(file: file, [1]))
      #expect(scene.endings == [.broken("sent a file that it has not")])
    }
    let scene = try Scene()
    scene.say(
      .write(file: 0, [UInt8](repeating: 65, count: 600)), .write(file: 0, [UInt8](repeating: 65, count: 600))
    )
    guard case .limit? = scene.endings.first else {
      Issue.record("no limit: \(scene.endings)")
      return
    }
    #expect(scene.file == nil)
  }

  @Test func onlyWhatGoesToAFileMayStandBehindAMessage() throws {
    let scene = try Scene()
    var frame = WorkerMessage.rested.frame
    frame.payload = [1]
    #expect(throws: Frame.Problem.self) { try WorkerMessage(frame) }
    _ = scene
  }
}
