// ZoneDatabase: the time zones of the system, by name, each read once. The bytes come from a reader that is handed in,
// since code that runs shared scripts has no files.
import AWSCore
import BackupGateway
import Glibc
import LuaRuntime

/// Reads a file of the time zone database by its name in there, as in `Europe/Berlin`; nil when there is none.
public typealias ZoneReader = (_ name: String) -> [UInt8]?

public final class ZoneDatabase {
  /// Why there is no such zone, for people.
  struct Failure: Error {
    var message: String
  }

  private let read: ZoneReader
  private var known: [String: TimeZone] = ["UTC": .utc]
  /// Names that are none: to ask about each again would cost shared code a question of its host every time.
  private var unknown: Set<String> = []

  init(_ read: @escaping ZoneReader) { self.read = read }

  /// - Throws: a failure that names the nearest zone.
  func zone(_ name: String) throws(Failure) -> TimeZone {
    if let zone = known[name] { return zone }
    if Self.isName(name), !unknown.contains(name) {
      if let zone = read(name).flatMap({ TimeZone($0) }) {
        known[name] = zone
        return zone
      }
      unknown.insert(name)
    }
    let names = names
    guard !names.isEmpty else {
      throw Failure(message: "there is no time zone database here, only UTC; Debian's package is tzdata")
    }
    let hint = Self.suggestion(for: name, in: names) ?? "write one as in \"Europe/Berlin\""
    throw Failure(message: "there is no time zone \(quoted(name)); \(hint)")
  }

  /// `berlin` is a city that one zone has in its name; `Europe/Berln` is near to one.
  private static func suggestion(for name: String, in names: [String]) -> String? {
    let wanted = name.lowercased().replacing(" ", with: "_")
    let city = names.first {
      $0.lowercased() == wanted || $0.split(separator: "/").last?.lowercased() == wanted
    }
    return (city ?? nearest(to: name, in: names)).map { "did you mean \($0)?" }
  }

  /// Such names lead to no place outside the database.
  private static func isName(_ name: String) -> Bool {
    name.utf8.count <= 64
      && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
        !part.isEmpty
          && part.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
              || [UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-")].contains($0)
          }
      }
  }

  /// Every zone and every other name of one: the second word of `Z` lines, the third of `L` lines.
  private lazy var names: [String] = {
    guard let bytes = read(Self.index) else { return [] }
    return bytes.split(separator: 0x0A).compactMap { line in
      let words = line.split(separator: 0x20)
      let place = line.first == UInt8(ascii: "Z") ? 1 : line.first == UInt8(ascii: "L") ? 2 : nil
      return place.flatMap { $0 < words.count ? String(decoding: words[$0], as: UTF8.self) : nil }
    }
  }()

  /// A file of the system's database, for a process that may not read it itself; nil for a name that leads elsewhere.
  public static func file(named name: String) -> [UInt8]? {
    isName(name) || name == index ? ofSystem(name) : nil
  }

  /// The file that names every zone.
  private static let index = "tzdata.zi"

  /// Reads the system's own, where Debian's tzdata puts it.
  static let ofSystem: @Sendable (String) -> [UInt8]? = { name in
    let descriptor = unsafe open("/usr/share/zoneinfo/\(name)", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      // A folder, as Europe is one, cannot be read.
      guard count >= 0, content.count <= largest else { return nil }
      if count == 0 { return content }
      content += chunk[..<count]
    }
  }

  /// tzdata.zi has 110 KB, the largest zone 4.
  private static let largest = 1 << 20
}

extension Console {
  /// `local_time(zone, epoch seconds)` gives the offset of a zone's clocks in seconds, their name and whether it is
  /// summer time.
  func defineZones(_ define: Define) {
    define("local_time") { [zones] call throws(LuaRaise) in
      guard let name = call.stack.string(at: 1) else {
        throw LuaRaise.refused(
          "a time zone is a name as in \"Europe/Berlin\", not a \(try call.stack.value(at: 1).typeName)")
      }
      do throws(ZoneDatabase.Failure) {
        let time = try zones.zone(name).localTime(at: call.stack.integer(at: 2) ?? 0)
        call.stack.push(.integer(Int64(time.offset)))
        call.stack.push(time.abbreviation)
        call.stack.push(.boolean(time.isDaylight))
        return .results(3)
      } catch {
        throw LuaRaise.refused(error.message)
      }
    }
  }
}
