// CurlTransport: the real Transport, on libcurl's multi interface. All transfers share one thread and one
// pool of connections; they advance, and their completions run, only inside `turn`.
import CCurl
import Glibc

@safe public final class CurlTransport: Transport {
  private let environment: Environment
  private var multi: UnsafeMutableRawPointer?
  /// These are by number: what another kind of key is, Swift would look up at run time, in 140,000 instructions.
  private var transfers: [UInt64: CurlTransfer] = [:]
  /// Ended and not yet delivered, in order. A cancelled one has left `transfers`.
  private var finished: [(id: TransferID, outcome: Result<HTTPResponse, TransportError>)] = []
  /// Requests that could not even begin; `turn` tells.
  private var refused: [UInt64: (Result<HTTPResponse, TransportError>) -> Void] = [:]
  private var lastNumber: UInt64 = 0
  /// Not begun, because as many as there may be are under way; `queue` has their order, from `head` on.
  private var waiting: [UInt64: Exchange] = [:]
  private var queue: [TransferID] = []
  private var head = 0
  private lazy var systemCertificates = Certificates.ofSystem()
  /// Handles of exchanges that have ended well, for the next ones like them.
  private var idle: [CurlHandle] = []
  /// When transfers were moved on last, on the clock that only goes forward.
  private var lastMoved = Double.infinity
  /// The way that requests of a URL go, for the last URL that was asked for.
  private var route: (url: URLParts, proxy: String?)?

  private struct Exchange {
    var request: HTTPRequest
    var options: CurlOptions
    var completion: (Result<HTTPResponse, TransportError>) -> Void
  }

  /// Transfers under way at once, each of which may take a connection, and connections kept open for the next request:
  /// four times the default width of `parallel`. What comes beyond waits here, where no time limit runs yet.
  private static let connections = 128

  /// Seconds between two turns that are added to the limits of transfers.
  private static let noticedAbsence = 0.1

  /// Opens nothing: libcurl is loaded by the first request. Proxies come from `environment`.
  public init(environment: Environment = .process()) { self.environment = environment }

  deinit {
    guard let multi = unsafe multi else { return }
    for transfer in transfers.values { unsafe _ = ccurl_multi_remove(multi, transfer.handle.easy) }
    unsafe ccurl_multi_cleanup(multi)
  }

  /// True when no request is under way and no outcome waits for delivery.
  public var isIdle: Bool { transfers.isEmpty && refused.isEmpty && waiting.isEmpty }

  public func start(
    _ request: HTTPRequest, limits: TransferLimits = TransferLimits(),
    completion: @escaping (Result<HTTPResponse, TransportError>) -> Void
  ) -> TransferID {
    lastNumber += 1
    let id = TransferID(lastNumber)
    do throws(TransportError) {
      _ = try unsafe openMulti()
      let options = CurlOptions(
        request, limits: limits, proxy: limits.usesProxy ? proxy(for: request.url) : nil,
        certificates: try certificates(for: request.url, limits))
      let new = Exchange(request: request, options: options, completion: completion)
      if transfers.count < Self.connections {
        try begin(id, new)
      } else {
        waiting[id.number] = new
        queue.append(id)
      }
    } catch {
      refused[id.number] = completion
      finished.append((id, .failure(error)))
    }
    return id
  }

  /// A handle with these options: one that is idle, or a new one.
  private func handle(_ options: CurlOptions) throws(TransportError) -> CurlHandle {
    guard let index = idle.lastIndex(where: { $0.options == options }) else {
      return try CurlHandle(options)
    }
    return idle.remove(at: index)
  }

  /// Keeps a handle. One that has been idle for long goes when there are too many.
  private func keep(_ handle: CurlHandle) {
    if idle.count == Self.connections { idle.removeFirst() }
    idle.append(handle)
  }

  private func proxy(for url: URLParts) -> String? {
    if let route, route.url == url { return route.proxy }
    let proxy = Proxy.url(for: url, variables: environment.variables)
    route = (url, proxy)
    return proxy
  }

  private func begin(_ id: TransferID, _ new: Exchange) throws(TransportError) {
    let multi = try unsafe openMulti()
    let transfer = try CurlTransfer(new.request, on: handle(new.options), completion: new.completion)
    // The id travels with the handle, to find the transfer when libcurl says it is done.
    _ = unsafe ccurl_set_pointer(
      transfer.handle.easy, CURLOPT_PRIVATE, UnsafeMutableRawPointer(bitPattern: UInt(id.number)))
    let code = unsafe ccurl_multi_add(multi, transfer.handle.easy)
    guard code == CURLM_OK else {
      throw TransportError(.other, unsafe String(cString: ccurl_multi_strerror(code)), beforeSending: true)
    }
    transfers[id.number] = transfer
  }

  /// Begins what waits, as far as there is room.
  private func beginWaiting() {
    while transfers.count < Self.connections, head < queue.count {
      let id = queue[head]
      head += 1
      guard let next = waiting.removeValue(forKey: id.number) else { continue }  // cancelled
      do throws(TransportError) {
        try begin(id, next)
      } catch {
        refused[id.number] = next.completion
        finished.append((id, .failure(error)))
      }
    }
    if head == queue.count {
      queue.removeAll(keepingCapacity: true)
      head = 0
    }
  }

