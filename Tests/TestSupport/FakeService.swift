// A service behind a fake network: ten virtual machines, answered inside the event loop's turn, every request kept.
import AWSCore
import BackupGateway
import Host

public final class FakeService: Network {
  public struct Request: Equatable {
    public var operation: String
    public var parameters: String

    public init(operation: String, parameters: String) {
      self.operation = operation
      self.parameters = parameters
    }
  }

  public private(set) var requests: [Request] = []
  /// The same as they were sent.
  public private(set) var sent: [HTTPRequest] = []
  /// How many were under way at once, at most.
  public private(set) var mostAtOnce = 0
  public private(set) var cancelled = 0
  /// How often the loop was turned while something was under way: 0 as long as nobody waited.
  private var pending: [(id: TransferID, outcome: Outcome, completion: (Outcome) -> Void)] = []
  private var lastNumber: UInt64 = 0
  public var answer: (Request) -> HTTPResponse = FakeService.tenMachines
  /// Goes before `answer`, for tests that look at hosts and headers.
  public var outcome: (HTTPRequest) -> Outcome? = { _ in nil }

  public typealias Outcome = Result<HTTPResponse, TransportError>

  public init() {}

  public var isIdle: Bool { pending.isEmpty }

  public func start(
    _ request: HTTPRequest, limits: TransferLimits,
    completion: @escaping (Outcome) -> Void
  ) -> TransferID {
    let operation = request.headers["X-Amz-Target"]?.split(separator: ".").last.map(String.init) ?? ""
    let seen = Request(operation: operation, parameters: String(decoding: request.body, as: UTF8.self))
    requests.append(seen)
    sent.append(request)
    lastNumber += 1
    pending.append((TransferID(lastNumber), outcome(request) ?? .success(answer(seen)), completion))
    mostAtOnce = max(mostAtOnce, pending.count)
    return TransferID(lastNumber)
  }

  public func cancel(_ transfer: TransferID) {
    cancelled += 1
    pending.removeAll { $0.id == transfer }
  }

  public func turn(waitMilliseconds: Int32, wakeDescriptors: [Int32]) {
    guard !pending.isEmpty else { return }
    let next = pending.removeFirst()
    next.completion(next.outcome)
  }

  public static func json(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "id-1"],
      body: Array(text.utf8))
  }

  public static func arn(_ i: Int) -> String {
    "arn:aws:backup-gateway:us-east-1:123456789012:vm/vm-00000000000000\(i < 10 ? "0" : "")\(i)"
  }

  /// Pages of MaxResults, 3 when not given; the token is the number of the next machine.
  public static func tenMachines(_ request: Request) -> HTTPResponse {
    guard let parameters = try? JSON.decode(Array(request.parameters.utf8)) else {
      return json("{}", status: 400)
    }
    guard let first = Int(parameters["NextToken"]?.string ?? "1") else {
      return json(#"{"__type":"ValidationException","Message":"a bad token"}"#, status: 400)
    }
    let size = Int(parameters["MaxResults"]?.integer ?? 3)
    let last = min(10, first + size - 1)
    let rows = (first...last).map { i in
      #"{"ResourceArn":"\#(arn(i))","Name":"vm \#(i)","HypervisorId":"h\#(i % 2)","LastBackupDate":\#(1_700_000_000 + i)}"#
    }
    let token = last < 10 ? #","NextToken":"\#(last + 1)""# : ""
    return json(#"{"VirtualMachines":[\#(rows.joined(separator: ","))]\#(token)}"#)
  }
}
