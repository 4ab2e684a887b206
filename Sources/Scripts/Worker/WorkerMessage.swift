// WorkerMessage: what a worker says to the host. Reading one trusts nothing: the process that wrote it may be in the
// hands of the script that it runs.
import AWSCore
import BackupGateway

enum WorkerMessage: Equatable {
  /// It could not lock itself in; no script has been read.
  case refused(String)
  /// Call an operation; the answer carries the number. Target 0 is the session that the run began with, i its ith target.
  case call(number: UInt64, operation: String, parameters: Value.Object, target: Int = 0)
  case cancel(number: UInt64)
  /// The file of a time zone.
  case zone(number: UInt64, name: String)
  /// A secret that its header declares.
  case secret(number: UInt64, name: String)
  /// More of what goes to a file that the command line named, by its number.
  case write(file: Int, [UInt8])
  /// All of it was sent: the file may have its name. It is answered.
  case finish(number: UInt64, file: Int)
  /// Nothing of it is wanted.
  case abandon(file: Int)
  /// The script has waited for something since the last message.
  case rested
  /// The script has slept until this time, by the clock that it was given.
  case clock(Timestamp)
  /// The script has ended, with this exit code.
  case ended(code: Int32)

  var frame: Frame {
    switch self {
    case .refused(let reason): Frame(head: ["kind": "refused", "reason": .string(reason)])
    case .call(let number, let operation, let parameters, let target):
      Frame(head: [
        "kind": "call", "number": .integer(Int64(clamping: number)), "operation": .string(operation),
        "parameters": .object(parameters), "target": .integer(Int64(target)),
      ])
    case .cancel(let number): Frame(head: ["kind": "cancel", "number": .integer(Int64(clamping: number))])
    case .zone(let number, let name):
      Frame(head: ["kind": "zone", "number": .integer(Int64(clamping: number)), "name": .string(name)])
    case .secret(let number, let name):
      Frame(head: [
        "kind": "secret", "number": .integer(Int64(clamping: number)), "name": .string(name),
      ])
    case .write(let file, let bytes):
      Frame(head: ["kind": "write", "file": .integer(Int64(file))], payload: bytes)
    case .finish(let number, let file):
      Frame(head: [
        "kind": "finish", "number": .integer(Int64(clamping: number)), "file": .integer(Int64(file)),
      ])
    case .abandon(let file): Frame(head: ["kind": "abandon", "file": .integer(Int64(file))])
    case .rested: Frame(head: ["kind": "rested"])
    case .clock(let time): Frame(head: ["kind": "clock", "time": .integer(time.microseconds)])
    case .ended(let code): Frame(head: ["kind": "ended", "code": .integer(Int64(code))])
    }
  }

  init(_ frame: Frame) throws(Frame.Problem) {
    func number() -> UInt64? { frame.head["number"]?.integer.flatMap { UInt64(exactly: $0) } }
    func file() -> Int? { frame.head["file"]?.integer.flatMap { Int(exactly: $0) } }
    // Only what goes to a file stands behind a message.
    guard frame.payload.isEmpty || frame.head["kind"] == "write" else {
      throw Frame.Problem(message: "a message that is no message")
    }
    let message: WorkerMessage? =
      switch frame.head["kind"]?.string {
      case "refused": frame.head["reason"]?.string.map { .refused($0) }
      case "call":
        if let number = number(), let operation = frame.head["operation"]?.string,
          let parameters = frame.head["parameters"]?.object,
          let target = frame.head["target"]?.integer.flatMap({ Int(exactly: $0) })
        {
          .call(number: number, operation: operation, parameters: parameters, target: target)
        } else {
          nil
        }
      case "cancel": number().map { .cancel(number: $0) }
      case "zone":
        if let number = number(), let name = frame.head["name"]?.string {
          .zone(number: number, name: name)
        } else {
          nil
        }
      case "secret":
        if let number = number(), let name = frame.head["name"]?.string {
          .secret(number: number, name: name)
        } else {
          nil
        }
      case "write": file().map { .write(file: $0, frame.payload) }
      case "finish":
        if let number = number(), let file = file() { .finish(number: number, file: file) } else { nil }
      case "abandon": file().map { .abandon(file: $0) }
      case "rested": .rested
      case "clock": frame.head["time"]?.integer.map { .clock(Timestamp(microseconds: $0)) }
      case "ended":
        frame.head["code"]?.integer.flatMap { (0...255).contains($0) ? Int32($0) : nil }.map {
          .ended(code: $0)
        }
      default: nil
      }
    guard let message else { throw Frame.Problem(message: "a message that means nothing") }
    self = message
  }
}
