// IndexRegistry: snippets over https, by an index. When it cannot be reached, the last index that was seen still tells what
// there was, with its age.
import AWSCore
import Glibc
import Host

public final class IndexRegistry: SnippetRegistry {
  public let name: String
  private let url: URLParts
  private let download: Download
  private let store: SnippetStore
  private let notice: (String) -> Void
  /// Read once for all that one command does.
  private var index: SnippetIndex?

  /// - Parameters:
  ///   - url: of the index; https, or http to this machine.
  ///   - notice: is told when an old index is used.
  public init(
    name: String, url: URLParts, download: Download, store: SnippetStore, notice: @escaping (String) -> Void
  ) {
    self.name = name
    self.url = url
    self.download = download
    self.store = store
    self.notice = notice
  }

  public var place: String { url.description }

  public func listings() throws(Report) -> SnippetListings { Self.listings(try readIndex()) }

  /// What the copy of the index that was kept has; nothing where there is none.
  func keptListings() -> SnippetListings { kept().map { Self.listings($0.index) } ?? SnippetListings() }

  private static func listings(_ index: SnippetIndex) -> SnippetListings {
    var found = SnippetListings()
    found.problems = index.problems
    for row in index.rows {
      found.snippets.append(
        SnippetListing(
          name: row.name, version: row.version, summary: row.summary, isSigned: row.signature != nil))
    }
    return found
  }

  public func fetch(_ name: String, _ version: SemanticVersion) throws(Report) -> FetchedSnippet? {
    guard let row = try readIndex().rows.first(where: { $0.name == name && $0.version == version }) else {
      return nil
    }
    let place = file(row.file)
    guard row.size <= Snippet.largestSource else {
      throw Report(
        message: "\(place) is larger than \(ByteCount.text(Snippet.largestSource))",
        exitCode: ExitCode.refused)
    }
    let bytes = try download.bytes(place, most: Snippet.largestSource)
    guard bytes.count == row.size, Digest.hex(Digest.sha256(bytes)) == row.sha256 else {
      throw Report(
        message: "\(place) is not what the index of \(self.name) names: other bytes than those of its hash",
        exitCode: ExitCode.refused)
    }
    let signature: [UInt8]?
    if let name = row.signature {
      signature = try download.bytes(file(name), most: SnippetStore.largestSignature)
    } else {
      signature = nil
    }
    return FetchedSnippet(bytes: bytes, signature: signature, place: place.description)
  }

  /// A file beside the index.
  private func file(_ name: String) -> URLParts {
    var place = url
    place.path = url.path[...(url.path.lastIndex(of: "/") ?? url.path.startIndex)] + name
    place.query = nil
    return place
  }

  // MARK: The index

  private var cache: String { "index-\(name).json" }

  private func readIndex() throws(Report) -> SnippetIndex {
    if let index { return index }
    let fetched: SnippetIndex
    do throws(Report) {
      let bytes = try download.bytes(url, most: SnippetIndex.largest)
      fetched = try SnippetIndex(bytes, place: url.description)
      // A copy that cannot be kept is only missed when there is no network.
      if let folder = try? SnippetFolder(own: store.path) { try? folder.write(bytes, to: cache) }
    } catch {
      guard error.exitCode == ExitCode.network, let kept = kept() else { throw error }
      notice(
        "the registry \(name) cannot be used now (\(error.message)); this is its index of \(kept.age) ago")
      fetched = kept.index
    }
    index = fetched
    return fetched
  }

  private func kept() -> (index: SnippetIndex, age: String)? {
    guard let folder = (try? SnippetFolder(store.path)) ?? nil,
      let bytes = (try? folder.read(cache, most: SnippetIndex.largest)) ?? nil,
      let index = try? SnippetIndex(bytes, place: folder.place(cache)),
      let changed = folder.modified(cache)
    else { return nil }
    let seconds = max(0, Timestamp.systemNow().epochSeconds - changed)
    return (index, SnippetLimits.text(seconds: (seconds / 60).rounded(.down) * 60))
  }
}