  public func cancel(_ id: TransferID) {
    refused[id.number] = nil
    waiting[id.number] = nil
    guard let transfer = transfers.removeValue(forKey: id.number), let multi = unsafe multi else { return }
    // Ended and not yet delivered: its handle may be another transfer's by now.
    guard !finished.contains(where: { $0.id == id }) else { return }
    _ = unsafe ccurl_multi_remove(multi, transfer.handle.easy)
  }

  /// Advances every transfer and calls the completions of those that have ended. When none has, waits until
  /// something happens: on a connection, on one of `wakeDescriptors` (readable or closed), or for
  /// `waitMilliseconds`. A signal ends the wait too.
  public func turn(waitMilliseconds: Int32, wakeDescriptors: [Int32] = []) {
    excuseAbsence()
    beginWaiting()
    advance()
    if deliver() { return }
    guard let multi = unsafe multi, !transfers.isEmpty else {
      // Nothing is under way, and libcurl may not even be loaded.
      var descriptors = wakeDescriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      unsafe _ = poll(&descriptors, nfds_t(descriptors.count), waitMilliseconds)
      return
    }
    var descriptors = wakeDescriptors.map {
      curl_waitfd(fd: $0, events: Int16(CURL_WAIT_POLLIN), revents: 0)
    }
    _ = unsafe ccurl_multi_poll(multi, &descriptors, UInt32(descriptors.count), waitMilliseconds)
    lastMoved = Duration.systemUptimeInSeconds()
  }

  /// Sends what has been begun, without waiting for the next `turn`, where all else happens: a script that has asked for the
  /// next page works on this one meanwhile.
  public func sendNow() {
    excuseAbsence()
    beginWaiting()
    advance()
  }

  /// Time in which this program had no time for its transfers is none that the other side took. libcurl looks at the clock
  /// before it looks at the answer, which may have come long since.
  private func excuseAbsence() {
    let now = Duration.systemUptimeInSeconds()
    if now - lastMoved > Self.noticedAbsence {
      for transfer in transfers.values { transfer.excuse(from: lastMoved, to: now) }
    }
    lastMoved = now
  }

  /// A bundle that cannot be read matters where there is a certificate to check.
  private func certificates(for url: URLParts, _ limits: TransferLimits) throws(TransportError)
    -> Certificates
  {
    guard url.scheme == "https", let bundle = limits.caBundle else { return systemCertificates }
    return try Certificates.atPath(bundle)
  }

  private func openMulti() throws(TransportError) -> UnsafeMutableRawPointer {
    if let multi = unsafe multi { return unsafe multi }
    if let problem = unsafe ccurl_open().map({ unsafe String(cString: $0) }) {
      let advice =
        problem.hasSuffix(unsafe String(cString: strerror(EMFILE)))
        ? "raise the limit of open files with ulimit -n" : "Debian and Ubuntu have it in the package libcurl4"
      throw TransportError(.other, "libcurl cannot be opened (\(problem)); \(advice)", beforeSending: true)
    }
    guard let opened = unsafe ccurl_multi_init() else {
      throw TransportError(.other, "libcurl has no memory for its transfers", beforeSending: true)
    }
    _ = unsafe ccurl_multi_set_long(opened, CURLMOPT_MAXCONNECTS, Self.connections)
    unsafe multi = unsafe opened
    return unsafe opened
  }

  /// Lets libcurl work and takes the transfers it has finished out of it.
  private func advance() {
    guard let multi = unsafe multi, !transfers.isEmpty else { return }
    var count: Int32 = 0
    _ = unsafe ccurl_multi_perform(multi, &count)
    while let message = unsafe ccurl_multi_read(multi, &count) {
      guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle else {
        continue
      }
      // Read first: the message belongs to the handle and goes with it.
      let code = unsafe message.pointee.data.result
      var tag: UnsafeMutableRawPointer?
      unsafe ccurl_get_pointer(easy, CURLINFO_PRIVATE, &tag)
      let id = TransferID(UInt64(UInt(bitPattern: tag)))
      _ = unsafe ccurl_multi_remove(multi, easy)
      guard let transfer = transfers[id.number] else { continue }
      finished.append((id, transfer.outcome(code)))
      // Not a write's, whose body may hold a password, and which had a connection of its own.
      if code == CURLE_OK, transfer.leavesHandleGood, transfer.handle.options.mayRepeat {
        keep(transfer.handle)
      }
    }
  }

  /// Calls completions until none is left; they may start and cancel transfers, and even turn again.
  private func deliver() -> Bool {
    var delivered = false
    while !finished.isEmpty {
      let (id, outcome) = finished.removeFirst()
      let number = id.number
      guard
        let completion = refused.removeValue(forKey: number)
          ?? transfers.removeValue(forKey: number)?.completion
      else { continue }
      delivered = true
      completion(outcome)
    }
    return delivered
  }
}

@available(*, unavailable)
extension CurlTransport: Sendable {}
