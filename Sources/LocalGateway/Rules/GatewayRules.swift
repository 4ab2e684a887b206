// GatewayRules: what was decided about gateways: activation, heartbeat, software, maintenance and bandwidth.
import AWSCore
import BackupGateway

extension Rules {
  // MARK: Activation

  /// "Expires after 30 minutes" (AWS Backup Developer Guide, "Working with gateways"), in seconds.
  static let activationKeyLifetime: Int64 = 30 * 60

  /// CreateGateway declares no error for keys: one that cannot be used is the caller's mistake.
  static func check(_ key: ActivationKey, region: String, at now: Timestamp) throws(Fault) {
    if key.isUsed { throw .validation("ActivationKey has activated a gateway already; a key is used once") }
    guard now < key.issued.advanced(bySeconds: activationKeyLifetime) else {
      throw .validation("ActivationKey has expired: a key that is not used expires after 30 minutes")
    }
    guard key.region == region else {
      throw .validation("ActivationKey was issued for \(key.region), and this is \(region)")
    }
  }

  static let unknownActivationKey = Fault.validation("ActivationKey is not a key that was issued here")

  /// Five groups of five, as appliances show them.
  static func newActivationKey() -> String {
    (0..<5).map { _ in text(5, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") }.joined(separator: "-")
  }

  /// As AWS's examples have them: `bgw-` or `hype-` and eight hexadecimal digits, `vm-` and 16 letters or digits.
  static func newID(_ kind: ResourceKind) -> String {
    id(
      kind,
      from: text(
        16, of: kind == .virtualMachine ? "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" : "0123456789ABCDEF"))
  }

  /// From 16 characters, of which some kinds take eight.
  static func id(_ kind: ResourceKind, from digits: String) -> String {
    switch kind {
    case .gateway: "bgw-" + digits.prefix(8)
    case .hypervisor: "hype-" + digits.prefix(8)
    case .virtualMachine: "vm-" + digits.prefix(16)
    }
  }

  private static func text(_ count: Int, of characters: String) -> String {
    String((0..<count).compactMap { _ in characters.randomElement() })
  }

  /// A new gateway has today's software, and maintenance on Sundays at three until somebody says otherwise.
  static func newGateway(_ arn: String, name: String, at now: Timestamp) -> GatewayRecord {
    GatewayRecord(
      arn: arn, name: name, isLive: true, lastSeen: now,
      maintenance: .init(hour: 3, minute: 0, dayOfWeek: 0),
      software: .init(version: currentSoftware, nextUpdate: now.advanced(bySeconds: timeBetweenUpdates)))
  }

  // MARK: Heartbeat

  /// A live appliance is heard from every 30 seconds.
  static let heartbeat: Int64 = 30

  /// LastSeenTime. The heartbeats of a live gateway follow from the first one and the clock, so no write is
  /// needed.
  static func lastSeen(_ gateway: GatewayRecord, at now: Timestamp) -> Timestamp {
    guard gateway.isLive, now > gateway.lastSeen else { return gateway.lastSeen }
    let beat = heartbeat * 1_000_000
    let beats = (now.microseconds - gateway.lastSeen.microseconds) / beat
    return Timestamp(microseconds: gateway.lastSeen.microseconds + beats * beat)
  }

  // MARK: Software

  /// The version that new gateways have, and that older ones are updated to.
  static let currentSoftware = "2.0.1"
  /// Seconds that an update takes.
  static let updateDuration: Int64 = 10
  /// Seconds from one version to the next.
  static let timeBetweenUpdates: Int64 = 30 * 86_400

  /// The software at a moment: another version with a later next update once an update that was asked for is through.
  static func software(of gateway: GatewayRecord, at now: Timestamp) -> GatewayRecord.Software {
    guard let end = gateway.updateStarted?.advanced(bySeconds: updateDuration), now >= end else {
      return gateway.software
    }
    return .init(
      version: version(after: gateway.software.version),
      nextUpdate: end.advanced(bySeconds: timeBetweenUpdates))
  }

  /// When an update starts that is asked for now, of a gateway whose `software` is today's: at once, but not when there
  /// is none to be had yet; one that is under way goes on.
  static func updateStart(of gateway: GatewayRecord, at now: Timestamp) -> Timestamp? {
    if let start = gateway.updateStarted, now < start.advanced(bySeconds: updateDuration) { return start }
    guard let next = gateway.software.nextUpdate, next <= now else { return nil }
    return now
  }

  /// The current version after an older one; the last number one up after that.
  private static func version(after version: String?) -> String {
    let numbers = (version ?? "").split(separator: ".").map { Int($0) ?? 0 }
    let current = currentSoftware.split(separator: ".").map { Int($0) ?? 0 }
    guard !numbers.lexicographicallyPrecedes(current), let last = numbers.last, last < .max else {
      return currentSoftware
    }
    return (numbers.dropLast() + [last + 1]).map(String.init).joined(separator: ".")
  }

  // MARK: Schedules

  /// Weekly or monthly: Storage Gateway, whose call this resembles, wants exactly one of them too. The model has 31
  /// days a month, the documentation 28; the model counts.
  static func check(_ maintenance: GatewayRecord.Maintenance) throws(Fault) {
    switch (maintenance.dayOfWeek, maintenance.dayOfMonth) {
    case (nil, nil): throw .validation("one of DayOfWeek and DayOfMonth is required")
    case (_?, _?):
      throw .validation("DayOfWeek and DayOfMonth exclude each other: maintenance is weekly or monthly")
    default: return
    }
  }

  /// Intervals must not overlap (documented); an interval ends on its day, with the last second of its last minute.
  static func checkSchedule(_ intervals: [Value]) throws(Fault) {
    var taken: [(days: Set<Int64>, minutes: ClosedRange<Int64>)] = []
    for (index, interval) in intervals.enumerated() {
      let place = "BandwidthRateLimitIntervals[\(index)]"
      let start = minute(interval, "StartHourOfDay", "StartMinuteOfHour")
      let end = minute(interval, "EndHourOfDay", "EndMinuteOfHour")
      guard start <= end else {
        throw .validation("\(place) ends before it starts; an interval does not go past midnight")
      }
      let days = Set((interval["DaysOfWeek"]?.array ?? []).compactMap(\.integer))
      if let other = taken.firstIndex(where: {
        $0.minutes.overlaps(start...end) && !$0.days.isDisjoint(with: days)
      }) {
        throw .validation(
          "\(place) overlaps with BandwidthRateLimitIntervals[\(other)]; intervals must not overlap")
      }
      taken.append((days, start...end))
    }
  }

  private static func minute(_ interval: Value, _ hour: String, _ minute: String) -> Int64 {
    (interval[hour]?.integer ?? 0) * 60 + (interval[minute]?.integer ?? 0)
  }
}
